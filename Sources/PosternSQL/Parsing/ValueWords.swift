/// Finds the words of a text that are values although they have no quotes: `SET app.key = hunter2`.
///
/// Names of PostgreSQL's own settings have no dot, and none of them takes a secret word; what extensions and
/// applications call theirs may be anything.
struct ValueWords {
    private enum State {
        case none
        /// Behind SET; with the parts of the name so far, and whether another one must come.
        case name(parts: Int, isOpen: Bool)
        /// A value stands here.
        case value
        /// A comma makes it a list.
        case afterValue
        /// Behind a word that announces a secret.
        case secret
    }

    /// The text was not understood: whatever follows SET or the word for a secret may be one.
    private let isStrict: Bool
    private var state = State.none

    init(isStrict: Bool) {
        self.isStrict = isStrict
    }

    /// Takes the next token that is neither space nor comment.
    ///
    /// - Returns: whether it is a word that must not be kept.
    mutating func hides(_ lexer: Lexer) -> Bool {
        switch lexer.kind {
        case .word, .quotedName: return hidesWord(lexer)
        case .operators, .sign: takeSign(lexer)
        case .literal, .escapeLiteral, .bitLiteral, .unicodeLiteral, .dollarLiteral, .number, .parameter:
            valueEnded()
        case .space, .comment, .end: break
        }
        return false
    }

    private mutating func hidesWord(_ lexer: Lexer) -> Bool {
        switch state {
        case .value:
            valueEnded()
            return !Self.isHarmless(lexer)
        case .secret:
            if Self.leadsToSecret(lexer) { return false }
            state = .none
            return !lexer.isWord("null")
        case .name(0, _) where lexer.isWord("local") || lexer.isWord("session"): break
        case .name(let parts, isOpen: true): state = .name(parts: parts + 1, isOpen: false)
        case .name(let parts, isOpen: false) where lexer.isWord("to"): nameEnded(parts)
        case .none, .afterValue, .name:
            if lexer.isWord("set") {
                state = .name(parts: 0, isOpen: true)
            } else if isStrict, Self.announcesSecret(lexer) {
                state = .secret
            } else {
                state = .none
            }
        }
        return false
    }

    private mutating func takeSign(_ lexer: Lexer) {
        switch (state, lexer.first) {
        case (.name(let parts, isOpen: false), UInt8(ascii: "=")): nameEnded(parts)
        case (.name(let parts, isOpen: false), UInt8(ascii: ".")): state = .name(parts: parts, isOpen: true)
        case (.value, UInt8(ascii: "-")), (.value, UInt8(ascii: "+")): break
        case (.afterValue, UInt8(ascii: ",")): state = .value
        case (.value, _) where isStrict && lexer.first != UInt8(ascii: ";"): break
        case (.secret, _) where lexer.first != UInt8(ascii: ";"): break
        default: state = .none
        }
    }

    private mutating func nameEnded(_ parts: Int) {
        state = parts > 1 || isStrict ? .value : .none
    }

    private mutating func valueEnded() {
        switch state {
        case .value: state = isStrict ? .value : .afterValue
        case .none, .name, .afterValue, .secret: state = .none
        }
    }

    // MARK: Words

    private static func isHarmless(_ lexer: Lexer) -> Bool {
        let words: [StaticString] = ["default", "on", "off", "true", "false", "null"]
        return words.contains { lexer.isWord($0) }
    }

    private static func announcesSecret(_ lexer: Lexer) -> Bool {
        let words: [StaticString] = [
            "password", "passwd", "pwd", "passphrase", "secret", "token", "identified", "credential", "credentials",
        ]
        return words.contains { lexer.isWord($0) }
    }

    private static func leadsToSecret(_ lexer: Lexer) -> Bool {
        let words: [StaticString] = ["to", "by", "is", "for", "as", "with", "password", "encrypted"]
        return words.contains { lexer.isWord($0) }
    }
}
