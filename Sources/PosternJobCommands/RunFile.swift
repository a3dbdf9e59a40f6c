internal import Glibc
internal import PosternJob
internal import PosternNet

/// Writes the few files that a run leaves: its report, receipts and variables.
enum RunFile {
    enum Mode {
        /// In place of what is there, readable by its owner alone from its first byte on: a file that is there may have
        /// other readers. What is no file, as /dev/stdout, is written to.
        case replacing
        /// Behind what is there.
        case appending
    }

    /// - Throws: `JobTrouble`.
    static func write(_ bytes: [UInt8], to path: String, _ mode: Mode) throws(JobTrouble) {
        guard mode == .replacing, isReplaceable(path) else {
            let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (mode == .replacing ? O_TRUNC : O_APPEND)
            let descriptor = open(path, flags, 0o600)
            guard descriptor >= 0 else { throw failure(path) }
            return try write(bytes, into: OwnedFD(descriptor), path)
        }
        // Made with mode 0600, under a name that nobody had. No program is started while it is open.
        guard let temporary = strdup("\(path).XXXXXX") else { throw failure(path) }
        defer { free(temporary) }
        let descriptor = mkstemp(temporary)
        guard descriptor >= 0 else { throw failure(path) }
        do throws(JobTrouble) {
            try write(bytes, into: OwnedFD(descriptor), path)
            guard rename(temporary, path) == 0 else { throw failure(path) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Takes a file away, if it is one: /dev/stdout stays.
    static func remove(_ path: String) {
        if isReplaceable(path) { unlink(path) }
    }

    /// It is a file of its own, or nothing yet. Links are followed, for they may lead to anything.
    private static func isReplaceable(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return errno == ENOENT }
        return status.st_mode & S_IFMT == S_IFREG
    }

    private static func write(
        _ bytes: [UInt8],
        into file: consuming OwnedFD,
        _ path: String
    ) throws(JobTrouble) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ path: String) -> JobTrouble {
        JobTrouble("cannot write `\(path)`: \(String(cString: strerror(errno)))")
    }
}
