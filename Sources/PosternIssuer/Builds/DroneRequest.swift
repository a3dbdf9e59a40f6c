internal import PosternCore

/// A request of one of Drone's extensions.
///
/// Its body also has the key that the repository's encrypted secrets are read with: nothing of it is kept but the
/// fields below.
package struct DroneRequest: Hashable, Sendable {
    package let build: Build
    /// Of the secret that is asked for; nil in a request for the environment.
    package let secret: Secret?

    package struct Secret: Hashable, Sendable {
        package let path: String
        package let name: String
    }

    /// - Parameter asksForSecret: which of the two extensions was asked.
    package init(_ body: [UInt8], asksForSecret: Bool) throws(RequestRefusal) {
        let request = try RequestObject.parse(body)
        let repository = try RequestObject(request.object["repo"])
        let build = try RequestObject(request.object["build"])
        self.build = Build(
            system: .drone,
            repositoryUID: try repository.needed("uid"),
            repositoryID: try repository.needed(number: "id"),
            repository: try repository.needed("slug"),
            namespace: try repository.text("namespace"),
            name: try repository.text("name"),
            visibility: try repository.text("visibility"),
            isProtected: try repository.flag("protected"),
            isTrusted: try repository.flag("trusted"),
            timeout: try repository.integer("timeout"),
            id: try build.needed(number: "id"),
            number: try build.needed(number: "number"),
            parent: try build.integer("parent"),
            event: try build.needed("event"),
            trigger: try build.text("trigger"),
            ref: try build.needed("ref"),
            target: try build.text("target"),
            source: try build.text("source"),
            sourceRepository: try build.text("source_repo"),
            sha: try build.text("after"),
            sender: try build.text("sender"),
            author: try build.text("author_login"),
            deployTo: try build.text("deploy_to"),
            cron: try build.text("cron"),
            isDebug: try build.flag("debug"),
            saysFork: false,
            parameters: try build.names("params")
        )
        secret =
            asksForSecret ? Secret(path: try request.text("path"), name: try request.needed("name")) : nil
    }
}
