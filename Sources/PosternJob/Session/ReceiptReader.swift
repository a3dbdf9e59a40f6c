internal import PostgresWire

/// Takes the receipt from the answers to `SHOW postern.receipt`.
struct ReceiptReader {
    /// The answers together at most: several times the largest receipt, which names 256 objects and 32 denials.
    static let byteLimit = 512 << 10

    private var bytes: [UInt8] = []
    private var answers: Int
    private var receipt: [UInt8]?
    private var offset = 0

    /// - Parameter answers: how many ReadyForQuery are to come.
    init(answers: Int) {
        self.answers = answers
    }

    mutating func received(_ more: [UInt8]) -> JobRelay.Answer {
        guard bytes.count + more.count <= Self.byteLimit else { return .done(receipt: nil) }
        bytes += more
        while bytes.count - offset >= 5 {
            let length = bytes[(offset + 1)..<(offset + 5)].reduce(0) { $0 << 8 | Int($1) }
            guard length >= 4 else { return .done(receipt: nil) }
            guard bytes.count - offset > length else { return .more }
            let body = bytes[(offset + 5)..<(offset + 1 + length)]
            switch bytes[offset] {
            case UInt8(ascii: "D"): receipt = Self.onlyColumn(body)
            case UInt8(ascii: "Z"):
                answers -= 1
                if answers == 0 { return .done(receipt: receipt) }
            default: break
            }
            offset += 1 + length
        }
        return .more
    }

    /// The text of a DataRow with one column.
    static func onlyColumn(_ body: ArraySlice<UInt8>) -> [UInt8]? {
        var reader = WireReader(body)
        do throws(WireError) {
            guard try reader.bytes(2).elementsEqual([0, 1]) else { return nil }
            let length = try reader.int32()
            let text = Array(try reader.bytes(Int(length)))
            try reader.expectEnd()
            return text
        } catch {
            return nil
        }
    }
}
