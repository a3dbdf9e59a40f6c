internal import Glibc
internal import PosternJob
internal import PosternNet

/// Writes the few files that a run leaves: its report, receipts and variables.
enum RunFile {
    enum Mode {
        /// In place of what is there, readable by its owner alone.
        case replacing
        /// Behind what is there.
        case appending
    }

    /// - Throws: `JobTrouble`.
    static func write(_ bytes: [UInt8], to path: String, _ mode: Mode) throws(JobTrouble) {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (mode == .replacing ? O_TRUNC : O_APPEND)
        let descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        let file = OwnedFD(descriptor)
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
