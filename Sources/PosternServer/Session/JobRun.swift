internal import PosternCore

/// The CI run that a token speaks for, as far as its claims tell: what an auditor asks by.
struct JobRun: Sendable {
    let repository: String?
    let ref: String?
    let sha: String?
    let id: String?
    let url: String?

    /// The claims that it reads.
    static let claimNames: Set<String> = ["repository", "ref", "sha", "run_id", "run_url"]

    /// Reads the claims that most issuers use under these names. A claim that is missing or no text is left out.
    init(claims: JSONObject) {
        func text(_ name: String) -> String? {
            switch claims[name] {
            case .string(let text): text
            case .number(let number): number.text
            case .null, .bool, .array, .object, nil: nil
            }
        }
        repository = text("repository")
        ref = text("ref")
        sha = text("sha")
        id = text("run_id")
        url = text("run_url")
    }
}
