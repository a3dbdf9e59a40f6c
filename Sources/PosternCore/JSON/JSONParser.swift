/// A strict JSON parser for bytes that strangers wrote (RFC 8259, RFC 7493).
///
/// What two parsers could read differently is refused: duplicate names, invalid UTF-8, lone surrogates, U+0000,
/// bytes after the value. Size and depth are bounded before anything is allocated.
package struct JSONParser {
    package struct Limits: Sendable {
        package var bytes: Int
        package var depth: Int
        /// All values together, of every kind.
        package var values: Int

        package init(bytes: Int, depth: Int, values: Int = 10_000) {
            self.bytes = bytes
            self.depth = depth
            self.values = values
        }
    }

    /// Why a text was refused; `offset` counts bytes from 0.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let reason: String
        package let offset: Int

        package init(reason: String, offset: Int) {
            self.reason = reason
            self.offset = offset
        }

        package var description: String { "\(reason) at byte \(offset)" }
    }

    /// Parses one value that fills all of `bytes`, white space around it aside.
    package static func parse(_ bytes: some Sequence<UInt8>, limits: Limits) throws(Failure) -> JSONValue {
        let bytes = Array(bytes)
        guard bytes.count <= limits.bytes else { throw Failure(reason: "too large", offset: limits.bytes) }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Failure(reason: "invalid UTF-8", offset: 0)
        }
        var parser = JSONParser(bytes: bytes, limits: limits)
        parser.skipWhiteSpace()
        let value = try parser.value(depth: 0)
        parser.skipWhiteSpace()
        guard parser.offset == bytes.count else { throw parser.failure("text after the value") }
        return value
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var offset = 0
    private var count = 0

    private init(bytes: [UInt8], limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    private func failure(_ reason: String) -> Failure { Failure(reason: reason, offset: offset) }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipWhiteSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        count += 1
        guard count <= limits.values else { throw failure("too many values") }
        guard depth <= limits.depth else { throw failure("nested too deeply") }
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): return .number(try number())
        case .some: throw failure("unexpected character")
        case .none: throw failure("unexpected end")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.withUTF8Buffer({ $0[index] })) else { throw failure("unexpected character") }
        }
        return value
    }

    private mutating func object(depth: Int) throws(Failure) -> JSONObject {
        offset += 1
        var object = JSONObject()
        var names: Set<[UInt8]> = []
        skipWhiteSpace()
        if take(UInt8(ascii: "}")) { return object }
        while true {
            guard next == UInt8(ascii: "\"") else { throw failure("a member's name was expected") }
            let start = offset
            let name = try string()
            guard names.insert(Array(name.utf8)).inserted else {
                throw Failure(reason: "duplicate member name", offset: start)
            }
            skipWhiteSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("`:` was expected") }
            skipWhiteSpace()
            object.appendUnchecked(name, try value(depth: depth + 1))
            skipWhiteSpace()
            if take(UInt8(ascii: "}")) { return object }
            guard take(UInt8(ascii: ",")) else { throw failure("`,` or `}` was expected") }
            skipWhiteSpace()
        }
    }

    private mutating func array(depth: Int) throws(Failure) -> [JSONValue] {
        offset += 1
        var elements: [JSONValue] = []
        skipWhiteSpace()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            skipWhiteSpace()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw failure("`,` or `]` was expected") }
            skipWhiteSpace()
        }
    }

    private static func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private mutating func digits() throws(Failure) {
        guard Self.isDigit(next) else { throw failure("a digit was expected") }
        while Self.isDigit(next) { offset += 1 }
    }

    private mutating func number() throws(Failure) -> JSONNumber {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return JSONNumber(text: String(decoding: bytes[start..<offset], as: UTF8.self))
    }

    private mutating func string() throws(Failure) -> String {
        offset += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                offset += 1
                text.append(contentsOf: try escape().utf8)
            case 0..<0x20:
                throw failure("control character in a string")
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw failure("unexpected end")
    }

    private mutating func escape() throws(Failure) -> String {
        guard let byte = next else { throw failure("unexpected end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try String(unicodeEscape())
        default: throw failure("unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(Failure) -> Unicode.Scalar {
        let first = try hexUnit()
        guard first != 0 else { throw failure("U+0000 in a string") }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw failure("lone surrogate")
        }
        let second = try hexUnit()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw failure("lone surrogate") }
        return scalar
    }

    private mutating func hexUnit() throws(Failure) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure("four hexadecimal digits were expected")
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}
