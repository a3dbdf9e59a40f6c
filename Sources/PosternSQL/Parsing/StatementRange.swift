extension StatementFacts {
    /// The parser gives a statement all that stands before it since the last semicolon, comments included. What is left
    /// here is the statement from its first word to its last: a script that is indented or commented anew is the same
    /// to the record.
    ///
    /// - Parameter bytes: as `Lexer.init` wants them, the whole text.
    mutating func trimRange(in bytes: UnsafePointer<UInt8>, standardConformingStrings: Bool) {
        // The text behind the range is read as well, so that the lexer sees a NUL at its end; nothing of it is kept.
        var lexer = Lexer(
            bytes + range.lowerBound,
            count: range.count,
            standardConformingStrings: standardConformingStrings
        )
        var found: Range<Int>?
        while true {
            lexer.advance()
            switch lexer.kind {
            case .end:
                range = found.map { range.lowerBound + $0.lowerBound..<range.lowerBound + $0.upperBound } ?? range
                return
            case .space, .comment: continue
            case .word, .quotedName, .literal, .escapeLiteral, .bitLiteral, .unicodeLiteral, .dollarLiteral, .number,
                .parameter, .operators, .sign:
                found = (found?.lowerBound ?? lexer.range.lowerBound)..<min(lexer.range.upperBound, range.count)
            }
        }
    }
}
