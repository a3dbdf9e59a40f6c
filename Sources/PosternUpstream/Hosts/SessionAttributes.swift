package import PostgresWire

/// `target_session_attrs`: what kind of server a session needs.
package enum SessionAttributes: String, Hashable, Sendable, CaseIterable {
    case any
    case readWrite = "read-write"
    case readOnly = "read-only"
    case primary
    case standby
    case preferStandby = "prefer-standby"

    /// Decides from what the server reported at login, without a query. PostgreSQL 14 and later report what is
    /// needed; a server that does not is only good for `any`.
    ///
    /// - Returns: `preferStandby` is decided as `standby`; whoever goes through the hosts comes back with `any`.
    package func accept(_ parameters: [ParameterStatus]) -> Bool {
        func isOn(_ name: String) -> Bool? {
            switch parameters.first(where: { $0.name == name })?.value {
            case "on": true
            case "off": false
            case nil, .some: nil
            }
        }
        let inRecovery = isOn("in_hot_standby")
        let readOnlyByDefault = isOn("default_transaction_read_only")
        switch self {
        case .any: return true
        case .primary: return inRecovery == false
        case .standby, .preferStandby: return inRecovery == true
        case .readWrite: return inRecovery == false && readOnlyByDefault == false
        case .readOnly: return inRecovery == true || readOnlyByDefault == true
        }
    }
}
