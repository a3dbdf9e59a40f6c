import Glibc
import PosternCore
import PosternCrypto
import PosternJournal
import Testing

@Suite struct ChainRetentionTests {
    private let folder = WriterFolder()
    /// What `WriterFolder` writes at.
    private let now = Timestamp(seconds: 1_800_000_000)

    /// A chain of several files, all written at `now`; the closure has the last writer.
    private func write(close: Bool = true, _ body: (JournalWriter) throws -> Void = { _ in }) throws {
        try folder.write(rotateSize: 2000, close: close) { writer in
            for _ in 0..<20 { try writer.append(GatewayStop(gateway: "gw", version: "1"), now: now) }
            try body(writer)
        }
    }

    private var files: [String] { folder.names().filter { $0.hasSuffix(".jsonl") } }

    private func open<Value>(_ body: (JournalDirectory) throws -> Value) throws -> Value {
        try body(try JournalDirectory(path: folder.path, signingKeyFile: nil))
    }

    private func plan(before: Timestamp) throws -> ChainRetention.Plan? {
        try open { try ChainRetention(of: "loop-0", in: $0).due(before: before).plan }
    }

    /// The steps of a removal up to one of them, as a crash leaves them.
    private enum Step: CaseIterable {
        case planned, recorded, stated, removed
    }

    private func remove(upTo last: Step) throws {
        try open { directory in
            let retention = ChainRetention(of: "loop-0", in: directory)
            let plan = try #require(try retention.due(before: now.advanced(by: .seconds(1))).plan)
            guard last != .planned else { return }
            let writer = try JournalWriter(
                directory: directory,
                syncer: JournalSyncer { _ in },
                name: "loop-0",
                gateway: "gw",
                rotateSize: 1 << 20,
                now: now
            )
            let event = RetentionRemoved(
                files: plan.files,
                through: plan.through,
                lastTime: plan.lastTime,
                retain: "400d"
            )
            let record = try writer.append(event, now: now)
            if last == .stated {
                let statement = RetentionStatement(removed: plan.through, record: record)
                let file = try #require(fopen(folder.path + "/loop-0.retained", "w"))
                let bytes = statement.signed(by: directory.key)
                #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
                fclose(file)
            } else if last == .removed {
                try retention.carryOut(plan, record: record)
            }
        }
    }

    @Test func `whole files that are old are planned, and never the last one`() throws {
        try write()
        let all = files
        #expect(all.count >= 3)
        #expect(try plan(before: now) == nil)
        let plan = try #require(try plan(before: now.advanced(by: .seconds(1_000_000))))
        #expect(plan.files == all.dropLast())
        #expect(plan.lastTime == now.rfc3339)
    }

    @Test func `what the auditors' store has not got stays, and that is said`() throws {
        try write()
        let all = files
        #expect(all.count >= 4)
        let later = now.advanced(by: .seconds(1_000_000))
        try open { directory in
            let retention = ChainRetention(of: "loop-0", in: directory)
            directory.shipped.require(true)
            let waiting = try retention.due(before: later)
            #expect(waiting.plan == nil && waiting.awaitsStore)
            #expect(try !retention.due(before: now).awaitsStore, "what is not old waits for nothing")
            directory.shipped.note(chain: "loop-0", needsFile: 3)
            let due = try retention.due(before: later)
            #expect(due.plan?.files == Array(all.prefix(2)) && due.awaitsStore)
            directory.shipped.note(chain: "loop-0", needsFile: all.count)
            #expect(try retention.due(before: later).plan?.files == all.dropLast())
            #expect(try !retention.due(before: later).awaitsStore)
        }
    }

    @Test func `a removal that a crash cut off waits for a store as well`() throws {
        try write()
        let all = files
        try remove(upTo: .stated)
        try open { directory in
            let retention = ChainRetention(of: "loop-0", in: directory)
            directory.shipped.require(true)
            try retention.finish()
            #expect(files == all)
            directory.shipped.note(chain: "loop-0", needsFile: 2)
            try retention.finish()
            #expect(files == Array(all.dropFirst()))
        }
        #expect(try folder.verify().records > 0)
    }

    @Test(arguments: [0, 1, 2, 3])
    func `a crash after any step leaves a chain that verifies, and the next round goes on`(step: Int) throws {
        try write()
        let all = files
        try remove(upTo: Step.allCases[step])
        let whole = try folder.verify()
        #expect(whole.removed == nil || step == 3)
        try open { try ChainRetention(of: "loop-0", in: $0).finish() }
        #expect(files == (step < 2 ? all : [all[all.count - 1]]))
        if step < 2 { try remove(upTo: .removed) }
        let report = try folder.verify()
        #expect(files == [all[all.count - 1]])
        #expect(report.firstSeq == report.removed.map { $0.seq + 1 })
        // A writer takes the chain up, and a second removal follows the first.
        try write()
        try remove(upTo: .removed)
        #expect(try folder.verify().isIntact)
    }

    @Test func `part of what was removed may be there, without a gap`() throws {
        try write()
        let all = files
        var contents: [String: [UInt8]] = [:]
        for name in all { contents[name] = try read(name) }
        try remove(upTo: .removed)
        for kept in (0..<all.count - 1).reversed() {
            try write(contents[all[kept]] ?? [], to: all[kept])
            #expect(try folder.verify().records > 0)
        }
        unlink(folder.path + "/" + all[1])
        let report = try JournalVerifier(directory: folder.path).verify()
        #expect(report.chains[0].findings.contains { $0.hasSuffix(" sequence") })
    }

    @Test func `what the statement does not name may not be missing`() throws {
        try write()
        try remove(upTo: .removed)
        try write()
        #expect(try folder.verify().isIntact)
        unlink(folder.path + "/" + files[0])
        let report = try JournalVerifier(directory: folder.path).verify()
        #expect(report.chains[0].findings.first?.hasSuffix(":1 sequence") == true)
    }

    @Test func `a statement whose record is not in the chain is found`() throws {
        try write()
        try open { directory in
            let plan = try #require(
                try ChainRetention(of: "loop-0", in: directory).due(before: now.advanced(by: .seconds(1))).plan
            )
            let invented = RecordPosition(chain: plan.through.chain, seq: plan.through.seq + 1, hash: .zero)
            try ChainRetention(of: "loop-0", in: directory).carryOut(plan, record: invented)
        }
        let report = try JournalVerifier(directory: folder.path).verify()
        #expect(report.chains[0].problems.map(\.kind) == [.retention])
    }

    @Test func `files that do not belong together are left alone`() throws {
        try write()
        let second = try read(files[1])
        try write(Array(second[(try #require(second.firstIndex(of: 10)) + 1)...]), to: files[1])
        #expect(throws: JournalError.self) { try plan(before: now.advanced(by: .seconds(1))) }
    }

    private func read(_ name: String) throws -> [UInt8] {
        let file = try #require(fopen(folder.path + "/" + name, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: folder.size(of: name))
        #expect(fread(&bytes, 1, bytes.count, file) == bytes.count)
        return bytes
    }

    private func write(_ bytes: [UInt8], to name: String) throws {
        let file = try #require(fopen(folder.path + "/" + name, "w"))
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        fclose(file)
    }
}
