internal import PosternConfiguration
internal import PosternNet
internal import Logging
final class GatewayJournal: Sendable {
    init(configuration: Configuration, loops: Int, pool: BlockingPool, logger: Logger, health: Health) throws {}
    func start(snapshot: ConfigurationSnapshot, version: String) async throws {}
    func openLoop(_ index: Int) throws -> LoopJournal { LoopJournal() }
    func reloaded(from: ConfigurationSnapshot, to: ConfigurationSnapshot) async throws {}
    func reloadRefused(_ reason: String, keeping: ConfigurationSnapshot) async {}
    func stop() async {}
}
