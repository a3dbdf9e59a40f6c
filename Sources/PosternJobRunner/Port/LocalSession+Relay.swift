internal import PosternCore
internal import PosternJob
internal import PosternNet
internal import PosternTransport
internal import PostgresWire

/// The session itself: bytes pass, both ways, and at its end comes the receipt.
extension LocalSession {
    /// A gateway answers in milliseconds, also about its end.
    private static let askTimeout = Duration.seconds(5)
    private static let leaveTimeout = Duration.seconds(2)
    /// What a server may say to nobody before it is told to stop: without the port its first such bytes would end it.
    private static let unheardLimit = 64 << 10

    func driverReady(_ driver: Transport, _ readiness: Readiness, on loop: isolated EventLoop) {
        guard driver.writeFailure == nil else { return driverLeft(on: loop) }
        if let gateway = link?.transport, driver.hasDrained { setReading(gateway, true, on: loop) }
        if readiness.intersects(.input) { readDriver(driver, on: loop) }
    }

    /// A driver that has ended its side takes what it is owed, or is gone.
    func listenerReady(_ driver: Transport, _ readiness: Readiness, on loop: isolated EventLoop) {
        if driver.writeFailure != nil || readiness.intersects(.closed) { releaseDriver(on: loop) }
        if let gateway = link?.transport, driver.hasDrained { setReading(gateway, true, on: loop) }
    }

    /// Reads once; what it gives goes to the gateway from the loop's own buffer.
    private func readDriver(_ driver: Transport, on loop: isolated EventLoop) {
        guard let gateway = link?.transport, phase == .relaying else { return }
        switch driver.receive(port.buffers) {
        case .bytes(let count):
            let input = UnsafeRawBufferPointer(rebasing: port.buffers.plaintext[..<count])
            switch relay.fromDriver(input.assumingMemoryBound(to: UInt8.self).span) {
            case .pass: gateway.send(input, port.buffers)
            case .leave(let count, let departure):
                gateway.send(UnsafeRawBufferPointer(rebasing: input[..<count]), port.buffers)
                return leave(departure, on: loop)
            case .violation: return leave(.finish([]), on: loop)
            }
            if gateway.isCongested { setReading(driver, false, on: loop) }
            gateway.updateInterest(on: loop)
        case .nothing: break
        case .ended: leave(relay.driverLeft(), mayListen: true, on: loop)
        case .failed: driverLeft(on: loop)
        }
    }

    func driverLeft(on loop: isolated EventLoop) {
        leave(relay.driverLeft(), on: loop)
    }

    /// The driver has no more to say.
    ///
    /// - Parameter mayListen: it may have ended its own side only, and wait for what is still owed.
    private func leave(
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
            port.add(receipt: nil)
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
    private func cancel(on loop: isolated EventLoop) {
        guard !isCanceled else { return }
        guard let cancelKey, let route = link?.usedRoute else { return close(on: loop) }
        isCanceled = true
        CancelErrand.run(cancelKey, by: route, buffers: port.buffers, on: loop)
    }

    /// The session with the gateway ends without a receipt: counts it, and whether something of it may go on.
    func settle() {
        guard phase == .relaying || phase == .finishing else { return }
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

    func linkReady(_ readiness: Readiness, on loop: isolated EventLoop) {
        guard let gateway = link?.transport else { return }
        if readiness.intersects(.write) {
            gateway.flush()
            if gateway.writeFailure != nil { return gatewayEnded(on: loop) }
            if let driver, gateway.hasDrained, phase == .relaying { setReading(driver, true, on: loop) }
            if phase == .finishing { gateway.shutdownWritesSilently() }
        }
        if readiness.intersects(.input) { readGateway(gateway, on: loop) }
        if link?.transport === gateway { gateway.updateInterest(on: loop) }
    }

    func linkTimedOut(on loop: isolated EventLoop) {
        switch phase {
        case .asking: answered(nil, on: loop)
        case .leaving: close(on: loop)
        case .startup, .connecting, .relaying, .finishing, .flushing, .canceling, .closed: break
        }
    }

    private func readGateway(_ gateway: Transport, on loop: isolated EventLoop) {
        switch gateway.receive(port.buffers) {
        case .bytes(let count):
            take(UnsafeRawBufferPointer(rebasing: port.buffers.plaintext[..<count]), gateway, on: loop)
            if link?.transport === gateway, gateway.takePendingEnd() != nil { gatewayEnded(on: loop) }
        case .nothing: break
        case .ended, .failed: gatewayEnded(on: loop)
        }
    }

    private func take(_ input: UnsafeRawBufferPointer, _ gateway: Transport, on loop: isolated EventLoop) {
        switch phase {
        case .relaying:
            guard let driver else { return }
            guard relay.fromGateway(input.assumingMemoryBound(to: UInt8.self).span) else {
                return gatewayEnded(on: loop)
            }
            driver.send(input, port.buffers)
            if driver.isCongested { gateway.setReading(false) }
            driver.updateInterest(on: loop)
            if port.isDraining, relay.isIdle { drain(on: loop) }
        case .asking:
            if case .done(let receipt) = relay.received(Array(input)) { answered(receipt, on: loop) }
        case .finishing:
            guard relay.fromGateway(input.assumingMemoryBound(to: UInt8.self).span) else { return close(on: loop) }
            guard let driver else {
                unheard += input.count
                if unheard > Self.unheardLimit { cancel(on: loop) }
                return
            }
            driver.send(input, port.buffers)
            if driver.isCongested { gateway.setReading(false) }
            driver.updateInterest(on: loop)
        case .startup, .connecting, .leaving, .flushing, .canceling, .closed: break
        }
    }

    private func answered(_ receipt: [UInt8]?, on loop: isolated EventLoop) {
        port.add(receipt: receipt)
        guard let gateway = link?.transport else { return close(on: loop) }
        terminate(gateway, FrontendMessage.terminate, on: loop)
    }

    private func gatewayEnded(on loop: isolated EventLoop) {
        switch phase {
        case .relaying, .finishing: flushDriver(on: loop)
        case .asking:
            port.add(receipt: nil)
            close(on: loop)
        case .startup, .connecting, .leaving, .flushing, .canceling, .closed: close(on: loop)
        }
    }

    private func setReading(_ transport: Transport, _ wanted: Bool, on loop: isolated EventLoop) {
        transport.setReading(wanted)
        transport.updateInterest(on: loop)
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
        case .connecting, .asking, .leaving, .finishing, .flushing, .canceling, .closed: break
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
        case .asking:
            port.add(receipt: nil)
            close(on: loop)
        case .startup, .connecting, .leaving, .flushing, .canceling, .closed: close(on: loop)
        }
    }
}
