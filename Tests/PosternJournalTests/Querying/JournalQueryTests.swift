import PosternCore
import PosternCrypto
import PosternJournal
import Testing

@Suite struct JournalQueryTests {
    private let session = "aaaaaaaaaaaaaaaa"

    /// A session over two files: its start and a decision; the outcome, the transaction's end and its own.
    private func folder() throws -> TestFolder {
        let folder = try TestFolder()
        var chain = TestChain(key: SigningKey())
        chain.start()
        chain.add("session.start") {
            $0.text("session", session)
            $0.text("role", "migrator")
        }
        decide(&chain, 1, object: "public.orders", decision: "allow")
        chain.rotate()
        chain.add("statement.outcome") {
            $0.text("session", session)
            $0.number("statement", 1)
            $0.text("result", "ok")
        }
        chain.add("transaction.end") {
            $0.text("session", session)
            $0.number("transaction", 1)
            $0.text("result", "commit")
        }
        decide(&chain, 2, object: "public.lines", decision: "deny")
        chain.add("session.note") { $0.text("session", session) }
        chain.add("guard.result") { $0.text("session", session) }
        chain.add("session.end") { $0.text("session", session) }
        try folder.write(chain, status: .open(after: nil))
        return folder
    }

    private func decide(_ chain: inout TestChain, _ number: Int, object: String, decision: String) {
        chain.add("statement.decision") { writer in
            writer.text("session", session)
            writer.number("statement", number)
            writer.number("transaction", number)
            writer.text("tag", "DROP TABLE")
            writer.name("accesses")
            writer.beginArray()
            writer.beginObject()
            writer.text("tag", "DROP TABLE")
            writer.text("object", object)
            writer.endObject()
            writer.endArray()
            writer.text("decision", decision)
        }
    }

    private func rows(_ folder: TestFolder, statements: Bool, _ change: (inout JournalFilter) -> Void = { _ in }) throws
        -> [JournalRow]
    {
        var filter = JournalFilter()
        change(&filter)
        let journals = try JournalSet(directories: [folder.path], usesIndex: false, notes: ReadingNotes { _ in })
        let query = JournalQuery(journals, filter, wantsStatements: statements)
        var rows: [JournalRow] = []
        while let row = query.next() { rows.append(row) }
        return rows
    }

    private func numbers(_ rows: [JournalRow]) -> [Int64?] {
        rows.map { row in
            guard case .statement(let row) = row else { return nil }
            return row.decision.members["statement"]?.numberValue?.integer
        }
    }

    @Test func `a session's records are put together over files`() throws {
        let found = try rows(folder(), statements: false)
        guard case .session(let row)? = found.first else {
            Issue.record("no session was found")
            return
        }
        #expect(found.count == 1)
        #expect((row.statements, row.denied) == (2, 1))
        #expect(row.start.members["role"]?.stringValue == "migrator")
        #expect(row.end?.frame.event == "session.end")
    }

    @Test func `statements are found newest first with what came of them`() throws {
        let found = try rows(folder(), statements: true)
        #expect(numbers(found) == [2, 1])
        guard case .statement(let first)? = found.last else { return }
        #expect(first.outcome?.members["result"]?.stringValue == "ok")
        #expect(first.transaction?.members["result"]?.stringValue == "commit")
        #expect(first.start?.members["role"]?.stringValue == "migrator")
    }

    @Test func `a filter holds for all that it asks for`() throws {
        let folder = try folder()
        #expect(try numbers(rows(folder, statements: true) { $0.decision = .deny }) == [2])
        #expect(
            try numbers(rows(folder, statements: true) { $0.object = { $0.isEmpty && $1 == "public.orders" } }) == [1]
        )
        #expect(try numbers(rows(folder, statements: true) { $0.tag = { $0 == "DROP TABLE" } }) == [2, 1])
        #expect(try numbers(rows(folder, statements: true) { $0.role = { $0 == "migrator" } }) == [2, 1])
        #expect(try rows(folder, statements: true) { $0.role = { $0 == "app" } }.isEmpty)
        #expect(try rows(folder, statements: false) { $0.since = Timestamp(seconds: 1_895_224_580) }.isEmpty)
        #expect(try rows(folder, statements: false) { $0.until = Timestamp(seconds: 0) }.isEmpty)
    }

    @Test func `guards' results are found by their sessions`() throws {
        let folder = try folder()
        let journals = try JournalSet(directories: [folder.path], usesIndex: false, notes: ReadingNotes { _ in })
        for (role, count) in [("migrator", 1), ("app", 0)] {
            var filter = JournalFilter()
            filter.role = { $0 == role }
            let query = JournalQuery(journals, filter, wanted: .guardResults)
            var found: [GuardRow] = []
            while case .guardResult(let row)? = query.next() { found.append(row) }
            #expect(found.count == count)
            #expect(found.allSatisfy { $0.start?.members["role"]?.stringValue == "migrator" })
        }
    }

    @Test func `a session is gone through in the order of its records`() throws {
        let folder = try folder()
        let journals = try JournalSet(directories: [folder.path], usesIndex: false, notes: ReadingNotes { _ in })
        let trail = try #require(SessionTrail(session: session, in: journals))
        var steps: [String] = []
        trail.forEachStep { step in
            switch step {
            case .statement(_, let outcome): steps.append(outcome == nil ? "statement" : "statement, outcome")
            case .transaction: steps.append("transaction")
            case .cancel: steps.append("cancel")
            case .note: steps.append("note")
            case .guardResult: steps.append("guard")
            }
        }
        #expect(steps == ["statement, outcome", "transaction", "statement", "note", "guard"])
        #expect(SessionTrail(session: "bbbbbbbbbbbbbbbb", in: journals) == nil)
        #expect(SessionTrail(session: "no id", in: journals) == nil)
    }

    @Test func `a table fits its width and loses no column`() throws {
        let table = try RowTable(rows(folder(), statements: true), namesJournals: true)
        for width in [40, 60, 80, 120] {
            let lines = table.text(width: width).split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= width }, "\(width)")
            #expect(lines.contains { $0.contains("SESSION") } && lines.contains { $0.contains(session) })
        }
        #expect(table.text(width: nil).split(separator: "\n").count == 3)
    }
}

extension JSONWriter {
    mutating func number(_ name: String, _ value: Int) {
        self.name(name)
        integer(value)
    }
}
