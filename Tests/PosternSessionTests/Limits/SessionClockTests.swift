import PosternCore
import PosternSession
import PostgresWire
import Testing

struct SessionClockTests {
    private static let limits = SessionClock.Limits(
        session: .seconds(100),
        idle: .seconds(10),
        idleInTransaction: .seconds(5)
    )

    private func at(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: UInt64(seconds * 1e9))
    }

    private func judge(
        _ now: Double,
        active: Double,
        idle: Bool = true,
        _ status: TransactionStatus = .idle
    ) -> SessionClock.Verdict {
        var clock = SessionClock(limits: Self.limits, started: at(0))
        clock.lastActivity = at(active)
        return clock.judge(now: at(now), isIdle: idle, status: status)
    }

    @Test func `silence ends a session where a limit says so`() {
        #expect(judge(10, active: 0) == .reached(.idle))
        #expect(judge(9, active: 0) != .reached(.idle))
        #expect(judge(5, active: 0, .inTransaction) == .reached(.idleInTransaction))
        #expect(judge(5, active: 0, .failed) == .reached(.idleInTransaction))
    }

    @Test func `a statement that runs is not silence`() {
        guard case .waitUntil = judge(50, active: 0, idle: false, .inTransaction) else {
            Issue.record("a running statement was taken for silence")
            return
        }
    }

    @Test func `the session's end comes whatever it does`() {
        #expect(judge(100, active: 100, idle: false) == .reached(.session))
    }

    @Test func `nobody waits beyond the next limit that could be reached`() {
        #expect(judge(0, active: 0) == .waitUntil(at(5)))
        #expect(judge(97, active: 97) == .waitUntil(at(100)))
        #expect(judge(7, active: 0) == .waitUntil(at(7.05)))
    }

    @Test func `a token's end is the session's where the role says so`() {
        var clock = SessionClock(limits: Self.limits, started: at(0))
        clock.lastActivity = at(8)
        clock.tokenEnd = at(9)
        #expect(clock.judge(now: at(8), isIdle: true, status: .idle) == .waitUntil(at(9)))
        #expect(clock.judge(now: at(9), isIdle: false, status: .inTransaction) == .reached(.token))
        clock.tokenEnd = nil
        #expect(clock.judge(now: at(9), isIdle: true, status: .idle) != .reached(.token))
        // The session's own end comes first when it is first.
        clock.tokenEnd = at(200)
        #expect(clock.judge(now: at(100), isIdle: false, status: .idle) == .reached(.session))
    }

    @Test func `every ending has a reason and those of the gateway a text`() {
        let texts: [(SessionEnding, String, String?)] = [
            (.jobLeft, "terminated", nil), (.limit(.idle), "limit idle", "57P05"),
            (.limit(.idleInTransaction), "limit idle_in_transaction", "25P03"),
            (.limit(.token), "token expired", "57P01"),
            (.limit(.session), "limit session", "57P01"), (.revoked, "revoked", "57P01"), (.drained, "drain", "57P01"),
            (.serverLost, "upstream lost", "08006"), (.serverEnded(sqlState: "57P01"), "server error 57P01", nil),
            (.jobViolation("x"), "protocol violation: x", "08P01"),
            (.messageTooLarge(limit: 5), "message too large", "54000"),
        ]
        for (ending, reason, state) in texts {
            #expect(ending.reason == reason)
            #expect(ending.refusal?.sqlState.rawValue == state)
        }
    }
}
