internal import PosternSQL

/// Why a text or a statement is denied. Every denial is one of these, and gets its words in DenialWords.swift alone.
indirect enum DenialCause: Sendable {
    // The text as a whole.
    case tooLarge(limit: Int)
    case notUnderstood(AnalysisError)
    /// With `standard_conforming_strings = off` the text means something else, which is denied.
    case otherReading(DenialCause)
    // What holds in every mode.
    case invariant(SettingChange, SessionInvariant)
    /// PASSWORD, VALID UNTIL or SET on the session's own login.
    case ownLogin
    /// UPDATE of `pg_settings` changes settings that the text does not show.
    case settingsView
    // What the rules say.
    case deniedByRule(RuleReference, message: String?, Access, ObjectName?)
    case refused(AccessRefusal, Access, ObjectName?, hint: String?)
    case searchPath(SettingChange, path: [Identifier]?, permitted: [[Identifier]])
    case setting(SettingChange, reason: String)
    case functionCall(oid: UInt32)
}

extension RuleReference {
    /// Where it stands, as messages say it: `policies/orders.yaml:14`.
    package var place: String { "\(location.file):\(location.line)" }
}
