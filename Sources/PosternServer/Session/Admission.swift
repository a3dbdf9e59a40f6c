internal import PosternNet
internal import Synchronization

/// Who may come in: the gateway's counts of connections and sessions, shared by all loops.
///
/// Touched when a connection comes, logs in and goes. Every `admit` that succeeds is answered by one `leave`.
final class Admission: Sendable {
    struct Limits: Hashable, Sendable {
        var connections: Int
        var unauthenticated: Int
        var unauthenticatedPerAddress: Int
    }

    private struct Counts {
        var limits: Limits
        var connections = 0
        var unauthenticated = 0
        var unauthenticatedBySource: [[UInt8]: Int] = [:]
        var silent = SilentConnections()
        var sessionsByRole: [String: Int] = [:]
        var sessionsByDatabase: [String: Int] = [:]
    }

    enum Refusal: Hashable, Sendable {
        case connections
        case unauthenticated
        case unauthenticatedPerAddress
    }

    private let counts: Mutex<Counts>

    init(limits: Limits) {
        counts = Mutex(Counts(limits: limits))
    }

    /// New limits count from the next connection on.
    func replace(limits: Limits) {
        counts.withLock { $0.limits = limits }
    }

    enum Verdict: Sendable {
        case admitted
        /// Admitted, and this connection must make room: it is the oldest that has sent no startup packet.
        case admittedInPlaceOf(SilentConnections.Entry)
        case refused(Refusal)
    }

    /// Counts a new connection as one that has not logged in.
    func admit(source: [UInt8]) -> Verdict {
        counts.withLock { counts in
            guard counts.connections < counts.limits.connections else { return .refused(.connections) }
            var leaving: SilentConnections.Entry?
            if counts.unauthenticated >= counts.limits.unauthenticated {
                leaving = counts.silent.oldest
                guard leaving != nil else { return .refused(.unauthenticated) }
            }
            let fromSource = counts.unauthenticatedBySource[source, default: 0]
            let staying = leaving?.source == source ? fromSource - 1 : fromSource
            guard source.isEmpty || staying < counts.limits.unauthenticatedPerAddress else {
                return .refused(.unauthenticatedPerAddress)
            }
            counts.connections += 1
            counts.unauthenticated += 1
            counts.unauthenticatedBySource[source] = fromSource + 1
            guard let leaving else { return .admitted }
            counts.silent.removeOldest()
            return .admittedInPlaceOf(leaving)
        }
    }

    /// The connection has sent nothing yet: it may have to make room for another.
    ///
    /// - Returns: the ticket to hand back when it has spoken or gone.
    func wait(_ entry: SilentConnections.Entry) -> SilentConnections.Ticket {
        counts.withLock { $0.silent.add(entry) }
    }

    /// The connection has sent its startup packet, or is gone.
    ///
    /// - Returns: false when its place was given to another before that.
    @discardableResult
    func spoke(_ ticket: SilentConnections.Ticket) -> Bool {
        counts.withLock { $0.silent.remove(ticket) }
    }

    /// The connection's login has succeeded or failed: it no longer counts as unauthenticated.
    func authenticated(source: [UInt8]) {
        counts.withLock { counts in
            counts.unauthenticated -= 1
            let left = counts.unauthenticatedBySource[source, default: 1] - 1
            counts.unauthenticatedBySource[source] = left > 0 ? left : nil
        }
    }

    /// The connection is gone.
    func leave() {
        counts.withLock { $0.connections -= 1 }
    }

    /// Counts a session of a role, unless the role has as many as it may.
    func admitSession(role: String, limit: Int?, database: String, databaseLimit: Int) -> SessionRefusal? {
        counts.withLock { counts in
            let ofRole = counts.sessionsByRole[role, default: 0]
            if let limit, ofRole >= limit { return .role }
            let ofDatabase = counts.sessionsByDatabase[database, default: 0]
            guard ofDatabase < databaseLimit else { return .database }
            counts.sessionsByRole[role] = ofRole + 1
            counts.sessionsByDatabase[database] = ofDatabase + 1
            return nil
        }
    }

    enum SessionRefusal: Hashable, Sendable {
        case role
        case database
    }

    func leaveSession(role: String, database: String) {
        counts.withLock { counts in
            let ofRole = counts.sessionsByRole[role, default: 1] - 1
            counts.sessionsByRole[role] = ofRole > 0 ? ofRole : nil
            let ofDatabase = counts.sessionsByDatabase[database, default: 1] - 1
            counts.sessionsByDatabase[database] = ofDatabase > 0 ? ofDatabase : nil
        }
    }

    /// Connections that are open now.
    var connections: Int { counts.withLock { $0.connections } }
}
