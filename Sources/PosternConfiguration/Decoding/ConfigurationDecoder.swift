internal import PosternPolicy

extension Configuration {
    static let keys: [Key] = [
        .optional("gateway"), .required("listeners"), .required("issuers"), .required("databases"),
        .required("policies"), .required("audit"), .optional("admin", default: "none"),
        .optional("limits"),
    ]
    static let maximumEntries = 1000

    /// - Returns: nil when the file is no mapping. Otherwise a configuration that is sound only if the log holds no
    ///   error.
    static func decode(_ root: YAMLNode, hostName: String, _ context: DecodingContext)
        -> Configuration?
    {
        let log = context.log
        guard let mapping = YAMLMapping(root, keys: keys, what: "the configuration", log: log) else {
            return nil
        }
        let listeners = mapping.list("listeners", limit: ListenerConfiguration.maximumCount) {
            ListenerConfiguration.decode($0, context)
        }
        return Configuration(
            gateway: GatewayConfiguration.decode(mapping.node("gateway"), hostName: hostName, context),
            listeners: listeners ?? [],
            issuers: entries(of: "issuers", mapping, isValid: Role.isValid) {
                IssuerConfiguration.decode($0.key, $0.value, context)
            }.sorted { $0.name < $1.name },
            databases: entries(of: "databases", mapping, isValid: { !$0.utf8.contains(0) }) {
                DatabaseConfiguration.decode($0.key, $0.value, context)
            }.sorted { $0.name < $1.name },
            policiesDirectory: context.directory("policies", of: mapping) ?? "",
            audit: mapping.node("audit").flatMap { AuditConfiguration.decode($0, context) }
                ?? AuditConfiguration(directory: ""),
            admin: mapping.node("admin").flatMap { AdminConfiguration.decode($0, context) },
            limits: GatewayLimits.decode(mapping.node("limits"), context)
        )
    }

    /// The members of a mapping from names to entries.
    private static func entries<Entry>(
        of key: String,
        _ mapping: YAMLMapping,
        isValid: (String) -> Bool,
        _ decode: (YAMLMember) -> Entry?
    ) -> [Entry] {
        guard let node = mapping.node(key),
            let all = YAMLMapping(any: node, what: "`\(key)`", log: mapping.log)
        else {
            return []
        }
        if all.members.isEmpty { mapping.log.error(node.location, "`\(key)` must not be empty") }
        if all.members.count > maximumEntries {
            mapping.log.error(node.location, "`\(key)` has more than \(maximumEntries) entries")
        }
        return all.members.prefix(maximumEntries).compactMap { member in
            let length = DatabaseConfiguration.maximumNameLength
            if !(1...length).contains(member.key.utf8.count) || !isValid(member.key) {
                mapping.log.error(member.location, "`\(member.key)` cannot be a name in `\(key)`")
            }
            return decode(member)
        }
    }
}
