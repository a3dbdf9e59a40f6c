internal import PosternCore

/// Why a token was refused, for the journal. The job hears one text for all of them.
package struct TokenRefusal: Error, Hashable, Sendable {
    /// The raw values are stable: journals and metrics carry them.
    package enum Reason: String, CaseIterable, Hashable, Sendable {
        case tooLarge = "too large"
        case malformedToken = "malformed token"
        case malformedHeader = "malformed header"
        /// `crit`, `b64`, `zip`, `enc`, `cty`: nothing of this is supported.
        case unsupportedHeader = "unsupported header parameter"
        /// `jku`, `jwk`, `x5u`, `x5c`: the token brings its own key.
        case keyInHeader = "key in header"
        case malformedKeyID = "malformed key id"
        case algorithm = "algorithm"
        case malformedClaims = "malformed claims"
        case unknownIssuer = "unknown issuer"
        case type = "token type"
        /// The issuer's keys could not be fetched yet.
        case noKeys = "no keys"
        case unknownKey = "unknown key"
        case signature = "signature"
        case missingClaim = "missing claim"
        case malformedClaim = "malformed claim"
        case audience = "audience"
        case authorizedParty = "authorized party"
        case expired = "expired"
        case notYetValid = "not yet valid"
        case issuedInTheFuture = "issued in the future"
        case lifetime = "lifetime"
        case tooOld = "too old"
        /// The gateway has as many checks waiting as it takes.
        case overloaded = "overloaded"
    }

    /// Whose token it is; known only once the signature was good.
    package struct Identity: Hashable, Sendable {
        /// The issuer's name in the configuration.
        package let issuer: String
        package let subject: String?
    }

    package let reason: Reason
    /// The claim or header parameter that failed, where it is one.
    package let claim: String?
    /// What the token says of itself, at most 256 bytes, escaped.
    package let unverifiedIssuer: String?
    package let unverifiedKeyID: String?
    package let identity: Identity?

    init(
        _ reason: Reason,
        claim: String? = nil,
        issuer: String? = nil,
        keyID: String? = nil,
        identity: Identity? = nil
    ) {
        self.reason = reason
        self.claim = claim
        unverifiedIssuer = issuer.map(Self.escape)
        unverifiedKeyID = keyID.map(Self.escape)
        self.identity = identity
    }

    /// A refusal of a token that parsed, before or without a good signature.
    package init(_ reason: Reason, of token: CompactToken) {
        self.init(reason, issuer: token.unverifiedIssuer, keyID: token.header.keyID)
    }

    private static let escapedByteLimit = 256

    /// Printable ASCII stays, all else becomes `\xNN`; cut at whole characters.
    private static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let piece: String
            switch byte {
            case UInt8(ascii: "\\"): piece = "\\\\"
            case 0x20..<0x7F: piece = String(UnicodeScalar(byte))
            default: piece = "\\x" + Hex.encode([byte])
            }
            guard escaped.utf8.count + piece.utf8.count <= escapedByteLimit else { break }
            escaped += piece
        }
        return escaped
    }
}
