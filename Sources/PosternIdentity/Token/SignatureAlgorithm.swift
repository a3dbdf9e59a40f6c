/// The signature algorithms that a token may use (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// There is no `none` and no HMAC here, so no token can ask for them. Names are compared exactly.
package enum SignatureAlgorithm: String, CaseIterable, Hashable, Sendable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// The one kind of key that may check signatures of this algorithm.
    package var keyKind: KeyKind {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
        case .es256: .p256
        case .es384: .p384
        case .es512: .p521
        case .edDSA: .ed25519
        }
    }
}

/// The kinds of public key that Postern uses: `kty` and `crv` of a JWK together (RFC 7518 section 6).
package enum KeyKind: String, CaseIterable, Hashable, Sendable {
    case rsa = "RSA"
    case p256 = "P-256"
    case p384 = "P-384"
    case p521 = "P-521"
    case ed25519 = "Ed25519"

    /// Bytes of one coordinate; for Ed25519 of the whole key. RSA has none.
    var coordinateByteCount: Int? {
        switch self {
        case .rsa: nil
        case .p256, .ed25519: 32
        case .p384: 48
        case .p521: 66
        }
    }
}
