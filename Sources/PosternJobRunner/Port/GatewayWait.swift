internal import PosternCore
internal import PosternJob
internal import PosternNet
internal import Synchronization

/// Waits for a gateway that is only starting, as `--wait` says.
struct GatewayWait {
    private let settings: PortSettings
    private let request: GatewayRequest
    private let pool: BlockingPool
    private let deadline: MonotonicTime
    /// With the token that let in, or that is still to be used.
    private(set) var keeper: TokenKeeper

    init(_ settings: PortSettings, request: GatewayRequest, pool: BlockingPool, deadline: MonotonicTime) {
        self.settings = settings
        self.request = request
        self.pool = pool
        self.deadline = deadline
        keeper = TokenKeeper(settings.source, system: settings.system)
    }

    /// Tries until the gateway lets in, for as long as it is only not there yet.
    ///
    /// A token that cannot be had anew is kept for the session: a role may take it once only. Then the gateway is
    /// there when it proves who it is.
    ///
    /// - Returns: the way to it.
    /// - Throws: `LinkFailure`, why it has not let in at the end.
    mutating func run() async throws(LinkFailure) -> GatewayRoute {
        // Whoever has no token need not wait to be told.
        keeper.fetched(try await fetchToken(), now: .now)
        var retry = LoginRetry(until: deadline)
        var wantsFresh = false
        while true {
            let failure: LinkFailure
            do throws(LinkFailure) {
                return try await attempt(fresh: wantsFresh)
            } catch {
                failure = error
            }
            switch retry.after(failure, tokenIsLast: wantsFresh || !settings.source.isRenewable, now: .now) {
            case .fresh: wantsFresh = true
            // Nobody tells when a gateway begins to listen.
            case .later(let pause): try? await Task.sleep(for: pause)
            case .giveUp: throw failure
            }
        }
    }

    private mutating func attempt(fresh: Bool) async throws(LinkFailure) -> GatewayRoute {
        let settings = settings
        let route = try await bounded { () throws(LinkFailure) in try settings.makeRoute() }
        let token = settings.source.isRenewable ? try await nextToken(fresh: fresh) : nil
        let finding = await GatewayProbe.run(
            route,
            request: request,
            token: token,
            deadline: deadline,
            on: settings.loop
        )
        if let failure = finding.failure { throw failure }
        return route
    }

    private mutating func nextToken(fresh: Bool) async throws(LinkFailure) -> JobToken {
        while true {
            switch keeper.next(now: .now, date: .now, fresh: fresh) {
            case .use(let token, _): return token
            case .fail(let trouble): throw .noToken(trouble)
            case .fetch: keeper.fetched(try await fetchToken(), now: .now)
            }
        }
    }

    private func fetchToken() async throws(LinkFailure) -> JobToken {
        let settings = settings
        return try await bounded { () throws(LinkFailure) in try settings.fetchToken() }
    }

    /// What blocks a thread, a resolver or a token service, is not waited for beyond the deadline.
    private func bounded<Value: Sendable>(
        _ work: @escaping @Sendable () throws(LinkFailure) -> Value
    ) async throws(LinkFailure) -> Value {
        let (pool, deadline) = (pool, deadline)
        let result = await withCheckedContinuation { continuation in
            let race = Race<Result<Value, LinkFailure>>(continuation)
            let accepted = pool.submit {
                do throws(LinkFailure) {
                    race.finish(.success(try work()))
                } catch {
                    race.finish(.failure(error))
                }
            }
            if !accepted { return race.finish(.failure(.unreachable("too many logins at once"))) }
            Task {
                try? await Task.sleep(for: deadline.since(.now))
                race.finish(.failure(.unreachable("its name or the job's token did not come in time")))
            }
        }
        return try result.get()
    }
}

/// The first of two results is the one.
private final class Race<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value, Never>?>

    init(_ continuation: CheckedContinuation<Value, Never>) {
        self.continuation = Mutex(continuation)
    }

    func finish(_ value: Value) {
        let waiting = continuation.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        waiting?.resume(returning: value)
    }
}
