internal import Glibc
internal import PosternConfiguration

/// Reads one secret, now, by blocking.
enum SecretSource {
    static let maximumSize = 64 << 10

    static func read(_ reference: SecretReference, timeout: Duration) throws(SecretError) -> [UInt8] {
        switch reference {
        case .file(let path): try check(readFile(path), source: path)
        case .environment(let name): try check(readVariable(name), source: name)
        case .command(let arguments, _):
            try check(
                SecretCommand.run(arguments, timeout: timeout, maximumSize: maximumSize),
                source: arguments.first ?? ""
            )
        }
    }

    /// Takes one final newline away, which editors and `echo` leave.
    private static func check(_ bytes: [UInt8], source: String) throws(SecretError) -> [UInt8] {
        guard bytes.count <= maximumSize else { throw .tooLarge(source: source) }
        let secret = bytes.last == UInt8(ascii: "\n") ? Array(bytes.dropLast()) : bytes
        guard !secret.isEmpty else { throw .empty(source: source) }
        guard !secret.contains(0) else { throw .unusable(source: source) }
        return secret
    }

    private static func readVariable(_ name: String) throws(SecretError) -> [UInt8] {
        guard let value = getenv(name) else { throw .missingVariable(name: name) }
        return Array(UnsafeBufferPointer(start: value, count: strlen(value)).map { UInt8(bitPattern: $0) })
    }

    private static func readFile(_ path: String) throws(SecretError) -> [UInt8] {
        // O_NONBLOCK: a FIFO in the place of a file must not hold the thread.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadableFile(path: path, reason: words(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadableFile(path: path, reason: words(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadableFile(path: path, reason: "not a file") }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while contents.count <= maximumSize {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadableFile(path: path, reason: words(errno)) }
            if count == 0 { break }
            contents.append(contentsOf: buffer[..<count])
        }
        return contents
    }

    static func words(_ number: Int32) -> String {
        guard let text = strerror(number) else { return "error \(number)" }
        return String(cString: text).lowercased()
    }
}
