internal import PosternSQL

/// A statement with everything that was found in it.
struct JudgedStatement: Sendable {
    let facts: StatementFacts
    /// In the order of the text, those that only names imply after them.
    let accesses: [JudgedAccess]
    let settings: [JudgedSetting]
    /// What the rules, or what holds in every mode, deny it for: the first of it.
    let cause: DenialCause?
    /// `cause` holds in every mode.
    let isInvariant: Bool
}

/// A change of a setting with what was found for it.
struct JudgedSetting: Sendable {
    let change: SettingChange
    /// The access that a rule has to allow; nil where none is asked.
    let access: JudgedAccess?
    /// Why it is denied.
    let cause: DenialCause?

    init(_ change: SettingChange, access: JudgedAccess? = nil, cause: DenialCause? = nil) {
        self.change = change
        self.access = access
        self.cause = cause
    }
}
