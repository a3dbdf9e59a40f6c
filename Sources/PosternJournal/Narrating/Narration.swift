internal import PosternCore

/// The words of each event.
enum Narration {
    static func of(_ record: JournalRecord) -> [String] {
        let members = Members(record.members)
        switch record.frame.event {
        case "session.start": return sessionStart(members)
        case "session.refused": return sessionRefused(members)
        case "session.end": return [sessionEnd(members)]
        case "session.cancel":
            return [phrase([members.word("session"), members.word("source").map { "asked by \($0)" }])]
        case "statement.decision": return statementDecision(members)
        case "statement.outcome": return [statementOutcome(members)]
        case "transaction.end": return [transactionEnd(members)]
        case "session.receipt": return [receipt(members)]
        case "session.note": return note(members)
        case "guard.result": return guardResult(members)
        case "session.refused.summary", "issuer.refuse.summary":
            return ["\(members.text("count") ?? "?") more from \(members.text("sources") ?? "?") sources"]
        case "gateway.start", "gateway.stop": return gateway(members)
        case "policy.reload": return policyReload(members)
        case "issuer.mint": return issuerMint(members)
        case "issuer.refuse": return issuerRefuse(members)
        case "issuer.state": return issuerState(members)
        case "chain.start":
            return [
                phrase([
                    members.word("gateway"), members.short("chain").map { "chain \($0)" },
                    members.word("public_key").map { "key \($0)" },
                ])
            ]
        case "journal.checkpoint": return [checkpoint(members)]
        case "journal.recovered":
            return [
                "\(members.word("file") ?? "?"): \(members.text("whole_bytes") ?? "?") bytes whole, "
                    + "\(members.text("torn_bytes") ?? "?") torn bytes cut off"
            ]
        case "retention.removed": return [removal(members)]
        case "journal.lost":
            return ["\(members.text("records") ?? "?") records are missing: they could be neither written nor kept"]
        default: return [other(record)]
        }
    }

    // MARK: Sessions

    private static func sessionStart(_ members: Members) -> [String] {
        return [
            phrase([members.word("session"), roleAndDatabase(members)]),
            who(members),
            run(members.object("run")),
            client(members.object("client")),
            "→ " + upstream(members),
        ]
    }

    /// Whom the gateway logged in as, and where.
    static func upstream(_ members: Members) -> String {
        let upstream = members.object("upstream")
        return phrase([
            "\(upstream.word("login") ?? members.word("login") ?? "?") at \(address(upstream))", tls(upstream),
            upstream.text("backend_pid").map { "backend \($0)" },
            upstream.firstWord("server_version").map { "PostgreSQL \($0)" },
        ])
    }

    private static func sessionRefused(_ members: Members) -> [String] {
        let stage = members.word("stage").map { "at \($0):" }
        let asked = roleAndDatabase(members).map { "asked to be \($0)" }
        let unverified = unverified(members)
        return [
            phrase([members.word("session"), stage, members.text("reason")]),
            phrase([asked, client(members.object("client"))]),
            members.word("claim").map { "failing claim \($0)" } ?? "",
            who(members),
            unverified.isEmpty ? "" : "the token says, unverified: \(unverified)",
        ]
    }

    /// What a token says of itself before anybody has checked it.
    static func unverified(_ members: Members) -> String {
        phrase([
            members.word("unverified_issuer").map { "issuer \($0)" },
            members.word("unverified_key_id").map { "key \($0)" },
        ])
    }

    private static func sessionEnd(_ members: Members) -> String {
        let glue = LineFolder.glue
        let denied = members.integer("denied").flatMap { $0 > 0 ? "\($0)\(glue)denied" : nil }
        let counts = [
            members.integer("statements").map { Quantity.count($0, "statement", "statements") }, denied,
            members.integer("rows").map { Quantity.count($0, "row", "rows") },
            members.integer("bytes_in").map { "\(Quantity.bytes($0))\(glue)in" },
            members.integer("bytes_out").map { "\(Quantity.bytes($0))\(glue)out" },
            members.integer("duration_us").map(Quantity.duration),
        ].compactMap(\.self)
        let reason = members.text("reason").map { counts.isEmpty ? $0 : "\($0):" }
        return phrase([members.word("session"), reason, counts.joined(separator: ", ")])
    }

    private static func roleAndDatabase(_ members: Members) -> String? {
        switch (members.word("role"), members.word("database")) {
        case (let role?, let database?): "\(role) on \(database)"
        case (let role?, nil): role
        case (nil, let database?): "nobody on \(database)"
        case (nil, nil): nil
        }
    }

    private static func who(_ members: Members) -> String {
        let identity = members.object("identity")
        return phrase([
            identity.word("issuer").map { "issuer \($0)" }, identity.word("subject").map { "subject \($0)" },
        ])
    }

    private static func run(_ run: Members) -> String {
        phrase([
            run.word("repository").map { "repository \($0)" }, run.word("ref").map { "ref \($0)" },
            run.short("sha").map { "commit \($0)" }, run.word("id").map { "run \($0)" },
        ])
    }

    static func client(_ client: Members) -> String {
        guard let address = client.word("address") else { return "" }
        return phrase(["from \(address)", client.word("application").map { "as \($0)" }, tls(client)])
    }

    private static func tls(_ members: Members) -> String {
        members.word("tls").map { "over \($0)" } ?? "without TLS"
    }

    private static func address(_ upstream: Members) -> String {
        let host = upstream.word("host") ?? "?"
        guard let port = upstream.text("port") else { return host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    // MARK: Gateway and journal

    private static func gateway(_ members: Members) -> [String] {
        [
            phrase([members.word("gateway"), members.word("version").map { "version \($0)" }]),
            policy(members),
        ]
    }

    private static func policy(_ members: Members) -> String {
        phrase([
            members.short("policy_hash").map { "policy \($0)" }, members.word("revision").map { "revision \($0)" },
            members.words("files").map { "of \($0)" },
        ])
    }

    private static func policyReload(_ members: Members) -> [String] {
        if let error = members.text("error") { return ["not taken: \(error)", "still " + policy(members)] }
        return [policy(members), members.words("changed_roles").map { "changed: \($0)" } ?? "no role changed"]
    }

    private static func checkpoint(_ members: Members) -> String {
        let heads = members.object("heads").all.map { member in
            let head = Members(member.value.objectValue ?? [:])
            return "\(head.word("name") ?? "?") at \(head.text("seq") ?? "?")"
        }
        return phrase([
            members.text("seq").map { "record \($0)" }, members.short("key_id").map { "signed by \($0)" },
            heads.isEmpty ? nil : "with \(heads.joined(separator: ", "))",
        ])
    }

    /// The record is written before the files go.
    private static func removal(_ members: Members) -> String {
        let (first, last) = (members.word("first_file"), members.word("last_file") ?? "?")
        let names = first == nil || first == last ? last : "\(first ?? "?") to \(last)"
        let through = members.object("through").text("seq").map { ", records up to \($0)" } ?? ""
        return "\(members.integer("files").map { Quantity.count($0, "file", "files") } ?? "? files"), \(names)"
            + "\(through), removed by retention: the last record is of \(members.word("last_time") ?? "?"), older than "
            + (members.word("retain") ?? "?")
    }

    private static func other(_ record: JournalRecord) -> String {
        phrase(record.fields.map { "\(TerminalText.word($0.name))=\(Members.word(of: $0.value))" })
    }

    static func phrase(_ parts: [String?]) -> String {
        parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
    }
}
