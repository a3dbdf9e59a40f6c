/// Makes texts that are nearly what a reader expects. Input number n of a seed and a corpus is the same text wherever it
/// is made.
package struct Mutator: Sendable {
    /// Texts grow up to this many bytes.
    package static let maximumSize = 256 * 1024

    private let corpus: [[UInt8]]
    private let vocabulary: Vocabulary
    private let seed: UInt64

    /// - Precondition: the corpus holds a text.
    package init(corpus: [[UInt8]], vocabulary: Vocabulary = .sql, seed: UInt64) {
        precondition(!corpus.isEmpty, "there must be something to mutate")
        self.corpus = corpus
        self.vocabulary = vocabulary
        self.seed = seed
    }

    package func input(_ number: Int) -> [UInt8] {
        var random = SplitMix(seed: seed &* 0x1_0000_0001 ^ UInt64(truncatingIfNeeded: number))
        var text = pick(corpus, &random)
        // Half of the texts differ in one place; few in many, since those seldom get past the grammar.
        repeat {
            mutate(&text, &random)
            if text.count > Self.maximumSize { text.removeLast(text.count - Self.maximumSize) }
        } while Bool.random(using: &random)
        return text
    }

    private func mutate(_ text: inout [UInt8], _ random: inout SplitMix) {
        let (place, range) = (index(text, &random), range(text, &random))
        switch Int.random(in: 0..<16, using: &random) {
        case 0: if place < text.count { text[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 1: text.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: text.removeSubrange(range)
        case 3: text.insert(contentsOf: text[range], at: place)
        case 4: repeatPart(&text, range, &random)
        case 5, 6: text.insert(contentsOf: pick(vocabulary.words, &random), at: place)
        case 7, 8: text.replaceSubrange(word(text, at: place), with: pick(vocabulary.words, &random))
        case 9: text.replaceSubrange(word(text, at: place), with: text[word(text, at: index(text, &random))])
        case 10: splice(&text, at: place, &random)
        case 11: text += vocabulary.separator + pick(corpus, &random)
        case 12, 13: wrap(&text, &random)
        case 14: enclose(&text, range, &random)
        default: if place < text.count { text[place] = Self.turned(text[place]) }
        }
    }

    /// Another letter case, as unquoted names allow it.
    private static func turned(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): byte ^ 0x20
        default: byte
        }
    }

    /// Depth and length are what parsers die of.
    private func repeatPart(_ text: inout [UInt8], _ range: Range<Int>, _ random: inout SplitMix) {
        guard !range.isEmpty else { return }
        let most = pick([2, 8, 64, 1024, 16_384], &random)
        let count = min(Int.random(in: 1...most, using: &random), Self.maximumSize / range.count)
        let part = Array(text[range])
        text.insert(contentsOf: Array(repeatElement(part, count: count).joined()), at: range.upperBound)
    }

    private func splice(_ text: inout [UInt8], at place: Int, _ random: inout SplitMix) {
        let other = pick(corpus, &random)
        text.replaceSubrange(place..., with: other[index(other, &random)...])
    }

    private func wrap(_ text: inout [UInt8], _ random: inout SplitMix) {
        let (before, after) = pick(vocabulary.wrappers, &random)
        text = Array(before.utf8) + text + Array(after.utf8)
    }

    private func enclose(_ text: inout [UInt8], _ range: Range<Int>, _ random: inout SplitMix) {
        let (before, after) = pick(vocabulary.brackets, &random)
        let count = pick([1, 1, 2, 5, 100, 600], &random)
        text.insert(contentsOf: Array(repeatElement(Array(after.utf8), count: count).joined()), at: range.upperBound)
        text.insert(contentsOf: Array(repeatElement(Array(before.utf8), count: count).joined()), at: range.lowerBound)
    }

    // MARK: Places

    private func index(_ text: [UInt8], _ random: inout SplitMix) -> Int {
        Int.random(in: 0...text.count, using: &random)
    }

    private func range(_ text: [UInt8], _ random: inout SplitMix) -> Range<Int> {
        let (one, two) = (index(text, &random), index(text, &random))
        let (low, high) = (min(one, two), max(one, two))
        // Short ones mostly.
        return Bool.random(using: &random) ? low..<high : low..<min(high, low + 8)
    }

    /// The word at a place: letters, digits, `_`, or one other byte.
    private func word(_ text: [UInt8], at place: Int) -> Range<Int> {
        guard place < text.count else { return text.count..<text.count }
        guard Self.isWord(text[place]) else { return place..<place + 1 }
        let start = text[..<place].lastIndex { !Self.isWord($0) }.map { $0 + 1 } ?? 0
        return start..<(text[place...].firstIndex { !Self.isWord($0) } ?? text.count)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        turned(byte) != byte || byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private func pick<Element>(_ choices: [Element], _ random: inout SplitMix) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }
}
