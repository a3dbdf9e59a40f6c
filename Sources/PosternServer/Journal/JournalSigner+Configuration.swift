internal import PosternConfiguration
internal import PosternJournal
internal import PosternNet

extension JournalSigner {
    /// - Parameter key: as the configuration names it. A command is bounded like those of secrets.
    init(_ key: AuditConfiguration.SigningKey) {
        switch key {
        case .own: self = .ownKey
        case .file(let path): self = .file(path)
        case .command(let arguments, let publicKeyFile):
            self = .endorsed(publicKey: publicKeyFile, now: .now) { message in
                try SecretCommand.run(
                    arguments,
                    input: message,
                    timeout: SecretResolver.commandTimeout,
                    maximumSize: SecretSource.maximumSize
                )
            }
        }
    }
}
