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
        #expect(memory.knows([0]) && memory.knows([2]) && !memory.knows([9]))
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

    @Test func `strangers of one address leave records for those of others`() {
        var limit = StrangerLimit()
        func take(_ source: String, _ seconds: Int) -> Bool {
            limit.take(source, now: Self.boot.advanced(by: .seconds(seconds)))
        }
        #expect((0..<1000).count { _ in take("192.0.2.1", 0) } == 20)
        #expect((0..<1000).count { _ in take("192.0.2.2", 0) } == 20)
        #expect((3...100).count { take("192.0.2.\($0)", 0) } == 60)
        #expect(!take("192.0.2.1", 49) && take("192.0.2.1", 50))
        // Addresses without end: no more than a number is remembered, and nobody is forgotten who would gain by it.
        #expect((0..<5000).count { take("198.51.100.\($0)", 60) } <= 6)
        #expect(take("203.0.113.1", 5000))
    }
}
