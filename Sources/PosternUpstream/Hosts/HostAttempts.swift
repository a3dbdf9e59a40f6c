internal import PostgresWire

/// A server's address as configured.
package struct UpstreamHost: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let port: UInt16

    package init(name: String, port: UInt16) {
        self.name = name
        self.port = port
    }

    package var description: String { name.utf8.contains(UInt8(ascii: ":")) ? "[\(name)]:\(port)" : "\(name):\(port)" }
}

/// Goes through the hosts of a database until one gives a session of the right kind.
package struct HostAttempts: Sendable {
    package enum Action: Hashable, Sendable {
        /// Connect and log in there, then call `loggedIn` or `failed`.
        case attempt(UpstreamHost)
        /// Keep the session of the host that was tried last.
        case use
        /// No host is left, or the failure is one that no other host would change.
        case fail(UpstreamFailure)
    }

    private struct Candidate {
        let host: UpstreamHost
        let attributes: SessionAttributes
    }

    private var remaining: ArraySlice<Candidate>
    private var current: Candidate?
    /// Why the hosts so far would not do, each with the host's address in front.
    package private(set) var failures: [UpstreamFailure] = []

    /// - Parameter hosts: in the order to try; `prefer-standby` goes through them twice.
    package init(hosts: [UpstreamHost], attributes: SessionAttributes) {
        let passes: [SessionAttributes] =
            switch attributes {
            case .preferStandby: [.standby, .any]
            case .any, .readWrite, .readOnly, .primary, .standby: [attributes]
            }
        remaining = passes.flatMap { pass in hosts.map { Candidate(host: $0, attributes: pass) } }[...]
    }

    /// The first attempt.
    package mutating func start() -> Action { next() }

    /// The current host gave no session.
    package mutating func failed(_ failure: UpstreamFailure) -> Action {
        note(failure)
        guard failure.allowsNextHost else { return .fail(summary(of: failure)) }
        return next()
    }

    /// The current host gave a session. Unless the answer is `use`, end it.
    package mutating func loggedIn(_ result: LoginResult) -> Action {
        guard let current else { return next() }
        guard current.attributes.accept(result.parameters) else {
            note(UpstreamFailure(.attributes, "session is not \(current.attributes.rawValue)"))
            return next()
        }
        return .use
    }

    private mutating func next() -> Action {
        current = remaining.popFirst()
        guard let current else { return .fail(summary(of: decisiveFailure)) }
        return .attempt(current.host)
    }

    private mutating func note(_ failure: UpstreamFailure) {
        let host = current.map { "\($0.host): " } ?? ""
        failures.append(UpstreamFailure(failure.reason, host + failure.log))
    }

    /// The failure that tells the job most: that a server is full or not ready, rather than that one is away.
    private var decisiveFailure: UpstreamFailure {
        let ranked = [SQLState.tooManyConnections, .cannotConnectNow].lazy.compactMap { state in
            failures.first { $0.refusal.sqlState == state }
        }
        return ranked.first ?? failures.last ?? UpstreamFailure(.unreachable, "no host is configured")
    }

    private func summary(of decisive: UpstreamFailure) -> UpstreamFailure {
        guard !failures.isEmpty else { return decisive }
        return UpstreamFailure(decisive.reason, failures.map(\.log).joined(separator: "; "))
    }
}
