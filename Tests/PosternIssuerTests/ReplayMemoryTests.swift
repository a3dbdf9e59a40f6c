import PosternCore
import PosternIssuer
import Testing

struct ReplayMemoryTests {
    private static let date = Timestamp(seconds: 1_795_224_580)
    private static let boot = MonotonicTime(nanoseconds: 1_000_000_000_000)

    @Test func `a request is taken once, until it is stale by both clocks`() throws {
        var memory = ReplayMemory()
        func take(_ wall: Int, _ machine: Int) throws(RequestRefusal) {
            try memory.take(
                [1],
                date: Self.date,
                now: Self.date.advanced(by: .seconds(wall)),
                monotonic: Self.boot.advanced(by: .seconds(machine))
            )
        }
        try take(0, 0)
        for (wall, machine) in [(0, 0), (300, 300), (10_000, 599), (-10, 10_000), (10, 10_000)] {
            #expect(throws: RequestRefusal.replayed) { try take(wall, machine) }
        }
        // Its date is checked elsewhere: here it is only forgotten.
        try take(302, 600)
    }

    @Test func `a full memory takes nobody, and has room again`() throws {
        var memory = ReplayMemory(capacity: 3)
        for number in 0..<3 { try memory.take([UInt8(number)], date: Self.date, now: Self.date, monotonic: Self.boot) }
        #expect(throws: RequestRefusal.tooMany) {
            try memory.take([9], date: Self.date, now: Self.date, monotonic: Self.boot)
        }
        let later = Self.date.advanced(by: .seconds(700))
        try memory.take([9], date: later, now: later, monotonic: Self.boot.advanced(by: .seconds(700)))
        #expect(memory.count == 1)
    }

    @Test func `what is forgotten leaves no memory behind`() throws {
        var memory = ReplayMemory()
        for number in 0..<20_000 {
            let passed = Duration.seconds(number)
            let now = Self.date.advanced(by: passed)
            let fingerprint = [UInt8(number & 255), UInt8(number >> 8)]
            try memory.take(fingerprint, date: now, now: now, monotonic: Self.boot.advanced(by: passed))
            #expect(memory.count <= 601)
        }
    }

    @Test func `a rate is so much at once and so much a second`() {
        var limit = RateLimit(burst: 3, perSecond: 2)
        func take(_ milliseconds: Int) -> Bool { limit.take(now: Self.boot.advanced(by: .milliseconds(milliseconds))) }
        #expect([take(0), take(0), take(0), take(0)] == [true, true, true, false])
        #expect([take(400), take(500), take(500)] == [false, true, false])
        #expect([take(60_000), take(60_000), take(60_000), take(60_000)] == [true, true, true, false])
    }
}
