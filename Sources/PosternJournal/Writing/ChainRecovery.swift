internal import Glibc
internal import PosternCrypto

/// What is left of a chain's last file: its whole records, and what a crash tore.
struct ChainRecovery {
    /// The last whole record, nil when the file holds none.
    let head: RecordPosition?
    /// When that was written, RFC 3339.
    let time: String?
    let wholeBytes: Int
    let tornBytes: Int

    /// Reads the file from its end backwards to the last whole line.
    ///
    /// - Throws: when the last whole line is not an intact record: that is no crash, and nothing is appended to it.
    static func scan(_ file: JournalFile) throws(JournalError) -> ChainRecovery {
        let size = file.size
        let maximumLine = RecordEncoder.maximumLine
        let window = min(size, maximumLine * 2)
        var tail = [UInt8](repeating: 0, count: window)
        let count = pread(file.descriptor, &tail, window, off_t(size - window))
        guard count == window else { throw .last("reading `\(file.path)`") }
        guard let lastFeed = tail.lastIndex(of: UInt8(ascii: "\n")) else {
            guard size < maximumLine else { throw JournalError("`\(file.path)` holds a line that is too long") }
            return ChainRecovery(head: nil, time: nil, wholeBytes: 0, tornBytes: size)
        }
        let torn = window - lastFeed - 1
        let start = tail[..<lastFeed].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = Array(tail[start..<lastFeed])
        guard let frame = RecordFrame(line), frame.isIntact(line) else {
            throw JournalError(
                "the last record of `\(file.path)` is not intact",
                hint: "keep the folder for the auditors and give the gateway a new `audit.directory`"
            )
        }
        return ChainRecovery(head: frame.position, time: frame.time, wholeBytes: size - torn, tornBytes: torn)
    }
}
