package import PosternConfiguration
package import PosternCore
package import PosternNet

/// Fetches secrets when a login needs them.
///
/// One read of a secret runs at a time, and everybody who asks meanwhile gets its answer. Only commands with a `ttl`
/// are remembered.
package actor SecretResolver {
    /// How long a command may run (contract, section 3).
    package static let commandTimeout: Duration = .seconds(5)

    private struct Remembered {
        let secret: Redacted<[UInt8]>
        let until: ContinuousClock.Instant
    }

    private let pool: BlockingPool
    private let timeout: Duration
    private var running: [SecretReference: Task<Redacted<[UInt8]>, any Error>] = [:]
    private var remembered: [SecretReference: Remembered] = [:]

    /// - Parameter pool: where the reading blocks.
    package init(pool: BlockingPool, timeout: Duration = SecretResolver.commandTimeout) {
        self.pool = pool
        self.timeout = timeout
    }

    /// The secret, without one final newline: 1 byte to 64 KiB, no NUL.
    ///
    /// - Parameter fresh: passes over what is remembered; for the one more try after a refused login.
    /// - Throws: `SecretError`.
    package func secret(_ reference: SecretReference, fresh: Bool = false) async throws -> Redacted<[UInt8]> {
        if fresh {
            remembered[reference] = nil
        } else if let known = remembered[reference], ContinuousClock.now < known.until {
            return known.secret
        }
        if let task = running[reference] { return try await task.value }
        let task = Task { [pool, timeout] in
            do {
                return Redacted(try await pool.run { try SecretSource.read(reference, timeout: timeout) })
            } catch is BlockingPool.Overloaded {
                throw SecretError.overloaded
            }
        }
        running[reference] = task
        defer { running[reference] = nil }
        let secret = try await task.value
        remember(secret, for: reference)
        return secret
    }

    /// Forgets everything, after a reload.
    package func removeAll() {
        remembered.removeAll()
    }

    private func remember(_ secret: Redacted<[UInt8]>, for reference: SecretReference) {
        switch reference {
        case .command(_, let timeToLive) where timeToLive > .zero:
            remembered[reference] = Remembered(secret: secret, until: .now + timeToLive)
        case .command, .file, .environment: break
        }
    }
}
