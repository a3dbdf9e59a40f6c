/// What every record has, read from the bytes of its line without parsing the event's own fields.
///
/// Strict: the members come in the format's order and spelling, because the hash is over bytes and a verifier must
/// not read a line in two ways.
package struct RecordFrame {
    package let chain: ChainID
    package let seq: UInt64
    /// RFC 3339 in UTC, 27 characters.
    package let time: String
    package let event: String
    /// Where the event's own members lie in the line; empty when it has none.
    package let fields: Range<Int>
    package let prev: RecordHash
    /// The hash as the line states it.
    package let hash: RecordHash
    /// How many bytes of the line the hash is over.
    package let hashedCount: Int

    private static let version = Array("{\"v\":\(RecordEncoder.version),\"chain\":\"".utf8)
    private static let seqName = Array("\",\"seq\":".utf8)
    private static let timeName = Array(",\"time\":\"".utf8)
    private static let eventName = Array("\",\"event\":\"".utf8)
    private static let prevName = Array(",\"prev\":\"".utf8)
    private static let hashName = Array(",\"hash\":\"".utf8)
    private static let timeLength = 27
    /// `,"prev":"…","hash":"…"}`
    private static let tailLength = 2 * (9 + RecordHash.textLength + 1) + 1

    /// - Parameter line: a line without its line feed.
    /// - Returns: nil when the line is not a record of this version.
    package init?(_ line: [UInt8]) {
        var cursor = Cursor(bytes: line)
        guard cursor.take(Self.version), let chain = ChainID(cursor.take(count: ChainID.textLength)),
            cursor.take(Self.seqName), let seq = cursor.takeDecimal(),
            cursor.take(Self.timeName)
        else { return nil }
        let time = cursor.take(count: Self.timeLength)
        guard time.count == Self.timeLength, time.allSatisfy(Self.isTime), cursor.take(Self.eventName) else {
            return nil
        }
        let event = cursor.take(while: Self.isEvent)
        guard !event.isEmpty, cursor.take([UInt8(ascii: "\"")]) else { return nil }

        let tail = line.count - Self.tailLength
        guard tail >= cursor.offset else { return nil }
        if tail == cursor.offset {
            fields = tail..<tail
        } else {
            guard cursor.take([UInt8(ascii: ",")]), cursor.offset < tail else { return nil }
            fields = cursor.offset..<tail
        }
        cursor.offset = tail
        guard cursor.take(Self.prevName), let prev = RecordHash(cursor.take(count: RecordHash.textLength)),
            cursor.take([UInt8(ascii: "\"")])
        else { return nil }
        hashedCount = cursor.offset
        guard cursor.take(Self.hashName), let hash = RecordHash(cursor.take(count: RecordHash.textLength)),
            cursor.take(Array("\"}".utf8)), cursor.offset == line.count
        else { return nil }
        self.chain = chain
        self.seq = seq
        self.time = String(decoding: time, as: UTF8.self)
        self.event = String(decoding: event, as: UTF8.self)
        self.prev = prev
        self.hash = hash
    }

    /// Whether the line's bytes have the hash that it states.
    package func isIntact(_ line: [UInt8]) -> Bool {
        computedHash(of: line) == hash
    }

    /// The hash that the line's bytes have.
    package func computedHash(of line: [UInt8]) -> RecordHash {
        line.withUnsafeBytes { RecordHash(of: UnsafeRawBufferPointer(rebasing: $0.prefix(hashedCount))) }
    }

    package var position: RecordPosition { RecordPosition(chain: chain, seq: seq, hash: hash) }

    private static func isTime(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "."),
            UInt8(ascii: "T"), UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    private static func isEvent(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}

/// Reads a line's bytes from left to right.
struct Cursor {
    let bytes: [UInt8]
    var offset = 0

    init(bytes: [UInt8], offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    mutating func take(_ text: [UInt8]) -> Bool {
        guard bytes.count - offset >= text.count, bytes[offset..<offset + text.count].elementsEqual(text) else {
            return false
        }
        offset += text.count
        return true
    }

    /// The next `count` bytes, or what is left.
    mutating func take(count: Int) -> ArraySlice<UInt8> {
        let slice = bytes[offset..<min(bytes.count, offset + count)]
        offset = slice.endIndex
        return slice
    }

    mutating func take(while holds: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let slice = bytes[offset...].prefix(while: holds)
        offset = slice.endIndex
        return slice
    }

    /// A decimal number without leading zeros that fits 64 bits.
    mutating func takeDecimal() -> UInt64? {
        let digits = take { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }
}
