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
}

extension JSONWriter {
    /// Writes members that were encoded before, name and value in turns as if they were written here.
    package mutating func members(_ encoded: EncodedMembers) {
        guard !encoded.bytes.isEmpty else { return }
        fragment(encoded.bytes)
    }
}
