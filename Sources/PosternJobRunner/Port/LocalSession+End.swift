internal import PosternCore
internal import PosternJob
internal import PosternNet
internal import PosternTransport
internal import PostgresWire

/// The session's end, whoever makes it: the receipt of what is idle, and an outcome for what is not.
extension LocalSession {
    /// A gateway answers in milliseconds, also about its end.
    private static let askTimeout = Duration.seconds(5)
    private static let leaveTimeout = Duration.seconds(2)

    func driverLeft(on loop: isolated EventLoop) {
        leave(relay.driverLeft(), on: loop)
    }

    /// The driver has no more to say.
    ///
    /// - Parameter mayListen: it may have ended its own side only, and wait for what is still owed.
    func leave(
        _ departure: JobRelay.Departure,
        mayListen: Bool = false,
        on loop: isolated EventLoop
    ) {
        guard let gateway = link?.transport else { return close(on: loop) }
        if mayListen, case .finish = departure, let driver {
            setReading(driver, false, on: loop)
        } else {
            releaseDriver(on: loop)
        }
        switch departure {
        case .ask(let bytes):
            phase = .asking
            gateway.send(bytes, port.buffers)
            gateway.setReading(true)
            gateway.updateInterest(on: loop)
            loop.setTimer(at: .now.advanced(by: Self.askTimeout), for: gateway.registration)
        case .terminate(let bytes):
            settle()
            terminate(gateway, bytes, on: loop)
        case .finish(let bytes):
            // A statement has as long as the run: what it was told before the driver left is done, as without a port.
            phase = .finishing
            gateway.send(bytes, port.buffers)
            gateway.setReading(true)
            if bytes.isEmpty { gateway.shutdownWritesSilently() }
            gateway.updateInterest(on: loop)
        }
    }

    /// Has the gateway cancel what the session does, by a connection of its own.
    func cancel(on loop: isolated EventLoop) {
        guard !isCanceled else { return }
        guard let cancelKey, let route = link?.usedRoute else { return close(on: loop) }
        isCanceled = true
        CancelErrand.run(cancelKey, by: route, buffers: port.buffers, on: loop)
    }

    /// The session with the gateway ends without a receipt: counts it, and whether something of it may go on.
    func settle() {
        guard phase == .relaying || phase == .asking || phase == .finishing else { return }
        port.add(receipt: nil, isSettled: !relay.awaitsOutcome)
    }

    private func terminate(_ gateway: Transport, _ bytes: [UInt8], on loop: isolated EventLoop) {
        phase = .leaving
        gateway.send(bytes, port.buffers)
        gateway.setReading(true)
        gateway.updateInterest(on: loop)
        loop.setTimer(at: .now.advanced(by: Self.leaveTimeout), for: gateway.registration)
    }

    // MARK: The gateway

    func linkTimedOut(on loop: isolated EventLoop) {
        switch phase {
        case .asking: answered(nil, on: loop)
        case .leaving: close(on: loop)
        case .startup, .connecting, .relaying, .finishing, .flushing, .canceling, .closed: break
        }
    }

    func answered(_ receipt: [UInt8]?, on loop: isolated EventLoop) {
        if receipt != nil { port.add(receipt: receipt) } else { settle() }
        guard let gateway = link?.transport else { return close(on: loop) }
        terminate(gateway, FrontendMessage.terminate, on: loop)
    }

    func gatewayEnded(on loop: isolated EventLoop) {
        switch phase {
        case .relaying, .finishing: flushDriver(on: loop)
        case .startup, .connecting, .asking, .leaving, .flushing, .canceling, .closed: close(on: loop)
        }
    }

    // MARK: The run's end

    /// Ends the session when it is idle, and otherwise as soon as it is.
    func drain(on loop: isolated EventLoop) {
        switch phase {
        case .relaying:
            // What the driver said before its end has come already, though nobody has read it.
            if let driver { readDriver(driver, on: loop) }
            guard phase == .relaying, relay.isIdle else { return }
            let ending = ErrorFields(
                severity: .fatal,
                sqlState: .adminShutdown,
                message: "the run of `postern exec` is over"
            )
            driver?.send(BackendMessage.errorResponse(ending).encoded, port.buffers)
            driverLeft(on: loop)
        case .startup: close(on: loop)
        case .connecting:
            // Nobody waits for the session any more.
            if let driver, !loop.isWatching(driver.registration) { close(on: loop) }
        case .asking, .leaving, .finishing, .flushing, .canceling, .closed: break
        }
    }

    /// Ends the session in the middle of whatever it does, and waits for the gateway to say that it has.
    func abort(on loop: isolated EventLoop) {
        switch phase {
        case .relaying:
            leave(.finish([]), on: loop)
            cancel(on: loop)
        case .finishing:
            releaseDriver(on: loop)
            if let gateway = link?.transport { setReading(gateway, true, on: loop) }
            cancel(on: loop)
        case .startup, .connecting, .asking, .leaving, .flushing, .canceling, .closed: close(on: loop)
        }
    }
}
