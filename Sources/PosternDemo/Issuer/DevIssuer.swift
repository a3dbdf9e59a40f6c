package import PosternCore
internal import PosternCrypto
internal import PosternIssuer
internal import PosternIssuerServer

/// A key that signs tokens, and what a CI system publishes about it.
///
/// For the demo and for tests: whoever asks gets a token.
package final class DevIssuer: Sendable {
    /// The issuer's URL, as `iss` and in discovery.
    package let url: String
    private let key: MintingKey

    /// Makes a new key.
    ///
    /// - Parameter url: the issuer's URL without a slash at its end.
    package init(url: String) {
        self.url = url
        key = MintingKey()
    }

    /// The key's id: its thumbprint (RFC 7638).
    package var keyID: String { key.published.id }

    /// The document at `/.well-known/openid-configuration`.
    package var discovery: String { IssuerDocument.discovery(issuer: url).text }

    /// The document at `/jwks`.
    package var keySet: String { IssuerDocument.keySet([key.published]).text }

    /// Signs a token.
    ///
    /// - Parameters:
    ///   - claims: beyond `iss`, `aud`, `sub`, `iat`, `nbf`, `exp` and `jti`.
    ///   - lifetime: from `issuedAt`; a token of the past is minted by an `issuedAt` that is long ago.
    ///   - keyID: the `kid`; a forger names another issuer's key.
    package func mint(
        subject: String,
        audience: String,
        claims: [(name: String, value: String)],
        issuedAt: Timestamp,
        lifetime: Duration,
        keyID: String? = nil
    ) throws(DemoError) -> Redacted<String> {
        var members: JSONObject = [
            "iss": .string(url), "sub": .string(subject), "aud": .string(audience),
            "iat": .number(JSONNumber(issuedAt.seconds)), "nbf": .number(JSONNumber(issuedAt.seconds)),
            "exp": .number(JSONNumber(issuedAt.advanced(by: lifetime).seconds)),
            "jti": .string(Hex.encode(SecureRandom.bytes(16))),
        ]
        for claim in claims { members.append(claim.name, .string(claim.value)) }
        do throws(TokenMint.Failure) {
            return try TokenMint.sign(members.members, with: key, keyID: keyID)
        } catch {
            throw DemoError(error.description)
        }
    }
}
