/// Splits a text into tokens as PostgreSQL's scanner does (src/backend/parser/scan.l of 15), as far as it takes to know
/// where literals, quoted names and comments begin and end.
///
/// It never fails: a token that is not closed says so.
struct Lexer {
    enum Kind: UInt8 {
        case space
        case comment
        /// A key word, or a name without quotes.
        case word
        /// `"…"` and `U&"…"`.
        case quotedName
        /// `'…'`, with its continuations on further lines, under `standard_conforming_strings = on`.
        case literal
        /// `E'…'`, and `'…'` under `standard_conforming_strings = off`.
        case escapeLiteral
        /// `B'…'` and `X'…'`.
        case bitLiteral
        /// `U&'…'`.
        case unicodeLiteral
        case dollarLiteral
        case number
        /// `$1`.
        case parameter
        /// A run of operator characters and colons.
        case operators
        /// `( ) [ ] , ; .` and what else stands alone.
        case sign
        case end
    }

    private(set) var kind = Kind.end
    private(set) var range = 0..<0
    /// Of what is closed by a mark: whether that mark was found.
    private(set) var isClosed = true
    /// Of `literal`: whether a backslash stands in it.
    private(set) var hasBackslash = false

    /// A run of operator characters was seen on which PostgreSQL's scanner takes time with the square of its length: for
    /// each comment or sign in `/**//**/…` and `+-+-…` it reads to the run's end.
    private(set) var isSlow = false
    private var run = OperatorRun()

    /// Unsafe for speed: all texts pass here byte by byte. A NUL follows the last byte, and ends every token, so that
    /// looking one byte ahead of any other byte stays inside.
    private let bytes: UnsafePointer<UInt8>
    private let count: Int
    private let standardConformingStrings: Bool
    private var offset = 0

    /// - Parameter bytes: ends with a NUL that `count` leaves out; none before. Valid as long as the lexer is used.
    init(_ bytes: UnsafePointer<UInt8>, count: Int, standardConformingStrings: Bool = true) {
        self.bytes = bytes
        self.count = count
        self.standardConformingStrings = standardConformingStrings
    }

    /// The first byte of the token.
    var first: UInt8 { bytes[range.lowerBound] }

    func isWord(_ word: StaticString) -> Bool {
        guard kind == .word, range.count == word.utf8CodeUnitCount else { return false }
        for index in 0..<range.count where Self.lowered(bytes[range.lowerBound + index]) != word.utf8Start[index] {
            return false
        }
        return true
    }

    /// Goes to the next token. At the end the kind is `end`.
    mutating func advance() {
        let start = offset
        isClosed = true
        hasBackslash = false
        kind = readToken()
        range = start..<offset
    }

