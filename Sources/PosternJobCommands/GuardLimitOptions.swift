internal import ArgumentParser
internal import PosternJob

/// What `guard` and `exec --guard` share beside the tables.
struct GuardLimitOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "What may be gone of each guarded table, `2.5%` or `100` rows; nothing unless given; POSTERN_MAX_LOSS.",
            valueName: "part"
        )
    )
    var maxLoss: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long counting one table may take; 60s unless given; POSTERN_COUNT_TIMEOUT.",
            valueName: "duration"
        )
    )
    var countTimeout: String?

    /// - Parameters:
    ///   - tables: as the option gives them; its variable holds them otherwise.
    /// - Returns: nil when no table is named.
    func options(
        tables: [String],
        _ option: String,
        in environment: JobEnvironment
    ) throws(JobTrouble) -> GuardOptions? {
        let reader = OptionReader(environment)
        let named = tables.isEmpty ? [reader.value(nil, option)].compactMap(\.self) : tables
        guard !named.isEmpty else {
            guard maxLoss == nil, countTimeout == nil else {
                throw JobTrouble(
                    "`--\(maxLoss == nil ? "count-timeout" : "max-loss")` guards nothing without `--\(option)`"
                )
            }
            return nil
        }
        return try GuardOptions(
            tables: named,
            maxLoss: reader.value(maxLoss, "max-loss"),
            timeout: reader.value(countTimeout, "count-timeout")
        )
    }
}
