internal import Glibc
internal import PosternNet

/// The few things that the demo does with files.
package enum Files {
    /// Writes a file that nobody but its owner may read.
    ///
    /// - Throws: `DemoError` when it cannot be written, or is there already.
    package static func writePrivate(_ bytes: [UInt8], to path: String) throws(DemoError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot write `\(path)`") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot write `\(path)`")
            }
            rest = rest.dropFirst(count)
        }
    }

    package static func writePrivate(_ text: String, to path: String) throws(DemoError) {
        try writePrivate(Array(text.utf8), to: path)
    }

    /// Makes a folder that nobody but its owner may enter.
    package static func makeFolder(_ path: String) throws(DemoError) {
        guard mkdir(path, 0o700) == 0 else { throw failure("cannot make the folder `\(path)`") }
    }

    /// The file's bytes; nil when it cannot be read or is larger than `limit`.
    package static func read(_ path: String, limit: Int = 16 << 20) -> [UInt8]? {
        SmallFile.contents(of: path, limit: limit)
    }

    /// Where a link leads; nil for what is none.
    static func target(ofLink path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    /// The names in a folder, sorted, without `.` and `..`; empty when it cannot be read.
    package static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a folder and all that is in it. Links are removed, not followed.
    package static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in names(in: path) { remove(path + "/" + name) }
        rmdir(path)
    }

    /// The error of the last system call, after what was being done.
    static func failure(_ doing: String) -> DemoError {
        DemoError("\(doing): \(String(cString: strerror(errno)))")
    }
}
