internal import PosternCore
internal import PosternCrypto

/// ClientKey and ServerKey (RFC 5802 section 3) with what they were made from, so that the next login with the same
/// salt skips PBKDF2.
///
/// The password itself is not kept: a keyed digest of it tells whether it has been changed.
package struct SCRAMKeys: Hashable, Sendable {
    /// What the keys depend on.
    package struct Origin: Hashable, Sendable {
        let login: String
        let salt: [UInt8]
        let iterations: Int
        private let passwordDigest: [UInt8]

        /// Random for each process: the digest is of no use elsewhere.
        private static let digestKey = SecureRandom.bytes(32)

        init(login: String, password: Redacted<[UInt8]>, salt: [UInt8], iterations: Int) {
            self.login = login
            self.salt = salt
            self.iterations = iterations
            let digest = Digest.sha256.hash(password.reveal())
            passwordDigest = Digest.sha256.authenticationCode(of: digest, key: Self.digestKey)
        }
    }

    package let origin: Origin
    let clientKey: Redacted<[UInt8]>
    let serverKey: Redacted<[UInt8]>

    init(origin: Origin, saltedPassword: [UInt8]) {
        self.origin = origin
        clientKey = Redacted(Digest.sha256.authenticationCode(of: "Client Key".utf8, key: saltedPassword))
        serverKey = Redacted(Digest.sha256.authenticationCode(of: "Server Key".utf8, key: saltedPassword))
    }
}

/// The slow part of a SCRAM login, to be run away from the event loop.
package struct SCRAMDerivation: Hashable, Sendable {
    package let origin: SCRAMKeys.Origin
    private let password: Redacted<[UInt8]>

    /// - Parameter password: as configured; SASLprep is applied here.
    init(login: String, password: Redacted<[UInt8]>, salt: [UInt8], iterations: Int) {
        origin = SCRAMKeys.Origin(login: login, password: password, salt: salt, iterations: iterations)
        self.password = password
    }

    /// Milliseconds of work.
    package func run() -> SCRAMKeys {
        let salted = Digest.sha256.pbkdf2(
            password: SASLprep.prepare(password.reveal()),
            salt: origin.salt,
            iterations: origin.iterations
        )
        return SCRAMKeys(origin: origin, saltedPassword: salted)
    }
}
