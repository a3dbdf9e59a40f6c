/// A statement that the gateway answers itself, on sessions that began with `_pq_.postern=1` (contract, section 8).
///
/// In its place goes a harmless one upstream, of one row of one column of text, and the row is replaced: order,
/// transaction state, ReadyForQuery and every error are the server's own.
package enum OwnStatement: Hashable, Sendable {
    /// `SHOW postern.receipt`
    case receipt
    /// `SELECT postern.record('…')`: the JSON as the gateway writes it, compact.
    case note(json: [UInt8])
    /// A note of the shape that is reserved for guards (docs/guard.md): the claim as the gateway writes it.
    case guardResult(json: [UInt8])

    /// Bytes of a note, as the job sent it.
    static let noteLimit = 4096
    /// Notes in a session: each is a record of the journal.
    static let notesLimit = 100

    /// What goes upstream. `text` by its full name, so that no search path gives it another meaning.
    var replacement: String {
        switch self {
        case .receipt: "SELECT ''::pg_catalog.text AS \"postern.receipt\""
        case .note, .guardResult: "SELECT ''::pg_catalog.text AS record"
        }
    }

    /// The command tag in place of the replacement's; nil where that is right.
    var tag: String? {
        switch self {
        case .receipt: "SHOW"
        case .note, .guardResult: nil
        }
    }

    var isNote: Bool {
        switch self {
        case .receipt: false
        case .note, .guardResult: true
        }
    }

    /// What a prepared statement of it keeps in memory.
    var heldBytes: [UInt8] {
        switch self {
        case .receipt: []
        case .note(let json), .guardResult(let json): json
        }
    }
}
