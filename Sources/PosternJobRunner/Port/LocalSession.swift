internal import PosternCore
internal import PosternJob
internal import PosternNet
internal import PosternTransport
internal import PostgresWire

/// A driver's connection to the local port, and the gateway's session behind it. Confined to the port's loop.
final class LocalSession: EventHandler {
    enum Phase {
        /// The driver says who it is.
        case startup
        /// A token, and the gateway, are waited for.
        case connecting
        case relaying
        /// The driver has gone, and the gateway is asked for the receipt.
        case asking
        /// The gateway has heard the end; its own is waited for, so that all of it is done when the run is.
        case leaving
        /// As leaving, but the driver has left in the middle of something, which the gateway still has to finish.
        case finishing
        /// The gateway has ended; the driver has yet to take what it said.
        case flushing
        case canceling
        case closed
    }

    private static let startupTimeout = Duration.seconds(15)
    static let flushTimeout = Duration.seconds(10)

    let port: PortContext
    private(set) var driver: Transport?
    var phase = Phase.startup
    var link: GatewayLink?
    var relay = JobRelay(givesReceipts: false)
    private var startup: LocalStartup
    var request: GatewayRequest?
    var retry: LoginRetry
    var wantsFresh = false
    /// The login is to be tried again in a moment.
    var isPausing = false
    var ticketIsLast = true
    var cancelKey: CancelKey?
    /// Bytes that came while nobody listened any more.
    var unheard = 0
    var isCanceled = false

    init(password: Redacted<[UInt8]>?, port: PortContext) {
        self.port = port
        startup = LocalStartup(password: password)
        retry = LoginRetry(until: port.settings.patience)
    }

    /// Takes over a driver's connection that the port has counted.
    func start(_ descriptor: consuming OwnedFD, on loop: isolated EventLoop) {
        do {
            let driver = try Transport(descriptor, handler: self, tag: 0, interest: .reading, on: loop)
            self.driver = driver
            loop.setTimer(at: .now.advanced(by: Self.startupTimeout), for: driver.registration)
        } catch {
            close(on: loop)
        }
    }

    // MARK: Events

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        guard let driver else { return }
        if readiness.intersects(.write) { driver.flush() }
        switch phase {
        case .startup:
            if readiness.intersects(.input) { readStartup(driver, on: loop) }
        case .relaying:
            driverReady(driver, readiness, on: loop)
        case .flushing:
            if !driver.hasOutbound || driver.writeFailure != nil { return close(on: loop) }
        case .finishing: listenerReady(driver, readiness, on: loop)
        case .connecting, .asking, .leaving, .canceling:
            // A connection that is gone altogether is told of again and again.
            if readiness.intersects(.closed) { loop.unwatch(driver.registration) }
            if port.isDraining { drain(on: loop) }
        case .closed: return
        }
        if phase != .closed, self.driver === driver { driver.updateInterest(on: loop) }
    }

    func timerFired(tag: UInt8, on loop: isolated EventLoop) {
        switch phase {
        case .startup, .flushing: close(on: loop)
        case .connecting:
            // The startup's own timer may still come.
            guard isPausing, let driver else { return }
            isPausing = false
            port.desk.request(for: driver.registration, fresh: wantsFresh, on: loop)
        case .relaying, .asking, .leaving, .finishing, .canceling, .closed: break
        }
    }

    // MARK: The driver's startup

    private func readStartup(_ driver: Transport, on loop: isolated EventLoop) {
        // Nothing beyond one packet is read: what follows is for the gateway.
        switch driver.receive(limit: startup.bytesNeeded, port.buffers) {
        case .bytes(let count):
            for action in startup.received(Array(port.buffers.plaintext[..<count])[...]) where phase == .startup {
                perform(action, driver, on: loop)
            }
        case .nothing: break
        case .ended, .failed: close(on: loop)
        }
    }

    private func perform(_ action: LocalStartup.Action, _ driver: Transport, on loop: isolated EventLoop) {
        switch action {
        case .reply(let bytes): driver.send(bytes, port.buffers)
        case .cancel(let key): cancel(key, driver, on: loop)
        case .connect(let request, let reply):
            guard port.introduce(self) else {
                return finish(
                    Refusal(.tooManyConnections, "too many connections to the local port").localResponse,
                    on: loop
                )
            }
            driver.send(reply, port.buffers)
            self.request = request
            phase = .connecting
            driver.setReading(false)
            port.desk.request(for: driver.registration, fresh: false, on: loop)
        case .refuse(let refusal): finish(refusal.localResponse, on: loop)
        case .close: close(on: loop)
        }
    }

    private func cancel(_ key: CancelKey, _ driver: Transport, on loop: isolated EventLoop) {
        guard let route = port.route(of: key), port.introduce(self) else { return close(on: loop) }
        phase = .canceling
        driver.setReading(false)
        open(.cancel(key), by: route, on: loop)
    }

    func open(_ purpose: GatewayLogin.Purpose, by route: GatewayRoute, on loop: isolated EventLoop) {
        let link = GatewayLink(owner: self, route: route, purpose: purpose, buffers: port.buffers)
        self.link = link
        link.start(on: loop)
    }

    // MARK: Ends

    /// Says a last word to the driver and closes when it has taken it.
    func finish(_ message: BackendMessage, on loop: isolated EventLoop) {
        driver?.send(message.encoded, port.buffers)
        flushDriver(on: loop)
    }

    /// The gateway has nothing more to say.
    func flushDriver(on loop: isolated EventLoop) {
        settle()
        phase = .flushing
        link?.close(on: loop)
        link = nil
        guard let driver, driver.hasOutbound, driver.writeFailure == nil else { return close(on: loop) }
        driver.setReading(false)
        driver.updateInterest(on: loop)
        loop.setTimer(at: .now.advanced(by: Self.flushTimeout), for: driver.registration)
    }

    /// The driver is no longer of interest; the gateway still is.
    func releaseDriver(on loop: isolated EventLoop) {
        driver?.close(on: loop)
        driver = nil
    }

    func close(on loop: isolated EventLoop) {
        guard phase != .closed else { return }
        settle()
        phase = .closed
        if let cancelKey { port.forget(cancelKey) }
        link?.close(on: loop)
        link = nil
        releaseDriver(on: loop)
        port.ended(self)
    }
}
