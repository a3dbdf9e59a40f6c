internal import PosternCore
package import PosternJob
package import PosternNet

extension JobSetup {
    /// Has a guard's conversation with the gateway, by the same way and with the same tokens as the local port.
    ///
    /// - Returns: the conversation at its end, whichever that is.
    package func converse(
        _ dialogue: GuardDialogue,
        as options: JobOptions,
        intake: SignalIntake
    ) async -> GuardDialogue {
        let request = GatewayRequest(user: options.role, database: options.database)
        let setup = self
        return await withCheckedContinuation { continuation in
            Task {
                await settings.loop.perform { loop in
                    let port = setup.desk(isFirst: dialogue.isFirst, on: loop)
                    let session = GuardSession(dialogue, request: request, port: port, intake: intake) { ended in
                        continuation.resume(returning: ended)
                    }
                    session.start(on: loop)
                }
            }
        }
    }

    /// The open port's, or one of its own. After a port was closed the token that was fetched at the beginning is old, and
    /// may be used up: another is fetched then.
    private func desk(isFirst: Bool, on loop: isolated EventLoop) -> PortContext {
        if let port = loop.attachment as? PortContext { return port }
        let desk =
            isFirst
            ? LoginDesk(settings, pool: pool, keeper: keeper, route: route)
            : LoginDesk(
                settings,
                pool: pool,
                keeper: TokenKeeper(settings.source, system: settings.system),
                route: nil
            )
        let port = PortContext(settings, desk: desk, keepsReceipts: false) { _ in }
        loop.attachment = port
        return port
    }
}
