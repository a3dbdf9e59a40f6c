/// Why a run cannot have what it needs, in words for whoever reads the job's log. No token and no password is in it.
package struct JobTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    /// What to do about it.
    package let hint: String?
    /// Lines to add to the pipeline's file, or to a policy.
    package let lines: [String]

    package init(_ message: String, hint: String? = nil, lines: [String] = []) {
        self.message = message
        self.hint = hint
        self.lines = lines
    }

    package var description: String { message }
}
