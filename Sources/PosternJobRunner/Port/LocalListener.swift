internal import Glibc
internal import PosternCore
internal import PosternNet

/// Takes the drivers' connections off one of the local port's sockets.
final class LocalListener: EventHandler {
    private static let acceptsPerTurn = 16
    /// After the system had no descriptor left.
    private static let pause = Duration.milliseconds(100)

    private let descriptor: Int32
    private let password: Redacted<[UInt8]>?
    private let port: PortContext
    private var registration: Registration?

    /// - Parameter password: what drivers must say; nil on the Unix socket.
    init(_ descriptor: consuming OwnedFD, password: Redacted<[UInt8]>?, port: PortContext) {
        self.descriptor = descriptor.release()
        self.password = password
        self.port = port
    }

    deinit { Socket.close(descriptor) }

    func start(on loop: isolated EventLoop) throws {
        let registration = loop.register(self)
        self.registration = registration
        try loop.watch(descriptor, for: .read, as: registration)
    }

    func stop(on loop: isolated EventLoop) {
        guard let registration else { return }
        // What stands in the queue came before the end: it is served, or told.
        accept(on: loop)
        loop.unregister(registration)
        self.registration = nil
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func ready(_ readiness: Readiness, tag: UInt8, on loop: isolated EventLoop) {
        accept(on: loop)
    }

    func timerFired(tag: UInt8, on loop: isolated EventLoop) {
        if let registration { loop.setInterest(.read, for: registration) }
    }

    private func accept(on loop: isolated EventLoop) {
        for _ in 0..<Self.acceptsPerTurn {
            do {
                guard let accepted = try Socket.accept(from: descriptor) else { return }
                port.begin(OwnedFD(accepted.descriptor), password: password, on: loop)
            } catch {
                guard let registration else { return }
                loop.setInterest([], for: registration)
                return loop.setTimer(at: .now.advanced(by: Self.pause), for: registration)
            }
        }
    }
}
