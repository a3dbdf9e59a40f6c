import PosternCore
import PosternSession
import Testing

struct RefusalPaceTests {
    @Test(
        arguments: [
            (0, 20_000), (1, 19_999), (300, 19_700), (19_999, 1), (20_000, 20_000), (20_001, 19_999),
            (5_000_300, 19_700),
        ]
    )
    func `refusals come at a multiple of one step after their token`(taken: Int, wait: Int) {
        let began = MonotonicTime(nanoseconds: 7_000_000_123)
        let now = MonotonicTime(nanoseconds: began.nanoseconds + UInt64(taken) * 1000)
        #expect(RefusalPace.wait(since: began, now: now) == .microseconds(wait))
    }

    @Test func `a clock that went back makes nobody wait longer than a step`() {
        let wait = RefusalPace.wait(since: MonotonicTime(nanoseconds: 9), now: MonotonicTime(nanoseconds: 3))
        #expect(wait == RefusalPace.step)
    }
}
