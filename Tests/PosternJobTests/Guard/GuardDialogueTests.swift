import PosternCore
import PosternJob
import PostgresWire
import Testing

/// A guard's conversation with the gateway, question by question and in pieces of every size.
struct GuardDialogueTests {
    private static let ready = message("Z", Array("I".utf8))
    private static func message(_ type: Unicode.Scalar, _ body: [UInt8]) -> [UInt8] {
        let length = UInt32(body.count + 4)
        return [UInt8(ascii: type)] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + body
    }

    private func row(_ text: String) -> [UInt8] {
        ResultMessage.row(Array(text.utf8)) + ResultMessage.commandComplete("SELECT 1") + Self.ready
    }

    private var done: [UInt8] { ResultMessage.commandComplete("SET") + Self.ready }

    private func error(_ state: String, _ message: String, detail: String? = nil) throws -> [UInt8] {
        let state = try #require(SQLState(rawValue: state))
        let fields = ErrorFields(severity: .error, sqlState: state, message: message, detail: detail)
        return BackendMessage.errorResponse(fields).encoded + Self.ready
    }

    private func options(_ tables: String = #"public.users,public."O'r""#) throws -> GuardOptions {
        try GuardOptions(tables: [tables], maxLoss: "10%", timeout: "90s")
    }

    /// What is asked, given these answers in pieces of `piece` bytes, and the last action.
    private func talk(
        _ dialogue: inout GuardDialogue,
        _ answers: [[UInt8]],
        piece: Int,
        takesNotes: Bool = true
    ) -> (asked: [String], last: GuardDialogue.Action) {
        var asked: [String] = []
        var action = dialogue.opened(takesNotes: takesNotes)
        for answer in answers {
            guard case .send(let bytes) = action else { break }
            asked.append(String(decoding: bytes.dropFirst(5).dropLast(), as: UTF8.self))
            action = .receive
            var rest = answer[...]
            while !rest.isEmpty {
                #expect(action == .receive)
                action = dialogue.received(Array(rest.prefix(piece)))
                rest = rest.dropFirst(piece)
            }
        }
        return (asked, action)
    }

    private static let begin = ["SET statement_timeout TO 90000", "SET default_transaction_read_only TO on"]
    private static let counts = [
        #"SELECT count(*) FROM "public"."users""#, #"SELECT count(*) FROM "public"."O'r""#,
    ]

