/// Writes JSON text (RFC 8259) into bytes, member by member, without building values first.
///
/// All of it is ASCII but for what callers pass as text: control characters, `"` and `\` are escaped, the rest is
/// UTF-8 as it is.
package struct JSONWriter {
    package private(set) var bytes: [UInt8]
    private var needsComma = false

    /// - Parameter capacity: bytes to reserve.
    package init(capacity: Int = 512) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Forgets what was written and keeps the room for it.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a member's name; its value must follow.
    package mutating func name(_ name: String) {
        comma()
        text(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member's name that the source code has: letters and underscores, nothing that would have to be escaped.
    package mutating func name(_ name: StaticString) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        comma()
        text(value)
    }

    /// Writes a session's name, which needs no escape.
    package mutating func string(_ session: SessionID) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        session.withText { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func integer(_ value: some BinaryInteger) {
        comma()
        bytes.append(contentsOf: String(value).utf8)
    }

    package mutating func integer(_ value: UInt64) {
        comma()
        DecimalText.append(value, to: &bytes)
    }

    package mutating func bool(_ value: Bool) {
        comma()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        comma()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let bool): self.bool(bool)
        case .number(let number):
            comma()
            bytes.append(contentsOf: number.text.utf8)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                name(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// Appends text that the caller answers for, for writers of lines of JSON: what is written next is set off from it
    /// by a comma.
    package mutating func append(_ body: (inout [UInt8]) -> Void) {
        body(&bytes)
        needsComma = true
    }

    /// Writes JSON text that stands for itself: whole members or a whole value.
    mutating func fragment(_ text: [UInt8]) {
        comma()
        bytes.append(contentsOf: text)
    }

    private mutating func open(_ bracket: UInt8) {
        comma()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// Writes a string literal, in runs of what needs no escape: journals write thousands of them a second.
    private mutating func text(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        let isContiguous: Void? = value.utf8.withContiguousStorageIfAvailable { utf8 in
            var rest = utf8
            while let index = rest.firstIndex(where: Self.needsEscape) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: rest[..<index]))
                escape(rest[index])
                rest = UnsafeBufferPointer(rebasing: rest[(index + 1)...])
            }
            bytes.append(contentsOf: rest)
        }
        if isContiguous == nil {
            for byte in value.utf8 {
                if Self.needsEscape(byte) { escape(byte) } else { bytes.append(byte) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        default:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(Self.hexDigits[Int(byte >> 4)])
            bytes.append(Self.hexDigits[Int(byte & 15)])
        }
    }
}

extension JSONValue {
    /// The value as compact JSON text.
    package var text: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
