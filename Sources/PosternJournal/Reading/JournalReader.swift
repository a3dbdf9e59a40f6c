internal import Glibc
package import PosternCore

/// One line of a journal file as it lies on the disk.
package struct JournalLine: Sendable {
    package enum Ending: Hashable, Sendable {
        /// A line feed, which `bytes` does not have.
        case lineFeed
        /// The file's end: a write that a crash tore, or that is under way.
        case endOfFile
        /// The line is longer than the reader takes; `bytes` is empty.
        case tooLong
    }

    /// Counts from 1.
    package let number: Int
    package let bytes: [UInt8]
    package let ending: Ending
    /// Where in the file the line ends, its line feed included.
    package let end: Int

    package init(number: Int, bytes: [UInt8], ending: Ending, end: Int) {
        self.number = number
        self.bytes = bytes
        self.ending = ending
        self.end = end
    }

    /// The line as a record; nil when it is not one. Says nothing about its hash.
    package var record: JournalRecord? { ending == .lineFeed ? JournalRecord(bytes) : nil }
}

/// A record as it is read: what all records have, and its own members.
package struct JournalRecord {
    package let frame: RecordFrame
    /// All members of the line, in its order.
    package let members: JSONObject

    /// Names that every record has, and that are no part of the event.
    package static let commonMembers: Set<String> = ["v", "chain", "seq", "time", "event", "prev", "hash"]
    private static let limits = JSONParser.Limits(bytes: RecordEncoder.maximumLine, depth: 32, values: 200_000)

    /// - Parameter line: a line without its line feed.
    /// - Returns: nil when the line is not a record of this version, or not JSON that can be read in one way only.
    package init?(_ line: [UInt8]) {
        guard let frame = RecordFrame(line),
            let members = try? JSONParser.parse(line, limits: Self.limits).objectValue
        else { return nil }
        self.frame = frame
        self.members = members
    }

    /// The event's own members.
    package var fields: [JSONObject.Member] {
        members.members.filter { !Self.commonMembers.contains($0.name) }
    }
}

/// Reads a journal file line by line, in memory that is bounded by the longest line that it takes.
package final class JournalReader {
    private static let chunk = 64 * 1024

    private let path: String
    private let descriptor: Int32
    private let maximumLine: Int
    private var buffer: [UInt8] = []
    /// Where the next line begins in `buffer`.
    private var start = 0
    private var number = 0
    /// How much of the file went before `buffer`.
    private var passed = 0
    private var isAtEnd = false

    /// Opens a file; a symbolic link or anything but a regular file is refused.
    ///
    /// - Parameter offset: where the first line to be read begins.
    package init(
        path: String,
        startingAt offset: Int = 0,
        maximumLine: Int = RecordEncoder.maximumLine
    ) throws(JournalReadError) {
        self.path = path
        self.maximumLine = maximumLine
        descriptor = try Self.openRegular(path)
        if offset > 0 {
            guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw .last("reading `\(path)`") }
            passed = offset
        }
    }

    deinit { close(descriptor) }

    /// The next line; nil at the end of the file.
    package func next() throws(JournalReadError) -> JournalLine? {
        var searched = start
        while true {
            if let feed = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[start..<feed])
                start = feed + 1
                return line.count <= maximumLine ? made(line, .lineFeed) : made([], .tooLong)
            }
            guard buffer.count - start <= maximumLine else { return try skipLine() }
            searched = buffer.count - start
            guard try fill() else { break }
        }
        guard start < buffer.count else { return nil }
        let rest = Array(buffer[start...])
        start = buffer.count
        return made(rest, .endOfFile)
    }

    private func made(_ bytes: [UInt8], _ ending: JournalLine.Ending) -> JournalLine {
        number += 1
        return JournalLine(number: number, bytes: bytes, ending: ending, end: passed + start)
    }

    /// Passes over the rest of a line that is too long.
    private func skipLine() throws(JournalReadError) -> JournalLine {
        repeat {
            start = buffer.count
            guard try fill() else { break }
            if let feed = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                start = feed + 1
                break
            }
        } while true
        return made([], .tooLong)
    }

    /// Drops the lines that were given out and reads on. Returns false at the end of the file.
    private func fill() throws(JournalReadError) -> Bool {
        buffer.removeFirst(start)
        passed += start
        start = 0
        guard !isAtEnd else { return false }
        let kept = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
        while true {
            // Unsafe bytes, because the system call takes them: valid during the call only.
            let count = buffer.withUnsafeMutableBytes { bytes in
                read(descriptor, bytes.baseAddress.map { $0 + kept }, Self.chunk)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let error = JournalReadError.last("reading `\(path)`")
                buffer.removeLast(Self.chunk)
                throw error
            }
            buffer.removeLast(Self.chunk - count)
            isAtEnd = count == 0
            return count > 0
        }
    }
}

extension JournalReader {
    /// A descriptor to read from; a symbolic link or anything but a regular file is refused.
    static func openRegular(_ path: String) throws(JournalReadError) -> Int32 {
        // Non-blocking, so that a pipe under a journal's name does not hold the reader up.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw .last("opening `\(path)`") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw JournalReadError("`\(path)` is not a regular file")
        }
        return descriptor
    }

    /// Reads a small file as a whole; nil when it is not there.
    static func contents(of path: String, limit: Int) throws(JournalReadError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .last("opening `\(path)`")
        }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while contents.count <= limit {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last("reading `\(path)`") }
            if count == 0 { return contents }
            contents += buffer[..<count]
        }
        throw JournalReadError("`\(path)` is larger than \(limit) bytes")
    }
}
