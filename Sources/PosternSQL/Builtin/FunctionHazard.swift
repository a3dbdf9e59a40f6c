/// Why a built-in function is not for every job.
package enum FunctionHazard: String, Hashable, Sendable, CaseIterable {
    case serverFiles = "server_files"
    case hiddenSQL = "hidden_sql"
    case otherSessions = "other_sessions"
    case waiting
    case advisoryLocks = "advisory_locks"
    case sequences
    case largeObjects = "large_objects"
    case settings
    case configuration
    case notification
    case transactions
    case replication
    case recovery
    case statistics
    case serverState = "server_state"
    case maintenance
    case upgrade
    case languages
    case unclassified

    /// Completes the sentence "the function …".
    package var reason: String {
        switch self {
        case .serverFiles: "reads or lists files of the server"
        case .hiddenSQL: "runs SQL or reads a relation that its arguments name as text"
        case .otherSessions: "shows or ends other sessions"
        case .waiting: "sleeps as long as its caller likes"
        case .advisoryLocks: "takes a lock that other sessions wait for"
        case .sequences: "changes a sequence, or shows the last value that others took from it"
        case .largeObjects: "reads or changes large objects, which no rule names"
        case .settings: "changes a setting of the session"
        case .configuration: "changes how the server runs"
        case .notification: "sends a message to other sessions"
        case .transactions: "takes a transaction id or a snapshot that outlives the statement"
        case .replication: "reads or changes replication, which carries every table's rows"
        case .recovery: "changes or controls the write-ahead log, backups or recovery"
        case .statistics: "reads, resets or replaces statistics of tables, databases or the server"
        case .serverState: "shows memory, modules or control data of the server"
        case .maintenance: "changes indexes or system catalogues behind the grants"
        case .upgrade: "is made for pg_upgrade and extension scripts only"
        case .languages: "is the entry of a procedural language"
        case .unclassified: "is not classified yet"
        }
    }

    /// The functions of `pg_catalog` that it restricts, sorted.
    package var functions: [Identifier] { identifiers(in: names) }
}
