internal import PosternConfiguration
internal import PosternCore
internal import PosternNet
internal import PosternPolicy
internal import PosternSession
internal import PosternTransport

/// What became of a statement that ran into the role's time limit.
enum Overtime {
    case none
    /// A cancel request is on its way. Until its connection has ended nothing is forwarded: it would hit what comes
    /// next.
    ///
    /// `statement` tells it from the next one by when the server began with it.
    case canceling(since: MonotonicTime, statement: MonotonicTime?)
    /// The request is over; the server has a few seconds to end the statement.
    case canceled(since: MonotonicTime, statement: MonotonicTime?)

    var isHolding: Bool {
        if case .canceling = self { true } else { false }
    }
}

extension Session {
    /// How long a server may take to end a statement that was canceled.
    private static let grace = Duration.seconds(5)

    /// The statement that runs has had its time: it is canceled, and if that does not help the session ends.
    func statementTimeIsOver(on loop: isolated EventLoop) {
        guard let job, let route, let limit = grant?.role.limits.statement else { return }
        switch overtime {
        case .none:
            overtime = .canceling(since: loop.now, statement: relay.runningSince)
            relay.cancellation = "canceling statement: it ran for longer than the role's limit of \(limit)"
            job.setReading(false)
            job.updateInterest(on: loop)
            if cancelForwarder == nil {
                let forwarder = CancelForwarder(route: route, session: self)
                cancelForwarder = forwarder
                forwarder.start(on: loop)
            }
        case .canceling(let since, _), .canceled(let since, _):
            guard loop.now < since.advanced(by: Self.grace) else { return end(.limit(.statement), on: loop) }
        }
        loop.setTimer(at: loop.now.advanced(by: .milliseconds(100)), for: job.registration)
    }

    /// A cancel request's connection has ended: what is forwarded from now on is safe from it.
    func cancelFinished(on loop: isolated EventLoop) {
        guard case .canceling(let since, let statement) = overtime else { return }
        overtime = .canceled(since: since, statement: statement)
        checkOvertime()
        resumeJob(on: loop)
    }

    /// Once the server has ended the statement the next one has a time of its own.
    func checkOvertime() {
        guard case .canceled(_, let statement) = overtime, relay.runningSince != statement else { return }
        overtime = .none
        relay.cancellation = nil
    }

    /// What of the role the relay acts by.
    func relayRules(of grant: SessionGrant) -> RelayRules {
        let isUnrestricted = grant.role.rules == .unrestricted
        return RelayRules(
            isEnforced: !isUnrestricted && grant.role.mode == .enforce,
            isUnrestricted: isUnrestricted,
            rowsChanged: grant.role.limits.rowsChanged,
            names: context.snapshot.configuration.limits.prepared,
            role: grant.role.name
        )
    }
}
