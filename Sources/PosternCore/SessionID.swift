/// The name of a session: 16 characters of `0-9a-z`, unique for all practical purposes (82 bits).
///
/// It stands in every refusal, in the journal and in the upstream `application_name`, where
/// `postern/<role>/<session>` must fit PostgreSQL's 63 bytes.
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
    package static let length = 16
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)

    private let text: String

    /// Makes a new id from a generator of random numbers.
    package init(using generator: inout some RandomNumberGenerator) {
        let letters = (0..<Self.length).map { _ in
            Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)]
        }
        text = String(decoding: letters, as: UTF8.self)
    }

    /// Makes a new id from the system's random source.
    package init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    /// Takes an id that was written down; nil when it is not 16 characters of the alphabet.
    package init?(_ text: String) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy(Self.alphabet.contains) else { return nil }
        self.text = text
    }

    package var description: String { text }
}
