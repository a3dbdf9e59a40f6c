extension SQLAnalyzer {
    /// A text for the record (`audit: sql: normalized`): constants are `$n`, comments are gone. File names, passwords
    /// and the bodies of functions are constants too.
    ///
    /// For texts that `analyze` understood, which it does not ask again; nil for what is no text or has a literal that
    /// is not closed.
    package static func normalized(_ text: [UInt8]) -> String? {
        withBytes(text) { Masking.mask($0, count: $1, .numbered) }
    }

    /// A text for the record (`audit: sql: full`): as it was, or normalised where it can hold a password (CREATE and
    /// ALTER ROLE, options of servers and user mappings, subscriptions, connection strings).
    package static func withoutPasswords(_ text: [UInt8]) -> String? {
        withBytes(text) { bytes, count in
            guard !Masking.canHoldSecret(bytes, count: count) else {
                return Masking.mask(bytes, count: count, .numbered)
            }
            return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
        }
    }

    /// A text that was not understood, for the record: constants are `?`, comments are gone. Where that is not certain
    /// (a literal, a name or a comment is not closed; a backslash stands in a plain literal; it is not UTF-8) only the
    /// first key word, or `?`.
    package static func masked(_ text: [UInt8]) -> String {
        withBytes(text) { bytes, count in
            guard !hasBackslash(bytes, count), let masked = Masking.mask(bytes, count: count, .marks) else {
                return Masking.firstKeyword(bytes, count: count) ?? "?"
            }
            return masked
        } ?? "?"
    }

    private static func withBytes<Result>(
        _ text: [UInt8],
        _ body: (UnsafePointer<UInt8>, Int) -> Result?
    ) -> Result? {
        guard let text = CheckedText(text) else { return nil }
        return text.bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { body($0, text.count) }
        }
    }

    /// Whether a plain literal has a backslash, so that two servers may see its end in two places.
    private static func hasBackslash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var lexer = Lexer(bytes, count: count)
        repeat {
            lexer.advance()
            if lexer.hasBackslash, lexer.kind == .literal { return true }
        } while lexer.kind != .end
        return false
    }
}
