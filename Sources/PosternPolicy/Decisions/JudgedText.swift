package import PosternSQL

/// A text that a role wants to run, with what was found in it and decided of it. Made once and shared: the cache, the
/// session's names and the records all hold this one.
package final class JudgedText: Sendable {
    package struct Statement: Sendable {
        package let facts: StatementFacts
        package let decision: Decision

        package init(facts: StatementFacts, decision: Decision) {
            self.facts = facts
            self.decision = decision
        }
    }

    /// One each; empty for a text without statements, and for one that was not understood.
    package let statements: [Statement]
    /// Why the text as a whole must not be forwarded: the first denial of a statement, or why it was not understood.
    /// With `mode: observe` and `unrestricted` only what holds in every mode.
    package let denial: Denial?
    /// What `enforce` would have denied.
    package let wouldDeny: Denial?
    /// The text was not understood, and is forwarded or denied as the role's `unparsed` says.
    package let isUnparsed: Bool

    package init(statements: [Statement], denial: Denial?, wouldDeny: Denial?, isUnparsed: Bool) {
        self.statements = statements
        self.denial = denial
        self.wouldDeny = wouldDeny
        self.isUnparsed = isUnparsed
    }
}
