internal import Glibc

/// Small files, read and replaced as a whole.
enum Files {
    /// - Parameter isPrivate: the file holds a key, and is refused when others may read or write it.
    /// - Returns: nil when there is no such file.
    static func read(_ path: String, limit: Int, isPrivate: Bool = false) throws(JournalError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .last("opening `\(path)`")
        }
        defer { close(descriptor) }
        if isPrivate {
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
                throw JournalError("`\(path)` may be read by others", hint: "chmod 0600 \(path)")
            }
        }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while contents.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last("reading `\(path)`") }
            if count == 0 { return contents }
            contents += buffer[..<count]
        }
        throw JournalError("`\(path)` is larger than \(limit) bytes")
    }

    /// Puts a new file in the place of the old one: after a crash either is there, never half of one.
    static func replace(_ path: String, with contents: [UInt8], mode: mode_t) throws(JournalError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .last("writing `\(temporary)`") }
        defer { close(descriptor) }
        var written = 0
        while written < contents.count {
            let count = contents.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last("writing `\(temporary)`") }
            written += count
        }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw .last("writing `\(temporary)`") }
        guard rename(temporary, path) == 0 else { throw .last("replacing `\(path)`") }
        syncDirectory(of: path)
    }

    /// Makes a new name durable. Best effort: some file systems cannot.
    static func syncDirectory(of path: String) {
        guard let slash = path.lastIndex(of: "/") else { return }
        let descriptor = open(String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
