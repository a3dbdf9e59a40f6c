internal import PosternSQL

// What a denial says. Every text of a denial is made here.

extension DenialCause {
    func denial(role: Role) -> Denial {
        let words = words
        return Denial(
            sqlState: words.sqlState,
            reason: words.reason,
            message: words.message,
            detail: words.detail.map { "\(namesPlace ? "role \(role.name)" : Words.role(role)): \($0)" },
            hint: words.hint,
            position: position
        )
    }

    /// The detail says where the rule stands that denies; without one it says where the role does.
    private var namesPlace: Bool {
        switch self {
        case .deniedByRule: true
        case .otherReading(let cause): cause.namesPlace
        case .tooLarge, .notUnderstood, .invariant, .ownLogin, .settingsView, .refused, .searchPath, .setting,
            .functionCall:
            false
        }
    }

    /// The detail without the role: what `policy explain` says beside a setting.
    var explanation: String { words.detail ?? words.message }

    private struct DenialText {
        let sqlState: String
        let reason: String
        let message: String
        let detail: String?
        let hint: String?

        /// `what` completes "permission denied by policy: …".
        init(_ reason: String, _ what: String, _ detail: String, hint: String? = nil) {
            sqlState = "42501"
            self.reason = reason
            message = "permission denied by policy: \(what)"
            self.detail = detail
            self.hint = hint
        }

        var underOtherReading: DenialText {
            DenialText(
                sqlState,
                "other reading",
                message: message,
                detail: "with standard_conforming_strings = off the text reads otherwise: \(detail ?? reason)",
                hint: "write the literal with the backslash as E'…'"
            )
        }

        init(_ sqlState: String, _ reason: String, message: String, detail: String? = nil, hint: String? = nil) {
            self.sqlState = sqlState
            self.reason = reason
            self.message = message
            self.detail = detail
            self.hint = hint
        }
    }

    private var position: Int? {
        guard case .notUnderstood(.syntax(_, let position)) = self else { return nil }
        return position
    }

    private var words: DenialText {
        switch self {
        case .tooLarge(let limit):
            DenialText(
                "54000",
                "size",
                message: "statement is larger than this role may send",
                detail: "`statement_size` is \(limit) bytes",
                hint: "split the statement, or load rows by COPY"
            )
        case .notUnderstood(let error):
            Self.notUnderstood(error)
        case .otherReading(let cause):
            cause.words.underOtherReading
        case .invariant(let change, let invariant):
            DenialText("setting", "SET \(Self.name(change))", invariant.reason, hint: "no rule allows it in any mode")
        case .ownLogin:
            DenialText(
                "login",
                "ALTER ROLE of the session's own login",
                "PASSWORD, VALID UNTIL and SET on it would outlive the session",
                hint: "no rule allows it in any mode; let an administrator do it"
            )
        case .settingsView:
            DenialText(
                "setting",
                "write to pg_catalog.pg_settings",
                "it changes settings that the statement does not name",
                hint: "use SET"
            )
        case .deniedByRule(let rule, let message, let access, let candidate):
            DenialText(
                "rule",
                Words.access(access, candidate),
                "rule \(rule.id) at \(rule.place) denies \(Words.access(access, candidate))",
                hint: message.map { Words.bounded($0, 1024) } ?? "no allow outweighs this rule"
            )
        case .refused(let refusal, let access, let candidate, let hint):
            Self.refused(refusal, access, candidate, hint)
        case .searchPath(let change, let path, let permitted):
            Self.searchPath(change, path, permitted)
        case .setting(let change, let reason):
            DenialText(
                "setting",
                "SET \(Self.name(change))",
                "no rule allows SET of \(Self.name(change)): \(reason)",
                hint: "a rule has to name it: `allow: SET` with `on: [\"parameter:\(Self.name(change))\"]`"
            )
        case .functionCall(let oid):
            DenialText(
                "function",
                "FunctionCall of function \(oid)",
                "only large object functions may be called by number, and only with `large_objects: true`",
                hint: "call it by name in a SELECT"
            )
        }
    }

    private static func notUnderstood(_ error: AnalysisError) -> DenialText {
        switch error {
        case .syntax(let message, _):
            DenialText(
                "42601",
                "syntax",
                message: Words.bounded(message),
                detail: "not understood by Postern (grammar 15)",
                hint: "if the server understands it, `unparsed: allow` on the role forwards it"
            )
        case .tooComplex:
            DenialText(
                "54001",
                "too complex",
                message: "statement is too complex for Postern",
                detail: "it has more operators, brackets or levels than the gateway parses",
                hint: "split the statement"
            )
        case .notText:
            DenialText("22021", "not text", message: "statement is not valid UTF-8 text")
        case .unclassified(let node):
            DenialText(
                "0A000",
                "unclassified",
                message: "statement is not supported by Postern",
                detail: "it has no rule for `\(Words.bounded(node, 128))`"
            )
        }
    }

    private static func refused(
        _ refusal: AccessRefusal,
        _ access: Access,
        _ candidate: ObjectName?,
        _ hint: String?
    ) -> DenialText {
        let short = Words.access(access, candidate)
        let long = Words.access(access, candidate, isDetailed: true)
        let bare = (candidate ?? access.object?.name).map(Words.name) ?? short
        switch refusal {
        case .noRule:
            return DenialText("no rule", short, "no rule allows \(long)", hint: hint)
        case .readOnlyCatalog:
            return DenialText(
                "catalogue",
                short,
                "the catalogue is never written, whatever the rules say",
                hint: "use the statement that is made for it, as ALTER or SET"
            )
        case .literalNeeded(let hazard):
            return DenialText(
                "catalogue",
                short,
                "no rule allows \(long), which \(hazard)",
                hint: "only the literal name in `on` allows it: `on: [\(bare)]`"
            )
        case .unlistedFunction(let hazard):
            return DenialText(
                "function",
                short,
                "the function \(bare) \(hazard)",
                hint: "only its name in the role's `functions` allows it: `functions: [\(bare)]`"
            )
        case .obstacle(.otherDatabase):
            return DenialText(
                "other database",
                short,
                "a name of three parts must begin with the session's own database",
                hint: "leave the first part out"
            )
        case .obstacle(.emptyPath):
            return DenialText(
                "search path",
                short,
                "the search path is empty, and the name has no schema",
                hint: "write the schema: `schema.\(bare)`"
            )
        case .obstacle(.temporaryName(let rule)):
            let user = rule.map { "rule \($0.id) at \($0.place) names" } ?? "the catalogue has"
            return DenialText(
                "temporary name",
                short,
                "\(user) a relation `\(candidate.map { Words.identifier($0.name) } ?? bare)`, which this one would hide",
                hint: "give the temporary relation another name"
            )
        }
    }

    private static func searchPath(
        _ change: SettingChange,
        _ path: [Identifier]?,
        _ permitted: [[Identifier]]
    ) -> DenialText {
        guard let path else {
            return DenialText(
                "search path",
                "SET search_path",
                "the statement's text does not tell the path",
                hint: "write the path as a constant"
            )
        }
        func words(_ path: [Identifier]) -> String {
            path.isEmpty ? "the empty path" : "`\(Words.bounded(path.map(Words.identifier).joined(separator: ", ")))`"
        }
        return DenialText(
            "search path",
            "SET search_path",
            "\(words(path)) is none of the paths that it may set: \(Words.list(permitted.map(words)))",
            hint: "add it to the role's `search_paths`, or write schemas in names"
        )
    }

    private static func name(_ change: SettingChange) -> String { Words.bounded(change.name, 64) }
}
