import PosternCore
import PosternIdentity
import PosternTestKit
import Testing

struct KeptKeySetTests {
    private static let mint = Result { try TokenMint(.edDSA) }
    private let fetchedAt = Timestamp(seconds: 1_795_224_580)

    private func settings(
        issuer: String = "https://issuer.example",
        keys: KeySource = .discovery
    ) -> IssuerSettings {
        IssuerSettings(name: "ci", issuer: issuer, audience: "a", keys: keys)
    }

    private func origin(_ settings: IssuerSettings? = nil, caFile: [UInt8]? = nil) throws -> KeptKeySet.Origin {
        try #require(KeptKeySet.Origin(settings ?? self.settings(), caFile: caFile))
    }

    private func kept() throws -> (bytes: [UInt8], keySet: KeySet) {
        let keySet = try KeySet.parse(Array(Self.mint.get().keySetText().utf8))
        return (KeptKeySet.encode(keySet, of: try origin(), fetchedAt: fetchedAt), keySet)
    }

    private func refusal(
        _ bytes: [UInt8],
        _ origin: KeptKeySet.Origin? = nil,
        after age: Duration = .zero
    ) throws -> KeptKeySet.Refusal? {
        let origin = try origin ?? self.origin()
        do throws(KeptKeySet.Refusal) {
            _ = try KeptKeySet.read(bytes, of: origin, now: fetchedAt.advanced(by: age))
            return nil
        } catch {
            return error
        }
    }

    @Test func `what was kept comes back`() throws {
        let (bytes, keySet) = try kept()
        let read = try KeptKeySet.read(bytes, of: try origin(), now: fetchedAt.advanced(by: .seconds(5)))
        #expect(read.keySet.identity == keySet.identity)
        #expect(read.keySet.document == keySet.document)
        #expect(read.fetchedAt == fetchedAt)
        #expect(bytes.last == 0x0A)
    }

    @Test(
        arguments: [
            (0, nil), (86_400, nil), (86_401, .tooOld), (-1, .fromTheFuture), (400 * 86_400, .tooOld),
        ] as [(Int, KeptKeySet.Refusal?)]
    )
    func `it is believed for a day by the machine's clock`(seconds: Int, refusal: KeptKeySet.Refusal?) throws {
        #expect(try self.refusal(kept().bytes, after: .seconds(seconds)) == refusal)
    }

    @Test func `it is believed for one issuer, source and authority alone`() throws {
        let bytes = try kept().bytes
        let url = try #require(HTTPSURL("https://issuer.example/jwks"))
        let others = [
            try origin(settings(issuer: "https://issuer.example/")), try origin(settings(keys: .jwksURI(url))),
            try origin(caFile: [1, 2, 3]), try origin(caFile: []),
        ]
        for other in others { #expect(try refusal(bytes, other) == .otherOrigin) }
        #expect(Set(others).count == others.count)
        #expect(KeptKeySet.Origin(settings(keys: .file(path: "/jwks.json")), caFile: nil) == nil)
    }

    @Test func `a changed byte makes it nothing, or leaves what counts`() throws {
        let (bytes, keySet) = try kept()
        let origin = try origin()
        for index in bytes.indices {
            for change in [bytes[index] ^ 1, bytes[index] ^ 0x20] {
                var bad = bytes
                bad[index] = change
                // The time alone has other good spellings; it may not become younger than the clock.
                guard let read = try? KeptKeySet.read(bad, of: origin, now: fetchedAt) else { continue }
                #expect(read.keySet.identity == keySet.identity)
                #expect(read.fetchedAt <= fetchedAt)
            }
        }
        for count in bytes.indices.dropLast() { #expect(try refusal(Array(bytes[..<count])) != nil) }
    }

    @Test(arguments: ["", "{}", "[]", #"{"v":2}"#, "\0", #"{"v":1,"issuer":"https://issuer.example"}"#])
    func `what is no kept key set is damaged or another's`(text: String) throws {
        #expect(try refusal(Array(text.utf8)) != nil)
    }

    @Test func `a set whose every byte must be escaped fits`() throws {
        let text = try Self.mint.get().keySetText()
        let padded = Array(text.utf8) + [UInt8](repeating: 0x0A, count: KeySet.byteLimit - text.utf8.count)
        let keySet = try KeySet.parse(padded)
        let bytes = KeptKeySet.encode(keySet, of: try origin(), fetchedAt: fetchedAt)
        #expect(bytes.count <= KeptKeySet.byteLimit)
        #expect(try refusal(bytes) == nil)
    }
}
