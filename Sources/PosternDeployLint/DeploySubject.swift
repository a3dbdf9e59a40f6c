/// Everything that the linter looks at, as values: it reads no files.
package struct DeploySubject: Sendable {
    package let files: [DeployFile]
    /// The compose files among them, before their services were read.
    let project: ComposeProject
    /// Folders of the host that databases of compose files have mounted.
    let boundFolders: [String]
    let plainBoundFolders: [String]

    /// - Parameter files: those to be looked at, and those that they refer to.
    package init(_ files: [DeployFile]) {
        let project = ComposeProject(files)
        self.files = files.map { file in
            var read = file
            read.read(in: project)
            return read
        }
        self.project = project
        let services = self.files.filter { $0.kind == .compose }.flatMap(\.content.services)
        boundFolders = services.flatMap(\.dataMounts).compactMap { mount in
            if case .bind(let path) = mount.source { path } else { nil }
        }
        plainBoundFolders = boundFolders.map(HostPath.plain)
    }

    /// Files that findings are about.
    var own: [DeployFile] { files.filter { !$0.isContext } }

    var composeFiles: [DeployFile] { files.filter { $0.kind == .compose } }

    /// Services of compose files, whose data is meant to stay.
    var lastingServices: [DeployService] { composeFiles.flatMap(\.content.services) }

    /// The compose files that a command names with `-f`; all of them where it names none. `nil` when one of those that
    /// it names is not here.
    func composeFiles(of command: ContainerCommand) -> [DeployFile]? {
        guard !command.files.isEmpty else { return composeFiles }
        var found: [DeployFile] = []
        for path in command.files {
            let name = ComposePath.joined("", path)
            // Where several have the name, nobody knows here which one is meant: what holds has to hold for all.
            let named = composeFiles.filter { ("/" + $0.path).hasSuffix("/" + name) }
            guard !named.isEmpty else { return nil }
            found += named
        }
        return found
    }
}
