internal import Glibc

/// Reads whole files with a bound.
enum FileReader {
    /// More than any configuration or policy file has.
    static let maximumSize = 1 << 20

    struct Failure: Error {
        let reason: String
    }

    static func read(_ path: String) throws(Failure) -> [UInt8] {
        // O_NONBLOCK: a FIFO in the place of a file must not stop the process.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(reason: SystemError.text(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Failure(reason: SystemError.text(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(reason: "not a file") }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(reason: SystemError.text(errno)) }
            if count == 0 { return contents }
            guard contents.count + count <= maximumSize else {
                throw Failure(reason: "larger than 1 MiB")
            }
            contents.append(contentsOf: buffer[..<count])
        }
    }
}
