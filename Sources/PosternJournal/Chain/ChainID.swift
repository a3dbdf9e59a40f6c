internal import PosternCore
internal import PosternCrypto

/// The name of a chain: 128 random bits, written as 32 lower-case hexadecimal digits.
package struct ChainID: Hashable, Sendable, CustomStringConvertible {
    package static let textLength = 32

    private let text: String

    /// Makes a new id from the cryptographic random source.
    package init() {
        text = Hex.encode(SecureRandom.bytes(Self.textLength / 2))
    }

    /// Takes an id that was written down; nil when it is not 32 lower-case hexadecimal digits.
    package init?(_ text: some Collection<UInt8>) {
        guard text.count == Self.textLength, text.allSatisfy(HexDigit.isLowerCase) else { return nil }
        self.text = String(decoding: text, as: UTF8.self)
    }

    package var description: String { text }
}

/// Hexadecimal digits as the journal writes them: lower case only, so that a value has one spelling.
enum HexDigit {
    static func isLowerCase(_ byte: UInt8) -> Bool { value(of: byte) != nil }

    static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
