import Glibc

/// A private PostgreSQL 15 on a loopback port with TLS, in a temporary folder that goes with it.
final class LiveServer {
    struct Failure: Error {
        let text: String
    }

    static let binaries = "/usr/lib/postgresql/15/bin"

    static var isInstalled: Bool { access("\(binaries)/initdb", X_OK) == 0 && access("/usr/bin/openssl", X_OK) == 0 }

    let directory: String
    let port: UInt16

    private var data: String { "\(directory)/data" }

    init() throws {
        var template = Array("/tmp/postern-upstream-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(text: "no temporary folder") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        port = try Self.freePort()
        if geteuid() == 0 { try Self.run(["/usr/bin/chown", "postgres", directory]) }
        do {
            try start()
        } catch {
            stop()
            throw error
        }
    }

    func stop() {
        _ = try? asOwner(["\(Self.binaries)/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])
        _ = try? Self.run(["/bin/rm", "-rf", directory])
    }

    /// Runs SQL as the superuser over the Unix socket.
    func execute(_ sql: String) throws {
        try asOwner([
            "\(Self.binaries)/psql", "-h", directory, "-p", String(port), "-U", "admin", "-d", "postgres", "-X", "-q",
            "-v", "ON_ERROR_STOP=1", "-c", sql,
        ])
    }

    private func start() throws {
        try asOwner([
            "\(Self.binaries)/initdb", "-D", data, "-U", "admin", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N",
        ])
        try asOwner([
            "/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-sha256", "-nodes", "-days", "2", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "\(data)/server.key", "-out",
            "\(data)/server.crt",
        ])
        let rules = """
            local all admin trust
            host all scram_user,plus_user,limited,odd 127.0.0.1/32 scram-sha-256
            host all md5_user 127.0.0.1/32 md5
            host all password_user 127.0.0.1/32 password
            host all trust_user,admin 127.0.0.1/32 trust

            """
        let write = "cat > \(data)/pg_hba.conf <<'END'\n\(rules)END\nchmod 0600 \(data)/server.key"
        try asOwner(["/bin/sh", "-c", write])
        try asOwner([
            "\(Self.binaries)/pg_ctl", "-D", data, "-w", "-l", "\(directory)/log", "-o",
            "-p \(port) -c listen_addresses=127.0.0.1 -c unix_socket_directories=\(directory) -c fsync=off -c ssl=on",
            "start",
        ])
    }

    private func asOwner(_ command: [String]) throws {
        try Self.run(geteuid() == 0 ? ["/usr/sbin/runuser", "-u", "postgres", "--"] + command : command)
    }

    /// By posix_spawn: Foundation's Process waits for the daemon that pg_ctl leaves behind, too.
    private static func run(_ command: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        guard posix_spawn(&child, command[0], &actions, nil, &arguments, environ) == 0 else {
            throw Failure(text: "cannot run \(command[0])")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        guard status == 0 else { throw Failure(text: "\(command.joined(separator: " ")): status \(status)") }
    }

    private static func freePort() throws -> UInt16 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 ? getsockname(socket, address, &length) : -1
            }
        }
        guard status == 0 else { throw Failure(text: "no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}

func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}
