internal import PosternCore
internal import PosternIdentity

/// What must hold for any token. A text is a token as it stands; one with tabs is also header, claims and signature, each
/// in clear, the signature as base64url: so that mutations reach behind the encoding.
enum TokenProbe {
    private static let settings = IssuerSettings(
        name: "ci",
        issuer: "https://issuer.example",
        audience: "postern.example"
    )
    /// When the tokens of the corpus are good.
    private static let now = Timestamp(seconds: 1_795_224_580)

    static func fault(of text: [UInt8]) -> String? {
        if let fault = faultOfToken(text) { return fault }
        let parts = text.split(separator: 0x09, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let token = Base64.encode(Array(parts[0]), .url) + "." + Base64.encode(Array(parts[1]), .url) + "."
        return faultOfToken(Array(token.utf8) + parts[2])
    }

    private static func faultOfToken(_ bytes: [UInt8]) -> String? {
        let first = outcome(bytes)
        guard outcome(bytes) == first else { return "two readings of one token differ" }
        guard case .success = first else { return nil }
        guard bytes.count <= CompactToken.byteLimit else { return "a token of \(bytes.count) bytes was read" }
        let segments = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let again = segments.compactMap { Base64.decode($0, .url) }.map { Base64.encode($0, .url) }
        guard again.count == 3, Array(again.joined(separator: ".").utf8) == bytes else {
            return "a token that was read is not the one way to write it"
        }
        return faultOfMeaning(bytes)
    }

    /// What was read of a token, or why it was not.
    private static func outcome(_ bytes: [UInt8]) -> Result<[String], TokenRefusal> {
        do throws(TokenRefusal) {
            let token = try CompactToken.parse(Redacted(bytes))
            return .success([token.unverifiedIssuer, token.header.algorithm.rawValue, token.header.keyID ?? "none"])
        } catch {
            return .failure(error)
        }
    }

    private static func faultOfMeaning(_ bytes: [UInt8]) -> String? {
        guard let token = try? CompactToken.parse(Redacted(bytes)), let keySet = FuzzKeys.keySet else {
            return "the keys of the corpus cannot be read"
        }
        if let keyID = token.header.keyID, !(1...256).contains(keyID.utf8.count) { return "a key id of no length" }
        guard !token.unverifiedIssuer.isEmpty else { return "an issuer of no length" }
        guard (try? token.checkHeader(settings)) != nil, let key = keySet.key(for: token.header),
            (try? TokenVerifier.verify(token, key: key, settings: settings, now: now)) != nil
        else { return nil }
        return FuzzKeys.isSigned(bytes) ? nil : "a token that nobody signed was good"
    }
}
