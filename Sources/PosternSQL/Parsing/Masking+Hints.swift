extension Masking {
    /// Whether a text can hold a password: one of the words before which PostgreSQL takes one, or something that calls
    /// itself so, constants and comments included.
    static func canHoldSecret(_ bytes: UnsafePointer<UInt8>, count: Int) -> Bool {
        var lexer = Lexer(bytes, count: count)
        while true {
            lexer.advance()
            guard lexer.isClosed else { return true }
            switch lexer.kind {
            case .end: return contains(["password", "passwd", "pwd=", "secret", "token"], bytes, count)
            case .word:
                // OPTIONS (…) of servers and user mappings; CONNECTION '…' of subscriptions.
                if lexer.isWord("options") || lexer.isWord("connection") { return true }
            case .space, .comment, .quotedName, .literal, .escapeLiteral, .bitLiteral, .unicodeLiteral,
                .dollarLiteral, .number, .parameter, .operators, .sign:
                break
            }
        }
    }

    private static func contains(_ words: [StaticString], _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        for start in 0..<count {
            for word in words where start + word.utf8CodeUnitCount <= count {
                var length = 0
                while length < word.utf8CodeUnitCount, bytes[start + length] | 0x20 == word.utf8Start[length] | 0x20 {
                    length += 1
                }
                if length == word.utf8CodeUnitCount { return true }
            }
        }
        return false
    }

    /// The first word of a text if PostgreSQL has statements that begin so, in upper case.
    static func firstKeyword(_ bytes: UnsafePointer<UInt8>, count: Int) -> String? {
        var lexer = Lexer(bytes, count: count)
        repeat {
            lexer.advance()
        } while lexer.kind == .space || lexer.kind == .comment
            || lexer.kind == .sign && lexer.first == UInt8(ascii: "(")
        guard lexer.kind == .word else { return nil }
        let word = UnsafeBufferPointer(start: bytes + lexer.range.lowerBound, count: lexer.range.count)
        let upper = String(decoding: word, as: UTF8.self).uppercased()
        return firstKeywords.contains(upper) ? upper : nil
    }

    private static let firstKeywords: Set<String> = [
        "ABORT", "ALTER", "ANALYZE", "ANALYSE", "BEGIN", "CALL", "CHECKPOINT", "CLOSE", "CLUSTER", "COMMENT", "COMMIT",
        "COPY", "CREATE", "DEALLOCATE", "DECLARE", "DELETE", "DISCARD", "DO", "DROP", "END", "EXECUTE", "EXPLAIN",
        "FETCH", "GRANT", "IMPORT", "INSERT", "LISTEN", "LOAD", "LOCK", "MERGE", "MOVE", "NOTIFY", "PREPARE",
        "REASSIGN", "REFRESH", "REINDEX", "RELEASE", "RESET", "REVOKE", "ROLLBACK", "SAVEPOINT", "SECURITY", "SELECT",
        "SET", "SHOW", "START", "TABLE", "TRUNCATE", "UNLISTEN", "UPDATE", "VACUUM", "VALUES", "WITH",
    ]
}
