/// Why a token's trigger is untrusted. For the journal, for `policy explain` and tests; never for the job.
package struct UntrustedTrigger: Hashable, Sendable, CustomStringConvertible {
    /// The claim that decided.
    package let claim: String
    /// What it is: `event_name is pull_request_target`.
    package let finding: String
    /// What that means, in words.
    package let why: String

    package init(claim: String, finding: String, why: String) {
        self.claim = claim
        self.finding = finding
        self.why = why
    }

    /// What every such refusal begins with.
    package static let word = "untrusted trigger"

    package var description: String { "\(Self.word): \(finding): \(why)" }
}