    @Test(arguments: 1...40)
    func `it counts, read-only and within its time`(piece: Int) throws {
        var dialogue = GuardDialogue(try options(), .before)
        let missing = try error("42P01", #"relation "public.O'r" does not exist"#)
        let (asked, last) = talk(&dialogue, [done, done, row("12"), missing], piece: piece)
        #expect(asked == Self.begin + Self.counts)
        #expect(last == .finish(FrontendMessage.terminate))
        #expect(dialogue.counts == [.rows(12), .missing])
        #expect(dialogue.isFirst && !dialogue.isRecorded)
    }

    @Test(arguments: [1, 3, 1000])
    func `after the command it has the result noted and takes the receipt`(piece: Int) throws {
        var dialogue = GuardDialogue(try options(), .after(before: [.rows(12), .rows(5)], exit: 0, unsettled: 0))
        let answers = [done, done, row("11"), row("2"), row("recorded"), row(#"{"v":1}"#)]
        let (asked, last) = talk(&dialogue, answers, piece: piece)
        #expect(asked.dropLast(2) == (Self.begin + Self.counts)[...])
        #expect(
            asked[4]
                == #"SELECT postern.record('{"guard.result":{"verdict":"lost","max_loss":"10%","exit":0,"part":1,"parts":1,"#
                + #""tables":[{"table":"public.users","before":12,"after":11,"verdict":"kept"},"#
                + #"{"table":"public.\"O''r\"","before":5,"after":2,"verdict":"lost"}]}}')"#
        )
        #expect(asked[5] == "SHOW postern.receipt")
        #expect(last == .finish(FrontendMessage.terminate))
        #expect(dialogue.isRecorded && dialogue.receipt == Array(#"{"v":1}"#.utf8))
    }

    @Test func `what cannot be counted before keeps the command from running`() throws {
        var dialogue = GuardDialogue(try options(), .before)
        let denial = try error("42501", "permission denied by policy", detail: "role app: no rule allows SELECT")
        let (asked, last) = talk(&dialogue, [done, done, denial], piece: 1000)
        #expect(asked.count == 3)
        #expect(last == .giveUp)
        let trouble = try #require(dialogue.troubles.first)
        #expect(trouble.message == "cannot count `public.users`: permission denied by policy")
        #expect(trouble.hint?.contains("`read`") == true && trouble.lines == ["role app: no rule allows SELECT"])
    }

    @Test func `what cannot be counted after is told and noted with the rest`() throws {
        var dialogue = GuardDialogue(try options(), .after(before: [.rows(1), .rows(5)], exit: 3, unsettled: 0))
        let late = try error("57014", "canceling statement due to statement timeout")
        let answers = [done, done, late, row("5"), row("recorded"), row("{}")]
        let (asked, last) = talk(&dialogue, answers, piece: 1000)
        #expect(last == .finish(FrontendMessage.terminate))
        #expect(dialogue.counts == [.unknown, .rows(5)])
        #expect(asked[4].contains(#""verdict":"unknown","max_loss":"10%","exit":3"#))
        #expect(dialogue.troubles.first?.hint == "`--count-timeout` gives it longer")
    }

    @Test func `an end, a violation and an older gateway are told`() throws {
        var dialogue = GuardDialogue(try options(), .before)
        _ = talk(&dialogue, [done, done], piece: 1000)
        dialogue.ended("gone")
        #expect(dialogue.troubles.last?.message == "cannot count `public.users`: gone")
        let fatal = try error("57P01", "the gateway is stopping").dropLast(Self.ready.count)
        #expect(dialogue.received(Array(fatal)) == .receive)
        dialogue.ended("gone")
        #expect(dialogue.troubles.last?.message == "cannot count `public.users`: the gateway is stopping")
        #expect(dialogue.received([0x44, 0, 0, 0, 0]) != .receive)

        var after = GuardDialogue(try options("a.b"), .after(before: [.rows(2)], exit: 0, unsettled: 0))
        let (asked, last) = talk(&after, [done, done, row("1")], piece: 1000, takesNotes: false)
        #expect(asked.count == 3 && last == .finish(FrontendMessage.terminate))
        #expect(after.troubles.count == 1 && !after.isRecorded && after.findings.outcome == .lost)
    }

    @Test func `what was counted holds when the note is refused`() throws {
        var dialogue = GuardDialogue(try options("a.b"), .after(before: [.rows(2)], exit: 0, unsettled: 0))
        let refusal = try error("57P01", "no\u{1B}[31mnotes")
        let (asked, last) = talk(&dialogue, [done, done, row("1"), refusal, row("{}")], piece: 1000)
        #expect(asked.last == "SHOW postern.receipt" && last == .finish(FrontendMessage.terminate))
        #expect(dialogue.findings.outcome == .lost && dialogue.receipt == Array("{}".utf8))
        #expect(dialogue.troubles.map(\.message) == [#"cannot record the guard's result: no\u{1B}[31mnotes"#])
    }

    @Test func `nothing is kept while something may still take effect`() throws {
        let before: [GuardCount] = [.rows(2), .rows(2)]
        var dialogue = GuardDialogue(try options("a.b,a.c"), .after(before: before, exit: 0, unsettled: 1))
        _ = talk(&dialogue, [done, done, row("2"), row("1"), row("recorded"), row("{}")], piece: 1000)
        #expect(dialogue.findings.tables.map(\.after) == [.unknown, .rows(1)])
        #expect(dialogue.findings.outcome == .lost && dialogue.troubles.count == 1)
    }

    @Test(arguments: ["", "x", "-1", "12abc", "1.5"])
    func `an answer that is no number is none`(text: String) throws {
        var dialogue = GuardDialogue(try options("a.b"), .before)
        let (_, last) = talk(&dialogue, [done, done, row(text)], piece: 1000)
        #expect(last == .giveUp)
        #expect(dialogue.troubles == [JobTrouble("cannot count `a.b`: the answer is no number")])
    }

    @Test func `a hundred long names stand in notes that the gateway takes`() throws {
        let long = String(repeating: "\"\"", count: 20)
        let names = (0..<100).map { "\"\(long)\(String(repeating: "x", count: 20))\($0)\".\"\(long)t\($0)\"" }
        let options = try GuardOptions(tables: [names.joined(separator: ",")], maxLoss: nil, timeout: nil)
        let counts = [GuardCount](repeating: .rows(.max), count: 100)
        let claims = GuardFindings(options, before: counts, after: counts, exit: 0).claims
        #expect(claims.count > 1 && claims.map(\.part) == Array(1...claims.count))
        #expect(claims.flatMap(\.tables).map(\.name) == options.tables)
        for claim in claims {
            let note = claim.note
            #expect(note.text.utf8.count <= 4096)
            #expect(note.objectValue?[GuardClaim.member].flatMap { GuardClaim($0) } == claim)
        }
    }

    @Test func `names beyond the limit, doubles and bad limits`() throws {
        let many = (0...100).map { "a.t\($0)" }.joined(separator: ",")
        #expect(throws: JobTrouble.self) { try GuardOptions(tables: [many], maxLoss: nil, timeout: nil) }
        #expect(try GuardOptions(tables: ["a.b,a.c", "A.B"], maxLoss: nil, timeout: nil).tables.count == 2)
        for (loss, time) in [("5", "0s"), ("5", "25h"), ("5", "x"), ("5 %", nil), ("", nil)] as [(String, String?)] {
            #expect(throws: JobTrouble.self) { try GuardOptions(tables: ["a.b"], maxLoss: loss, timeout: time) }
        }
    }
}
