package import PosternCore
internal import PosternCrypto

/// A token whose signature and claims were good. Only this module can make one.
///
/// Its time is not settled by that: `checkTime` says whether it is good now.
package struct VerifiedToken: Sendable {
    /// The issuer's name in the configuration.
    package let issuer: String
    package let subject: String
    package let audience: String
    package let expires: Timestamp
    package let issuedAt: Timestamp
    package let notBefore: Timestamp?
    /// `jti`.
    package let tokenID: String?
    /// `kid` of the header.
    package let keyID: String?
    /// All claims, those above included, in the token's order.
    package let claims: JSONObject
    package let fingerprint: TokenFingerprint
    /// The issuer's own spelling, for refusals.
    private let issuerURL: String

    /// SHA-256 of issuer and `jti`, or of the signing input where there is no `jti`.
    ///
    /// What is signed anew is another token unless its `jti` says otherwise: the issuer counts tokens, not signatures.
    var useDigest: [UInt8] {
        guard let tokenID else { return fingerprint.signingInput }
        return Digest.sha256.hash(Array(issuerURL.utf8) + [0] + Array(tokenID.utf8))
    }

    package var identity: TokenRefusal.Identity { .init(issuer: issuer, subject: subject) }

    /// Checks every claim but the time (RFC 7519 section 4.1, OpenID Connect Core section 3.1.3.7).
    ///
    /// - Precondition: the token's signature was good.
    init(verified token: CompactToken, settings: IssuerSettings) throws(TokenRefusal) {
        let reader = ClaimReader(token: token, issuer: settings.name)
        subject = try reader.text("sub", required: true, byteLimit: 1024) ?? ""
        try Self.checkAudience(reader, settings)
        let issued = try reader.date("iat", required: true) ?? 0
        let ends = try reader.date("exp", required: true) ?? 0
        guard ends > issued else { throw reader.refusal(.lifetime, "exp") }
        guard Duration.seconds(ends - issued) <= settings.maxTokenLifetime else {
            throw reader.refusal(.lifetime, "exp")
        }
        issuer = settings.name
        issuerURL = settings.issuer
        audience = settings.audience
        expires = Timestamp(seconds: ends)
        issuedAt = Timestamp(seconds: issued)
        notBefore = try reader.date("nbf", required: false).map { Timestamp(seconds: $0) }
        tokenID = try reader.text("jti", required: false, byteLimit: 1024)
        keyID = token.header.keyID
        claims = token.payload.reveal()
        fingerprint = token.fingerprint
    }

    private static let audienceCountLimit = 16

    private static func checkAudience(_ reader: ClaimReader, _ settings: IssuerSettings) throws(TokenRefusal) {
        let values: [JSONValue]
        switch reader.claims["aud"] {
        case .string(let text)?: values = [.string(text)]
        case .array(let elements)?: values = elements
        case .some: throw reader.refusal(.malformedClaim, "aud")
        case nil: throw reader.refusal(.missingClaim, "aud")
        }
        guard values.count <= audienceCountLimit, values.allSatisfy({ $0.stringValue != nil }) else {
            throw reader.refusal(.malformedClaim, "aud")
        }
        // Also meant for others is not meant for us: they could have presented it here.
        guard !values.isEmpty,
            values.allSatisfy({ $0.stringValue?.utf8.elementsEqual(settings.audience.utf8) ?? false })
        else { throw reader.refusal(.audience, "aud") }
        if let party = try reader.text("azp", required: false, byteLimit: 1024) {
            let known = [settings.audience] + settings.authorizedParties
            guard known.contains(where: { $0.utf8.elementsEqual(party.utf8) }) else {
                throw reader.refusal(.authorizedParty, "azp")
            }
        }
    }

    /// Whether the token is good at `now`. Holds for this moment only: ask at every use.
    package func checkTime(_ settings: IssuerSettings, now: Timestamp) throws(TokenRefusal) {
        let skew = settings.clockSkew
        func refusal(_ reason: TokenRefusal.Reason, _ claim: String) -> TokenRefusal {
            TokenRefusal(reason, claim: claim, issuer: issuerURL, keyID: keyID, identity: identity)
        }
        guard now < expires.advanced(by: skew) else { throw refusal(.expired, "exp") }
        if let notBefore { guard now.advanced(by: skew) >= notBefore else { throw refusal(.notYetValid, "nbf") } }
        guard now.advanced(by: skew) >= issuedAt else { throw refusal(.issuedInTheFuture, "iat") }
        if let maxAge = settings.maxTokenAge {
            guard now <= issuedAt.advanced(by: maxAge).advanced(by: skew) else { throw refusal(.tooOld, "iat") }
        }
    }
}

/// Reads single claims of a token whose signature was good, and makes the refusals.
private struct ClaimReader {
    let token: CompactToken
    let issuer: String

    var claims: JSONObject { token.payload.reveal() }

    func refusal(_ reason: TokenRefusal.Reason, _ claim: String) -> TokenRefusal {
        TokenRefusal(
            reason,
            claim: claim,
            issuer: token.unverifiedIssuer,
            keyID: token.header.keyID,
            identity: .init(issuer: issuer, subject: claims["sub"]?.stringValue)
        )
    }

    func text(_ name: String, required: Bool, byteLimit: Int) throws(TokenRefusal) -> String? {
        guard let value = claims[name] else {
            if required { throw refusal(.missingClaim, name) }
            return nil
        }
        guard let text = value.stringValue, (1...byteLimit).contains(text.utf8.count) else {
            throw refusal(.malformedClaim, name)
        }
        return text
    }

    /// Whole seconds since the epoch.
    func date(_ name: String, required: Bool) throws(TokenRefusal) -> Int64? {
        guard let value = claims[name] else {
            if required { throw refusal(.missingClaim, name) }
            return nil
        }
        guard let seconds = NumericDate.seconds(value) else { throw refusal(.malformedClaim, name) }
        return seconds
    }
}
