internal import Glibc
internal import PosternCore
internal import PosternCrypto
package import PosternJob
internal import PosternNet
internal import Synchronization

/// The private local port: opened for one run, with its sessions to the gateway behind it.
package final class LocalPort: Sendable {
    /// The number in a socket's name where there is no port beside it: what drivers assume.
    private static let usualNumber: UInt16 = 5432

    package let endpoints: LocalEndpoints
    private let loop: EventLoop
    private let folder: PrivateFolder?
    private let socketPath: String?

    /// Opens the port.
    ///
    /// - Parameters:
    ///   - temporary: where temporary files are.
    ///   - keepsReceipts: whether the sessions' receipts are wanted themselves, or only what they add up to.
    ///   - say: told of what goes wrong with sessions, each thing once.
    /// - Throws: `JobTrouble` when it cannot be opened.
    init(
        _ offer: PortOffer,
        setup: JobSetup,
        user: String,
        database: String,
        temporary: String?,
        keepsReceipts: Bool,
        say: @escaping @Sendable (JobTrouble) -> Void
    ) async throws(JobTrouble) {
        let password = offer.password ?? Redacted(Hex.encode(SecureRandom.bytes(16)))
        var port: OwnedFD?
        var number = offer.number ?? Self.usualNumber
        if offer.port {
            let listening = try Self.listen(on: SocketAddress(ip: "127.0.0.1", port: offer.number ?? 0), "127.0.0.1")
            number = Socket.localAddress(listening.number)?.port ?? number
            port = consume listening
        }
        var socket: OwnedFD?
        var path: String?
        folder = try offer.socket && offer.folder == nil ? PrivateFolder(in: temporary) : nil
        let directory = offer.socket ? offer.folder ?? folder?.path : nil
        if let directory {
            let name = "\(directory)/.s.PGSQL.\(number)"
            if offer.folder != nil { try Self.removeStale(name) }
            socket = try Self.listen(on: SocketAddress(unixPath: name), name)
            path = name
        }
        socketPath = path
        endpoints = LocalEndpoints(
            folder: directory,
            port: offer.port ? number : nil,
            number: number,
            password: password,
            user: user,
            database: database
        )
        // Each session takes two, and there may be many.
        DescriptorLimit.raise(to: 4096)
        loop = setup.settings.loop
        let descriptors = (port: port?.release() ?? -1, socket: socket?.release() ?? -1)
        do {
            try await loop.perform { loop in
                let desk = LoginDesk(setup.settings, pool: setup.pool, keeper: setup.keeper, route: setup.route)
                let context = PortContext(setup.settings, desk: desk, keepsReceipts: keepsReceipts, say: say)
                loop.attachment = context
                if descriptors.port >= 0 {
                    let secret = Redacted(Array(password.reveal().utf8))
                    try context.listen(on: OwnedFD(descriptors.port), password: secret, loop)
                }
                if descriptors.socket >= 0 { try context.listen(on: OwnedFD(descriptors.socket), password: nil, loop) }
            }
        } catch {
            if let path { unlink(path) }
            throw JobTrouble("cannot open the local port: \(error)")
        }
    }

    /// Removes what a run left behind that was killed.
    private static func removeStale(_ path: String) throws(JobTrouble) {
        do throws(StaleSocket.Obstacle) {
            try StaleSocket.remove(path)
        } catch {
            throw JobTrouble("cannot listen on `\(path)`: \(error)")
        }
    }

    private static func listen(on address: SocketAddress?, _ name: String) throws(JobTrouble) -> OwnedFD {
        guard let address else { throw JobTrouble("`\(name)` is too long for a socket") }
        do {
            return try Socket.listen(on: address, backlog: 128, mode: 0o600)
        } catch {
            throw JobTrouble("cannot listen on `\(name)`: \(error)")
        }
    }

    /// Ends all sessions, the busy ones after some seconds, and gives what they did.
    package func close() async -> RunTally {
        await withCheckedContinuation { continuation in
            let loop = loop
            Task {
                await loop.perform { loop in
                    guard let port = loop.attachment as? PortContext else { return continuation.resume() }
                    port.drain(on: loop) { continuation.resume() }
                }
            }
        }
        let tally = await loop.perform { loop in
            defer { loop.attachment = nil }
            return (loop.attachment as? PortContext)?.tally ?? RunTally(keepsReceipts: false)
        }
        if let socketPath { unlink(socketPath) }
        folder?.remove()
        return tally
    }
}
