/// Goes through the members of a record's own part, as bytes, without making values of them.
///
/// For the gateway's own encoding only: members whose value is a text are told of, everything else is passed over.
protocol RecordMemberVisitor {
    /// - Parameters:
    ///   - name, value: places of what stands between the quotes.
    ///   - depth: 0 for the record's own members.
    mutating func text(_ name: Range<Int>, _ value: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, depth: Int)
    mutating func objectClosed(depth: Int)
}

enum RecordMembers {
    static func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ visitor: inout some RecordMemberVisitor) {
        var depth = 0
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"):
                visitor.objectClosed(depth: depth)
                depth -= 1
            case UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let name = literal(bytes, from: index + 1)
                index = name.upperBound
                guard index + 2 < bytes.count, bytes[index + 1] == UInt8(ascii: ":"),
                    bytes[index + 2] == UInt8(ascii: "\"")
                else { break }
                let value = literal(bytes, from: index + 3)
                visitor.text(name, value, in: bytes, depth: depth)
                index = value.upperBound
            default: break
            }
            index += 1
        }
    }

    /// Up to the quote that closes it.
    private static func literal(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Range<Int> {
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return start..<max(start, min(index, bytes.count))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether the word stands there and nothing else.
    func spells(_ word: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { word in
            for index in 0..<range.count where self[range.lowerBound + index] != word[index] { return false }
            return true
        }
    }
}
