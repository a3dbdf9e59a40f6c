internal import PosternConfiguration
internal import PosternCore
internal import PosternPolicy
internal import PosternSQL

/// What `policy explain` shows: who, where, and what.
struct PolicyExplanation: Sendable {
    private let role: Role
    private let askedDatabase: String
    private let source: ClaimsSource
    private let identity: IdentityExplanation
    private let statement: Explanation

    /// Calls the parser: on a `PolicyThread` only.
    init(
        role: Role,
        askedDatabase: String,
        source: ClaimsSource,
        issuer: String,
        connection: GrantConnection,
        text: [UInt8],
        workspace: PolicyWorkspace
    ) {
        self.role = role
        self.askedDatabase = askedDatabase
        self.source = source
        identity = IdentityExplanation(
            of: role,
            issuer: issuer,
            claims: source.claims,
            trust: workspace.trust(ofIssuer: issuer),
            connection: connection
        )
        let database = workspace.judgedDatabase(of: role)
        statement = RoleJudge(role: role, database: database, catalog: nil).explain(
            Result { () throws(AnalysisError) in try SQLAnalyzer.analyze(text) },
            byteCount: text.count,
            paths: SearchPaths(own: database.searchPath)
        )
    }

    private var leadsThere: Bool { role.database.utf8.elementsEqual(askedDatabase.utf8) }

    var isAllowed: Bool { identity.isGranted && leadsThere && statement.judged.denial == nil }

    var text: String {
        var lines = ["identity: issuer \(identity.issuer), \(source.description)"]
        if let refusal = identity.refusal {
            lines.append("  may not be role \(role.name): \(refusal)")
        } else {
            lines.append("  may be role \(role.name)")
        }
        if let untrusted = identity.untrusted, identity.match != .refused(.untrustedTrigger(untrusted)) {
            lines.append("  \(untrusted)")
        }
        for (index, entry) in identity.entries.enumerated() {
            let place = "\(entry.location.file):\(entry.location.line)"
            let words = entry.mismatch.map { "does not match: \($0)" } ?? "matches"
            lines.append("    entry \(index + 1)  \(place)  \(words)")
        }
        lines += identity.bindings.map { "    \($0.name)  \($0.verdict.words): \($0.reason)" }
        lines.append("database: \(askedDatabase)")
        if !leadsThere { lines.append("  not granted: role \(role.name) leads to \(role.database)") }
        lines.append("")
        if !identity.isGranted || !leadsThere {
            lines.append("The job is refused. What the role's rules say of the statement all the same:")
        }
        return lines.joined(separator: "\n") + "\n" + statement.text
    }

    var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("allowed")
        writer.bool(isAllowed)
        writer.name("identity")
        write(identity: &writer)
        writer.name("database")
        writer.beginObject()
        writer.name("asked")
        writer.string(askedDatabase)
        writer.name("granted")
        writer.bool(leadsThere)
        writer.endObject()
        writer.name("statement")
        statement.write(to: &writer)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func write(identity writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("issuer")
        writer.string(identity.issuer)
        writer.name("verified")
        writer.bool(false)
        writer.name("trusted")
        writer.bool(identity.untrusted == nil)
        if let untrusted = identity.untrusted {
            writer.name("untrusted")
            writer.beginObject()
            writer.name("claim")
            writer.string(untrusted.claim)
            writer.name("finding")
            writer.string(untrusted.finding)
            writer.name("why")
            writer.string(untrusted.why)
            writer.endObject()
        }
        writer.name("granted")
        writer.bool(identity.isGranted)
        if let refusal = identity.refusal {
            writer.name("reason")
            writer.string(refusal)
        }
        writer.name("entries")
        writer.beginArray()
        for entry in identity.entries {
            writer.beginObject()
            writer.name("file")
            writer.string(entry.location.file)
            writer.name("line")
            writer.integer(entry.location.line)
            writer.name("matches")
            writer.bool(entry.mismatch == nil)
            if let mismatch = entry.mismatch {
                writer.name("reason")
                writer.string(mismatch)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.name("bindings")
        writer.beginArray()
        for binding in identity.bindings {
            writer.beginObject()
            writer.name("name")
            writer.string(binding.name)
            writer.name("verdict")
            writer.string(binding.verdict.words)
            writer.name("reason")
            writer.string(binding.reason)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}

extension BindingExplanation.Verdict {
    fileprivate var words: String {
        switch self {
        case .met: "met"
        case .refused: "refused"
        case .unknown: "not known"
        }
    }
}
