package import PosternCore
internal import PosternCrypto

/// Why a server's part of SCRAM is not accepted.
package enum SCRAMError: Error, Hashable, Sendable {
    case malformed
    /// The server's nonce does not continue ours.
    case nonce
    /// An empty or oversized salt.
    case salt
    case iterations(Int)
    /// The server does not know the password either: it is not the one that we mean.
    case serverSignature
    /// The server's `e=`; the value is the server's and for the log only.
    case server(String)
    /// A message that has no place now.
    case order
}

/// The client's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677) as PostgreSQL speaks it.
package struct SCRAMClient: Sendable {
    /// The GS2 header's statement about channel binding (RFC 5802 section 6).
    package enum ChannelBinding: Hashable, Sendable {
        /// `n`: the client does none.
        case none
        /// `y`: the client could, and thinks that the server cannot. A server that can will notice the man between.
        case notOffered
        /// `p=tls-server-end-point` (RFC 5929 section 4.1) with the digest of the server's certificate.
        case serverEndPoint([UInt8])

        package var mechanism: String {
            switch self {
            case .none, .notOffered: "SCRAM-SHA-256"
            case .serverEndPoint: "SCRAM-SHA-256-PLUS"
            }
        }

        fileprivate var header: String {
            switch self {
            case .none: "n,,"
            case .notOffered: "y,,"
            case .serverEndPoint: "p=tls-server-end-point,,"
            }
        }

        fileprivate var input: [UInt8] {
            switch self {
            case .none, .notOffered: Array(header.utf8)
            case .serverEndPoint(let digest): Array(header.utf8) + digest
            }
        }
    }

    package enum Step: Hashable, Sendable {
        /// Run this away from the loop, then call `install(_:)`.
        case derive(SCRAMDerivation)
        /// The client-final-message.
        case respond([UInt8])
    }

    private struct Challenge: Sendable {
        let nonce: String
        let salt: [UInt8]
        let iterations: Int
        let message: [UInt8]
    }

    private enum State: Sendable {
        /// Can transition to: awaitingKeys, awaitingServerFinal, failed.
        case awaitingServerFirst
        /// PBKDF2 runs elsewhere. Can transition to: awaitingServerFinal, failed.
        case awaitingKeys(Challenge, SCRAMKeys.Origin)
        /// Can transition to: verified, failed.
        case awaitingServerFinal(signature: [UInt8])
        /// The server has proved that it knows the password. Final.
        case verified
        /// Final.
        case failed
    }

    /// Random bytes behind the nonce; 18 is what PostgreSQL takes and 24 characters in base64.
    package static let nonceByteCount = 18
    /// RFC 7677 section 4 wants 4096 at least; less makes guessing the password from a proof cheap.
    package static let minimumIterations = 4096
    /// PostgreSQL's salts have 16 bytes.
    static let saltLimit = 1024

    private let login: String
    private let password: Redacted<[UInt8]>
    private let binding: ChannelBinding
    private let nonce: String
    private let maximumIterations: Int
    private let cachedKeys: SCRAMKeys?
    private let firstBare: String
    private var state = State.awaitingServerFirst

    /// The keys of this login, once they are known.
    package private(set) var keys: SCRAMKeys?

    /// - Parameters:
    ///   - nonce: printable ASCII without a comma, fresh and random (RFC 5802 section 5.1).
    ///   - userName: PostgreSQL takes the name from the startup packet and wants this empty.
    package init(
        login: String,
        password: Redacted<[UInt8]>,
        binding: ChannelBinding,
        nonce: String,
        maximumIterations: Int,
        cachedKeys: SCRAMKeys? = nil,
        userName: String = ""
    ) {
        self.login = login
        self.password = password
        self.binding = binding
        self.nonce = nonce
        self.maximumIterations = maximumIterations
        self.cachedKeys = cachedKeys
        firstBare = "n=\(userName),r=\(nonce)"
    }

    /// A nonce from a generator of random numbers.
    package static func makeNonce(using generator: inout some RandomNumberGenerator) -> String {
        Base64.encode((0..<nonceByteCount).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    package var mechanism: String { binding.mechanism }

    /// Whether the login is bound to the TLS channel.
    package var isBound: Bool {
        switch binding {
        case .serverEndPoint: true
        case .none, .notOffered: false
        }
    }

    /// The client-first-message.
    package var clientFirst: [UInt8] { Array((binding.header + firstBare).utf8) }

    /// Whether the server's signature has been checked: nothing but this makes a login complete.
    package var isVerified: Bool {
        switch state {
        case .verified: true
        case .awaitingServerFirst, .awaitingKeys, .awaitingServerFinal, .failed: false
        }
    }

    package mutating func receiveServerFirst(_ message: [UInt8]) throws(SCRAMError) -> Step {
        guard case .awaitingServerFirst = state else { throw .order }
        state = .failed
        let challenge = try parse(message)
        let origin = SCRAMKeys.Origin(
            login: login,
            password: password,
            salt: challenge.salt,
            iterations: challenge.iterations
        )
        if let cachedKeys, cachedKeys.origin == origin { return .respond(respond(to: challenge, with: cachedKeys)) }
        state = .awaitingKeys(challenge, origin)
        return .derive(
            SCRAMDerivation(
                login: login,
                password: password,
                salt: challenge.salt,
                iterations: challenge.iterations
            )
        )
    }

    /// Takes what the derivation made.
    /// - Returns: the client-final-message.
    package mutating func install(_ keys: SCRAMKeys) throws(SCRAMError) -> [UInt8] {
        guard case .awaitingKeys(let challenge, let origin) = state, keys.origin == origin else {
            state = .failed
            throw .order
        }
        return respond(to: challenge, with: keys)
    }

    package mutating func receiveServerFinal(_ message: [UInt8]) throws(SCRAMError) {
        guard case .awaitingServerFinal(let expected) = state else {
            state = .failed
            throw .order
        }
        state = .failed
        guard let text = String(validating: message, as: UTF8.self) else { throw .malformed }
        if text.utf8.starts(with: "e=".utf8) { throw .server(String(decoding: message.dropFirst(2), as: UTF8.self)) }
        guard text.utf8.starts(with: "v=".utf8), let signature = Base64.decode(message.dropFirst(2), .standard) else {
            throw .malformed
        }
        guard equalInConstantTime(signature, expected) else { throw .serverSignature }
        state = .verified
    }

    /// `r=…,s=…,i=…` and nothing else: an extension that we do not know could change the meaning of the rest.
    private func parse(_ message: [UInt8]) throws(SCRAMError) -> Challenge {
        let parts = message.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].starts(with: "r=".utf8), parts[1].starts(with: "s=".utf8),
            parts[2].starts(with: "i=".utf8)
        else { throw .malformed }
        let serverNonce = parts[0].dropFirst(2)
        guard serverNonce.allSatisfy({ 0x21...0x7E ~= $0 }), serverNonce.count > nonce.utf8.count,
            serverNonce.starts(with: nonce.utf8)
        else { throw .nonce }
        guard let salt = Base64.decode(parts[1].dropFirst(2), .standard), !salt.isEmpty, salt.count <= Self.saltLimit
        else { throw .salt }
        let digits = parts[2].dropFirst(2)
        // Eighteen digits fit an Int; a leading zero or sign is a second spelling.
        guard 1...18 ~= digits.count, digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { throw .malformed }
        let iterations = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard iterations >= Self.minimumIterations, iterations <= maximumIterations else {
            throw .iterations(iterations)
        }
        return Challenge(
            nonce: String(decoding: serverNonce, as: UTF8.self),
            salt: salt,
            iterations: iterations,
            message: message
        )
    }

    /// ClientProof and the ServerSignature to expect (RFC 5802 section 3).
    private mutating func respond(to challenge: Challenge, with keys: SCRAMKeys) -> [UInt8] {
        let withoutProof = "c=\(Base64.encode(binding.input)),r=\(challenge.nonce)"
        let comma = UInt8(ascii: ",")
        let authMessage = Array(firstBare.utf8) + [comma] + challenge.message + [comma] + Array(withoutProof.utf8)
        let clientKey = keys.clientKey.reveal()
        let storedKey = Digest.sha256.hash(clientKey)
        let clientSignature = Digest.sha256.authenticationCode(of: authMessage, key: storedKey)
        let proof = zip(clientKey, clientSignature).map { $0 ^ $1 }
        let signature = Digest.sha256.authenticationCode(of: authMessage, key: keys.serverKey.reveal())
        self.keys = keys
        state = .awaitingServerFinal(signature: signature)
        return Array("\(withoutProof),p=\(Base64.encode(proof))".utf8)
    }
}
