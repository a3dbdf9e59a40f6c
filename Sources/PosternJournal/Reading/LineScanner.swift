internal import Glibc

/// Reads a journal file's whole lines in place, from large reads, also of a file that grows meanwhile.
///
/// Not a mapping: a writer that recovers cuts a torn line off, and a mapped page that is gone ends the process.
final class LineScanner {
    struct Line {
        /// Without the line feed; valid until the next call. Empty where the line is longer than a record may be.
        let bytes: UnsafeBufferPointer<UInt8>
        /// Where in the file it begins.
        let offset: Int
        let isTooLong: Bool
    }

    private static let chunk = 1 << 18
    static let maximumLine = RecordEncoder.maximumLine

    let path: String
    private let descriptor: Int32
    // Unsafe memory, because lines are handed out in place: owned by this object and freed with it.
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private var start = 0
    private var end = 0
    private var isSkipping = false
    /// Where in the file the next line begins.
    private(set) var offset: Int

    /// Opens a file; a symbolic link or anything but a regular file is refused.
    init(path: String, from offset: Int = 0) throws(JournalReadError) {
        self.path = path
        self.offset = offset
        descriptor = try JournalReader.openRegular(path)
        buffer = .allocate(capacity: Self.maximumLine + 1 + Self.chunk)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Bytes and time of the last change, as the system has them.
    var status: (size: Int, modified: Int64) {
        get throws(JournalReadError) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw .last("reading `\(path)`") }
            return (Int(status.st_size), Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
        }
    }

    /// The next whole line. nil when there is none: what is left is a line that is being written, or torn. May be asked
    /// again when the file has grown.
    func next() throws(JournalReadError) -> Line? {
        var searched = start
        while true {
            if let feed = feed(from: searched) {
                let line = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[start..<feed])
                let isTooLong = isSkipping || line.count > Self.maximumLine
                let made = Line(
                    bytes: isTooLong ? UnsafeBufferPointer(start: nil, count: 0) : line,
                    offset: offset,
                    isTooLong: isTooLong
                )
                offset += feed + 1 - start
                start = feed + 1
                isSkipping = false
                return made
            }
            if isSkipping || end - start > Self.maximumLine {
                isSkipping = true
                offset += end - start
                start = end
            }
            let kept = end - start
            guard try fill() else {
                // Read anew when asked again: a writer that recovers replaces a torn line.
                (start, end) = (0, 0)
                return nil
            }
            searched = start + kept
        }
    }

    private func feed(from searched: Int) -> Int? {
        guard searched < end, let base = buffer.baseAddress,
            let found = memchr(base + searched, Int32(UInt8(ascii: "\n")), end - searched)
        else { return nil }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }

    private func fill() throws(JournalReadError) -> Bool {
        guard let base = buffer.baseAddress else { return false }
        if start > 0 {
            memmove(base, base + start, end - start)
            (start, end) = (0, end - start)
        }
        while true {
            let count = pread(descriptor, base + end, min(Self.chunk, buffer.count - end), offset + end)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last("reading `\(path)`") }
            end += count
            return count > 0
        }
    }
}
