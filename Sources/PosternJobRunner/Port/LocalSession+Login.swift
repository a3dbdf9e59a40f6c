internal import PosternCore
internal import PosternJob
internal import PosternNet
internal import PosternTransport
internal import PostgresWire

/// The login to the gateway, with one token or another.
extension LocalSession: LoginWaiter {
    func loginReady(_ result: Result<LoginTicket, LinkFailure>, on loop: isolated EventLoop) {
        guard phase == .connecting, let request else { return }
        switch result {
        case .success(let ticket):
            ticketIsLast = ticket.isLast
            open(.session(request, token: ticket.token.bytes), by: ticket.route, on: loop)
        case .failure(let failure): linkFailed(failure, on: loop)
        }
    }
}

extension LocalSession: GatewayLinkOwner {
    func linkOpened(_ greeting: GatewayLogin.Greeting, on loop: isolated EventLoop) {
        guard let driver, let link else { return }
        if let key = greeting.cancelKey, let route = link.usedRoute {
            cancelKey = key
            port.remember(key, by: route)
        }
        phase = .relaying
        relay = JobRelay(givesReceipts: greeting.givesReceipts)
        guard relay.fromGateway(greeting.leftover.span) else { return flushDriver(on: loop) }
        // The driver may have lost its patience meanwhile.
        guard loop.isWatching(driver.registration) else { return driverLeft(on: loop) }
        driver.send(greeting.bytes + greeting.leftover, port.buffers)
        driver.setReading(true)
        driver.updateInterest(on: loop)
        link.transport?.updateInterest(on: loop)
        if port.isDraining { drain(on: loop) }
    }

    func linkFailed(_ failure: LinkFailure, on loop: isolated EventLoop) {
        link = nil
        guard phase == .connecting, let driver else { return close(on: loop) }
        switch retry.after(failure, tokenIsLast: ticketIsLast, now: .now) {
        case .fresh:
            wantsFresh = true
            port.desk.request(for: driver.registration, fresh: true, on: loop)
        case .later(let pause):
            isPausing = true
            loop.setTimer(at: .now.advanced(by: pause), for: driver.registration)
        case .giveUp:
            port.tell(failure.trouble(with: port.settings.gateway))
            finish(failure.response(with: port.settings.gateway), on: loop)
        }
    }
}
