internal import PosternCore

/// A request of Woodpecker's secret extension. It may hold a login to the source-code host, of which nothing is kept.
package struct WoodpeckerRequest: Hashable, Sendable {
    package let build: Build

    package init(_ body: [UInt8]) throws(RequestRefusal) {
        let request = try RequestObject.parse(body)
        let repository = try RequestObject(request.object["repo"])
        let pipeline = try RequestObject(request.object["pipeline"])
        build = Build(
            system: .woodpecker,
            repositoryUID: try repository.needed("forge_remote_id"),
            repositoryID: try repository.needed(number: "id"),
            repository: try repository.needed("full_name"),
            namespace: try repository.text("owner"),
            name: try repository.text("name"),
            visibility: try repository.text("visibility"),
            isProtected: false,
            isTrusted: try Self.isTrusted(repository),
            timeout: try repository.integer("timeout"),
            id: try pipeline.integer("id"),
            number: try pipeline.needed(number: "number"),
            parent: try pipeline.integer("parent"),
            event: try pipeline.needed("event"),
            trigger: "",
            ref: try pipeline.needed("ref"),
            target: try pipeline.text("branch"),
            source: "",
            sourceRepository: "",
            sha: try Self.commit(pipeline),
            sender: try pipeline.text("sender"),
            author: try pipeline.text("author"),
            deployTo: try pipeline.text("deploy_to"),
            cron: try pipeline.text("cron"),
            isDebug: false,
            saysFork: try pipeline.flag("from_fork"),
            parameters: try pipeline.names("variables")
        )
    }

    /// A flag in old versions, in new ones an object with one for each thing that may be done.
    private static func isTrusted(_ repository: RequestObject) throws(RequestRefusal) -> Bool {
        switch repository.object["trusted"] {
        case .bool(let value): value
        case .object(let object): object.members.contains { $0.value == .bool(true) }
        case nil, .null: false
        default: throw .malformedBody
        }
    }

    /// A text, or an object with one.
    private static func commit(_ pipeline: RequestObject) throws(RequestRefusal) -> String {
        guard case .object(let commit) = pipeline.object["commit"] else { return try pipeline.text("commit") }
        return try RequestObject(.object(commit)).text("sha")
    }
}
