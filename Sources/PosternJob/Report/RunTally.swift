/// What the sessions of a run did, added up as they end, and their receipts where somebody wants them.
///
/// A run may go on for weeks: nothing in here grows without a bound.
package struct RunTally: Sendable {
    /// Receipts beyond these bytes are counted and not kept. One has about a thousand, 64 KiB at most.
    package static let byteLimit = 16 << 20
    /// Objects that are named; the rest is counted.
    static let objectLimit = 1000
    /// Denials and logins that are named: a report shows no more.
    static let listLimit = 10

    private let keepsReceipts: Bool
    private var size = 0
    private var receipts: [[UInt8]] = []

    package private(set) var sessions = 0
    /// Sessions that ended without a receipt: in the middle of something, or by the gateway.
    package private(set) var missing = 0
    /// Receipts that came and found no room.
    package private(set) var unkept = 0
    /// Sessions that ended while it was not known whether what they had asked for takes effect.
    package private(set) var unsettled = 0

    private(set) var logins: [String] = []
    /// Forwarded statements by class.
    private(set) var statements: [(kind: String, count: Int)] = []
    private(set) var errors = 0
    private(set) var commits = 0
    private(set) var rollbacks = 0
    private(set) var rows = 0
    private(set) var denied = 0
    private(set) var denials: [ReceiptFacts.Denial] = []
    /// Objects with the classes of what touched them.
    private(set) var objects: [String: Set<String>] = [:]
    private(set) var objectsLeftOut = 0

    package init(keepsReceipts: Bool) {
        self.keepsReceipts = keepsReceipts
    }

    /// A session has ended.
    ///
    /// - Parameters:
    ///   - receipt: nil when there is none.
    ///   - isSettled: whether all that it asked for has been answered.
    package mutating func add(_ receipt: [UInt8]?, isSettled: Bool = true) {
        sessions += 1
        if !isSettled { unsettled += 1 }
        guard let receipt else {
            missing += 1
            return
        }
        keep(receipt)
        if let facts = ReceiptFacts(receipt) { add(facts) } else { missing += 1 }
    }

    /// A receipt that is to be kept, of a session that is not the command's own.
    package mutating func keep(_ receipt: [UInt8]) {
        guard keepsReceipts else { return }
        guard size + receipt.count < Self.byteLimit else {
            unkept += 1
            return
        }
        size += receipt.count + 1
        receipts.append(receipt)
    }

    /// The receipts in the order in which their sessions ended, one a line, as `postern audit verify --receipt` reads them.
    package var file: [UInt8] { receipts.flatMap { $0 + [0x0A] } }

    private mutating func add(_ facts: ReceiptFacts) {
        let login = "\(facts.role) on \(facts.database)"
        if !logins.contains(login), logins.count < Self.listLimit { logins.append(login) }
        for (kind, count) in facts.statements {
            if let index = statements.firstIndex(where: { $0.kind == kind }) {
                statements[index].count += count
            } else {
                statements.append((kind, count))
            }
        }
        errors += facts.errors
        commits += facts.commits
        rollbacks += facts.rollbacks
        rows += facts.rows
        denied += facts.denied
        denials += facts.denials.prefix(Self.listLimit - denials.count)
        for (name, classes) in facts.objects {
            if objects[name] != nil || objects.count < Self.objectLimit {
                objects[name, default: []].formUnion(classes)
            } else {
                objectsLeftOut += 1
            }
        }
        objectsLeftOut += facts.objectsLeftOut
    }
}
