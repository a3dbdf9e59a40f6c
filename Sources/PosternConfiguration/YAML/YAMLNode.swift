package import PosternCore
package import PosternPolicy

/// A value of a YAML file with the place where it stands.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case null
        case bool(Bool)
        case number(JSONNumber)
        case text(String)
        case sequence([YAMLNode])
        case mapping([YAMLMember])
        /// Refused already, with a diagnostic: readers pass over it in silence.
        case refused
    }

    package let content: Content
    package let location: SourceLocation

    /// The kind in a person's words: `a list`.
    package var kind: String {
        switch content {
        case .null: "empty"
        case .bool: "a boolean"
        case .number: "a number"
        case .text: "text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .refused: "refused"
        }
    }
}

/// A key and its value. Keys are text, whatever they look like.
package struct YAMLMember: Sendable {
    package let key: String
    package let location: SourceLocation
    package let value: YAMLNode
}
