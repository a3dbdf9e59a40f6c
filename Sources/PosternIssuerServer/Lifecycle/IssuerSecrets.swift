internal import Glibc
package import PosternConfiguration
package import PosternCore
package import PosternCrypto
internal import PosternIssuer
internal import PosternNet
package import PosternServer

/// What the issuer must know of others: shared secrets and public keys, as they were at the last reload.
package struct IssuerSecrets: Sendable {
    /// Shorter ones are guessed, and replies could not be encrypted with them.
    package static let minimumLength = 32
    private static let publicKeyLimit = 16 << 10

    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
        package let hint: String?

        init(_ description: String, hint: String? = nil) {
            self.description = description
            self.hint = hint
        }
    }

    package let drone: [Redacted<[UInt8]>]
    package let woodpecker: [VerifyingKey]

    package init(drone: [Redacted<[UInt8]>] = [], woodpecker: [VerifyingKey] = []) {
        self.drone = drone
        self.woodpecker = woodpecker
    }

    /// Reads them all.
    ///
    /// - Throws: `Failure`, or `SecretError`.
    package init(_ configuration: TokenIssuerConfiguration, resolver: SecretResolver) async throws {
        var secrets: [Redacted<[UInt8]>] = []
        for reference in configuration.drone?.secrets ?? [] {
            try Self.checkMode(of: reference)
            let secret = try await resolver.secret(reference, fresh: true)
            guard secret.reveal().count >= Self.minimumLength else {
                throw Failure(
                    "\(Self.name(of: reference)) is shorter than \(Self.minimumLength) bytes",
                    hint: "`openssl rand -hex 32` makes a good one"
                )
            }
            secrets.append(secret)
        }
        if let api = configuration.drone?.api { try Self.checkMode(of: api.token) }
        drone = secrets
        woodpecker = try configuration.woodpecker.map { [try Self.publicKey($0.publicKeyFile)] } ?? []
    }

    private static func publicKey(_ path: String) throws(Failure) -> VerifyingKey {
        guard let bytes = SmallFile.contents(of: path, limit: publicKeyLimit) else {
            throw Failure("cannot read `\(path)`")
        }
        guard let key = VerifyingKey(pem: bytes) else {
            throw Failure(
                "`\(path)` does not hold an Ed25519 public key in PEM",
                hint: "Woodpecker has it at /api/signature/public-key"
            )
        }
        return key
    }

    /// A secret that everybody on the machine can read, or a group can write, is none.
    private static func checkMode(of reference: SecretReference) throws(Failure) {
        guard case .file(let path) = reference else { return }
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_mode & 0o027 == 0 else {
            throw Failure("others may read or change the secret file `\(path)`", hint: "chmod 0600 \(path)")
        }
    }

    private static func name(of reference: SecretReference) -> String {
        switch reference {
        case .file(let path): "the secret of `\(path)`"
        case .environment(let name): "the secret in `\(name)`"
        case .command(let arguments, _): "what `\(arguments.first ?? "")` prints"
        }
    }
}
