internal import PosternConfiguration
internal import PosternCore
internal import PosternJournal
internal import PosternPolicy
internal import PosternSQL
internal import PosternSession

/// Where one loop's sessions have their texts judged: a cache in front of the parser and the roles' rules.
///
/// Confined to the loop, whose thread has the stack that the parser needs.
final class StatementDesk {
    /// Bytes of texts and judgements that a loop remembers.
    private static let cacheSize = 16 * 1024 * 1024
    /// Search paths that a loop tells apart: far more than roles name.
    private static let maximumPaths = 1000

    /// A role as it judges now. Sessions of the role share it until the policy or the catalogue changes.
    final class Bench {
        let number: Int
        let stamp: JudgementStamp
        let role: Role
        fileprivate let judge: RoleJudge
        fileprivate let recorder: StatementRecorder

        fileprivate init(number: Int, stamp: JudgementStamp, role: Role, judge: RoleJudge, recorder: StatementRecorder)
        {
            self.number = number
            self.stamp = stamp
            self.role = role
            self.judge = judge
            self.recorder = recorder
        }

        /// Judges what is no text.
        func judge(functionCall oid: UInt32) -> StatementText {
            let call = judge.judgeFunctionCall(oid: oid)
            let judged = JudgedText(statements: [], denial: call.denial, wouldDeny: call.wouldDeny, isUnparsed: true)
            return StatementText(
                bytes: [],
                judged: judged,
                stamp: stamp,
                fragments: [recorder.fragment(call, oid: oid)]
            )
        }

        /// What is recorded of a statement that something else than the role's rules denied.
        func members(of text: StatementText, at index: Int, _ denial: Denial) -> EncodedMembers {
            recorder.fragment(of: text, at: index, denial)
        }
    }

    private let key: TextKey
    private var cache = StatementCache(capacity: StatementDesk.cacheSize)
    /// Texts that differ in numbers alone share a judgement.
    private var templates = StatementCache(capacity: StatementDesk.cacheSize / 4)
    private var benches: [String: Bench] = [:]
    private var benchCount = 0
    private var searchPaths: [SearchPaths: Int] = [:]

    init(key: TextKey) {
        self.key = key
    }

    // MARK: Texts

    /// Judges a small text, or finds the judgement on one of any size.
    ///
    /// - Parameter searchPaths: the number of `paths`.
    /// - Returns: nil for a text that must be parsed elsewhere.
    func judge(
        _ text: borrowing Span<UInt8>,
        _ bench: Bench,
        paths: SearchPaths,
        searchPaths: Int
    ) -> StatementText? {
        let context = StatementCache.Context(judge: bench.number, searchPaths: searchPaths)
        if let known = cache.find(text, context) { return known }
        let isTooLarge = text.count > bench.role.limits.statementSize
        guard isTooLarge || text.count <= SQLAnalyzer.smallText else { return nil }
        // Over the role's limit its size decides, and it is not parsed.
        let template = isTooLarge || !bench.recorder.keepsShape ? nil : TextTemplate(text)
        if let template, let known = templates.find(template.bytes.span, context) {
            return bench.recorder.another(text, like: known)
        }
        let bytes = text.withUnsafeBytes { Array($0) }
        let judged = finish(bytes, isTooLarge ? .failure(.tooComplex) : Self.analyze(bytes), bench, paths, context)
        if let template, judged.judged.isFreeOfConstants,
            judged.judged.statements[0].facts.range == TextTemplate.statement(in: bytes)
        {
            templates.insert(
                StatementText(
                    bytes: template.bytes,
                    judged: judged.judged,
                    stamp: judged.stamp,
                    fragments: judged.fragments
                ),
                context
            )
        } else {
            cache.insert(judged, context)
        }
        return judged
    }

    /// Takes a text that was parsed elsewhere.
    func judge(
        _ bytes: [UInt8],
        _ analyzed: Result<AnalyzedText, AnalysisError>,
        _ bench: Bench,
        paths: SearchPaths,
        searchPaths: Int
    ) -> StatementText {
        let context = StatementCache.Context(judge: bench.number, searchPaths: searchPaths)
        let text = finish(bytes, analyzed, bench, paths, context)
        cache.insert(text, context)
        return text
    }

    static func analyze(_ bytes: [UInt8]) -> Result<AnalyzedText, AnalysisError> {
        do throws(AnalysisError) {
            return .success(try SQLAnalyzer.analyze(bytes))
        } catch {
            return .failure(error)
        }
    }

    private func finish(
        _ bytes: [UInt8],
        _ analyzed: Result<AnalyzedText, AnalysisError>,
        _ bench: Bench,
        _ paths: SearchPaths,
        _ context: StatementCache.Context
    ) -> StatementText {
        let judged = bench.judge.judge(analyzed, byteCount: bytes.count, paths: paths)
        var stamp = bench.stamp
        stamp.searchPaths = context.searchPaths
        return StatementText(
            bytes: bytes,
            judged: judged,
            stamp: stamp,
            fragments: bench.recorder.fragments(of: bytes, judged)
        )
    }

    // MARK: Roles and paths

    /// The role's bench under this policy and catalogue.
    func bench(_ grant: SessionGrant, policy: Int, catalogue: CatalogSnapshot?) -> Bench {
        let stamp = JudgementStamp(policy: policy, catalogue: catalogue?.generation ?? 0, searchPaths: 0)
        if let bench = benches[grant.role.name], bench.stamp == stamp { return bench }
        benchCount += 1
        let bench = Bench(
            number: benchCount,
            stamp: stamp,
            role: grant.role,
            judge: RoleJudge(
                role: grant.role,
                database: JudgedDatabase(
                    name: Identifier(grant.database.databaseName),
                    searchPath: grant.searchPath,
                    login: Identifier(grant.login.name)
                ),
                catalog: catalogue
            ),
            recorder: StatementRecorder(
                audited: grant.role.auditedSQL,
                mode: grant.role.mode,
                isUnrestricted: grant.role.rules == .unrestricted,
                key: key
            )
        )
        benches[grant.role.name] = bench
        return bench
    }

    /// Search paths by number: equal ones have the same, so that sessions share judgements.
    func number(of paths: SearchPaths) -> Int {
        if let number = searchPaths[paths] { return number }
        if searchPaths.count >= Self.maximumPaths {
            searchPaths = [:]
            cache.removeAll()
            templates.removeAll()
        }
        searchPaths[paths] = searchPaths.count + 1
        return searchPaths.count
    }
}

extension JudgedText {
    /// It holds for every text of the same template.
    fileprivate var isFreeOfConstants: Bool {
        !isUnparsed && denial == nil && statements.count == 1 && statements[0].facts.areFreeOfConstants
    }
}

extension SessionGrant {
    /// The search path that the session begins with.
    var searchPath: [Identifier] { (database.searchPath(for: role) ?? []).map { Identifier($0) } }
}
