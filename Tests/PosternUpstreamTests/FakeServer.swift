import PosternCore
import PosternCrypto
import PosternUpstream
import PostgresWire
import Testing

/// The server's side of SCRAM, for scripts.
struct SCRAMServer {
    var password = "secret"
    var salt: [UInt8] = Array(1...16)
    var iterations = 4096
    var nonceTail = "SERVERNONCE"
    private(set) var firstBare = ""
    private(set) var first = ""

    init() {}

    /// - Parameter message: a whole SASLInitialResponse.
    mutating func challenge(to message: [UInt8]) -> BackendMessage {
        let text = String(decoding: message, as: UTF8.self)
        firstBare = text.components(from: "n=,r=")
        let nonce = String(firstBare.dropFirst(5))
        first = "r=\(nonce)\(nonceTail),s=\(Base64.encode(salt)),i=\(iterations)"
        return .authentication(.saslContinue(Array(first.utf8)))
    }

    /// - Parameter message: a whole SASLResponse with the proof.
    func signature(for message: [UInt8]) -> BackendMessage {
        let final = String(decoding: message.dropFirst(5), as: UTF8.self)
        let withoutProof = final.prefix(upTo: final.ranges(of: ",p=").first?.lowerBound ?? final.endIndex)
        let salted = Digest.sha256.pbkdf2(password: Array(password.utf8), salt: salt, iterations: iterations)
        let key = Digest.sha256.authenticationCode(of: "Server Key".utf8, key: salted)
        let signed = "\(firstBare),\(first),\(withoutProof)"
        let signature = Digest.sha256.authenticationCode(of: signed.utf8, key: key)
        return .authentication(.saslFinal(Array("v=\(Base64.encode(signature))".utf8)))
    }
}

extension String {
    fileprivate func components(from marker: String) -> String {
        ranges(of: marker).first.map { String(self[$0.lowerBound...]) } ?? ""
    }
}

/// What a server sends behind AuthenticationOk.
enum Greeting {
    static let parameters = [
        ParameterStatus(name: "client_encoding", value: "UTF8"), ParameterStatus(name: "is_superuser", value: "off"),
        ParameterStatus(name: "server_version", value: "15.20"),
    ]

    static let whole: [BackendMessage] =
        [.authentication(.ok)] + parameters.map(BackendMessage.parameterStatus) + [key(4), .readyForQuery(.idle)]

    static func key(_ length: Int) -> BackendMessage {
        guard let key = CancelKey(processID: 77, secret: [UInt8](repeating: 5, count: length)) else {
            return .readyForQuery(.idle)
        }
        return .backendKeyData(key)
    }
}

func bytes(_ messages: [BackendMessage]) -> [UInt8] { messages.flatMap(\.encoded) }

extension LoginPlan {
    static func test(
        methods: Set<AuthenticationMethod> = [.scramSHA256],
        mode: UpstreamEncryption.Mode = .disable,
        negotiation: UpstreamEncryption.Negotiation = .postgres,
        password: String? = "secret",
        offersLongCancelKeys: Bool = false
    ) -> LoginPlan {
        LoginPlan(
            login: "migrator",
            password: password.map { Redacted(Array($0.utf8)) },
            database: "orders",
            encryption: UpstreamEncryption(mode: mode, negotiation: negotiation),
            methods: methods,
            parameters: [StartupSetting("application_name", "postern")],
            offersLongCancelKeys: offersLongCancelKeys
        )
    }
}

/// Records an issue and returns nothing, so that a guard can end with it.
func report(_ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation) {
    Issue.record(comment, sourceLocation: sourceLocation)
}
