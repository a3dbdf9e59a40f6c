internal import ArgumentParser
internal import Glibc
internal import PosternConfiguration
internal import PosternCore
internal import PosternJournal
internal import PosternPolicy

/// What is looked for. An option that is given several times means any of its values; several options mean all of them.
struct AuditFilterOptions: ParsableArguments {
    enum Verdict: String, ExpressibleByArgument, CaseIterable {
        case allow
        case deny
    }

    @Option(name: .long, help: "From this moment on: RFC 3339, a date in UTC, or how long ago, as in 24h or 7d.")
    var since: String?
    @Option(name: .long, help: "Before this moment.")
    var until: String?
    @Option(name: .long, help: "The session's id.")
    var session: String?
    @Option(name: .long, help: ArgumentHelp("The role, or a glob as in policies.", valueName: "glob"))
    var role: [String] = []
    @Option(name: .long, help: ArgumentHelp("The database, as postern.yaml calls it.", valueName: "glob"))
    var database: [String] = []
    @Option(name: .long, help: ArgumentHelp("The repository of the run.", valueName: "glob"))
    var repository: [String] = []
    @Option(name: .long, help: ArgumentHelp("The branch or tag of the run, as in refs/heads/main.", valueName: "glob"))
    var ref: [String] = []
    @Option(name: .long, help: ArgumentHelp("The id of the CI run.", valueName: "glob"))
    var run: [String] = []
    @Option(name: .long, help: ArgumentHelp("The token's subject.", valueName: "glob"))
    var subject: [String] = []
    @Option(name: .long, help: ArgumentHelp("A tag, of a statement or an access, as in 'DROP *'.", valueName: "glob"))
    var tag: [String] = []
    @Option(
        name: .long,
        help: ArgumentHelp(
            "An object as in policies: public.orders, 'public.*', function:s.f; or orders in any schema."
        )
    )
    var object: [String] = []
    @Option(name: .long, help: "What was decided on the statement: allow or deny.")
    var decision: Verdict?

    /// - Throws: `ValidationError`, for a value that means nothing.
    func filter() throws -> JournalFilter {
        var filter = JournalFilter()
        filter.since = try since.map { try AuditMoment.parse($0, option: "--since") }
        filter.until = try until.map { try AuditMoment.parse($0, option: "--until") }
        if let session, SessionID(session) == nil {
            throw ValidationError("--session: `\(session)` is no session's id, which has 16 characters of 0-9a-z")
        }
        filter.session = session
        filter.role = try Self.test(role, option: "--role")
        filter.database = try Self.test(database, option: "--database")
        filter.repository = try Self.test(repository, option: "--repository")
        filter.ref = try Self.test(ref, option: "--ref")
        filter.run = try Self.test(run, option: "--run")
        filter.subject = try Self.test(subject, option: "--subject")
        filter.tag = try Self.test(tag.flatMap(Self.tags), option: "--tag")
        filter.object = try AuditObjects.test(object)
        filter.decision = decision.map { $0 == .allow ? .allow : .deny }
        return filter
    }

    /// A glob as it is; a word must be a tag, or short for some as in rules.
    private static func tags(_ text: String) throws -> [String] {
        let word = text.uppercased()
        guard !word.contains("*") else { return [word] }
        let tags = Rule.Subject.tagNames(of: word)
        guard !tags.isEmpty else {
            let hint = Rule.Subject.hint(forTag: word) ?? "one is `CREATE TABLE`, and a star stands for any text"
            throw ValidationError("--tag: `\(text)` is no tag: \(hint)")
        }
        return tags
    }

    private static func test(_ patterns: [String], option: String) throws -> JournalFilter.NameTest? {
        guard !patterns.isEmpty else { return nil }
        let globs = try patterns.map { pattern in
            guard !pattern.isEmpty, let glob = Glob(pattern) else {
                throw ValidationError("\(option): a pattern has 1 to \(Glob.maximumLength) bytes")
            }
            return glob
        }
        return { name in globs.contains { $0.matches(name) } }
    }
}

/// Moments as people write them on a command line.
enum AuditMoment {
    static func parse(_ text: String, option: String) throws -> Timestamp {
        if let duration = DurationText.parse(text) {
            return Timestamp(microseconds: now.microseconds - duration.inMicroseconds)
        }
        if let moment = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "T00:00:00Z") { return moment }
        throw ValidationError(
            "\(option): `\(text)` is no moment: write it as 2026-11-30T14:00:00Z, 2026-11-30, or 24h for how long ago"
        )
    }

    private static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
