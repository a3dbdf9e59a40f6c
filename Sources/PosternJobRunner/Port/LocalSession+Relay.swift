internal import PosternCore
internal import PosternJob
internal import PosternNet
internal import PosternTransport
internal import PostgresWire

/// The session itself: bytes pass, both ways.
extension LocalSession {
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
    func readDriver(_ driver: Transport, on loop: isolated EventLoop) {
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

    func setReading(_ transport: Transport, _ wanted: Bool, on loop: isolated EventLoop) {
        transport.setReading(wanted)
        transport.updateInterest(on: loop)
    }
}
