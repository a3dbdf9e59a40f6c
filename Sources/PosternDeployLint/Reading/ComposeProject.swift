/// The compose files of a run, which may refer to one another.
struct ComposeProject: Sendable {
    let files: [DeployFile]
    /// Services that a service of another file extends, as `extended(_:in:)` names them.
    private let extended: Set<String>

    init(_ files: [DeployFile]) {
        self.files = files.filter { $0.kind == .compose }
        var extended: Set<String> = []
        for file in self.files {
            for member in file.documents.first?["services"]?.members ?? [] {
                guard let extends = member.value["extends"], let path = extends["file"]?.text,
                    let service = extends["service"]?.text
                else { continue }
                extended.insert(Self.name(service, ComposePath.joined(file.folder, path)))
            }
        }
        self.extended = extended
    }

    /// The file at a path that another one names.
    func file(_ path: String, from file: DeployFile) -> DeployFile? {
        let wanted = ComposePath.joined(file.folder, path)
        return files.first { ComposePath.normalized($0.path) == wanted }
    }

    /// `compose.yaml` or `docker-compose.yml` in the same folder, where the file is another one.
    func baseFiles(of file: DeployFile) -> [DeployFile] {
        guard !ComposePath.baseNames.contains(file.name) else { return [] }
        return files.filter { $0.folder == file.folder && ComposePath.baseNames.contains($0.name) }
    }

    /// `compose.override.yaml` and the like beside a base file, which Docker merges into it unasked.
    func overrides(of file: DeployFile) -> [DeployFile] {
        guard ComposePath.baseNames.contains(file.name) else { return [] }
        return files.filter { $0.folder == file.folder && ComposePath.isOverride($0.name) }
    }

    /// Another file's service is this one and more: what is missing here is there.
    func isExtendedElsewhere(_ service: String, of file: DeployFile) -> Bool {
        extended.contains(Self.name(service, ComposePath.normalized(file.path)))
    }

    private static func name(_ service: String, _ path: String) -> String { service + "\0" + path }
}

/// Paths between compose files.
enum ComposePath {
    /// What `docker compose` takes where nobody names a file.
    static let baseNames = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"]

    /// What it merges into that unasked.
    static let overrideNames = [
        "compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml", "docker-compose.override.yml",
    ]

    static func isOverride(_ name: String) -> Bool { overrideNames.contains(name) }

    /// A path relative to a folder, without `.` and with `..` taken where it can be.
    static func joined(_ folder: String, _ path: String) -> String {
        path.hasPrefix("/") || folder.isEmpty ? normalized(path) : normalized(folder + "/" + path)
    }

    static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}
