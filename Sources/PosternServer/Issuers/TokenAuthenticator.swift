package import PosternCore
package import PosternIdentity
package import PosternNet
internal import Synchronization

/// From a job's password to a verified token.
///
/// `remembered` answers at once for a token that was verified lately; else `authenticate` finds the key and checks
/// the signature on the blocking pool.
package final class TokenAuthenticator: Sendable {
    private let directory: IssuerDirectory
    private let pool: BlockingPool
    private let memory: Mutex<TokenMemory>

    /// - Parameters:
    ///   - pool: where signatures are checked, some 50 us each.
    ///   - capacity: how many verified tokens are remembered.
    package init(directory: IssuerDirectory, pool: BlockingPool, capacity: Int = TokenMemory.defaultCapacity) {
        self.directory = directory
        self.pool = pool
        memory = Mutex(TokenMemory(capacity: capacity))
    }

    /// The answer for a token that was verified under the issuer's present keys and settings, with its time checked
    /// anew. Two digests and a look-up: fit for an event loop.
    ///
    /// - Returns: nil when the token must be verified.
    package func remembered(_ token: Redacted<[UInt8]>, now: Timestamp) -> Result<VerifiedToken, TokenRefusal>? {
        guard let fingerprint = TokenFingerprint(token) else { return nil }
        return memory.withLock { $0.recall(fingerprint, now: now, current: directory.current) }
    }

    /// Verifies a token, and remembers it when it is good.
    ///
    /// Waits for one fetch at most: for an unknown key, or for one that was replaced under its id.
    package func authenticate(
        _ token: Redacted<[UInt8]>,
        now: Timestamp
    ) async -> Result<VerifiedToken, TokenRefusal> {
        if let answer = remembered(token, now: now) { return answer }
        let started = directory.clock()
        let parsed: CompactToken
        do throws(TokenRefusal) {
            parsed = try CompactToken.parse(token)
        } catch {
            return .failure(error)
        }
        let match: IssuerDirectory.Match
        switch await directory.key(for: parsed) {
        case .success(let found): match = found
        case .failure(let refusal): return .failure(refusal)
        }
        let later = { now.advanced(by: self.directory.clock().since(started)) }
        let answer = await verify(parsed, match, later())
        guard case .failure(let refusal) = answer, refusal.reason == .signature, !match.waited,
            let other = await directory.replacement(for: match.key, of: parsed)
        else { return answer }
        return await verify(parsed, other, later())
    }

    private func verify(
        _ token: CompactToken,
        _ match: IssuerDirectory.Match,
        _ now: Timestamp
    ) async -> Result<VerifiedToken, TokenRefusal> {
        let answer: Result<VerifiedToken, TokenRefusal>
        do {
            answer = try await pool.run {
                do throws(TokenRefusal) {
                    let settings = match.issuer.settings
                    return .success(try TokenVerifier.verify(token, key: match.key, settings: settings, now: now))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            return .failure(TokenRefusal(.overloaded, of: token))
        }
        if case .success(let verified) = answer {
            memory.withLock { $0.remember(verified, verifiedUnder: match.issuer) }
        }
        return answer
    }
}
