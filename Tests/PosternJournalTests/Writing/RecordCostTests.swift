import Glibc
import PosternCore
import PosternJournal
import Testing

/// What a record costs, printed: `POSTERN_MEASURE=1 swift test -c release --filter RecordCost`. No gate: machines differ.
@Suite(.enabled(if: getenv("POSTERN_MEASURE") != nil), .serialized)
struct RecordCostTests {
    private let session = SessionID()
    private let judged = StatementRecord(
        tag: "UPDATE",
        statementClass: "write",
        sql: "UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2",
        textMAC: String(repeating: "ab", count: 32),
        fingerprint: "0123456789abcdef",
        accesses: [
            AccessRecord(
                statementClass: "write",
                tag: "UPDATE",
                kind: nil,
                object: ["public", "pgbench_accounts"],
                candidates: [],
                isOther: false,
                outcome: .allowedByRule("write-accounts")
            )
        ],
        decision: .allow,
        would: nil,
        rule: RuleRecord(id: "write-accounts", file: "policies/bench.yaml", line: 17),
        reason: nil
    ).encoded

    /// Processor time of this thread, user and system, so that other work on the machine disturbs little.
    private func measure(_ what: String, count: Int = 50_000, _ body: (UInt64) throws -> Void) rethrows {
        var best = UInt64.max
        for _ in 0..<5 {
            let start = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
            for number in 0..<count { try body(UInt64(number)) }
            best = min(best, (nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start) / UInt64(count))
        }
        print("\(what): \(best) ns")
    }

    private func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private var now: Timestamp { Timestamp(microseconds: Int64(nanoseconds(CLOCK_REALTIME) / 1000)) }

    private func outcome(_ statement: UInt64) -> StatementOutcome {
        StatementOutcome(
            session: session,
            statement: statement,
            result: .ok,
            tag: "UPDATE",
            rows: 1,
            bytes: 120,
            sqlState: nil,
            duration: .microseconds(217)
        )
    }

    private func decision(_ statement: UInt64) -> StatementDecision {
        StatementDecision(session: session, statement: statement, transaction: 3, judged: judged, forwarded: true)
    }

    @Test func `what records cost`() throws {
        let end = TransactionEnd(session: session, transaction: 3, result: .commit)
        try WriterFolder().write(rotateSize: 1 << 30) { writer in
            try measure("a decision, written") { try writer.append(decision($0), now: now) }
            try measure("an outcome, deferred") { try writer.defer(outcome($0), now: now) }
            try measure("an outcome and an end, deferred, and a decision, written") { number in
                try writer.defer(outcome(number), now: now)
                try writer.defer(end, now: now)
                try writer.append(decision(number), now: now)
            }
            print("a record has \(writer.byteCount / writer.recordCount) bytes on average")
        }
    }
}
