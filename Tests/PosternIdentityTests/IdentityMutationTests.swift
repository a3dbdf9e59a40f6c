import PosternFuzz
import PosternIdentity
import Testing

/// A short run of what `make fuzz` does for long, the same each time.
struct IdentityMutationTests {
    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fuzz/corpus"
    private static let targets: [FuzzTarget] = [.token, .bearer, .keys, .discovery, .kept]

    init() { FuzzKeys.load([Self.folder]) }

    @Test(arguments: targets)
    func `what holds for any text holds for some that are nearly good`(target: FuzzTarget) {
        let corpus = Corpus.read([Self.folder], for: target)
        #expect(corpus.count >= 5)
        for text in corpus { #expect(target.fault(of: text) == nil) }
        let mutator = Mutator(corpus: corpus, vocabulary: target.vocabulary, seed: 15)
        for text in (0..<600).lazy.map(mutator.input) {
            let fault = target.fault(of: text)
            #expect(fault == nil, "\(String(decoding: text.prefix(200), as: UTF8.self))")
        }
    }

    @Test func `texts to begin with are good ones, so that mutations are nearly good`() throws {
        for text in Corpus.read([Self.folder], for: .keys) { #expect(throws: Never.self) { try KeySet.parse(text) } }
        for text in Corpus.read([Self.folder], for: .discovery) {
            #expect(throws: Never.self) { try DiscoveryDocument.parse(text, issuer: "https://issuer.example") }
        }
    }
}
