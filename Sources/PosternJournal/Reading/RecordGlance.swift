internal import Glibc
internal import PosternCore

/// What is seen of a record's line without copying any of it: for going through millions.
///
/// It looks at less than `RecordFrame` does. Whatever is shown to somebody is read by that one.
struct RecordGlance {
    let time: Timestamp
    let event: Range<Int>
    /// Where the event's own members lie; empty when it has none.
    let fields: Range<Int>

    private static let head = Array("{\"v\":\(RecordEncoder.version),\"chain\":\"".utf8)
    private static let seqName = Array("\",\"seq\":".utf8)
    private static let timeName = Array(",\"time\":\"".utf8)
    private static let eventName = Array("\",\"event\":\"".utf8)
    private static let prevName = Array(",\"prev\":\"".utf8)
    private static let hashName = Array("\",\"hash\":\"".utf8)
    private static let timeLength = 27
    /// `,"prev":"…","hash":"…"}`
    private static let tailLength = 2 * (9 + RecordHash.textLength + 1) + 1

    /// - Returns: nil when the line is not a record of this version.
    init?(_ line: UnsafeBufferPointer<UInt8>) {
        var offset = 0
        func take(_ text: [UInt8]) -> Bool {
            guard Self.holds(line, text, at: offset) else { return false }
            offset += text.count
            return true
        }
        let tail = line.count - Self.tailLength
        guard tail > Self.head.count + ChainID.textLength, take(Self.head) else { return nil }
        offset += ChainID.textLength
        guard take(Self.seqName) else { return nil }
        while offset < tail, line[offset] &- UInt8(ascii: "0") < 10 { offset += 1 }
        guard take(Self.timeName), offset + Self.timeLength <= tail,
            let time = Timestamp(rfc3339: UnsafeBufferPointer(rebasing: line[offset..<offset + Self.timeLength]))
        else { return nil }
        offset += Self.timeLength
        guard take(Self.eventName) else { return nil }
        let start = offset
        while offset < tail, line[offset] != UInt8(ascii: "\"") { offset += 1 }
        guard offset < tail, offset > start else { return nil }
        event = start..<offset
        offset += 1
        if offset < tail {
            guard line[offset] == UInt8(ascii: ",") else { return nil }
            offset += 1
        }
        guard Self.holds(line, Self.prevName, at: tail),
            Self.holds(line, Self.hashName, at: tail + Self.prevName.count + RecordHash.textLength),
            line[line.count - 1] == UInt8(ascii: "}"), line[line.count - 2] == UInt8(ascii: "\"")
        else { return nil }
        self.time = time
        fields = offset..<tail
    }

    /// The hash that a line states, as text.
    static func hash(of line: UnsafeBufferPointer<UInt8>) -> RecordHash? {
        guard line.count > tailLength else { return nil }
        return RecordHash(line[line.count - 2 - RecordHash.textLength..<line.count - 2])
    }

    static func holds(_ line: UnsafeBufferPointer<UInt8>, _ text: [UInt8], at offset: Int) -> Bool {
        guard let base = line.baseAddress, offset >= 0, line.count - offset >= text.count else { return false }
        return memcmp(base + offset, text, text.count) == 0
    }

    func isEvent(_ name: StaticString, in line: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = line.baseAddress, event.count == name.utf8CodeUnitCount else { return false }
        return memcmp(base + event.lowerBound, name.utf8Start, event.count) == 0
    }
}
