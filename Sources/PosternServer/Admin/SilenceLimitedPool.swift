package import FlyingSocks
internal import Glibc

/// Waits for sockets as its base does, but not for ever: HTTP clients that fall silent lose their connection.
///
/// Listening sockets wait without limit.
package struct SilenceLimitedPool<Base: AsyncSocketPool>: AsyncSocketPool {
    let base: Base
    let limit: Duration

    package init(base: Base, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    package func prepare() async throws { try await base.prepare() }
    package func run() async throws { try await base.run() }

    package func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        guard !isListening(socket) else { return try await base.suspendSocket(socket, untilReadyFor: events) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await base.suspendSocket(socket, untilReadyFor: events) }
            group.addTask {
                try await Task.sleep(for: limit)
                throw SocketError.disconnected
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func isListening(_ socket: Socket) -> Bool {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let status = getsockopt(socket.file.rawValue, SOL_SOCKET, SO_ACCEPTCONN, &value, &length)
        return status == 0 && value != 0
    }
}
