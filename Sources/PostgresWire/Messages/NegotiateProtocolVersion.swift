/// The server's answer to a minor version or to `_pq_.` options that it does not know.
package struct NegotiateProtocolVersion: Hashable, Sendable {
    /// The newest minor version that the server speaks, and at most the one that was asked for: libpq refuses more.
    package let version: ProtocolVersion
    /// Each `_pq_.` option that was not understood.
    package let unrecognizedOptions: [String]

    package init(version: ProtocolVersion, unrecognizedOptions: [String]) {
        self.version = version
        self.unrecognizedOptions = unrecognizedOptions
    }

    init(body: ArraySlice<UInt8>) throws(WireError) {
        var reader = WireReader(body)
        version = ProtocolVersion(code: try reader.uint32())
        let count = try reader.int32()
        // Every name takes a byte at least, so a count beyond what is left is a lie.
        guard count >= 0, count <= reader.rest.count else { throw .invalidLength }
        var names: [String] = []
        for _ in 0..<count { names.append(try reader.text()) }
        try reader.expectEnd()
        unrecognizedOptions = names
    }

    func append(to writer: inout WireWriter) {
        writer.append(version.code)
        writer.append(UInt32(unrecognizedOptions.count))
        for name in unrecognizedOptions { writer.appendCString(name) }
    }
}
