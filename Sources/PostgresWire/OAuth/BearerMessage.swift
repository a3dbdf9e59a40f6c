package import PosternCore

/// What a client says in the mechanism OAUTHBEARER (RFC 7628 section 3.1), read as PostgreSQL 18 reads it.
package enum BearerMessage: Equatable, Sendable {
    /// No token: the client asks where to get one.
    case discovery
    /// What stood behind `Bearer`; empty when that was no token at all (RFC 6750 section 2.1).
    case token(Redacted<[UInt8]>)

    /// Separates the parts of a message.
    private static let separator: UInt8 = 0x01
    /// All that a client may say to a challenge.
    package static let acknowledgement: [UInt8] = [separator]

    /// - Parameter data: the SASL data of the client's first message.
    /// - Throws: a protocol violation. Its text has nothing of the message.
    package init(_ data: Redacted<[UInt8]>) throws(Refusal) {
        var rest = data.reveal()[...]
        guard !rest.contains(0) else { throw Self.malformed("it has a NUL") }
        try Self.takeHeader(&rest)
        guard let auth = try Self.takeAuth(&rest) else { throw Self.malformed("it has no `auth` value") }
        guard rest.isEmpty else { throw Self.malformed("it goes on behind its end") }
        self = auth.isEmpty ? .discovery : .token(Redacted(Self.token(of: auth)))
    }

    private static func malformed(_ detail: String) -> Refusal {
        Refusal(.protocolViolation, "malformed OAUTHBEARER message", detail: detail)
    }

    /// The GS2 header (RFC 5801 section 4): no channel binding, and no other identity than the token's.
    private static func takeHeader(_ rest: inout ArraySlice<UInt8>) throws(Refusal) {
        switch rest.popFirst() {
        // `y`: it could bind the channel and believes that the server cannot, which is so.
        case UInt8(ascii: "n"), UInt8(ascii: "y"): break
        case UInt8(ascii: "p"): throw malformed("OAUTHBEARER has no channel binding")
        case nil: throw malformed("it is empty")
        default: throw malformed("its channel binding flag is unknown")
        }
        guard rest.popFirst() == UInt8(ascii: ",") else { throw malformed("a comma is missing") }
        switch rest.popFirst() {
        case UInt8(ascii: ","): break
        case UInt8(ascii: "a"):
            throw Refusal(
                .featureNotSupported,
                "an authorization identity is not supported",
                hint: "name the role as the connection's user"
            )
        default: throw malformed("an attribute is unexpected")
        }
        guard rest.popFirst() == separator else { throw malformed("the key-value separator is missing") }
    }

    /// Takes all pairs of key and value, and the separator that ends them.
    ///
    /// - Returns: the value of `auth`; nil when it is not there. Other keys, `host` and `port` among them, mean nothing
    ///   here, as the RFC has it.
    private static func takeAuth(_ rest: inout ArraySlice<UInt8>) throws(Refusal) -> ArraySlice<UInt8>? {
        var auth: ArraySlice<UInt8>?
        while let end = rest.firstIndex(of: separator) {
            let pair = rest[rest.startIndex..<end]
            rest = rest[(end + 1)...]
            if pair.isEmpty { return auth }
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { throw malformed("a key has no value") }
            let key = pair[pair.startIndex..<equals]
            let value = pair[(equals + 1)...]
            guard !key.isEmpty, key.allSatisfy(isLetter) else { throw malformed("a key is invalid") }
            guard value.allSatisfy(isValueByte) else { throw malformed("a value is invalid") }
            guard key.elementsEqual("auth".utf8) else { continue }
            guard auth == nil else { throw malformed("it has several `auth` values") }
            auth = value
        }
        throw malformed("its end is missing")
    }

    /// The token of an Authorization header's value: the scheme in any case, one space or more, `b64token`.
    private static func token(of auth: ArraySlice<UInt8>) -> [UInt8] {
        let scheme = Array("bearer ".utf8)
        guard auth.count > scheme.count,
            auth.prefix(scheme.count).elementsEqual(scheme, by: { lowercased($0) == $1 })
        else { return [] }
        let token = auth.dropFirst(scheme.count).drop { $0 == UInt8(ascii: " ") }
        let padding = token.drop(while: isTokenByte)
        guard padding.startIndex > token.startIndex, padding.allSatisfy({ $0 == UInt8(ascii: "=") }) else { return [] }
        return Array(token)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowercased(byte))
    }

    /// VCHAR, space, tab, CR and LF.
    private static func isValueByte(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: isLetter(byte)
        }
    }
}
