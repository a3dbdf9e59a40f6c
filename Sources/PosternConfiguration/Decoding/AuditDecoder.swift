internal import PosternPolicy

extension AuditConfiguration {
    static let keys: [Key] = {
        let audit = AuditConfiguration(directory: "")
        return [
            .required("directory"),
            .optional("sync", default: audit.sync.rawValue),
            .optional("signing_key", default: "a key that the gateway makes in `directory`"),
            .optional("rotate_size", default: SizeText.print(audit.rotateSize)),
            .optional("min_free", default: SizeText.print(audit.minimumFree)),
            .optional("retain", default: "for ever"), .optional("postgres"),
        ]
    }()
    static let signingKeyKeys: [Key] = [.optional("file"), .optional("command"), .optional("public_key")]
    /// A day to a century: what is removed is gone.
    private static let retainRange: ClosedRange<Duration> = .seconds(86_400)...(.seconds(36_500 * 86_400))

    static func decode(_ node: YAMLNode, _ context: DecodingContext) -> AuditConfiguration? {
        guard let mapping = YAMLMapping(node, keys: keys, what: "`audit`", log: context.log) else {
            return nil
        }
        var audit = AuditConfiguration(directory: context.path("directory", of: mapping) ?? "")
        if context.examinesFiles, case .readable = FileStatus(audit.directory) {
            context.log.error(
                mapping.location(of: "directory"),
                "`\(audit.directory)` is a file, not a directory"
            )
        }
        audit.sync = mapping.choice("sync", Sync.self) ?? audit.sync
        audit.signingKey = mapping.node("signing_key").flatMap { signingKey($0, context) } ?? audit.signingKey
        audit.rotateSize = mapping.size("rotate_size", in: (1 << 20)...(1 << 40)) ?? audit.rotateSize
        audit.minimumFree = mapping.size("min_free", in: 0...(1 << 50)) ?? audit.minimumFree
        audit.retain = mapping.duration("retain", in: retainRange)
        audit.postgres = mapping.node("postgres").flatMap { AuditStoreConfiguration.decode($0, context) }
        return audit
    }

    private static func signingKey(_ node: YAMLNode, _ context: DecodingContext) -> SigningKey? {
        let forms = "write `{file: P}` or `{command: [argv…], public_key: P}`"
        guard let key = YAMLMapping(node, keys: signingKeyKeys, what: "`signing_key`", log: context.log) else {
            return nil
        }
        guard (key.node("file") == nil) != (key.node("command") == nil) else {
            context.log.error(node.location, "`signing_key` needs one of `file` and `command`", hint: forms)
            return nil
        }
        guard (key.node("public_key") == nil) == (key.node("command") == nil) else {
            let error =
                key.node("command") == nil
                ? "`public_key` goes with `command` only" : "`command` needs the `public_key` that it signs with"
            context.log.error(node.location, error, hint: forms)
            return nil
        }
        if key.node("file") != nil { return context.file("file", of: key, isPrivate: true).map { .file($0) } }
        guard let arguments = SecretReference.command(of: key, context),
            let publicKey = context.file("public_key", of: key)
        else { return nil }
        return .command(arguments: arguments, publicKeyFile: publicKey)
    }
}
