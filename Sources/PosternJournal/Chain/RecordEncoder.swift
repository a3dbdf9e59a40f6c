package import PosternCore
internal import PosternCrypto

/// Writes records as lines of JSON, byte for byte as the journal's format has it.
///
/// A line is `{"v":1,"chain":…,"seq":…,"time":…,"event":…`, the event's own fields, then `,"prev":…,"hash":…}` and a
/// line feed. `hash` is the SHA-256 of the line's bytes from `{` up to, not including, `,"hash":`.
///
/// The buffers are kept from record to record. Not `Sendable`: each writer has its own.
package struct RecordEncoder {
    /// The version of the format.
    package static let version = 1
    /// No record is longer than this, in bytes, without its line feed: writers refuse it and readers need not hold more.
    package static let maximumLine = 1 << 20

    /// The line of the last record, line feed included.
    package private(set) var line: [UInt8] = []
    private var fields = JSONWriter(capacity: 2048)
    private var hex = [UInt8](repeating: 0, count: RecordHash.textLength)
    private var clock = ClockText()
    private let start: [UInt8]
    private let sha256 = SHA256()

    /// - Parameter chain: the one chain whose records it writes.
    package init(chain: ChainID) {
        start = Array("{\"v\":\(Self.version),\"chain\":\"\(chain)\",\"seq\":".utf8)
        line.reserveCapacity(4096)
    }

    /// Writes the record that comes next in `chain` into `line`.
    ///
    /// - Parameter body: writes the event's own members, name and value in turns, without brackets around them.
    /// - Returns: the record's hash.
    package mutating func encode(
        in chain: HashChain,
        time: Timestamp,
        event: String,
        body: (inout JSONWriter) -> Void
    ) -> RecordHash {
        fields.removeAll()
        fields.beginObject()
        body(&fields)

        line.removeAll(keepingCapacity: true)
        line.append(contentsOf: start)
        DecimalText.append(chain.seq, to: &line)
        line.append(contentsOf: ",\"time\":\"".utf8)
        clock.append(time, to: &line)
        line.append(contentsOf: "\",\"event\":\"".utf8)
        line.append(contentsOf: event.utf8)
        line.append(UInt8(ascii: "\""))
        if fields.bytes.count > 1 {
            line.append(UInt8(ascii: ","))
            line.append(contentsOf: fields.bytes[1...])
        }
        line.append(contentsOf: ",\"prev\":\"".utf8)
        chain.prev.write(into: &hex)
        line.append(contentsOf: hex)
        line.append(UInt8(ascii: "\""))
        let hash = line.withUnsafeBytes { RecordHash(of: $0, using: sha256) }
        line.append(contentsOf: ",\"hash\":\"".utf8)
        hash.write(into: &hex)
        line.append(contentsOf: hex)
        line.append(contentsOf: "\"}\n".utf8)
        return hash
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
