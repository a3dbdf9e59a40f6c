/// Members of a JSON object that were encoded once and stand in many objects.
///
/// Only a `JSONWriter` makes them, so they are JSON wherever they are put.
package struct EncodedMembers: Hashable, Sendable {
    /// `"a":1,"b":2`: without brackets, and without commas around them.
    package let bytes: [UInt8]

    /// - Parameter body: writes names and values in turns.
    package init(_ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.beginObject()
        body(&writer)
        bytes = Array(writer.bytes.dropFirst())
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Where the text of a member begins; nil when there is no such member, or it is no text.
    package func offset(ofText name: StaticString) -> Int? {
        // Inside a text a quote stands behind a backslash: what looks like a member is one.
        let start = Array("\"\(name)\":\"".utf8)
        guard bytes.count >= start.count else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            (0...(bytes.count - start.count)).first { index in
                bytes[index] == start[0] && bytes[index..<index + start.count].elementsEqual(start)
            }
        }.map { $0 + start.count }
    }

    /// The same members with other hexadecimal digits in the place of as many.
    ///
    /// - Parameter offset: from `offset(ofText:)`.
    /// - Precondition: digits and nothing else, so that what was JSON stays JSON.
    package func replacingDigits(at offset: Int, with digits: String) -> EncodedMembers {
        precondition(digits.utf8.allSatisfy(Hex.isDigit), "hexadecimal digits only")
        var bytes = bytes
        for (index, digit) in digits.utf8.enumerated() { bytes[offset + index] = digit }
        return EncodedMembers(bytes: bytes)
    }
}

extension JSONWriter {
    /// Writes members that were encoded before, name and value in turns as if they were written here.
    package mutating func members(_ encoded: EncodedMembers) {
        guard !encoded.bytes.isEmpty else { return }
        fragment(encoded.bytes)
    }
}
