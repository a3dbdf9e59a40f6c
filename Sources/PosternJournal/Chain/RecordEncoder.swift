package import PosternCore
internal import PosternCrypto

/// Writes records as lines of JSON, byte for byte as the journal's format has it.
///
/// A line is `{"v":1,"chain":…,"seq":…,"time":…,"event":…`, the event's own fields, then `,"prev":…,"hash":…}` and a
/// line feed. `hash` is the SHA-256 of the line's bytes from `{` up to, not including, `,"hash":`.
///
/// Everything is written once, in the place from which it goes to the file. Not `Sendable`: each writer has its own.
package struct RecordEncoder {
    /// The version of the format.
    package static let version = 1
    /// No record is longer than this, in bytes, without its line feed: writers refuse it and readers need not hold more.
    package static let maximumLine = 1 << 20

    private static let capacity = 64 << 10
    /// More memory than this is given back once the lines are gone.
    private static let keptCapacity = 1 << 20

    private static let time = Array(",\"time\":\"".utf8)
    private static let event = Array("\",\"event\":\"".utf8)
    private static let prev = Array(",\"prev\":\"".utf8)
    private static let hash = Array(",\"hash\":\"".utf8)
    private static let end = Array("\"}\n".utf8)
    private static let quote = UInt8(ascii: "\"")

    private var writer = JSONWriter(capacity: capacity)
    private var clock = ClockText()
    private let start: [UInt8]

    /// - Parameter chain: the one chain whose records it writes.
    package init(chain: ChainID) {
        start = Array("{\"v\":\(Self.version),\"chain\":\"\(chain)\",\"seq\":".utf8)
    }

    /// The lines that were written, line feeds included.
    package var lines: [UInt8] { writer.bytes }

    /// Adds the record that comes next in `chain` to `lines`.
    ///
    /// - Parameter body: writes the event's own members, name and value in turns, without brackets around them.
    /// - Returns: the record's hash.
    package mutating func encode(
        in chain: HashChain,
        time: Timestamp,
        event: String,
        body: (inout JSONWriter) -> Void
    ) -> RecordHash {
        let first = writer.bytes.count
        writer.append { line in
            line.append(contentsOf: start)
            DecimalText.append(chain.seq, to: &line)
            line.append(contentsOf: Self.time)
            clock.append(time, to: &line)
            line.append(contentsOf: Self.event)
            line.append(contentsOf: event.utf8)
            line.append(Self.quote)
        }
        body(&writer)
        var hash = RecordHash.zero
        writer.append { line in
            line.append(contentsOf: Self.prev)
            chain.prev.append(to: &line)
            line.append(Self.quote)
            // Unsafe bytes, because the digest takes them: valid during the call only.
            hash = line.withUnsafeBytes {
                RecordHash(of: UnsafeRawBufferPointer(rebasing: $0[first...]))
            }
            line.append(contentsOf: Self.hash)
            hash.append(to: &line)
            line.append(contentsOf: Self.end)
        }
        return hash
    }

    /// Takes back what was written after the first `count` bytes.
    package mutating func cut(to count: Int) {
        writer.append { $0.removeLast($0.count - count) }
    }

    /// Forgets the lines.
    package mutating func removeAll() {
        if writer.bytes.capacity > Self.keptCapacity {
            writer = JSONWriter(capacity: Self.capacity)
        } else {
            writer.removeAll()
        }
    }
}

/// RFC 3339 text of moments that mostly lie in the same second: the calendar is asked once a second.
private struct ClockText {
    private static let fractionDigits = 6
    /// `2026-11-21T01:29:40.`
    private static let secondLength = 20
    private var second: Int64?
    private var text: [UInt8] = []

    mutating func append(_ time: Timestamp, to line: inout [UInt8]) {
        // Before 1970 division truncates the other way; such a clock is wrong anyhow, but its text must not be.
        guard time.microseconds >= 0 else {
            line.append(contentsOf: time.rfc3339.utf8)
            return
        }
        if second != time.seconds {
            second = time.seconds
            text = Array(time.rfc3339.utf8.prefix(Self.secondLength))
        }
        line.append(contentsOf: text)
        DecimalText.append(UInt64(time.microseconds % 1_000_000), to: &line, width: Self.fractionDigits)
        line.append(UInt8(ascii: "Z"))
    }
}
