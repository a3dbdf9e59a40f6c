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
    /// A day to a century.
    static let retainRange: ClosedRange<Duration> = .seconds(86_400)...(.seconds(36_500 * 86_400))
    static let signingKeyKeys: [Key] = [.required("file")]

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
        if let node = mapping.node("signing_key"),
            let key = YAMLMapping(node, keys: signingKeyKeys, what: "`signing_key`", log: context.log)
        {
            audit.signingKeyFile = context.file("file", of: key, isPrivate: true)
        }
        audit.rotateSize = mapping.size("rotate_size", in: (1 << 20)...(1 << 40)) ?? audit.rotateSize
        audit.minimumFree = mapping.size("min_free", in: 0...(1 << 50)) ?? audit.minimumFree
        audit.retain = mapping.duration("retain", in: retainRange)
        audit.postgres = mapping.node("postgres").flatMap { AuditStoreConfiguration.decode($0, context) }
        return audit
    }
}
