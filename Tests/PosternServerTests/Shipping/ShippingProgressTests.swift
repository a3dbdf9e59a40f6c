import PosternCore
import PosternJournal
import PosternServer
import Testing

struct ShippingProgressTests {
    private let chain = ChainID()

    private func head(_ seq: UInt64) -> RecordPosition { RecordPosition(chain: chain, seq: seq, hash: .zero) }
    private func expect(
        _ progress: inout ShippingProgress,
        _ heads: [String: RecordPosition],
        at second: Int64,
        records: UInt64,
        seconds: Int64
    ) {
        let lag = progress.lag(heads, now: at(second))
        #expect(lag.records == records && lag.duration == .seconds(seconds), "at \(second): \(lag)")
    }

    private func at(_ second: Int64) -> Timestamp { Timestamp(seconds: second) }

    @Test func `the lag is what the heads have and the store has not`() {
        var progress = ShippingProgress()
        expect(&progress, [:], at: 100, records: 0, seconds: 0)
        // Nobody knows yet what the store has: all of it waits.
        expect(&progress, ["a": head(9)], at: 100, records: 10, seconds: 0)
        expect(&progress, ["a": head(9)], at: 107, records: 10, seconds: 7)
        progress.stored("a", through: 9)
        expect(&progress, ["a": head(9)], at: 108, records: 0, seconds: 0)
        expect(&progress, ["a": head(12), "b": head(0)], at: 110, records: 4, seconds: 0)
        progress.stored("a", through: 12)
        expect(&progress, ["a": head(12), "b": head(0)], at: 115, records: 1, seconds: 5)
    }

    @Test func `a batch that is being loaded is as old as its first record`() {
        var progress = ShippingProgress()
        progress.loading("a", from: at(40))
        expect(&progress, ["a": head(9)], at: 100, records: 10, seconds: 60)
        progress.stored("a", through: 4)
        expect(&progress, ["a": head(9)], at: 100, records: 5, seconds: 0)
        progress.forget()
        expect(&progress, ["a": head(9)], at: 101, records: 10, seconds: 0)
    }

    @Test func `pauses grow, are never longer than the longest, and begin anew after a success`() {
        var backoff = ShippingBackoff()
        let steps = (0..<9).map { _ in backoff.pause(chance: 1) }
        #expect(steps.prefix(3) == [.milliseconds(500), .seconds(1), .seconds(2)])
        #expect(steps.last == ShippingBackoff.longest)
        backoff.succeeded()
        let first = backoff.pause(chance: 0)
        #expect(first == ShippingBackoff.shortest / 2)
        let later = (0..<200).map { _ in backoff.pause(chance: 7) }
        #expect(later.allSatisfy { $0 <= ShippingBackoff.longest })
    }

    @Test func `a store gets the steps that it lacks, and a newer one none`() {
        #expect(StoreSchema.missing(after: 0)?.map(\.version) == Array(1...StoreSchema.version))
        #expect(StoreSchema.missing(after: StoreSchema.version)?.isEmpty == true)
        #expect(StoreSchema.missing(after: StoreSchema.version + 1) == nil)
    }
}
