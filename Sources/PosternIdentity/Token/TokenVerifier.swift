package import PosternCore

/// The part of the check that costs: run it on a worker thread. All that it takes can cross threads.
package enum TokenVerifier {
    /// Checks header, signature, claims and time, in this order.
    ///
    /// - Parameter key: the issuer's key that the token's header names (`KeySet.key(for:)`).
    package static func verify(
        _ token: CompactToken,
        key: VerificationKey,
        settings: IssuerSettings,
        now: Timestamp
    ) throws(TokenRefusal) -> VerifiedToken {
        try token.checkHeader(settings)
        let good = key.verifies(
            token.signature.reveal(),
            of: token.signingInput.reveal(),
            algorithm: token.header.algorithm
        )
        guard good else { throw TokenRefusal(.signature, of: token) }
        let verified = try VerifiedToken(verified: token, settings: settings)
        try verified.checkTime(settings, now: now)
        return verified
    }
}
