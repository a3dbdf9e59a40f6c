/// The transaction status that ReadyForQuery bears. Always the server's word, never our guess.
package enum TransactionStatus: UInt8, Sendable {
    case idle = 0x49  // 'I'
    case inTransaction = 0x54  // 'T'
    case failed = 0x45  // 'E'
}
