/// Folders of the machine that containers run on.
enum HostPath {
    /// Variables that hold the folder of a checkout.
    private static let workspaces = [
        "PWD", "CI_PROJECT_DIR", "CI_WORKSPACE", "DRONE_WORKSPACE", "GITHUB_WORKSPACE", "WORKSPACE",
    ]

    /// Folders that are emptied at a restart, or with a job.
    private static let temporary = [
        "/tmp", "/var/tmp", "/run", "/var/run", "/dev/shm", "/drone/src", "/woodpecker/src", "/builds",
        "/home/runner/work", "/github/workspace",
    ]

    static func looksLikePath(_ text: String) -> Bool {
        // Compose takes everything that begins with a dot for a path.
        text.hasPrefix("/") || text.hasPrefix(".") || text.hasPrefix("~")
    }

    /// The path without what leads to the current folder, and without a slash or a star at its end.
    static func plain(_ path: String) -> String {
        var path = path[...]
        for start in ["$PWD/", "${PWD}/", "$(pwd)/", "./"] where path.hasPrefix(start) {
            path = path.dropFirst(start.count)
        }
        while path.count > 1, path.hasSuffix("/") || path.hasSuffix("*") { path = path.dropLast() }
        return String(path)
    }

    /// It begins with the folder of a checkout.
    static func isOfWorkspace(_ text: String) -> Bool {
        workspaces.contains { name in
            ["$\(name)", "${\(name)", "$(pwd)", "`pwd`", "${{ github.workspace }}"].contains { text.hasPrefix($0) }
        }
    }

    static func isRelative(_ text: String) -> Bool {
        isOfWorkspace(text) || (!text.hasPrefix("/") && !text.hasPrefix("~") && !text.hasPrefix("$"))
    }

    static func isTemporary(_ text: String) -> Bool {
        temporary.contains { DeployService.contains($0, text) }
    }
}
