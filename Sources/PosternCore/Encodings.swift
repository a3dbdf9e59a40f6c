/// Hexadecimal and base64 text, strict on input: what two decoders could read differently is refused.
package enum Hex {
    /// Whether it is a lower-case hexadecimal digit.
    package static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || byte &- UInt8(ascii: "a") < 6
    }

    /// Lower-case hexadecimal.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (index, byte) in bytes.enumerated() {
                text[2 * index] = digit(byte >> 4)
                text[2 * index + 1] = digit(byte & 15)
            }
            return bytes.count * 2
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

package enum Base64 {
    package enum Alphabet: Sendable {
        /// RFC 4648 section 4, with padding.
        case standard
        /// RFC 4648 section 5 without padding, as JOSE uses it (RFC 7515 section 2).
        case url

        fileprivate var letters: [UInt8] {
            switch self {
            case .standard: Base64.standardLetters
            case .url: Base64.urlLetters
            }
        }

        fileprivate var values: [UInt8] {
            switch self {
            case .standard: Base64.standardValues
            case .url: Base64.urlValues
            }
        }
    }

    private static let common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    fileprivate static let standardLetters = Array((common + "+/").utf8)
    fileprivate static let urlLetters = Array((common + "-_").utf8)
    fileprivate static let standardValues = values(of: standardLetters)
    fileprivate static let urlValues = values(of: urlLetters)
    private static let invalid: UInt8 = 0xFF

    private static func values(of letters: [UInt8]) -> [UInt8] {
        var table = [UInt8](repeating: invalid, count: 256)
        for (value, letter) in letters.enumerated() { table[Int(letter)] = UInt8(value) }
        return table
    }

    package static func encode(_ bytes: some Collection<UInt8>, _ alphabet: Alphabet = .standard) -> String {
        let letters = alphabet.letters
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var held: UInt32 = 0
        var bits = 0
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(letters[Int(held >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { text.append(letters[Int(held << UInt32(6 - bits) & 63)]) }
        if alphabet == .standard { while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) } }
        return String(decoding: text, as: UTF8.self)
    }

    /// Decodes text of exactly this alphabet: no white space, padding as the alphabet has it, zero trailing bits.
    ///
    /// - Returns: nil when there is a second way to write the same bytes, or none.
    package static func decode(_ text: some BidirectionalCollection<UInt8>, _ alphabet: Alphabet) -> [UInt8]? {
        var body = text[...]
        if alphabet == .standard {
            guard text.count % 4 == 0 else { return nil }
            for _ in 0..<2 where body.last == UInt8(ascii: "=") { body = body.dropLast() }
        }
        guard body.count % 4 != 1 else { return nil }
        let values = alphabet.values
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count * 3 / 4)
        var held: UInt32 = 0
        var bits = 0
        for letter in body {
            let value = values[Int(letter)]
            guard value != invalid else { return nil }
            held = (held << 6 | UInt32(value)) & 0xFF_FFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
            }
        }
        guard held & (1 << UInt32(bits) - 1) == 0 else { return nil }
        return bytes
    }
}
