internal import PosternCore

extension SQLAnalyzer {
    /// A text for the record (`audit: sql: normalized`): constants are `$n`, comments are gone. File names, passwords
    /// and the bodies of functions are constants too.
    ///
    /// For texts that `analyze` understood, which it does not ask again; nil for what is no text or has a literal that
    /// is not closed.
    package static func normalized(_ text: [UInt8]) -> String? {
        withBytes(text) { bytes, count in
            guard let masked = Masking.mask(bytes, count: count, .numbered) else { return nil }
            guard hasBackslash(bytes, count) else { return masked }
            // Where the server may read literals the other way, what is a name here can be a constant there.
            let other = Masking.mask(bytes, count: count, .numbered, standardConformingStrings: false)
            return other == nil || other == masked ? masked : Masking.firstKeyword(bytes, count: count) ?? "?"
        }.map { withoutToken($0, of: text) }
    }

    /// A text for the record (`audit: sql: full`): as it was, or normalised where it can hold a password (CREATE and
    /// ALTER ROLE, options of servers and user mappings, subscriptions, connection strings, URLs with a password) or a
    /// token.
    package static func withoutPasswords(_ text: [UInt8]) -> String? {
        withBytes(text) { bytes, count in
            guard !Masking.canHoldSecret(bytes, count: count), !SecretText.isFound(in: text) else {
                return normalized(text)
            }
            return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
        }
    }

    /// A text that was not understood, for the record: constants are `?`, comments are gone. Where that is not certain
    /// (a literal, a name or a comment is not closed; a backslash stands in a plain literal; it is not UTF-8) only the
    /// first key word. `?` alone for what begins like no statement: rows of a copy that failed, for one.
    package static func masked(_ text: [UInt8]) -> String {
        withBytes(text) { bytes, count in
            guard count > 0 else { return "" }
            guard let keyword = Masking.firstKeyword(bytes, count: count) else { return "?" }
            guard !hasBackslash(bytes, count), let masked = Masking.mask(bytes, count: count, .marks) else {
                return keyword
            }
            return SecretText.hasToken(Array(masked.utf8)) ? keyword : masked
        } ?? "?"
    }

    /// A token without quotes reads as names and operators, which masking leaves.
    private static func withoutToken(_ record: String, of text: [UInt8]) -> String {
        guard SecretText.hasToken(Array(record.utf8)) else { return record }
        return withBytes(text) { Masking.firstKeyword($0, count: $1) } ?? "?"
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
