package import PosternCore

/// A token in JWS compact serialization (RFC 7515 section 3.1) that parsed and is not verified.
///
/// Nothing of its claims can be reached from outside the module but the issuer that it names, and that is for
/// finding the issuer's settings only.
package struct CompactToken: Sendable {
    /// A PostgreSQL password message may be larger; a CI token never is.
    package static let byteLimit = 16_384
    /// GitLab's `user_identities` and Kubernetes' claims nest three deep.
    package static let depthLimit = 16

    package let header: TokenHeader
    package let unverifiedIssuer: String
    package let fingerprint: TokenFingerprint
    let signingInput: Redacted<[UInt8]>
    let signature: Redacted<[UInt8]>
    let payload: Redacted<JSONObject>

    /// Parses strictly and cheapest first: length, segments, base64url, header, payload.
    ///
    /// There is one way to write each token: a second spelling of the same bytes is refused.
    package static func parse(_ token: Redacted<[UInt8]>) throws(TokenRefusal) -> CompactToken {
        let bytes = token.reveal()
        guard bytes.count <= byteLimit else { throw TokenRefusal(.tooLarge) }
        let segments = bytes.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard segments.count == 3, let fingerprint = TokenFingerprint(token),
            let headerBytes = Base64.decode(segments[0], .url),
            let payloadBytes = Base64.decode(segments[1], .url),
            let signature = Base64.decode(segments[2], .url)
        else { throw TokenRefusal(.malformedToken) }
        let header = try TokenHeader.parse(headerBytes)
        let payload: JSONObject
        do {
            let value = try JSONParser.parse(payloadBytes, limits: .init(bytes: byteLimit, depth: depthLimit))
            guard let object = value.objectValue else { throw TokenRefusal(.malformedClaims, keyID: header.keyID) }
            payload = object
        } catch {
            throw TokenRefusal(.malformedClaims, keyID: header.keyID)
        }
        guard let issuer = payload["iss"]?.stringValue, !issuer.isEmpty else {
            throw TokenRefusal(.malformedClaims, claim: "iss", keyID: header.keyID)
        }
        return CompactToken(
            header: header,
            unverifiedIssuer: issuer,
            fingerprint: fingerprint,
            signingInput: Redacted(Array(bytes[..<segments[1].endIndex])),
            signature: Redacted(signature),
            payload: Redacted(payload)
        )
    }

    /// The checks that need the issuer's settings and no key: it must be the issuer that the token names, and the
    /// token's type and algorithm must be among those that the issuer uses.
    package func checkHeader(_ settings: IssuerSettings) throws(TokenRefusal) {
        guard unverifiedIssuer.utf8.elementsEqual(settings.issuer.utf8) else {
            throw TokenRefusal(.unknownIssuer, of: self)
        }
        let required = settings.requiredType
        let typeFits = header.type.map { Self.sameType($0, required ?? "JWT") } ?? (required == nil)
        guard typeFits else { throw TokenRefusal(.type, of: self) }
        guard settings.algorithms.contains(header.algorithm) else { throw TokenRefusal(.algorithm, of: self) }
    }

    /// `typ` is a media type: letters' case does not count (RFC 7515 section 4.1.9).
    private static func sameType(_ left: String, _ right: String) -> Bool {
        func lowered(_ text: String) -> [UInt8] { text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 } }
        return lowered(left) == lowered(right)
    }
}
