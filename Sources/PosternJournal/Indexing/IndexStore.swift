internal import Glibc
internal import PosternCrypto

/// The indexes of a journal's files: read from disk where they are good, else made and kept for the next time.
///
/// They lie in `index/` beside the journal, or in the user's cache where that cannot be written, or nowhere.
final class IndexStore {
    /// Of a small file, or a small new part of one, an index is made anew sooner than it is read.
    private static let worthKeeping = 1 << 20
    private static let suffix = ".index"

    private let directory: String
    private let isUsed: Bool
    private lazy var folder: String? = Self.folder(of: directory)

    /// - Parameter isUsed: whether indexes on disk are read and written at all.
    init(directory: String, isUsed: Bool) {
        self.directory = directory
        self.isUsed = isUsed
    }

    /// - Parameter file: the file's name.
    func index(of file: String) throws(JournalReadError) -> FileIndex {
        let probe = try LineScanner(path: directory + "/" + file)
        let (size, modified) = try probe.status
        let kept = isUsed && size >= Self.worthKeeping ? read(file, size, modified) : nil
        if let kept, kept.covered == size { return kept }
        let scanner = try LineScanner(path: directory + "/" + file, from: kept?.covered ?? 0)
        var builder = IndexBuilder(kept ?? FileIndex())
        while let line = try scanner.next() {
            if line.isTooLong {
                builder.passOver(lineAt: line.offset, next: scanner.offset)
            } else {
                builder.take(line.bytes, offset: line.offset)
            }
        }
        var index = builder.index
        index.modified = modified
        if isUsed, index.covered - (kept?.covered ?? 0) >= Self.worthKeeping { write(index, file) }
        return index
    }

    private func path(of file: String) -> String? { folder.map { $0 + "/" + file + Self.suffix } }

    // MARK: Reading

    /// An index that is of this file and no other: it is not longer, its last line is there, and where it covers all of
    /// the file nobody has changed it since.
    private func read(_ file: String, _ size: Int, _ modified: Int64) -> FileIndex? {
        guard let path = path(of: file), let bytes = Self.contents(of: path), let index = FileIndex(bytes),
            index.covered > 0, index.covered <= size, index.covered < size || index.modified == modified,
            let last = try? RecordReader(path: directory + "/" + file).bytes(
                before: index.covered,
                count: RecordHash.textLength + 3
            ),
            last.count == RecordHash.textLength + 3,
            RecordHash(last.prefix(RecordHash.textLength)) == index.lastHash
        else { return nil }
        return index
    }

    private static func contents(of path: String) -> [UInt8]? {
        guard let descriptor = try? JournalReader.openRegular(path) else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size <= FileIndex.maximumSize else { return nil }
        let size = Int(status.st_size)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            while initialized < size {
                let count = Glibc.read(descriptor, buffer.baseAddress.map { $0 + initialized }, size - initialized)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                initialized += count
            }
        }
    }

    // MARK: Writing

    /// Best effort: whoever cannot write an index makes it anew the next time.
    private func write(_ index: FileIndex, _ file: String) {
        guard let path = path(of: file) else { return }
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        let bytes = index.encoded
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        close(descriptor)
        if written < bytes.count || rename(temporary, path) != 0 { unlink(temporary) }
        removeForgotten()
    }

    /// Removes the indexes of files that retention has removed.
    private func removeForgotten() {
        guard let folder, let stream = opendir(folder) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            // `d_name` ends with a zero byte inside its 256.
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasSuffix(".jsonl" + Self.suffix) else { continue }
            if access(directory + "/" + name.dropLast(Self.suffix.count), F_OK) != 0, errno == ENOENT {
                unlink(folder + "/" + name)
            }
        }
    }

    /// The folder of the indexes, made where it is missing.
    private static func folder(of directory: String) -> String? {
        if let beside = writable(directory + "/index") { return beside }
        guard let resolved = realpath(directory, nil) else { return nil }
        defer { free(resolved) }
        let name = Hex.prefix(ofHashOf: String(cString: resolved))
        let cache =
            environment("XDG_CACHE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? environment("HOME").map { $0 + "/.cache" }
        guard let cache else { return nil }
        for part in ["", "/postern", "/postern/index"] where writable(cache + part) == nil { return nil }
        return writable(cache + "/postern/index/" + name)
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A folder of its own, no link to another, that can be written to.
    private static func writable(_ path: String) -> String? {
        mkdir(path, 0o700)
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, access(path, W_OK | X_OK) == 0 else {
            return nil
        }
        return path
    }
}

private enum Hex {
    /// 32 digits of a path's SHA-256.
    static func prefix(ofHashOf text: String) -> String {
        Digest.sha256.hash(text.utf8).prefix(16).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count < 2 ? "0" + digits : digits
        }.joined()
    }
}
