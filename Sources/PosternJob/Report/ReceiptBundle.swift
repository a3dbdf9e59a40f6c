/// The receipts of a run's sessions, in the order in which these ended.
package struct ReceiptBundle: Sendable {
    /// More sessions than this are counted and not kept: 64 KiB each is what they may have.
    package static let limit = 10_000

    package private(set) var receipts: [[UInt8]] = []
    /// Sessions that ended without one: in the middle of something, or by the gateway.
    package private(set) var missing = 0

    package init() {}

    package mutating func add(_ receipt: [UInt8]?) {
        guard let receipt, receipts.count < Self.limit else {
            missing += 1
            return
        }
        receipts.append(receipt)
    }

    /// One receipt a line, as `postern audit verify --receipt` reads it.
    package var file: [UInt8] { receipts.flatMap { $0 + [0x0A] } }
}
