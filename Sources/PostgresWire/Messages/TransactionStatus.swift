/// ReadyForQuery's byte.
package enum TransactionStatus: UInt8, Hashable, Sendable {
    /// `I`: not in a transaction.
    case idle = 0x49
    /// `T`: in a transaction.
    case inTransaction = 0x54
    /// `E`: in a failed transaction.
    case failed = 0x45
}
