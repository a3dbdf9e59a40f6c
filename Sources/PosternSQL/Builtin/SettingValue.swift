/// Values of configuration parameters, read as PostgreSQL reads them.
enum SettingValue {
    /// PostgreSQL compares names of encodings by their letters and digits alone, without case.
    static func isUTF8(_ value: SettingChange.Value) -> Bool {
        guard case .constants(let texts) = value, texts.count == 1 else { return false }
        let letters = lowered(texts[0]).filter { isLetter($0) || isDigit($0) }
        return letters.elementsEqual("utf8".utf8) || letters.elementsEqual("unicode".utf8)
    }

    /// PostgreSQL takes `true`, `yes` and `on` by any beginning that is no beginning of another word, and `1`.
    static func isOn(_ value: SettingChange.Value) -> Bool {
        guard case .constants(let texts) = value, texts.count == 1 else { return false }
        let word = lowered(texts[0])
        return switch word.first {
        case UInt8(ascii: "t"): Array("true".utf8).starts(with: word)
        case UInt8(ascii: "y"): Array("yes".utf8).starts(with: word)
        case UInt8(ascii: "o"): word.elementsEqual("on".utf8)
        case UInt8(ascii: "1"): word.count == 1
        default: false
        }
    }

    private static func lowered(_ text: String) -> [UInt8] {
        text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
