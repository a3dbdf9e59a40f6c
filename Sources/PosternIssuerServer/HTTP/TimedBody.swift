internal import PosternIssuer

/// A request's body, which comes in its time or not at all.
enum TimedBody {
    /// From a good signature to the whole body.
    private static let limit = Duration.seconds(10)

    private enum Outcome: Sendable {
        case whole([UInt8])
        case refused
        case late
    }

    /// - Parameter read: nil when the body is too large, or does not come whole.
    static func read(_ read: @escaping @Sendable () async -> [UInt8]?) async throws(RequestRefusal) -> [UInt8] {
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await read().map(Outcome.whole) ?? .refused }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .late
            }
            defer { group.cancelAll() }
            return await group.next() ?? .late
        }
        switch outcome {
        case .whole(let body): return body
        case .refused: throw .bodyTooLarge
        case .late: throw .bodyLate
        }
    }
}
