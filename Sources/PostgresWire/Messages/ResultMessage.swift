/// What the gateway itself says as the result of a statement: the few messages that it does not pass on.
package enum ResultMessage {
    /// DataRow with one column of text, whose text and binary formats are the same bytes.
    package static func row(_ text: [UInt8]) -> [UInt8] {
        WireWriter.message(type: UInt8(ascii: "D")) { writer in
            writer.append([0, 1])
            writer.append(UInt32(text.count))
            writer.append(text)
        }
    }

    /// - Precondition: no NUL in the tag.
    package static func commandComplete(_ tag: String) -> [UInt8] {
        WireWriter.message(type: UInt8(ascii: "C")) { $0.appendCString(tag) }
    }
}
