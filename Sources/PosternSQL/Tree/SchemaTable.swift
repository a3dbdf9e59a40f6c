/// The schema in the form that reading a tree needs: the fields of each node in the order in which the parser prints
/// them, each with what the walker does with it.
struct SchemaTable: Sendable {
    enum Value: Hashable, Sendable {
        case string
        case bool
        case number
        case enumeration
        /// Any node, wrapped in an object with its name as only key.
        case node
        /// A node of one type, not wrapped.
        case message(NodeType)
    }

    struct FieldEntry: Sendable {
        let name: [UInt8]
        let field: Field
        let value: Value
        let isList: Bool
        let treatment: Treatment?
    }

    static let shared = SchemaTable()

    /// By the node's ordinal.
    let fields: [[FieldEntry]]
    /// By the node's ordinal: whether a raw parse tree can hold it.
    let isExpected: [Bool]
    private let namesByLength: [[(name: [UInt8], type: NodeType)]]

    private init() {
        let treatments = Classification.shared
        var fields = [[FieldEntry]](repeating: [], count: NodeType.allCases.count)
        var isExpected = [Bool](repeating: false, count: NodeType.allCases.count)
        for line in Schema.text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let name = words.first, let type = NodeType(name: String(name)) else { continue }
            isExpected[Int(type.rawValue)] = treatments.isExpected(type)
            fields[Int(type.rawValue)] = words.dropFirst().compactMap { Self.entry($0, of: type, treatments) }
        }
        self.fields = fields
        self.isExpected = isExpected
        var byLength = [[(name: [UInt8], type: NodeType)]](repeating: [], count: 64)
        for type in NodeType.allCases { byLength[type.name.utf8.count].append((Array(type.name.utf8), type)) }
        namesByLength = byLength
    }

    private static func entry(_ word: Substring, of type: NodeType, _ treatments: Classification) -> FieldEntry? {
        let parts = word.split(separator: ":")
        guard parts.count == 2, let field = Field(name: String(parts[0])) else { return nil }
        let isList = parts[1].hasSuffix("*")
        let value: Value
        switch isList ? parts[1].dropLast() : parts[1] {
        case "string": value = .string
        case "bool": value = .bool
        case "number": value = .number
        case "enum": value = .enumeration
        case "Node": value = .node
        case let name:
            guard let message = NodeType(name: String(name)) else { return nil }
            value = .message(message)
        }
        return FieldEntry(
            name: Array(parts[0].utf8),
            field: field,
            value: value,
            isList: isList,
            treatment: treatments.treatment(of: field, in: type)
        )
    }

    /// The node of that name, if there is one.
    func type(named name: UnsafeBufferPointer<UInt8>) -> NodeType? {
        guard name.count < namesByLength.count else { return nil }
        for candidate in namesByLength[name.count] where candidate.name.elementsEqual(name) { return candidate.type }
        return nil
    }
}

extension NodeType {
    package var name: String { Self.spellings[Int(rawValue)] }

    package init?(name: String) {
        guard let index = Self.indices[name] else { return nil }
        self.init(rawValue: index)
    }

    private static let indices = Dictionary(uniqueKeysWithValues: zip(spellings, UInt16(0)...))
}

extension Field {
    package var name: String { Self.spellings[Int(rawValue)] }

    package init?(name: String) {
        guard let index = Self.indices[name] else { return nil }
        self.init(rawValue: index)
    }

    private static let indices = Dictionary(uniqueKeysWithValues: zip(spellings, UInt16(0)...))
}
