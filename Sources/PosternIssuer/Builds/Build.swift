internal import PosternCore

/// A build of a CI system, as its request describes it, with what a token needs of it.
///
/// Empty texts are what the CI system left out.
package struct Build: Hashable, Sendable {
    package enum System: String, Hashable, Sendable {
        case drone
        case woodpecker
    }

    package enum RefType: String, Hashable, Sendable {
        case branch
        case tag
        case pullRequest = "pull_request"
        case other
    }

    package var system: System
    /// The source-code host's own id of the repository, which a new repository of the same name does not get.
    package var repositoryUID: String
    /// The CI system's id of the repository.
    package var repositoryID: Int64
    /// `namespace/name`.
    package var repository: String
    package var namespace: String
    package var name: String
    package var visibility: String
    package var isProtected: Bool
    package var isTrusted: Bool
    /// In minutes; 0 for none.
    package var timeout: Int64
    package var id: Int64
    package var number: Int64
    /// The build that this one repeats, or deploys; 0 for none.
    package var parent: Int64
    package var event: String
    /// `@hook`, `@cron` or a user's login in Drone; empty in Woodpecker.
    package var trigger: String
    package var ref: String
    /// The base branch of a pull request; not to be relied on for tags.
    package var target: String
    package var source: String
    /// `namespace/name` of the head of a pull request.
    package var sourceRepository: String
    package var sha: String
    package var sender: String
    package var author: String
    package var deployTo: String
    package var cron: String
    package var isDebug: Bool
    /// Whether the CI system itself says that a fork is built.
    package var saysFork: Bool
    /// The names of the variables that whoever started the build gave it.
    package var parameters: [String]

    package init(
        system: System,
        repositoryUID: String,
        repositoryID: Int64,
        repository: String,
        namespace: String,
        name: String,
        visibility: String,
        isProtected: Bool,
        isTrusted: Bool,
        timeout: Int64,
        id: Int64,
        number: Int64,
        parent: Int64,
        event: String,
        trigger: String,
        ref: String,
        target: String,
        source: String,
        sourceRepository: String,
        sha: String,
        sender: String,
        author: String,
        deployTo: String,
        cron: String,
        isDebug: Bool,
        saysFork: Bool,
        parameters: [String]
    ) {
        self.system = system
        self.repositoryUID = repositoryUID
        self.repositoryID = repositoryID
        self.repository = repository
        self.namespace = namespace
        self.name = name
        self.visibility = visibility
        self.isProtected = isProtected
        self.isTrusted = isTrusted
        self.timeout = timeout
        self.id = id
        self.number = number
        self.parent = parent
        self.event = event
        self.trigger = trigger
        self.ref = ref
        self.target = target
        self.source = source
        self.sourceRepository = sourceRepository
        self.sha = sha
        self.sender = sender
        self.author = author
        self.deployTo = deployTo
        self.cron = cron
        self.isDebug = isDebug
        self.saysFork = saysFork
        self.parameters = parameters
    }

    package var refType: RefType {
        if ref.hasPrefix("refs/heads/") { return .branch }
        if ref.hasPrefix("refs/tags/") { return .tag }
        let pulls = ["refs/pull/", "refs/merge-requests/", "refs/pull-requests/", "refs/changes/"]
        return pulls.contains(where: ref.hasPrefix) ? .pullRequest : .other
    }

    /// The branch that is built, from the ref; for a pull request the one that it is for.
    package var branch: String {
        switch refType {
        case .branch: String(ref.dropFirst("refs/heads/".count))
        case .pullRequest: target
        case .tag, .other: ""
        }
    }

    /// Whether code of another repository is built. A pull request that does not say where it comes from counts as one.
    package var isFork: Bool {
        if saysFork { return true }
        guard !sourceRepository.isEmpty else {
            return system == .drone && (event == "pull_request" || refType == .pullRequest)
        }
        return sourceRepository.lowercased() != repository.lowercased()
    }
}

/// The members of a request's object: what is absent has Go's zero value, what has another type is an error.
struct RequestObject {
    /// Far longer than any ref, and short enough for a claim.
    static let textByteLimit = 512

    let object: JSONObject

    init(_ value: JSONValue?) throws(RequestRefusal) {
        guard let object = value?.objectValue else { throw .malformedBody }
        self.object = object
    }

    func text(_ name: String) throws(RequestRefusal) -> String {
        switch object[name] {
        case .string(let text) where text.utf8.count <= Self.textByteLimit: return text
        case nil, .null: return ""
        default: throw .malformedBody
        }
    }

    func integer(_ name: String) throws(RequestRefusal) -> Int64 {
        switch object[name] {
        case .number(let number):
            guard let value = number.integer, value >= 0 else { throw .malformedBody }
            return value
        case nil, .null: return 0
        default: throw .malformedBody
        }
    }

    func flag(_ name: String) throws(RequestRefusal) -> Bool {
        switch object[name] {
        case .bool(let value): return value
        case nil, .null: return false
        default: throw .malformedBody
        }
    }

    /// The names in an object, which may be absent.
    func names(_ name: String) throws(RequestRefusal) -> [String] {
        switch object[name] {
        case .object(let object): return object.members.map(\.name)
        case nil, .null: return []
        default: throw .malformedBody
        }
    }

    /// What must be there.
    func needed(_ name: String) throws(RequestRefusal) -> String {
        let text = try text(name)
        guard !text.isEmpty else { throw .malformedBody }
        return text
    }

    func needed(number name: String) throws(RequestRefusal) -> Int64 {
        let number = try integer(name)
        guard number > 0 else { throw .malformedBody }
        return number
    }

    static func parse(_ body: [UInt8]) throws(RequestRefusal) -> RequestObject {
        let limits = JSONParser.Limits(bytes: IssuerLimits.bodyBytes, depth: 16, values: 50_000)
        guard let value = try? JSONParser.parse(body, limits: limits) else { throw .malformedBody }
        return try RequestObject(value)
    }
}

/// What a stranger can make the issuer hold.
package enum IssuerLimits {
    /// A request with all stages of a large build has some tens of kilobytes.
    package static let bodyBytes = 256 << 10
}
