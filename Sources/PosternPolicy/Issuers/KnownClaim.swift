package import PosternCore

/// What is known of a claim of a CI system.
package struct KnownClaim: Hashable, Sendable {
    /// The JSON type that the issuer gives it.
    package enum ValueType: String, Hashable, Sendable {
        case text
        /// A text that is `true` or `false`.
        case flagText
        case number
        case bool
        case list
        case object
        /// Now this, now that.
        case any

        package var description: String {
            switch self {
            case .text: "a text"
            case .flagText: "the text \"true\" or \"false\""
            case .number: "a number"
            case .bool: "a boolean"
            case .list: "a list"
            case .object: "an object"
            case .any: "of no certain type"
            }
        }
    }

    /// What a claim says about a token, as far as a policy relies on it.
    package enum Meaning: Hashable, Sendable {
        /// Identifies the owner or the repository for good: nobody else can get it.
        case identifier
        /// Names owner or repository by what can be renamed, and registered again by somebody else.
        case name(identifier: String?)
        /// A composed text, whose form projects or platforms change.
        case subject
        case person
        /// A branch, a tag or a commit.
        case ref
        /// What started the run.
        case trigger
        case environment
        case workflow
        /// Another value in each run.
        case run
        /// Says something, but not who it is.
        case detail
    }

    /// The claim's name, or a JSON pointer into a claim.
    package let name: String
    package let type: ValueType
    package let meaning: Meaning
    /// Whether journals keep it of every token. E-mail addresses and long lists are kept where a policy names them.
    package let isJournaled: Bool

    init(_ name: String, _ meaning: Meaning, _ type: ValueType = .text, isJournaled: Bool = true) {
        self.name = name
        self.type = type
        self.meaning = meaning
        self.isJournaled = isJournaled && type != .object
    }

    /// Whether the claim can have this value, as far as its type goes.
    package func admits(_ value: JSONValue) -> Bool {
        switch (type, value) {
        case (.text, .string), (.number, .number), (.bool, .bool), (.list, .array), (.object, .object), (.any, _): true
        case (.flagText, .string(let text)): text == "true" || text == "false"
        case (.text, _), (.flagText, _), (.number, _), (.bool, _), (.list, _), (.object, _): false
        }
    }
}
