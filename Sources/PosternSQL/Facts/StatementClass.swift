/// pgAudit's classes of statements.
package enum StatementClass: String, Hashable, Sendable, CaseIterable {
    case read
    case write
    case ddl
    case role
    case function
    case misc
}
