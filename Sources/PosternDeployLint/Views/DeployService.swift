internal import PosternPolicy

/// A container that a compose file or a pipeline starts.
struct DeployService: Sendable {
    let name: String
    let location: SourceLocation
    var image: ImageReference?
    var imageLocation: SourceLocation?
    var environment: [EnvironmentEntry] = []
    var mounts: [DeployMount] = []
    /// Published ports, as they are written.
    var ports: [(text: String, location: SourceLocation)] = []
    /// It lives as long as a run of a pipeline: nobody expects its data to stay.
    var isThrowaway = false
    /// What it is comes from another file; what is missing is reported there.
    var isPartial = false

    var engine: DatabaseEngine? { image.flatMap(DatabaseEngine.of) }

    /// Where the database keeps its data; nil where the environment's value is not known here.
    var dataPath: String? {
        guard let engine, let image else { return nil }
        if let key = engine.dataVariable, let entry = environment.last(where: { $0.name == key }) {
            return entry.value.flatMap(Interpolation.resolved)
        }
        return image.hasUnknownVersion && engine.dataVariable != nil ? nil : engine.dataPath(image)
    }

    /// The mount that a path lies on. `nil` with an image's own volume in the way is an anonymous volume.
    func mount(under path: String) -> DeployMount? {
        let own = engine.map { engine in image.map(engine.imageVolumes) ?? [] } ?? []
        let best = mounts.filter { Self.contains($0.target, path) }.max { $0.target.utf8.count < $1.target.utf8.count }
        // What the image itself declares below a mount becomes a volume of its own there.
        let hidden = own.contains { volume in
            Self.contains(volume, path) && volume.utf8.count > (best?.target.utf8.count ?? 0)
        }
        return hidden ? nil : best
    }

    /// Mounts that hold a database's data, or were meant to; also of an image that is not known.
    var dataMounts: [DeployMount] {
        if let path = dataPath, let mount = mount(under: path) { return [mount] }
        guard image == nil || engine != nil else { return [] }
        return mounts.filter { DatabaseEngine.wellKnownPaths.contains($0.target) }
    }

    static func contains(_ folder: String, _ path: String) -> Bool {
        path == folder || folder == "/" || path.hasPrefix(folder + "/")
    }
}

/// Something mounted into a container.
struct DeployMount: Sendable {
    enum Source: Hashable, Sendable {
        /// A named volume of Docker's.
        case volume(String)
        case bind(String)
        /// A volume without a name.
        case anonymous
        case memory
        /// A volume of the pipeline, by its name.
        case pipeline(String)
        /// A variable without a default: nobody knows it here.
        case unknown
    }

    let source: Source
    /// Without a slash at its end.
    let target: String
    /// Docker makes the host's folder, empty, where there is none.
    var createsFolder = false
    let location: SourceLocation

    init(source: Source, target: String, createsFolder: Bool = false, location: SourceLocation) {
        self.source = source
        self.target = target.count > 1 && target.hasSuffix("/") ? String(target.dropLast()) : target
        self.createsFolder = createsFolder
        self.location = location
    }
}

/// A variable of a container or a job.
struct EnvironmentEntry: Sendable {
    let name: String
    /// nil where it comes from elsewhere: a secret, the surroundings.
    let value: String?
    let isSecret: Bool
    let location: SourceLocation

    init(name: String, value: String?, isSecret: Bool = false, location: SourceLocation) {
        self.name = name
        self.value = value
        self.isSecret = isSecret
        self.location = location
    }

    /// Environments as mappings, or as lists of `NAME=value`.
    static func entries(_ node: DeployNode?) -> [EnvironmentEntry] {
        guard let node else { return [] }
        let listed = node.elements.compactMap { element -> EnvironmentEntry? in
            guard let text = element.text else { return nil }
            guard let equals = text.firstIndex(of: "=") else {
                return EnvironmentEntry(name: text, value: nil, location: element.location)
            }
            return EnvironmentEntry(
                name: String(text[..<equals]),
                value: String(text[text.index(after: equals)...]),
                location: element.location
            )
        }
        return listed
            + node.members.map { member in
                let isSecret = member.value["from_secret"] != nil || refersToSecret(member.value.text ?? "")
                let value = member.value.text ?? member.value["value"]?.text
                return EnvironmentEntry(
                    name: member.key,
                    value: value,
                    isSecret: isSecret,
                    location: member.location
                )
            }
    }

    /// An expression of GitHub's that takes a secret.
    static func refersToSecret(_ text: String) -> Bool {
        var rest = text[...]
        while let open = rest.firstRange(of: "${{") {
            let inner = rest[open.upperBound...]
            let end = inner.firstRange(of: "}}")?.lowerBound ?? inner.endIndex
            let expression = inner[..<end]
            if expression.contains("secrets.") || expression.contains("secrets[") || expression.contains("(secrets") {
                return true
            }
            rest = inner[end...]
        }
        return false
    }
}
