internal import Glibc
internal import PosternJob

/// A new folder that only this user can enter, gone when the run is over.
final class PrivateFolder: Sendable {
    /// A Unix socket's path has 107 bytes, and its name at most 15 of them.
    private static let pathLimit = 107 - "/.s.PGSQL.65535".utf8.count

    let path: String

    /// - Parameter parent: where temporary files are, TMPDIR; /tmp where a path there would be too long.
    init(in parent: String?) throws(JobTrouble) {
        let name = "postern-XXXXXX"
        let wanted = parent.map { "\($0)/\(name)" } ?? ""
        let template = wanted.hasPrefix("/") && wanted.utf8.count <= Self.pathLimit ? wanted : "/tmp/\(name)"
        // mkdtemp makes it with mode 0700.
        guard let made = strdup(template), mkdtemp(made) != nil else {
            throw JobTrouble("cannot make a folder like `\(template)`: \(String(cString: strerror(errno)))")
        }
        defer { free(made) }
        path = String(cString: made)
    }

    deinit { remove() }

    /// Removes the folder, if it is empty.
    func remove() {
        rmdir(path)
    }
}
