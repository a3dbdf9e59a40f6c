import PosternCore
import PosternJob
import PostgresWire
import Testing

struct LoginRetryTests {
    private static let begin = MonotonicTime(nanoseconds: 1_000_000_000)
    private static let pause = Duration.milliseconds(250)
    private static let refusal = LinkFailure.refused(
        ErrorFields(severity: .fatal, sqlState: .invalidAuthorization, message: "no")
    )
    private static let starting = LinkFailure.refused(
        ErrorFields(severity: .fatal, sqlState: .cannotConnectNow, message: "starting")
    )

    @Test func `without a wait only a token that is not the last is tried again, once`() {
        var retry = LoginRetry(until: nil)
        #expect(retry.after(.unreachable("gone"), tokenIsLast: false, now: Self.begin) == .giveUp)
        #expect(retry.after(Self.refusal, tokenIsLast: true, now: Self.begin) == .giveUp)
        #expect(retry.after(Self.refusal, tokenIsLast: false, now: Self.begin) == .fresh)
        #expect(retry.after(Self.refusal, tokenIsLast: false, now: Self.begin) == .giveUp)
    }

    @Test func `what may pass is waited for until the deadline`() {
        var retry = LoginRetry(until: Self.begin.advanced(by: .seconds(10)))
        for failure in [LinkFailure.unreachable("gone"), Self.starting] {
            #expect(retry.after(failure, tokenIsLast: true, now: Self.begin) == .later(Self.pause))
            let late = Self.begin.advanced(by: .milliseconds(9_750))
            #expect(retry.after(failure, tokenIsLast: true, now: late) == .giveUp)
        }
        for failure in [LinkFailure.notTrusted("no"), .notGateway("no"), .noToken(JobTrouble("no"))] {
            #expect(retry.after(failure, tokenIsLast: true, now: Self.begin) == .giveUp)
        }
    }

    @Test func `a gateway that may have no keys yet is asked for three seconds`() {
        var retry = LoginRetry(until: Self.begin.advanced(by: .seconds(60)))
        #expect(retry.after(Self.refusal, tokenIsLast: true, now: Self.begin) == .later(Self.pause))
        let before = Self.begin.advanced(by: .milliseconds(2_900))
        #expect(retry.after(Self.refusal, tokenIsLast: true, now: before) == .later(Self.pause))
        #expect(retry.after(Self.refusal, tokenIsLast: true, now: Self.begin.advanced(by: .seconds(3))) == .giveUp)
    }
}