    private mutating func readToken() -> Kind {
        guard offset < count else { return .end }
        let byte = bytes[offset]
        switch Self.classes[Int(byte)] {
        case .space:
            repeat { offset += 1 } while Self.classes[Int(bytes[offset])] == .space
            return .space
        case .letter: return readWord()
        case .digit: return readNumber()
        case .operator: return readOperators()
        case .quote:
            readLiteral(escapes: !standardConformingStrings)
            return standardConformingStrings ? .literal : .escapeLiteral
        case .other:
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                readQuotedName()
                return .quotedName
            case UInt8(ascii: "$"): return readDollar()
            case UInt8(ascii: ".") where Self.classes[Int(bytes[offset + 1])] == .digit: return readNumber()
            default:
                offset += 1
                return .sign
            }
        }
    }

    private mutating func readWord() -> Kind {
        let next = bytes[offset + 1]
        switch bytes[offset] {
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
            guard next == Self.quote else { break }
            offset += 1
            readLiteral(escapes: true)
            return .escapeLiteral
        case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "x"), UInt8(ascii: "X"):
            guard next == Self.quote else { break }
            offset += 1
            readLiteral(escapes: false, doubles: false)
            return .bitLiteral
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            guard next == UInt8(ascii: "&") else { break }
            if bytes[offset + 2] == Self.quote {
                offset += 2
                readLiteral(escapes: false)
                return .unicodeLiteral
            }
            if bytes[offset + 2] == UInt8(ascii: "\"") {
                offset += 3
                readQuotedName()
                return .quotedName
            }
        default: break
        }
        // N'…' is the word N and a plain literal, to the server too.
        repeat { offset += 1 } while Self.continuesWord(bytes[offset])
        return .word
    }

    /// Digits, and what could belong to a number, letters included: `1e5`, `0x1F`, `1_000`, `1.5`.
    private mutating func readNumber() -> Kind {
        while offset < count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "."), bytes[offset + 1] != UInt8(ascii: ".") {
                offset += 1
            } else if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") {
                let before = Self.lowered(bytes[offset - 1])
                guard before == UInt8(ascii: "e"), Self.classes[Int(bytes[offset + 1])] == .digit else { break }
                offset += 1
            } else if Self.continuesWord(byte), byte != UInt8(ascii: "$") {
                offset += 1
            } else {
                break
            }
        }
        return .number
    }

    private mutating func readOperators() -> Kind {
        noteRun()
        if startsLineComment {
            while offset < count, bytes[offset] != 10, bytes[offset] != 13 { offset += 1 }
            return .comment
        }
        if startsBlockComment {
            readBlockComment()
            return .comment
        }
        repeat {
            offset += 1
        } while Self.classes[Int(bytes[offset])] == .operator && !startsLineComment
            && !startsBlockComment
        if offset - run.start > OperatorRun.longest { isSlow = true }
        return .operators
    }

    /// Something that PostgreSQL's scanner looks for the end of begins here.
    private mutating func noteRun() {
        if offset >= run.end {
            var end = offset
            while Self.classes[Int(bytes[end])] == .operator { end += 1 }
            run = OperatorRun(start: offset, end: end)
        }
        run.beginnings += 1
        if run.end - run.start > OperatorRun.longest, run.beginnings > OperatorRun.mostBeginnings { isSlow = true }
    }

    private var startsLineComment: Bool { bytes[offset] == UInt8(ascii: "-") && bytes[offset + 1] == UInt8(ascii: "-") }

    private var startsBlockComment: Bool {
        bytes[offset] == UInt8(ascii: "/") && bytes[offset + 1] == UInt8(ascii: "*")
    }

    private mutating func readBlockComment() {
        var depth = 0
        while offset < count {
            if startsBlockComment {
                if depth > 0 { noteRun() }
                depth += 1
                offset += 2
            } else if bytes[offset] == UInt8(ascii: "*"), bytes[offset + 1] == UInt8(ascii: "/") {
                depth -= 1
                offset += 2
                guard depth > 0 else { return }
            } else {
                offset += 1
            }
        }
        isClosed = false
    }

    private mutating func readQuotedName() {
        while offset < count {
            offset += 1
            guard bytes[offset - 1] == UInt8(ascii: "\"") else { continue }
            guard bytes[offset] == UInt8(ascii: "\"") else { return }
            offset += 1
        }
        isClosed = false
    }

    /// From the opening quote on, with the parts that follow after a line's end.
    private mutating func readLiteral(escapes: Bool, doubles: Bool = true) {
        repeat {
            offset += 1
            readLiteralPart(escapes: escapes, doubles: doubles)
        } while isClosed && continuesOnNextLine()
    }

    private mutating func readLiteralPart(escapes: Bool, doubles: Bool) {
        while offset < count {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "\\") {
                hasBackslash = true
                if escapes, offset < count { offset += 1 }
            } else if byte == Self.quote {
                guard doubles, bytes[offset] == Self.quote else { return }
                offset += 1
            }
        }
        isClosed = false
    }

    /// Whether only space and comments of one line, with a line's end among them, stand before another quote. If so
    /// the literal goes on there.
    private mutating func continuesOnNextLine() -> Bool {
        var ahead = offset
        var sawNewline = false
        while ahead < count {
            let byte = bytes[ahead]
            if byte == 10 || byte == 13 {
                sawNewline = true
            } else if byte == UInt8(ascii: "-"), bytes[ahead + 1] == byte {
                while ahead < count, bytes[ahead] != 10, bytes[ahead] != 13 { ahead += 1 }
                continue
            } else if Self.classes[Int(byte)] != .space {
                break
            }
            ahead += 1
        }
        guard sawNewline, bytes[ahead] == Self.quote else { return false }
        offset = ahead
        return true
    }

    /// A parameter, a dollar-quoted literal, or a dollar sign that stands alone.
    private mutating func readDollar() -> Kind {
        let start = offset
        offset += 1
        if Self.classes[Int(bytes[offset])] == .digit {
            while Self.classes[Int(bytes[offset])] == .digit { offset += 1 }
            return .parameter
        }
        if Self.classes[Int(bytes[offset])] == .letter {
            while Self.continuesWord(bytes[offset]), bytes[offset] != UInt8(ascii: "$") { offset += 1 }
        }
        guard bytes[offset] == UInt8(ascii: "$") else {
            offset = start + 1
            return .sign
        }
        offset += 1
        let mark = UnsafeBufferPointer(start: bytes + start, count: offset - start)
        while offset < count {
            guard bytes[offset] == UInt8(ascii: "$"), count - offset >= mark.count,
                mark.elementsEqual(UnsafeBufferPointer(start: bytes + offset, count: mark.count))
            else {
                offset += 1
                continue
            }
            offset += mark.count
            return .dollarLiteral
        }
        isClosed = false
        return .dollarLiteral
    }
}

extension Lexer {
    private struct OperatorRun {
        /// Operators of real databases are far shorter; lines of dashes and stars are longer, but one comment.
        static let longest = 24
        static let mostBeginnings = 16

        var start = 0
        var end = 0
        var beginnings = 0
    }

    private enum Class: UInt8 {
        case space
        /// What begins a name, all bytes above ASCII included.
        case letter
        case digit
        /// What operators are made of, and `:`.
        case `operator`
        case quote
        case other
    }

    private static let quote = UInt8(ascii: "'")

    private static let classes: [Class] = (0...255).map { byte in
        switch UInt8(byte) {
        case 9...13, 32: .space
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            128...255:
            .letter
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
        case UInt8(ascii: "'"): .quote
        case let other where "~!@#^&|`?+-*/%<>=:".utf8.contains(other): .operator
        default: .other
        }
    }

    private static func continuesWord(_ byte: UInt8) -> Bool {
        let found = classes[Int(byte)]
        return found == .letter || found == .digit || byte == UInt8(ascii: "$")
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
    }
}
