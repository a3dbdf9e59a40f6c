package import PosternCore

/// What `postern guard` and `postern exec --guard` are told.
package struct GuardOptions: Sendable {
    /// More tables would make a deployment wait, and their records fill a session's notes.
    package static let tableLimit = 100
    package static let defaultTimeout = Duration.seconds(60)

    package let tables: [TableName]
    package let maxLoss: MaxLoss
    /// For counting one table.
    package let timeout: Duration

    /// - Parameters:
    ///   - texts: lists of names as they were given; a name that is there twice counts once.
    /// - Throws: `JobTrouble` for what is no table, no limit or no time.
    package init(tables texts: [String], maxLoss: String?, timeout: String?) throws(JobTrouble) {
        var tables: [TableName] = []
        for text in texts {
            for name in try Self.names(text) where !tables.contains(name) { tables.append(name) }
        }
        guard tables.count <= Self.tableLimit else {
            throw JobTrouble("\(tables.count) tables are more than the \(Self.tableLimit) that can be guarded")
        }
        self.tables = tables
        guard let limit = MaxLoss(maxLoss ?? MaxLoss.nothing.description) else {
            throw JobTrouble(
                "`--max-loss \(maxLoss ?? "")` is neither a part nor a number of rows",
                hint: "write `0%`, `2.5%` or `100`"
            )
        }
        self.maxLoss = limit
        guard let timeout else {
            self.timeout = Self.defaultTimeout
            return
        }
        guard let duration = DurationText.parse(timeout), duration >= .seconds(1), duration <= .seconds(86_400) else {
            throw JobTrouble("`--count-timeout \(timeout)` is no duration from 1s to 24h", hint: "write `30s` or `5m`")
        }
        self.timeout = duration
    }

    private static func names(_ text: String) throws(JobTrouble) -> [TableName] {
        do throws(TableName.Failure) {
            return try TableName.list(text)
        } catch {
            throw JobTrouble(
                "the tables to guard are not understood: \(error.reason)",
                hint: "write `public.users,public.orders`, and what SQL would quote in double quotes"
            )
        }
    }
}
