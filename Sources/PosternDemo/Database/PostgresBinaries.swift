internal import Glibc

/// Where PostgreSQL's programs are.
package struct PostgresBinaries: Sendable {
    /// The folder that has `postgres`, `initdb` and `psql`.
    package let folder: String

    /// Looks through PATH, then through Debian's folders, newest version first.
    ///
    /// - Throws: `DemoError` when there is no server on this machine.
    package static func find() throws(DemoError) -> PostgresBinaries {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let versions = Files.names(in: debianRoot).compactMap { UInt($0) }.sorted(by: >)
        let folders = path.split(separator: ":").map(String.init) + versions.map { "\(debianRoot)/\($0)/bin" }
        // `psql` alone in PATH is Debian's wrapper of the client; the server's folder has all three.
        guard let folder = folders.first(where: isComplete) else {
            throw DemoError("there is no PostgreSQL server on this machine", hint: "sudo apt-get install postgresql")
        }
        return PostgresBinaries(folder: folder)
    }

    private static let debianRoot = "/usr/lib/postgresql"

    private static func isComplete(_ folder: String) -> Bool {
        ["postgres", "initdb", "psql"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
    }

    package func program(_ name: String) -> String { folder + "/" + name }
}

/// Who runs the server: PostgreSQL refuses to run as root.
struct ServerAccount {
    private static let name = "postgres"

    private let user: uid_t?
    private let group: gid_t

    /// - Throws: `DemoError` when this is root and there is no `postgres` to run as.
    init() throws(DemoError) {
        guard geteuid() == 0 else {
            user = nil
            group = 0
            return
        }
        guard let entry = getpwnam(Self.name) else {
            throw DemoError(
                "PostgreSQL does not run as root, and there is no user `\(Self.name)`",
                hint: "run the demo as an ordinary user"
            )
        }
        user = entry.pointee.pw_uid
        group = entry.pointee.pw_gid
    }

    /// Gives a file or folder to the account.
    func own(_ path: String) throws(DemoError) {
        guard let user else { return }
        guard chown(path, user, group) == 0 else { throw Files.failure("cannot give `\(path)` to \(Self.name)") }
    }

    /// The program and arguments that run `program` under the account.
    ///
    /// `setpriv` replaces itself, so signals reach the program; `runuser` would stay in between.
    func command(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        guard let user else { return (program, arguments) }
        let options = ["--reuid=\(user)", "--regid=\(group)", "--init-groups", "--"]
        return ("setpriv", options + [program] + arguments)
    }
}
