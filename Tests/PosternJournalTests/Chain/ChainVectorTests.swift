import PosternCore
import PosternCrypto
import PosternJournal
import Testing

@Suite struct ChainVectorTests {
    @Test func `a chain that other tools wrote is intact`() throws {
        let key = try #require(Base64.decode(ChainVector.publicKey.utf8, .standard).flatMap { VerifyingKey(raw: $0) })
        let state = try #require(ChainState(Array(ChainVector.state.utf8), keys: [key]))
        let report = verifyChain([Array(ChainVector.records.utf8)], state: .state(state), keys: [key])
        #expect(report.findings == [])
        #expect(report.records == 4 && report.lastCheckpoint?.seq == 2 && report.uncovered == 1)
    }

    @Test func `the encoder writes the same bytes`() throws {
        let lines = ChainVector.records.split(separator: "\n").map { Array($0.utf8) }
        let frame = try #require(RecordFrame(lines[1]))
        let start = try #require(RecordFrame(lines[0]))
        var encoder = RecordEncoder(chain: frame.chain)
        let hash = encoder.encode(
            in: HashChain(after: start.position),
            time: Timestamp(microseconds: 1_795_224_581_250_000),
            event: "session.cancel"
        ) {
            $0.text("session", "k3j9x0a81b2c4d5e")
            $0.text("source", "192.0.2.7 \u{7} \"é\"")
        }
        #expect(encoder.lines == lines[1] + [10])
        #expect(hash == frame.hash)
    }
}
