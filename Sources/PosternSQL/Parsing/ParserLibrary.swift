internal import CPgQuery
internal import Glibc

/// Calls into libpg_query, on the calling thread and with its parser's state.
enum ParserLibrary {
    /// Parses a text and hands the tree's JSON to `body`, which must not keep it.
    ///
    /// - Parameter bytes: as `Lexer.init` wants them, bounded by `Complexity`.
    static func parse<Result>(
        _ bytes: UnsafePointer<UInt8>,
        count: Int,
        standardConformingStrings: Bool,
        _ body: (_ json: UnsafePointer<UInt8>) throws(AnalysisError) -> Result
    ) throws(AnalysisError) -> Result {
        // A variable of the thread, which the library exports: every other call must find it on.
        if !standardConformingStrings { postern_set_standard_conforming_strings(false) }
        let parsed = bytes.withMemoryRebound(to: CChar.self, capacity: count + 1) { pg_query_parse($0) }
        if !standardConformingStrings { postern_set_standard_conforming_strings(true) }
        defer { pg_query_free_parse_result(parsed) }
        if let error = parsed.error {
            throw .syntax(
                message: error.pointee.message.map { String(cString: $0) } ?? "syntax error",
                position: Int(error.pointee.cursorpos)
            )
        }
        guard let tree = parsed.parse_tree else { throw .syntax(message: "syntax error", position: 0) }
        // Offsets into the tree are 32 bits wide.
        let length = strlen(tree)
        guard length < Int(Int32.max) else { throw .tooComplex }
        return try tree.withMemoryRebound(to: UInt8.self, capacity: length + 1) { (json) throws(AnalysisError) in
            try body(json)
        }
    }

    /// The library's fingerprint in hexadecimal; nil for what does not parse. It ignores constants and has no key:
    /// good for grouping, never for deciding.
    static func fingerprint(_ bytes: UnsafePointer<UInt8>, count: Int) -> String? {
        let result = bytes.withMemoryRebound(to: CChar.self, capacity: count + 1) { pg_query_fingerprint($0) }
        defer { pg_query_free_fingerprint_result(result) }
        guard result.error == nil, let text = result.fingerprint_str else { return nil }
        return String(cString: text)
    }
}
