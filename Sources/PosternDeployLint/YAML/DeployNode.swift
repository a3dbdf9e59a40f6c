package import PosternPolicy

/// A value of another tool's YAML file, with the place where it stands.
///
/// Everything that is no list and no mapping is text here: what `on` or `5432` means is the other tool's business.
package struct DeployNode: Sendable {
    package enum Content: Sendable {
        /// Empty, `null` or `~`.
        case null
        case text(String)
        case sequence([DeployNode])
        case mapping([DeployMember])
    }

    /// How a text is written: what of it stands where.
    package enum Style: Sendable {
        case plain
        case quoted
        /// Under `|`: line n of the text is line n below.
        case literal
        /// Over several lines that are joined.
        case folded
    }

    package let content: Content
    package let location: SourceLocation
    package let style: Style
    /// `!reference` of GitLab, `!override` of compose.
    package let tag: String?
    /// How many nodes it stands for once every alias is written out.
    let weight: Int
    /// How many levels are below it.
    let height: Int

    package var text: String? {
        if case .text(let text) = content { text } else { nil }
    }

    package var isNull: Bool {
        if case .null = content { true } else { false }
    }

    /// No elements where it is no list.
    package var elements: [DeployNode] {
        if case .sequence(let elements) = content { elements } else { [] }
    }

    /// No members where it is no mapping.
    package var members: [DeployMember] {
        if case .mapping(let members) = content { members } else { [] }
    }

    package var isMapping: Bool {
        if case .mapping = content { true } else { false }
    }

    package var isSequence: Bool {
        if case .sequence = content { true } else { false }
    }

    package subscript(key: String) -> DeployNode? { members.last { $0.key == key }?.value }

    /// What stands at a path of keys.
    package func at(_ path: String...) -> DeployNode? {
        path.reduce(Optional(self)) { node, key in node?[key] }
    }

    /// A list as it is, one value as a list of it: many keys of these formats take either.
    package var oneOrMany: [DeployNode] {
        switch content {
        case .null: []
        case .sequence(let elements): elements
        case .text, .mapping: [self]
        }
    }

    /// The texts of `oneOrMany`.
    package var texts: [String] { oneOrMany.compactMap(\.text) }

    /// Every text in it, with the key that it stands under where there is one.
    func scalars(under key: String? = nil) -> [(key: String?, node: DeployNode)] {
        switch content {
        case .null: []
        case .text: [(key, self)]
        case .sequence(let elements): elements.flatMap { $0.scalars(under: key) }
        case .mapping(let members): members.flatMap { $0.value.scalars(under: $0.key) }
        }
    }
}

/// A key and its value.
package struct DeployMember: Sendable {
    package let key: String
    package let location: SourceLocation
    package let value: DeployNode
}
