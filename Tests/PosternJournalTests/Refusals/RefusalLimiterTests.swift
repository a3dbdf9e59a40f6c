import PosternCore
import PosternJournal
import Testing

@Suite struct RefusalLimiterTests {
    private static let minute = MonotonicTime(nanoseconds: 60_000_000_000)

    private func at(_ milliseconds: Int) -> MonotonicTime {
        Self.minute.advanced(by: .milliseconds(milliseconds))
    }

    private func source(_ number: Int) -> [UInt8] {
        [10, UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
    }

    /// How many of `count` refusals from one source are admitted.
    private func admit(_ count: Int, of source: [UInt8], at milliseconds: Int, _ limiter: inout RefusalLimiter) -> Int {
        (0..<count).count { _ in limiter.admit(source: source, now: at(milliseconds)) }
    }

    /// How many refusals come at which millisecond from one source, and how many get a record.
    @Test(arguments: [
        ([(0, 10)], [10]),
        ([(0, 11)], [10]),
        ([(0, 5), (999, 10)], [5, 5]),
        ([(0, 10), (999, 1), (1000, 11)], [10, 0, 10]),
        ([(0, 5), (500, 5), (1000, 9), (1499, 1), (1500, 9)], [5, 5, 5, 0, 5]),
        // A clock that stands still or steps back admits nothing more.
        ([(2000, 10), (2000, 1), (0, 1)], [10, 0, 0]),
    ])
    func `one source gets ten records in any second`(arrivals: [(Int, Int)], expected: [Int]) {
        var limiter = RefusalLimiter()
        let admitted = arrivals.map { time, count in admit(count, of: source(1), at: time, &limiter) }
        #expect(admitted == expected)
    }

    @Test func `all sources together get a hundred records in any second`() {
        var limiter = RefusalLimiter()
        let first = (0..<150).reduce(0) { $0 + admit(1, of: source($1), at: $1, &limiter) }
        #expect(first == 100)
        let summary = limiter.finish()
        #expect(summary == .init(count: 50, sources: 50))
        // The first hundred came in the milliseconds 0 to 99: at 1049 fifty of them are a second old.
        let later = (0..<150).reduce(0) { $0 + admit(1, of: source($1), at: 1049, &limiter) }
        #expect(later == 50)
    }

    @Test func `a source that is over its share leaves the others theirs`() {
        var limiter = RefusalLimiter()
        let flood = admit(1000, of: [], at: 0, &limiter)
        let other = admit(1, of: source(2), at: 0, &limiter)
        #expect([flood, other] == [10, 1])
    }

    @Test func `nothing suppressed has no summary`() {
        var limiter = RefusalLimiter()
        _ = admit(1, of: source(1), at: 0, &limiter)
        let summaries = [limiter.summary(now: at(5000)), limiter.finish()]
        #expect(summaries == [nil, nil])
    }

    @Test func `a summary comes a second after the first suppressed refusal, once`() {
        var limiter = RefusalLimiter()
        for number in [1, 2] { _ = admit(15, of: source(number), at: 0, &limiter) }
        let early = [limiter.summary(now: at(999)), limiter.summary(now: at(1000)), limiter.summary(now: at(3000))]
        #expect(early == [nil, .init(count: 10, sources: 2), nil])
        _ = admit(11, of: source(3), at: 3000, &limiter)
        let late = [limiter.summary(now: at(3500)), limiter.finish(), limiter.finish()]
        #expect(late == [nil, .init(count: 1, sources: 1), nil])
    }

    @Test func `the number of different sources is counted up to a bound`() {
        var limiter = RefusalLimiter()
        for number in 0..<5000 { _ = admit(1, of: source(number), at: 0, &limiter) }
        let summary = limiter.finish()
        #expect(summary == .init(count: 4900, sources: RefusalLimiter.countedSources))
    }
}
