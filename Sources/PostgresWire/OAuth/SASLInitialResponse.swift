package import PosternCore

/// The first answer of a client that was offered SASL mechanisms (manual, "SASLInitialResponse").
package struct SASLInitialResponse: Sendable {
    package let mechanism: String
    /// nil when the client waits for an empty challenge before it sends anything.
    package let data: Redacted<[UInt8]>?

    /// - Parameter body: a message's body.
    package init(body: Redacted<[UInt8]>) throws(Refusal) {
        var reader = WireReader(body.reveal()[...])
        do {
            mechanism = try reader.text()
            let count = try reader.int32()
            if count == -1 {
                data = nil
            } else {
                data = Redacted(Array(try reader.bytes(Int(count))))
            }
            try reader.expectEnd()
        } catch {
            throw .violation("invalid SASL initial response")
        }
    }
}
