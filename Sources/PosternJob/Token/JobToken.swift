package import PosternCore

/// A token and what it says of itself. Nobody has verified it here: that is the gateway's part.
package struct JobToken: Sendable {
    /// The gateway's own bound of a password message (PostgreSQL's `PG_MAX_AUTH_TOKEN_LENGTH`).
    package static let lengthLimit = 65000

    package let bytes: Redacted<[UInt8]>
    package let claims: JSONObject

    /// - Returns: nil for what is no JWT in compact form; white space around it is ignored.
    package init?(_ text: Redacted<[UInt8]>) {
        let isSpace = { (byte: UInt8) in byte == 0x20 || 0x09...0x0D ~= byte }
        let trimmed = Array(text.reveal().drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        let parts = trimmed.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard trimmed.count <= Self.lengthLimit, parts.count == 3,
            trimmed.allSatisfy({ UInt8(ascii: "!")...UInt8(ascii: "~") ~= $0 }),
            let payload = Base64.decode(parts[1], .url),
            let value = try? JSONParser.parse(payload, limits: .init(bytes: 64 << 10, depth: 16)),
            let claims = value.objectValue
        else { return nil }
        bytes = Redacted(trimmed)
        self.claims = claims
    }

    /// `exp`; nil when it has none that is a number.
    package var expires: Timestamp? { moment("exp") }

    /// How long it holds from the moment when it was made; nil when it does not say.
    package var lifetime: Duration? {
        guard let begin = moment("iat") ?? moment("nbf"), let end = moment("exp"), end > begin else { return nil }
        return .microseconds(end.microseconds - begin.microseconds)
    }

    package var audiences: [String] {
        switch claims["aud"] {
        case .string(let one): [one]
        case .array(let several): several.compactMap(\.stringValue)
        default: []
        }
    }

    package func isFor(_ audience: String) -> Bool {
        audiences.contains { $0.utf8.elementsEqual(audience.utf8) }
    }

    private func moment(_ claim: String) -> Timestamp? {
        guard let number = claims[claim]?.numberValue?.double, number > 0, number < 1e11 else { return nil }
        return Timestamp(seconds: Int64(number))
    }
}
