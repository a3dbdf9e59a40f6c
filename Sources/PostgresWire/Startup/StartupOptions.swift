/// The `options` key: PostgreSQL's command-line switches, of which only settings are accepted.
enum StartupOptions {
    /// Words in `options` at most; a packet of 10,000 bytes could hold thousands.
    static let wordLimit = 128

    /// Splits as `pg_split_opts` does: white space parts words, a backslash takes the next byte as it is.
    static func split(_ text: String) throws(Refusal) -> [String] {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        var isInWord = false
        var isEscaped = false
        for byte in text.utf8 {
            if isWhiteSpace(byte), !isEscaped {
                if isInWord { words.append(word) }
                word = []
                isInWord = false
            } else if byte == UInt8(ascii: "\\"), !isEscaped {
                // A backslash begins a word even when nothing follows it.
                isInWord = true
                isEscaped = true
                continue
            } else {
                word.append(byte)
                isInWord = true
            }
            isEscaped = false
            guard words.count < wordLimit else {
                throw Refusal(.programLimitExceeded, "more than \(wordLimit) words in `options`")
            }
        }
        if isInWord { words.append(word) }
        return words.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads `-c name=value`, `-cname=value` and `--name=value`; refuses every other switch.
    static func settings(of text: String) throws(Refusal) -> [StartupSetting] {
        var settings: [StartupSetting] = []
        var words = try split(text)[...]
        while let word = words.popFirst() {
            if word == "-c" {
                guard let assignment = words.popFirst() else {
                    throw Refusal(.syntaxError, "`-c` in `options` requires a value")
                }
                settings.append(try setting(assignment))
            } else if word.utf8.starts(with: "-c".utf8) || word.utf8.starts(with: "--".utf8) {
                settings.append(try setting(String(decoding: word.utf8.dropFirst(2), as: UTF8.self)))
            } else {
                throw Refusal(
                    .insufficientPrivilege,
                    "`\(word.quotable)` in `options` is not allowed",
                    hint: "only `-c name=value` and `--name=value` are"
                )
            }
        }
        return settings
    }

    private static func setting(_ assignment: String) throws(Refusal) -> StartupSetting {
        guard let equals = assignment.utf8.firstIndex(of: UInt8(ascii: "=")), equals > assignment.startIndex else {
            throw Refusal(.syntaxError, "`\(assignment.quotable)` in `options` is not `name=value`")
        }
        // ParseLongOption (guc.c) reads `-` in a name as `_`.
        let name = assignment[..<equals].utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
        let value = assignment[assignment.utf8.index(after: equals)...]
        return StartupSetting(String(decoding: name, as: UTF8.self), String(value))
    }

    /// `isspace` of the C locale.
    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || 0x09...0x0D ~= byte
    }
}
