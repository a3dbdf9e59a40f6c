internal import PosternCore

/// What a server says to a client without a good token, and where to get one (RFC 7628 section 3.2.2).
package struct OAuthChallenge: Hashable, Sendable {
    /// libpq takes no AuthenticationRequest whose length field says more.
    private static let lengthLimit = 2000
    /// The most that both texts may have as JSON, so that the rest fits beside them.
    package static let textLimit = 1800

    /// The message AuthenticationSASLContinue, whole.
    package let message: [UInt8]

    /// - Parameters:
    ///   - configuration: the URL of the issuer's discovery document. The issuer that libpq finds in it must be its
    ///     `oauth_issuer` byte by byte.
    ///   - scope: what to ask the issuer for, separated by spaces.
    /// - Precondition: the texts have no more than `textLimit` bytes together.
    package init(configuration: String, scope: String) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("status")
        // Any other word, and libpq would not try again with a token.
        writer.string("invalid_token")
        writer.name("openid-configuration" as String)
        writer.string(configuration)
        writer.name("scope")
        writer.string(scope)
        writer.endObject()
        message = BackendMessage.authentication(.saslContinue(writer.bytes)).encoded
        precondition(message.count - 1 <= Self.lengthLimit, "a challenge is what libpq reads")
    }
}
