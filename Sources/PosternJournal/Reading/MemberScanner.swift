internal import Glibc
internal import PosternCore

/// Goes through the members of a JSON object in place. It takes the text for JSON and finds where values begin and end:
/// of a text that is none it finds something or nothing, inside its bounds in any case.
struct MemberScanner {
    struct Member {
        /// Without the quotes, escapes as they are.
        let name: Range<Int>
        /// With its quotes or brackets.
        let value: Range<Int>
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset: Int
    private let end: Int

    /// - Parameter range: the members, without the object's braces.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.bytes = bytes
        offset = range.lowerBound
        end = min(range.upperBound, bytes.count)
    }

    mutating func next() -> Member? {
        if offset < end, bytes[offset] == UInt8(ascii: ",") { offset += 1 }
        guard offset < end, bytes[offset] == UInt8(ascii: "\"") else { return nil }
        let start = offset + 1
        skipString()
        let name = start..<max(start, offset - 1)
        guard offset < end, bytes[offset] == UInt8(ascii: ":") else { return nil }
        offset += 1
        return Member(name: name, value: value())
    }

    /// The next element of a list.
    mutating func nextElement() -> Range<Int>? {
        if offset < end, bytes[offset] == UInt8(ascii: ",") { offset += 1 }
        guard offset < end else { return nil }
        let element = value()
        return element.isEmpty ? nil : element
    }

    private mutating func value() -> Range<Int> {
        let start = offset
        guard offset < end else { return start..<start }
        switch bytes[offset] {
        case UInt8(ascii: "\""): skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): skipNested()
        default:
            while offset < end, bytes[offset] != UInt8(ascii: ",") { offset += 1 }
        }
        return start..<offset
    }

    private mutating func skipString() {
        offset += 1
        while offset < end {
            let byte = bytes[offset]
            offset += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { break }
        }
        offset = min(offset, end)
    }

    private mutating func skipNested() {
        var depth = 0
        while offset < end {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                skipString()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            offset += 1
            if depth == 0 { return }
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    func holds(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard let baseAddress, range.count == text.utf8CodeUnitCount else { return false }
        return memcmp(baseAddress + range.lowerBound, text.utf8Start, range.count) == 0
    }

    /// What stands between the quotes or brackets of a value.
    func inside(_ value: Range<Int>) -> Range<Int> {
        value.count >= 2 ? value.lowerBound + 1..<value.upperBound - 1 : value.lowerBound..<value.lowerBound
    }

    /// A decimal number, where the value is one that fits.
    func number(_ value: Range<Int>) -> UInt64? {
        guard !value.isEmpty, value.count <= 19 else { return nil }
        var number: UInt64 = 0
        for index in value {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + UInt64(digit)
        }
        return number
    }
}
