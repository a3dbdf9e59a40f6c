import PosternFuzz
import PosternSQL
import Testing

/// A short run of what `make fuzz` does for long, the same each time.
struct MutationTests {
    private static let corpus = Corpus.read([folder])

    private static var folder: String {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/") + "/Fuzz/corpus"
    }

    @Test func `statements to begin with are all understood`() throws {
        #expect(Self.corpus.count > 70)
        let faults = Faults()
        let ran = LargeStack.run {
            for text in Self.corpus {
                do throws(AnalysisError) {
                    _ = try SQLAnalyzer.analyze(text)
                } catch {
                    faults.note("\(error)", text)
                }
            }
        }
        #expect(ran)
        #expect(faults.found == [])
    }

    @Test func `what holds for any text holds for some that are nearly SQL`() throws {
        let mutator = Mutator(corpus: Self.corpus, seed: 15)
        let faults = Faults()
        let ran = LargeStack.run {
            for text in (0..<1500).lazy.map(mutator.input) { faults.note(Probe.fault(of: text), text) }
        }
        #expect(ran)
        #expect(faults.found == [])
    }

    @Test func `an input depends on its seed and number alone`() {
        let mutator = Mutator(corpus: Self.corpus, seed: 1)
        let again = Mutator(corpus: Self.corpus, seed: 1)
        let inputs = (0..<200).map(mutator.input)
        #expect(inputs == (0..<200).reversed().map(again.input).reversed())
        #expect(Set(inputs).count > 190)
        #expect(inputs.allSatisfy { $0.count <= Mutator.maximumSize })
    }

    /// What the thread brings back to the test that waits for it.
    private final class Faults {
        private(set) var found: [String] = []

        func note(_ fault: String?, _ text: [UInt8]) {
            if let fault { found.append("\(fault): \(String(decoding: text.prefix(200), as: UTF8.self))") }
        }
    }
}
