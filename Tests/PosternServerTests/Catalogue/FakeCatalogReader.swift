import PosternConfiguration
import PosternServer

/// Hands out what the test says, in order, and waits where it has nothing.
final class FakeCatalogReader: CatalogReading {
    typealias Answer = Result<CatalogContents, LibPQFailure>

    struct Call: Sendable {
        let database: String
        let fresh: Bool
        let isStopped: @Sendable () -> Bool
        let answer: @Sendable (Answer) -> Void
    }

    let calls: AsyncStream<Call>
    private let continuation: AsyncStream<Call>.Continuation

    init() { (calls, continuation) = AsyncStream.makeStream() }

    func read(
        _ source: CatalogSource,
        fresh: Bool,
        isStopped: @escaping @Sendable () -> Bool
    ) async throws -> CatalogContents {
        try await withCheckedThrowingContinuation { answer in
            continuation.yield(
                Call(database: source.database.name, fresh: fresh, isStopped: isStopped) { answer.resume(with: $0) }
            )
        }
    }
}
