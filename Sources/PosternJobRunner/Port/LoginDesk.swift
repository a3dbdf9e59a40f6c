internal import PosternCore
internal import PosternJob
internal import PosternNet

/// What a login needs.
struct LoginTicket: Sendable {
    let route: GatewayRoute
    let token: JobToken
    /// Another token would not be granted more: this one is new, or there is no other.
    let isLast: Bool
}

/// Who waits for a ticket, found again by its registration.
protocol LoginWaiter: EventHandler {
    func loginReady(_ result: Result<LoginTicket, LinkFailure>, on loop: isolated EventLoop)
}

/// What the pool came back with.
private enum FetchedPart: Sendable {
    case token(JobToken)
    case route(GatewayRoute)
}

/// One request to the pool. A port that has closed may leave one behind, whose outcome is not the next port's.
private final class Fetch: Sendable {}

/// Gives each login its token and the way to the gateway. Those who come while one is fetched share it.
///
/// Confined to the port's loop.
final class LoginDesk {
    /// How long the resolver's answer holds.
    private static let routeLifetime = Duration.seconds(30)

    private struct Waiting {
        let registration: Registration
        /// It needs a token that nobody has used.
        let wantsFresh: Bool
    }

    private let settings: PortSettings
    private let pool: BlockingPool
    private var keeper: TokenKeeper
    private var route: GatewayRoute?
    private var routeUntil: MonotonicTime
    private var waiting: [Waiting] = []
    private var fetching: Fetch?

    /// - Parameters:
    ///   - keeper: with the token that is there already, if one is.
    ///   - route: the way that was found already.
    init(_ settings: PortSettings, pool: BlockingPool, keeper: TokenKeeper, route: GatewayRoute?) {
        self.settings = settings
        self.pool = pool
        self.keeper = keeper
        self.route = route
        routeUntil = .now.advanced(by: Self.routeLifetime)
    }

    /// Hands the ticket to the waiter, now or when it is there.
    func request(for registration: Registration, fresh: Bool, on loop: isolated EventLoop) {
        serve([Waiting(registration: registration, wantsFresh: fresh)], on: loop)
    }

    private func serve(_ requests: [Waiting], on loop: isolated EventLoop) {
        for request in requests {
            guard let waiter = loop.handler(of: request.registration) as? any LoginWaiter else { continue }
            guard let route, MonotonicTime.now < routeUntil else {
                waiting.append(request)
                fetch(token: false, on: loop)
                continue
            }
            switch keeper.next(now: .now, date: .now, fresh: request.wantsFresh) {
            case .use(let token, let isFresh):
                let isLast = isFresh || request.wantsFresh || !settings.source.isRenewable
                waiter.loginReady(.success(LoginTicket(route: route, token: token, isLast: isLast)), on: loop)
            case .fetch:
                waiting.append(request)
                fetch(token: true, on: loop)
            case .fail(let trouble):
                waiter.loginReady(.failure(.noToken(trouble)), on: loop)
            }
        }
    }

    private func fetch(token: Bool, on loop: isolated EventLoop) {
        guard fetching == nil else { return }
        let fetch = Fetch()
        fetching = fetch
        let settings = settings
        let target = settings.loop
        let accepted = pool.submit {
            let result: Result<FetchedPart, LinkFailure>
            do throws(LinkFailure) {
                result = .success(token ? .token(try settings.fetchToken()) : .route(try settings.makeRoute()))
            } catch {
                result = .failure(error)
            }
            Task {
                await target.perform { loop in
                    (loop.attachment as? PortContext)?.desk.fetched(result, by: fetch, on: loop)
                }
            }
        }
        if !accepted { fetched(.failure(.unreachable("too many logins at once")), by: fetch, on: loop) }
    }

    private func fetched(_ result: Result<FetchedPart, LinkFailure>, by fetch: Fetch, on loop: isolated EventLoop) {
        guard fetch === fetching else { return }
        fetching = nil
        let requests = waiting
        waiting = []
        switch result {
        case .success(.token(let token)): keeper.fetched(token, now: .now)
        case .success(.route(let route)): adopt(route)
        case .failure(let failure):
            // A resolver that is away for a moment: the gateway is where it was.
            if case .unreachable = failure, let route, MonotonicTime.now >= routeUntil {
                adopt(route)
                break
            }
            for request in requests {
                let waiter = loop.handler(of: request.registration) as? any LoginWaiter
                waiter?.loginReady(.failure(failure), on: loop)
            }
            return
        }
        serve(requests, on: loop)
    }

    private func adopt(_ route: GatewayRoute) {
        self.route = route
        routeUntil = MonotonicTime.now.advanced(by: Self.routeLifetime)
    }
}
