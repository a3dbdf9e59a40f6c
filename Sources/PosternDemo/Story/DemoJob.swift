internal import PosternCore

/// One CI job of the demo: the token that it holds, what it runs, and what must come of it.
struct DemoJob: Sendable {
    enum Expectation: Sendable {
        case rows
        case refused
    }

    let title: String
    /// What the job is and why it gets what it gets.
    let story: String
    let sql: String
    let expectation: Expectation
    let token: Redacted<String>

    /// The jobs in the order in which they are told.
    ///
    /// - Parameters:
    ///   - issuer: the one that the gateway trusts.
    ///   - forger: an issuer of the same name with a key of its own.
    static func all(issuer: DevIssuer, forger: DevIssuer, now: Timestamp) throws(DemoError) -> [DemoJob] {
        let names = DemoNames.self
        func token(
            from minter: DevIssuer? = nil,
            audience: String = DemoNames.audience,
            branch: String = DemoNames.branch,
            age: Duration = .zero
        ) throws(DemoError) -> Redacted<String> {
            try (minter ?? issuer).mint(
                subject: "repo:\(names.repository):ref:\(branch)",
                audience: audience,
                claims: [("repository", names.repository), ("ref", branch), ("run_id", "4711")],
                issuedAt: now.advanced(by: .zero - age),
                lifetime: .seconds(3600),
                keyID: issuer.keyID
            )
        }
        let query = "select * from orders order by id"
        return [
            DemoJob(
                title: "A job of the main branch",
                story: """
                    It runs for \(names.repository) at \(names.branch). Its CI system gave it a token; the token is its \
                    password, and it has no other.
                    """,
                sql: query,
                expectation: .rows,
                token: try token()
            ),
            DemoJob(
                title: "A token for somebody else",
                story: "The same job, but its token was made for the audience `registry.demo`.",
                sql: query,
                expectation: .refused,
                token: try token(audience: "registry.demo")
            ),
            DemoJob(
                title: "Yesterday's token",
                story: "A token that was good once: it expired an hour ago.",
                sql: query,
                expectation: .refused,
                token: try token(age: .seconds(7200))
            ),
            DemoJob(
                title: "Another branch",
                story:
                    "A valid token of \(names.repository), at refs/heads/try-this. The policy names the main branch only.",
                sql: query,
                expectation: .refused,
                token: try token(branch: "refs/heads/try-this")
            ),
            DemoJob(
                title: "A forged signature",
                story: "Every claim is right and the key's id too, but the key that signed it is another one.",
                sql: query,
                expectation: .refused,
                token: try token(from: forger)
            ),
        ]
    }
}
