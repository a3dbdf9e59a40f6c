internal import PosternCore
package import PosternJob
package import PosternNet

extension JobSetup {
    /// Has a guard's conversation with the gateway, by the same way and with the same tokens as the local port.
    ///
    /// - Returns: the conversation at its end.
    /// - Throws: `JobTrouble` when it did not come to its end.
    package func converse(
        _ dialogue: GuardDialogue,
        as options: JobOptions,
        intake: SignalIntake
    ) async throws(JobTrouble) -> GuardDialogue {
        let request = GatewayRequest(user: options.role, database: options.database)
        let setup = self
        let result = await withCheckedContinuation { continuation in
            Task {
                await settings.loop.perform { loop in
                    let port = setup.desk(isFirst: dialogue.isFirst, on: loop)
                    let session = GuardSession(dialogue, request: request, port: port, intake: intake) { result in
                        continuation.resume(returning: result)
                    }
                    session.start(on: loop)
                }
            }
        }
        return try result.get()
    }

    /// The open port's, or one of its own. After a port was closed the token that was fetched at the beginning is old, and
    /// may be used up: another is fetched then.
    private func desk(isFirst: Bool, on loop: isolated EventLoop) -> PortContext {
        if let port = loop.attachment as? PortContext { return port }
        let port = PortContext(settings, pool: pool) { _ in }
        loop.attachment = port
        if isFirst {
            port.desk.adopt(token)
            port.desk.adopt(route)
        }
        return port
    }
}
