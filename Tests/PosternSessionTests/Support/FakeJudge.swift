import PosternCore
import PosternPolicy
import PosternSQL
import PosternSession

/// Judges by a small table: what the first words of each statement are, and whether `secret` stands in it.
///
/// `secret` is denied always, `later` once `strict` is set, and `t` where `other` is among the schemas in use.
struct FakeJudge: StatementJudge {
    static let rule = RuleReference(id: "no-secrets", location: SourceLocation(file: "roles.yaml", line: 3, column: 1))
    static let denial = Denial(
        sqlState: "42501",
        reason: "rule",
        message: "permission denied by policy",
        detail: "rule no-secrets",
        hint: "ask"
    )

    /// The policy that denies `later` too, a generation on.
    var strict = false
    /// Texts that are longer are judged elsewhere.
    var limit = Int.max
    var judgedElsewhere: Set<[UInt8]> = []
    /// `mode: observe`: nothing is denied.
    var observes = false

    func judge(_ text: borrowing Span<UInt8>, paths: SearchPaths, pathsVersion: Int) -> StatementText? {
        let bytes = text.indices.map { text[$0] }
        guard bytes.count <= limit || judgedElsewhere.contains(bytes) else { return nil }
        return judged(bytes, paths, pathsVersion)
    }

    func judge(functionCall oid: UInt32) -> StatementText {
        let text = oid == 666 ? "call secret" : "call"
        return judged(Array(text.utf8), SearchPaths(own: []), 0)
    }

    func stamp(paths: SearchPaths, pathsVersion: Int) -> JudgementStamp {
        JudgementStamp(policy: strict ? 2 : 1, catalogue: 0, searchPaths: pathsVersion)
    }

    func randomBits() -> (UInt64, UInt64) { (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210) }

    static let nonce = "postern_deny_0123456789abcdeffedcba9876543210"
    /// What stands in a FunctionCall that is denied.
    static let missingFunction = "4291415535"

    // MARK: The table

    private func judged(_ bytes: [UInt8], _ paths: SearchPaths, _ version: Int) -> StatementText {
        let text = String(decoding: bytes, as: UTF8.self)
        let statements = text.split(separator: ";").map { $0.split(separator: " ").map(String.init) }
            .filter { !$0.isEmpty }
            .map { words in
                JudgedText.Statement(facts: Self.facts(words), decision: decision(words, paths))
            }
        let denial = observes ? nil : statements.lazy.compactMap(\.decision.denial).first
        return StatementText(
            bytes: bytes,
            judged: JudgedText(
                statements: text.contains("gibberish") ? [] : statements,
                denial: denial,
                wouldDeny: nil,
                isUnparsed: text.contains("gibberish")
            ),
            stamp: stamp(paths: paths, pathsVersion: version),
            fragments: []
        )
    }

    private func decision(_ words: [String], _ paths: SearchPaths) -> Decision {
        let isDenied =
            words.contains("secret") || strict && words.contains("later")
            || words.contains("t") && paths.schemas.contains("other")
        return Decision(
            verdict: isDenied ? .deny : .allow,
            rule: isDenied ? Self.rule : nil,
            denial: isDenied ? Self.denial : nil,
            accesses: []
        )
    }

    private static func facts(_ words: [String]) -> StatementFacts {
        var facts = StatementFacts(range: 0..<0, tag: .select, statementClass: .read)
        let name = words.count > 1 ? Identifier(words[1]) : ""
        switch words[0] {
        case "begin": facts.effects = [.begin]
        case "commit": facts.effects = [.commit(chain: words.contains("chain"))]
        case "rollback":
            facts.effects = [words.contains("to") ? .rollbackToSavepoint : .rollback(chain: words.contains("chain"))]
        case "savepoint": facts.effects = [.savepoint]
        case "stage": facts.effects = [.prepareTransaction]
        case "prepare": facts.effects = [.prepare(name: name)]
        case "execute": facts.effects = [.execute(name: name)]
        case "deallocate": facts.effects = [.deallocate(name: name == "all" ? nil : name)]
        case "declare": facts.effects = [.declareCursor(name: name)]
        case "fetch": facts.effects = [.fetch(cursor: name)]
        case "close": facts.effects = [.closeCursor(name: name == "all" ? nil : name)]
        case "discard": facts.effects = [.discardAll]
        case "create": facts.shape.changesCatalog = true
        case "path":
            facts.settings = [
                SettingChange(name: "search_path", value: .constants([words[1]]), route: .set, isLocal: false)
            ]
        default: break
        }
        return facts
    }
}
