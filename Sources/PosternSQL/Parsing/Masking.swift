/// Takes the constants out of a text, token by token.
///
/// libpg_query's own normalisation is not used: in 15-4.0.0 a crafted text makes it copy a negative number of bytes
/// (libpg_query issue 254), and it leaves the constants of most statements that are no queries where they are.
struct Masking {
    /// What stands for a constant.
    enum Style {
        /// `$n`, counted on from the highest parameter in the text, as pg_stat_statements has it.
        case numbered
        /// `?`, for texts whose parameters mean nothing.
        case marks
        /// The same literal for all, so that what is left parses as the text did. Numbers stay.
        case alike
    }

    private let bytes: UnsafePointer<UInt8>
    private let count: Int
    private let style: Style
    private let standardConformingStrings: Bool
    private var result: [UInt8] = []
    private var number: Int

    /// The text without constants and comments, with runs of white space as one space; nil where a literal, a name or
    /// a comment is not closed.
    ///
    /// - Parameter bytes: as `Lexer.init` wants them.
    static func mask(
        _ bytes: UnsafePointer<UInt8>,
        count: Int,
        _ style: Style,
        standardConformingStrings: Bool = true
    ) -> String? {
        let lexer = Lexer(bytes, count: count, standardConformingStrings: standardConformingStrings)
        guard let highest = highestParameter(lexer, bytes) else { return nil }
        var masking = Masking(bytes: bytes, count: count, style: style, number: highest, standardConformingStrings)
        masking.result.reserveCapacity(min(count, 64 * 1024))
        masking.maskAll()
        return String(decoding: masking.result, as: UTF8.self)
    }

    private init(
        bytes: UnsafePointer<UInt8>,
        count: Int,
        style: Style,
        number: Int,
        _ standardConformingStrings: Bool
    ) {
        self.standardConformingStrings = standardConformingStrings
        self.bytes = bytes
        self.count = count
        self.style = style
        self.number = number
    }

    private static func highestParameter(_ lexer: Lexer, _ bytes: UnsafePointer<UInt8>) -> Int? {
        var lexer = lexer
        var highest = 0
        while true {
            lexer.advance()
            guard lexer.isClosed else { return nil }
            switch lexer.kind {
            case .end: return highest
            case .parameter:
                let digits = UnsafeBufferPointer(
                    start: bytes + lexer.range.lowerBound + 1,
                    count: lexer.range.count - 1
                )
                highest = max(highest, Int(String(decoding: digits, as: UTF8.self)).map { min($0, 1 << 30) } ?? 0)
            case .space, .comment, .word, .quotedName, .literal, .escapeLiteral, .bitLiteral, .unicodeLiteral,
                .dollarLiteral, .number, .operators, .sign:
                break
            }
        }
    }

    private mutating func maskAll() {
        var lexer = Lexer(bytes, count: count, standardConformingStrings: standardConformingStrings)
        var values = ValueWords(isStrict: style == .marks)
        while true {
            lexer.advance()
            if values.hides(lexer) {
                putConstant(lexer.kind)
                continue
            }
            switch lexer.kind {
            case .end: return
            case .space, .comment:
                if let last = result.last, last != UInt8(ascii: " ") { result.append(UInt8(ascii: " ")) }
                continue
            case .number where style == .alike: put(lexer.range)
            case .literal, .escapeLiteral, .bitLiteral, .unicodeLiteral, .dollarLiteral, .number:
                putConstant(lexer.kind)
            case .word, .quotedName, .parameter, .operators, .sign: put(lexer.range)
            }
        }
    }

    private mutating func put(_ range: Range<Int>) {
        result += UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
    }

    private mutating func putConstant(_ kind: Lexer.Kind) {
        switch style {
        case .numbered:
            number += 1
            result += "$\(number)".utf8
        case .marks: result.append(UInt8(ascii: "?"))
        case .alike: result += (kind == .bitLiteral ? "B'0'" : "'x'").utf8
        }
    }
}
