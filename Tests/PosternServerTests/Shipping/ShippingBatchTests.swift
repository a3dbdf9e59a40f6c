import PosternCore
import PosternJournal
import PosternServer
import Testing

struct ShippingBatchTests {
    private let records: [StoredRecord]

    init() throws {
        let fixture = ShippingFixture()
        let events = ["session.start", "journal.checkpoint", "session.end", "session.end", "session.end"]
        records = try events.flatMap { try fixture.records($0) }.map(StoredRecord.init)
    }

    private func batch(_ limits: ShippingBatch.Limits = ShippingBatch.Limits()) -> ShippingBatch {
        var batch = ShippingBatch(name: "loop-0", previous: nil, gap: 0...9)
        for record in records where batch.hasRoom(for: record, limits) { batch.append(record) }
        return batch
    }

    @Test func `rows and bytes are bounded, and one record always fits`() {
        #expect(batch().records.count == 5)
        #expect(batch(.init(records: 3)).records.count == 3)
        #expect(batch(.init(bytes: records[0].size * 2 + 40)).records.count == 2)
        #expect(batch(.init(records: 0, bytes: 0)).records.count == 1)
    }

    @Test func `it knows its last record and its last checkpoint`() {
        #expect(batch().last?.position == records[4].position)
        #expect(batch().checkpoint == 1)
        #expect(batch(.init(records: 1)).checkpoint == nil)
        #expect(batch().copyText(isPlain: false).count { $0 == UInt8(ascii: "\n") } == 5)
    }

    @Test func `halves follow each other, down to single records`() throws {
        let (first, second) = try #require(batch().halves)
        #expect(first.records.count == 2 && second.records.count == 3)
        #expect(first.previous == nil && first.gap == 0...9)
        #expect(second.previous == first.last?.position && second.gap == nil)
        #expect(batch(.init(records: 1)).halves == nil)
    }

    @Test func `months are those of its records`() throws {
        #expect(batch().months == [try #require(StoreMonth(time: "2026-11-21T01:29:40.000000Z"))])
        let december = try #require(StoreMonth(time: "2026-12-31T23:59:59.999999Z"))
        #expect(december.suffix == "202612")
        #expect(december.bounds == ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"))
        for time in ["2026-13-01", "2026-00-01", "0000-01-01", "202611", "", "20xx-01"] {
            #expect(StoreMonth(time: time) == nil)
        }
    }
}
