internal import PosternCore
internal import PosternPolicy
internal import PostgresWire

/// What goes upstream in the place of a message that is denied: something that the server is certain to answer with
/// an error, known by its nonce. Order, transaction state, rollback and skipping stay the server's own doing; only the
/// words of its error are replaced.
struct Poison {
    enum Words {
        case denial(Denial)
        /// The name that the job gave: the server's error says it in place of the nonce.
        case name(String)
    }

    /// `postern_deny_` and 32 hexadecimal digits; for a FunctionCall the object id, in decimal.
    let nonce: String
    let words: Words

    init(bits: (UInt64, UInt64), words: Words) {
        nonce = "postern_deny_" + Self.hex(bits.0) + Self.hex(bits.1)
        self.words = words
    }

    /// For a FunctionCall: an object id that no function has, above every one that a server hands out in practice.
    init(functionBits: UInt64, words: Words) {
        nonce = String(0xFE00_0000 | UInt32(truncatingIfNeeded: functionBits) & 0x00FF_FFFF)
        self.words = words
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    // MARK: Messages

    /// The text in place of the job's. The server logs it and shows it in pg_stat_activity: it says who denied what
    /// by which rule, and nothing of the statement.
    private func text(rule: String?, session: SessionID) -> String {
        "/* postern: denied by policy, \(rule.map { "rule \($0), " } ?? "")session \(session) */ \(nonce)"
    }

    func query(rule: String?, session: SessionID) -> [UInt8] {
        FrontendMessage.query(text(rule: rule, session: session))
    }

    /// - Parameter name: the statement's name, as the job gave it.
    func parse(name: some Collection<UInt8>, rule: String?, session: SessionID) -> [UInt8] {
        WireWriter.message(type: UInt8(ascii: "P")) { writer in
            writer.appendCString(name)
            writer.appendCString(text(rule: rule, session: session))
            writer.append([0, 0])
        }
    }

    /// Bind of a prepared statement that is not there.
    ///
    /// - Parameter portal: as the job gave it.
    func bind(portal: some Collection<UInt8>) -> [UInt8] {
        WireWriter.message(type: UInt8(ascii: "B")) { writer in
            writer.appendCString(portal)
            writer.appendCString(nonce)
            writer.append([0, 0, 0, 0, 0, 0])
        }
    }

    /// Execute of a portal that is not there.
    func execute() -> [UInt8] {
        WireWriter.message(type: UInt8(ascii: "E")) { writer in
            writer.appendCString(nonce)
            writer.append(UInt32(0))
        }
    }

    /// FunctionCall of a function that is not there, without arguments.
    func functionCall() -> [UInt8] {
        WireWriter.message(type: UInt8(ascii: "F")) { writer in
            writer.append(UInt32(nonce) ?? .max)
            writer.append([0, 0, 0, 0, 0, 0])
        }
    }

    // MARK: The answer

    /// The error that the job gets for the server's answer to the poison; nil when the server's error is another one,
    /// which the job gets as it is.
    func rewrite(_ fields: ErrorFields, session: SessionID) -> [UInt8]? {
        guard fields.message.utf8.count < 1024, fields.message.contains(nonce) else { return nil }
        var fields = fields
        if case .name(let name) = words {
            fields.set(.message, fields.message.replacing(nonce, with: name))
            return BackendMessage.errorResponse(fields).encoded
        }
        // What the server says of the place is about a text that the job never sent.
        for code: ErrorFields.Code in [
            .position, .internalPosition, .internalQuery, .context, .detail, .hint, .file, .line, .routine,
        ] {
            fields.remove(code)
        }
        if case .denial(let denial) = words {
            fields.set(.sqlState, denial.sqlState)
            fields.set(.message, "\(denial.message) (session \(session))")
            if let detail = denial.detail { fields.set(.detail, detail) }
            if let hint = denial.hint { fields.set(.hint, hint) }
            if let position = denial.position { fields.set(.position, String(position)) }
        }
        return BackendMessage.errorResponse(fields).encoded
    }
}
