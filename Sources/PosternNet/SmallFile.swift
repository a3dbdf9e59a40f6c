internal import Glibc

/// Reads a file of somebody else's as a whole: key sets, authorities, tokens. It blocks as long as the disk does.
package enum SmallFile {
    /// The system's own words.
    package struct Failure: Error {
        package let reason: String
    }

    /// - Parameters:
    ///   - limit: what is longer comes back cut, one byte longer than this.
    ///   - waitsForWriter: whether a FIFO may hold the thread until somebody has written into it.
    package static func read(_ path: String, limit: Int, waitsForWriter: Bool = false) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (waitsForWriter ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
        let file = OwnedFD(descriptor)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = Glibc.read(file.number, &chunk, min(chunk.count, limit + 1 - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// The whole file; nil when it cannot be read or is larger.
    package static func contents(of path: String, limit: Int) -> [UInt8]? {
        guard let bytes = try? read(path, limit: limit), bytes.count <= limit else { return nil }
        return bytes
    }
}
