import PosternCore
import PosternCrypto
import PosternUpstream
import Testing

struct SCRAMTests {
    // RFC 7677 section 3.
    private static let nonce = "rOprNGfwEbeRWgbNEkqO"
    private static let serverFirst =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    private static let clientFinal =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    private static let serverFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

    private func client(
        password: String = "pencil",
        binding: SCRAMClient.ChannelBinding = .none,
        cachedKeys: SCRAMKeys? = nil,
        maximumIterations: Int = 100_000
    ) -> SCRAMClient {
        SCRAMClient(
            login: "user",
            password: Redacted(Array(password.utf8)),
            binding: binding,
            nonce: Self.nonce,
            maximumIterations: maximumIterations,
            cachedKeys: cachedKeys,
            userName: "user"
        )
    }

    @Test func `the example of RFC 7677 comes out byte for byte`() throws {
        var client = client()
        #expect(client.clientFirst == Array("n,,n=user,r=rOprNGfwEbeRWgbNEkqO".utf8))
        guard case .derive(let derivation) = try client.receiveServerFirst(Array(Self.serverFirst.utf8)) else {
            Issue.record("no derivation asked for")
            return
        }
        #expect(try client.install(derivation.run()) == Array(Self.clientFinal.utf8))
        #expect(!client.isVerified)
        try client.receiveServerFinal(Array(Self.serverFinal.utf8))
        #expect(client.isVerified)
    }

    @Test func `cached keys skip the derivation while login, password, salt and iterations are the same`() throws {
        var first = client()
        guard case .derive(let derivation) = try first.receiveServerFirst(Array(Self.serverFirst.utf8)) else {
            Issue.record("no derivation asked for")
            return
        }
        let keys = derivation.run()
        var second = client(cachedKeys: keys)
        #expect(
            try second.receiveServerFirst(Array(Self.serverFirst.utf8)) == .respond(Array(Self.clientFinal.utf8))
        )
        #expect(second.keys == keys)
        let otherSalt = Self.serverFirst.replacing("W22Z", with: "W22Y")
        let otherCount = Self.serverFirst.replacing("4096", with: "4097")
        for (password, challenge) in [("pencils", Self.serverFirst), ("pencil", otherSalt), ("pencil", otherCount)] {
            var other = client(password: password, cachedKeys: keys)
            guard case .derive = try other.receiveServerFirst(Array(challenge.utf8)) else {
                Issue.record("keys of another origin were used")
                continue
            }
        }
    }

    @Test func `keys of another origin cannot be installed`() throws {
        var client = client()
        _ = try client.receiveServerFirst(Array(Self.serverFirst.utf8))
        var other = self.client(password: "pen")
        guard case .derive(let derivation) = try other.receiveServerFirst(Array(Self.serverFirst.utf8)) else { return }
        #expect(throws: SCRAMError.order) { _ = try client.install(derivation.run()) }
    }

    @Test(arguments: [
        ("", SCRAMError.malformed),
        ("e=other-error", .malformed),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==", .malformed),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,m=x", .malformed),
        ("m=x,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", .malformed),
        ("s=W22ZaJ0SNY7soEsUEjb6gQ==,r=rOprNGfwEbeRWgbNEkqOx,i=4096", .malformed),
        ("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", .nonce),
        ("r=XrOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", .nonce),
        ("r=rOprNGfwEbeRWgbNEkq,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", .nonce),
        ("r=,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", .nonce),
        ("r=rOprNGfwEbeRWgbNEkqO\u{1},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", .nonce),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096", .salt),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=!!!!,i=4096", .salt),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ,i=4096", .salt),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=0", .malformed),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=", .malformed),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=-4096", .malformed),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=04096", .malformed),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4096x", .malformed),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=9999999999999999999999", .malformed),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=1", .iterations(1)),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4095", .iterations(4095)),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=100001", .iterations(100_001)),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=999999999", .iterations(999_999_999)),
    ])
    func `a challenge that breaks a rule is refused`(message: String, error: SCRAMError) {
        var client = client()
        #expect(throws: error) { _ = try client.receiveServerFirst(Array(message.utf8)) }
        #expect(throws: SCRAMError.order) { _ = try client.receiveServerFirst(Array(Self.serverFirst.utf8)) }
    }

    @Test(arguments: [
        ("", SCRAMError.malformed), ("v=", .serverSignature), ("v=!", .malformed),
        ("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", .malformed),
        ("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", .serverSignature),
        ("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=,x=1", .malformed),
        ("e=invalid-proof", .server("invalid-proof")),
    ])
    func `a server that cannot prove itself is refused`(message: String, error: SCRAMError) throws {
        var client = client()
        guard case .derive(let derivation) = try client.receiveServerFirst(Array(Self.serverFirst.utf8)) else { return }
        _ = try client.install(derivation.run())
        #expect(throws: error) { try client.receiveServerFinal(Array(message.utf8)) }
        #expect(!client.isVerified)
        #expect(throws: SCRAMError.order) { try client.receiveServerFinal(Array(Self.serverFinal.utf8)) }
    }

    @Test func `messages out of order are refused`() throws {
        var early = client()
        #expect(throws: SCRAMError.order) { try early.receiveServerFinal(Array(Self.serverFinal.utf8)) }
        var twice = client()
        _ = try twice.receiveServerFirst(Array(Self.serverFirst.utf8))
        #expect(throws: SCRAMError.order) { _ = try twice.receiveServerFirst(Array(Self.serverFirst.utf8)) }
    }

    @Test(arguments: [
        (SCRAMClient.ChannelBinding.none, "SCRAM-SHA-256", "n,,", "c=biws,"),
        (.notOffered, "SCRAM-SHA-256", "y,,", "c=eSws,"),
        (
            .serverEndPoint([1, 2, 3]), "SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,",
            "c=" + Base64.encode(Array("p=tls-server-end-point,,".utf8) + [1, 2, 3]) + ","
        ),
    ])
    func `channel binding stands in both messages`(
        binding: SCRAMClient.ChannelBinding,
        mechanism: String,
        header: String,
        field: String
    ) throws {
        var client = client(binding: binding)
        #expect(client.mechanism == mechanism)
        #expect(String(decoding: client.clientFirst, as: UTF8.self).hasPrefix(header + "n=user,"))
        guard case .derive(let derivation) = try client.receiveServerFirst(Array(Self.serverFirst.utf8)) else { return }
        let response = try client.install(derivation.run())
        #expect(String(decoding: response, as: UTF8.self).hasPrefix(field))
    }

    @Test func `nonces have 18 random bytes`() {
        var generator = SystemRandomNumberGenerator()
        let nonces = (0..<50).map { _ in SCRAMClient.makeNonce(using: &generator) }
        #expect(Set(nonces).count == 50)
        #expect(nonces.allSatisfy { Base64.decode(Array($0.utf8), .standard)?.count == 18 })
    }

    @Test func `keys do not show themselves`() throws {
        var client = client()
        guard case .derive(let derivation) = try client.receiveServerFirst(Array(Self.serverFirst.utf8)) else { return }
        #expect(!"\(derivation)".contains("112, 101, 110"))
        #expect("\(derivation.run())".contains("clientKey: <redacted>"))
    }

    /// Computed with Python's hashlib.
    @Test func `the MD5 response is the digest of a digest`() {
        let response = MD5Password.response(
            login: "md5_user",
            password: Array("password".utf8),
            salt: [42, 61, 141, 90]
        )
        #expect(String(decoding: response, as: UTF8.self) == "md562d68ce18db7de30ad1d06316d9fde69")
    }
}
