internal import PosternCore
internal import PosternPolicy

extension RoleLimits {
    static let keys: [Key] = {
        let limits = RoleLimits()
        return [
            .optional("session", default: DurationText.print(limits.session)),
            .optional("idle", default: DurationText.print(limits.idle)),
            .optional("idle_in_transaction", default: DurationText.print(limits.idleInTransaction)),
            .optional("sessions", default: String(limits.sessions)),
            .optional("statement"),
            .optional("statement_size", default: SizeText.print(limits.statementSize)),
            .optional("rows_changed"),
        ]
    }()
    static let durationRange: ClosedRange<Duration> = .milliseconds(100) ... .seconds(30 * 86_400)
    static let statementSizeRange = (1 << 10)...(16 << 20)
    static let maximumRowsChanged = 1_000_000_000_000

    static func decode(_ node: YAMLNode?, isUnrestricted: Bool, log: DiagnosticLog) -> RoleLimits {
        var limits = RoleLimits()
        if isUnrestricted { limits.statementSize = unrestrictedStatementSize }
        guard let node, let mapping = YAMLMapping(node, keys: keys, what: "`limits` of a role", log: log) else {
            return limits
        }
        limits.session = mapping.duration("session", in: durationRange) ?? limits.session
        limits.idle = mapping.duration("idle", in: durationRange) ?? limits.idle
        limits.idleInTransaction =
            mapping.duration("idle_in_transaction", in: durationRange) ?? limits.idleInTransaction
        limits.sessions = mapping.integer("sessions", in: 1...100_000) ?? limits.sessions
        limits.statement = mapping.duration("statement", in: durationRange)
        limits.statementSize =
            mapping.size("statement_size", in: statementSizeRange) ?? limits.statementSize
        limits.rowsChanged = mapping.integer("rows_changed", in: 0...maximumRowsChanged).map(
            UInt64.init
        )
        return limits
    }
}
