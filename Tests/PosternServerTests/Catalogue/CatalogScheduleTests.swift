import PosternCore
import PosternServer
import Testing

struct CatalogScheduleTests {
    private static let start = MonotonicTime(nanoseconds: 1_000_000_000_000)

    private func at(_ milliseconds: Int) -> MonotonicTime { Self.start.advanced(by: .milliseconds(milliseconds)) }

    private func begin(_ schedule: inout CatalogSchedule, at milliseconds: Int, is expected: Bool) {
        let begins = schedule.begin(at: at(milliseconds))
        #expect(begins == expected, "at \(milliseconds)")
    }

    private func note(_ schedule: inout CatalogSchedule, at milliseconds: Int, is expected: Bool) {
        let changes = schedule.noteDDL(at: at(milliseconds))
        #expect(changes == expected, "at \(milliseconds)")
    }

    private func read(_ schedule: inout CatalogSchedule, at milliseconds: Int, succeeded: Bool = true) {
        begin(&schedule, at: milliseconds, is: true)
        schedule.end(succeeded: succeeded)
    }

    @Test func `the first reading is due at once, the next a minute after it began`() {
        var schedule = CatalogSchedule(now: at(0))
        #expect(schedule.due == at(0))
        begin(&schedule, at: 5, is: true)
        #expect(schedule.state == .reading && schedule.due == nil)
        begin(&schedule, at: 90_000, is: false)  // one at a time
        schedule.end(succeeded: true)
        #expect(schedule.due == at(60_005))
        begin(&schedule, at: 60_004, is: false)
        begin(&schedule, at: 60_005, is: true)
    }

    @Test func `a failure is followed by another try in ten seconds`() {
        var schedule = CatalogSchedule(now: at(0))
        read(&schedule, at: 0, succeeded: false)
        #expect(schedule.due == at(10_000) && schedule.isRetrying)
        read(&schedule, at: 10_000)
        #expect(schedule.due == at(70_000) && !schedule.isRetrying)
    }

    @Test func `DDL is followed by a reading after 200 ms, however much of it comes`() {
        var schedule = CatalogSchedule(now: at(0))
        read(&schedule, at: 0)
        note(&schedule, at: 5000, is: true)
        note(&schedule, at: 5100, is: false)
        #expect(schedule.due == at(5200))
        read(&schedule, at: 5200)
        #expect(schedule.due == at(65_200), "what was noted before has been read")
    }

    @Test func `readings after DDL begin a second apart`() {
        var schedule = CatalogSchedule(now: at(0))
        read(&schedule, at: 0)
        note(&schedule, at: 100, is: true)
        #expect(schedule.due == at(1000))
        read(&schedule, at: 1000)
        note(&schedule, at: 1001, is: true)
        #expect(schedule.due == at(2000))
    }

    @Test func `DDL during a reading causes another one`() {
        var schedule = CatalogSchedule(now: at(0))
        begin(&schedule, at: 0, is: true)
        note(&schedule, at: 10, is: false)  // nothing is due before the end
        schedule.end(succeeded: true)
        #expect(schedule.due == at(1000))
    }

    @Test func `DDL does not put off a reading that is due before`() {
        var schedule = CatalogSchedule(now: at(0))
        read(&schedule, at: 0)
        note(&schedule, at: 59_950, is: true)
        #expect(schedule.due == at(60_000))
    }
}
