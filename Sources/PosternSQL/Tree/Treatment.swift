/// What the walker does with a field of a node.
enum Treatment: Character, Hashable, Sendable {
    /// The code for this node reads it.
    case byHand = "h"
    /// The generic walk goes on below it: expressions and what holds them.
    case children = "c"
    /// It names no object, runs nothing and changes nothing: read by nobody.
    case plain = "p"
    /// Only analysis fills it, never the parser: a text that has it is not understood.
    case never = "n"
}

/// The treatment of every field of every node. What is not named here makes a text unclassified.
package struct Classification: Sendable {
    package static let shared = Classification(nodes: Self.nodes, unexpected: Self.unexpected)

    private var byNode: [NodeType: [Field: Treatment]] = [:]
    private var unexpected: Set<NodeType> = []
    /// Words that name no node or field of the schema, or name one twice: none, as a test proves.
    package private(set) var mistakes: [String] = []

    /// - Parameters:
    ///   - nodes: a node a line: its name, then groups `h: field …`, `c: field …`, `p: field …`, `n: field …`.
    ///   - unexpected: nodes that no raw parse tree holds.
    package init(nodes: String, unexpected names: String) {
        for line in nodes.split(separator: "\n") { add(line) }
        for name in names.split(whereSeparator: \.isWhitespace) {
            if let type = NodeType(name: String(name)), byNode[type] == nil {
                unexpected.insert(type)
            } else {
                mistakes.append(String(name))
            }
        }
    }

    private mutating func add(_ line: Substring) {
        let words = line.split(separator: " ")
        guard let name = words.first, let type = NodeType(name: String(name)), byNode[type] == nil else {
            mistakes.append(String(line))
            return
        }
        var treatment: Treatment?
        var fields: [Field: Treatment] = [:]
        for word in words.dropFirst() {
            if word.hasSuffix(":"), let letter = word.first, let next = Treatment(rawValue: letter) {
                treatment = next
            } else if let field = Field(name: String(word)), let treatment, fields[field] == nil {
                fields[field] = treatment
            } else {
                mistakes.append("\(name) \(word)")
            }
        }
        byNode[type] = fields
    }

    func isExpected(_ type: NodeType) -> Bool { byNode[type] != nil }

    func treatment(of field: Field, in type: NodeType) -> Treatment? { byNode[type]?[field] }

    /// Nodes, and fields as `Node.field`, of the schema that are not classified: none, as a test proves.
    package var missing: [String] {
        Schema.text.split(separator: "\n").flatMap { line -> [String] in
            let words = line.split(separator: " ")
            guard let name = words.first, let type = NodeType(name: String(name)) else { return [String(line)] }
            if unexpected.contains(type) { return [] }
            return words.dropFirst().compactMap { word in
                let field = word.prefix { $0 != ":" }
                guard let known = Field(name: String(field)), byNode[type]?[known] != nil else {
                    return "\(name).\(field)"
                }
                return nil
            }
        }
    }
}
