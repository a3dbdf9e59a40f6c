/// What becomes of a role's denials.
package enum RoleMode: String, Hashable, Sendable, CaseIterable {
    case enforce
    /// Everything is forwarded; the journal says what would have been denied.
    case observe
}

/// What becomes of a text that the parser does not understand.
package enum UnparsedMode: String, Hashable, Sendable, CaseIterable {
    case deny
    /// It is forwarded and recorded with its literals masked.
    case allow
}

/// How much of a statement's text the journal keeps.
package enum AuditedSQL: String, Hashable, Sendable, CaseIterable {
    /// Constants are replaced by placeholders.
    case normalized
    /// As it was, except passwords.
    case full
    case none
}
