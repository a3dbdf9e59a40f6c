internal import PosternCore

/// One CI job of the demo: the token that it holds, what it runs, and what must come of it.
struct DemoJob: Sendable {
    enum Work: Sendable {
        case command(String)
        /// A file that psql runs from its first line to its last.
        case script(name: String, text: String)
    }

    enum Expectation: Sendable {
        case works
        /// It works up to this statement, which a rule denies.
        case denied(statement: String)
        case refused
    }

    let title: String
    /// What the job is and why it gets what it gets.
    let story: String
    let work: Work
    let expectation: Expectation
    let token: Redacted<String>

    /// Whether a session comes of it.
    var getsIn: Bool {
        switch expectation {
        case .works, .denied: true
        case .refused: false
        }
    }

    /// The jobs in the order in which they are told.
    ///
    /// - Parameters:
    ///   - issuer: the one that the gateway trusts.
    ///   - forger: an issuer of the same name with a key of its own.
    static func all(issuer: DevIssuer, forger: DevIssuer, now: Timestamp) throws(DemoError) -> [DemoJob] {
        let tokens = DemoTokens(issuer: issuer, now: now)
        return [
            DemoJob(
                title: "A migration of the main branch",
                story: """
                    The job runs for \(DemoNames.repository) at \(DemoNames.branch). Its CI system gave it a token; the \
                    token is its password, and it has no other.
                    """,
                work: .script(name: migrationName, text: migration),
                expectation: .works,
                token: try tokens.mint()
            ),
            DemoJob(
                title: "A migration that drops a table",
                story: """
                    The same job, the same token. Somebody has merged a script that goes too far, and that does not \
                    stop at errors.
                    """,
                work: .script(name: "tidy.sql", text: tidying),
                expectation: .denied(statement: deniedStatement),
                token: try tokens.mint()
            ),
            DemoJob(
                title: "A token for somebody else",
                story: "The same job with a token that was made for the audience `registry.demo`.",
                work: .command(query),
                expectation: .refused,
                token: try tokens.mint(audience: "registry.demo")
            ),
            DemoJob(
                title: "Yesterday's token",
                story: "The same psql with a token that was good once: it expired an hour ago.",
                work: .command(query),
                expectation: .refused,
                token: try tokens.mint(age: .seconds(7200))
            ),
            DemoJob(
                title: "Another branch",
                story: """
                    The same psql with a valid token of \(DemoNames.repository), at refs/heads/try-this. The policy \
                    names the main branch only.
                    """,
                work: .command(query),
                expectation: .refused,
                token: try tokens.mint(branch: "refs/heads/try-this")
            ),
            DemoJob(
                title: "A forged signature",
                story: """
                    The same psql again. Every claim is right and the key's id too, but the key that signed it is \
                    another one.
                    """,
                work: .command(query),
                expectation: .refused,
                token: try tokens.mint(from: forger)
            ),
        ]
    }

    static let migrationName = "ship.sql"
    private static let query = "select * from orders order by id"
    private static let deniedStatement = "drop table order_lines"

    private static let migration = """
        begin;
        alter table orders add column shipped date;
        update orders set shipped = placed + 2 where placed < '2026-11-10';
        commit;
        select * from orders order by id;

        """

    private static let tidying = """
        begin;
        delete from order_lines where order_id = 3;
        \(deniedStatement);
        commit;
        select count(*) as order_lines from order_lines;

        """
}

/// Tokens as the demo's jobs have them.
private struct DemoTokens {
    let issuer: DevIssuer
    let now: Timestamp

    func mint(
        from minter: DevIssuer? = nil,
        audience: String = DemoNames.audience,
        branch: String = DemoNames.branch,
        age: Duration = .zero
    ) throws(DemoError) -> Redacted<String> {
        try (minter ?? issuer).mint(
            subject: "repo:\(DemoNames.repository):ref:\(branch)",
            audience: audience,
            claims: [("repository", DemoNames.repository), ("ref", branch), ("run_id", DemoNames.run)],
            issuedAt: now.advanced(by: .zero - age),
            lifetime: .seconds(3600),
            keyID: issuer.keyID
        )
    }
}
