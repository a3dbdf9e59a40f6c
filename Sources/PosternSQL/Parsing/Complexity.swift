/// How deep a text's parse tree can become, estimated before anything is parsed.
///
/// libpg_query has no stack check: it recurses once a level when it prints the tree, and `1+1+1…` has a level for each
/// operator. The grammar's right and prefix recursion (brackets, NOT, unary minus) ends by itself at 10,000 states of
/// the parser; what grows without end are chains that lean to the left. So the height of every bracket's content is
/// estimated, never too low:
/// - every word and operator of an expression makes it one higher, and so does all that a bracket inside it holds;
/// - commas separate expressions, and so do AND and OR, of which the grammar makes flat lists (makeAndExpr); but not
///   inside CASE, which can itself be the left end of a chain;
/// - UNION, INTERSECT, EXCEPT and JOIN lean to the left over commas and ANDs: each makes its bracket one higher.
struct Complexity {
    /// The highest tree. `SQLAnalyzer.stackSize` is made for it; the server's own limit (2 MB of stack) is lower.
    static let heightLimit = 20_000
    /// Brackets inside brackets. Every subquery takes one, and the walker calls itself once a subquery.
    static let bracketLimit = 500

    private struct Level {
        /// Of the expression that is being read.
        var height = 0
        /// The highest one before it.
        var highest = 0
        /// Set operations and joins.
        var chain = 0
        /// The highest statement before this one.
        var statements = 0
        var isInCase = false

        var total: Int { max(statements, max(highest, height) + chain) }

        mutating func endExpression() {
            highest = max(highest, height)
            height = 0
            isInCase = false
        }
    }

    /// A backslash stands in a plain literal, so that the text has another reading.
    private(set) var hasBackslashInLiteral = false

    private var level = Level()
    private var outer: [Level] = []

    /// - Parameter bytes: as `Lexer.init` wants them.
    init(
        of bytes: UnsafePointer<UInt8>,
        count: Int,
        standardConformingStrings: Bool
    ) throws(AnalysisError) {
        var lexer = Lexer(bytes, count: count, standardConformingStrings: standardConformingStrings)
        while true {
            lexer.advance()
            switch lexer.kind {
            case .end: return
            case .word: addWord(lexer)
            case .operators, .parameter, .quotedName: level.height += 1
            case .literal: hasBackslashInLiteral = hasBackslashInLiteral || lexer.hasBackslash
            case .sign: try addSign(lexer.first)
            case .space, .comment, .escapeLiteral, .bitLiteral, .unicodeLiteral, .dollarLiteral, .number: break
            }
            guard level.total <= Self.heightLimit, !lexer.isSlow else { throw .tooComplex }
        }
    }

    private mutating func addWord(_ lexer: Lexer) {
        switch lexer.range.count {
        case 2 where lexer.isWord("or") && !level.isInCase, 3 where lexer.isWord("and") && !level.isInCase:
            level.endExpression()
        case 4 where lexer.isWord("join"), 5 where lexer.isWord("union"), 6 where lexer.isWord("except"),
            9 where lexer.isWord("intersect"):
            level.endExpression()
            level.chain += 1
        case 4 where lexer.isWord("case"):
            level.height += 1
            level.isInCase = true
        default: level.height += 1
        }
    }

    private mutating func addSign(_ sign: UInt8) throws(AnalysisError) {
        switch sign {
        case UInt8(ascii: "("), UInt8(ascii: "["):
            guard outer.count < Self.bracketLimit else { throw .tooComplex }
            outer.append(level)
            level = Level()
        case UInt8(ascii: ")"), UInt8(ascii: "]"):
            guard var next = outer.popLast() else { return }
            next.height += level.total + 1
            level = next
        case UInt8(ascii: ","): level.endExpression()
        case UInt8(ascii: ";"):
            let total = level.total
            level = Level()
            level.statements = total
        default: break
        }
    }
}
