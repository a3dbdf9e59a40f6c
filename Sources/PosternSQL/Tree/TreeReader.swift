/// Reads the parser's JSON into a flat tree in one pass, against the schema: a node, a field or a shape that the schema
/// or the classification does not have ends it.
struct TreeReader {
    /// An object or list that is not closed yet.
    private struct Open {
        let index: Int
        let type: NodeType
        let isList: Bool
        /// Inside `{"Name": … }`: one brace more to close.
        let isWrapped: Bool
        /// Of lists: what they hold.
        let value: SchemaTable.Value
        /// Of objects: where in the node's fields the last name was found.
        var position = 0
        var isFirst = true
    }

    private let schema = SchemaTable.shared
    private let json: UnsafePointer<UInt8>
    private var offset = 0
    private var tree: Tree
    private var open: [Open] = []
    /// Of the field that is being read: the generic walk goes on below it.
    private var isChild = true

    private init(_ json: UnsafePointer<UInt8>, _ text: UnsafePointer<UInt8>, _ textLength: Int) {
        self.json = json
        tree = Tree(json: json, text: text, textLength: textLength)
    }

    /// - Parameter json: ends with a NUL, which no token of JSON contains: reading stops there at the latest.
    static func read(
        _ json: UnsafePointer<UInt8>,
        text: UnsafePointer<UInt8>,
        textLength: Int
    ) throws(AnalysisError) -> Tree {
        var reader = TreeReader(json, text, textLength)
        // About one entry a byte of text; the reserve is cheap, and more comes by itself.
        reader.tree.entries.reserveCapacity(min(textLength, 1 << 16))
        reader.open.reserveCapacity(32)
        try reader.readAll()
        return reader.tree
    }

    private mutating func readAll() throws(AnalysisError) {
        try expect("{")
        begin(.parseResult, isList: false, isWrapped: false, field: .stmts, value: .node)
        while let last = open.last {
            if last.isList { try listStep() } else { try objectStep() }
        }
    }

    private mutating func listStep() throws(AnalysisError) {
        let last = open.count - 1
        if json[offset] == UInt8(ascii: "]") {
            offset += 1
            end()
            return
        }
        if !open[last].isFirst { try expect(",") }
        open[last].isFirst = false
        isChild = true
        let list = open[last]
        try readValue(list.value, field: tree.entries[list.index].field, in: list.type)
    }

    private mutating func objectStep() throws(AnalysisError) {
        let last = open.count - 1
        if json[offset] == UInt8(ascii: "}") {
            offset += 1
            if open[last].isWrapped { try expect("}") }
            end()
            return
        }
        if !open[last].isFirst { try expect(",") }
        open[last].isFirst = false
        let type = open[last].type
        let name = try readName()
        guard let found = find(name, in: Int(type.rawValue), from: open[last].position) else {
            throw .unclassified("\(type.name).\(String(decoding: name, as: UTF8.self))")
        }
        open[last].position = found
        let entry = schema.fields[Int(type.rawValue)][found]
        switch entry.treatment {
        case .plain: return try skipValue()
        case .byHand: isChild = false
        case .children: isChild = true
        case .never, nil: throw .unclassified("\(type.name).\(entry.field.name)")
        }
        guard entry.isList else { return try readValue(entry.value, field: entry.field, in: type) }
        try expect("[")
        begin(type, isList: true, isWrapped: false, field: entry.field, value: entry.value)
    }

    /// The parser prints fields in the schema's order: the search goes on where the last one ended.
    private func find(_ name: UnsafeBufferPointer<UInt8>, in type: Int, from start: Int) -> Int? {
        let count = schema.fields[type].count
        for step in 0..<count {
            let index = start + step < count ? start + step : start + step - count
            if schema.fields[type][index].name.elementsEqual(name) { return index }
        }
        return nil
    }

    private mutating func readValue(
        _ value: SchemaTable.Value,
        field: Field,
        in type: NodeType
    ) throws(AnalysisError) {
        switch value {
        case .node:
            try expect("{")
            if json[offset] == UInt8(ascii: "}") {
                offset += 1
                append(Tree.Entry(kind: .nothing, field: field, type: type, start: 0, end: 0))
                return
            }
            let name = try readName()
            guard let node = schema.type(named: name), schema.isExpected[Int(node.rawValue)] else {
                throw .unclassified(String(decoding: name, as: UTF8.self))
            }
            if node == .aConst {
                try readConstant(field: field)
                return try expect("}")
            }
            try expect("{")
            begin(node, isList: false, isWrapped: true, field: field, value: .node)
        case .message(let node):
            guard schema.isExpected[Int(node.rawValue)] else { throw .unclassified(node.name) }
            try expect("{")
            begin(node, isList: false, isWrapped: false, field: field, value: .node)
        case .string, .enumeration:
            try expect("\"")
            let (start, kind) = (offset, try skipString())
            append(
                Tree.Entry(kind: kind, field: field, type: type, start: UInt32(start), end: UInt32(offset - 1))
            )
        case .bool, .number:
            try readPlain(field: field, in: type)
        }
    }

    private mutating func readPlain(field: Field, in type: NodeType) throws(AnalysisError) {
        let start = offset
        while true {
            let byte = json[offset]
            guard byte != UInt8(ascii: ","), byte != UInt8(ascii: "}"), byte != UInt8(ascii: "]") else { break }
            guard byte > 0x20, byte != UInt8(ascii: "{"), byte != UInt8(ascii: "[") else { throw malformed() }
            offset += 1
        }
        let kind: Tree.Kind =
            switch json[start] {
            case UInt8(ascii: "t"): .yes
            case UInt8(ascii: "f"): .no
            default: .number
            }
        append(Tree.Entry(kind: kind, field: field, type: type, start: UInt32(start), end: UInt32(offset)))
    }

    /// Notes where it stands only: bulk inserts are made of constants, and hardly any is ever looked at.
    private mutating func readConstant(field: Field) throws(AnalysisError) {
        let start = offset
        guard json[offset] == UInt8(ascii: "{") else { throw malformed() }
        try skipValue()
        append(Tree.Entry(kind: .constant, field: field, type: .aConst, start: UInt32(start), end: UInt32(offset)))
    }

    /// Goes behind a value of any kind.
    private mutating func skipValue() throws(AnalysisError) {
        var depth = 0
        while true {
            switch json[offset] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { return }
                depth -= 1
                if depth == 0 {
                    offset += 1
                    return
                }
            case UInt8(ascii: "\""):
                offset += 1
                _ = try skipString()
                if depth == 0 { return }
                continue
            case UInt8(ascii: ",") where depth == 0: return
            case 0: throw malformed()
            default: break
            }
            offset += 1
        }
    }

    private mutating func begin(
        _ type: NodeType,
        isList: Bool,
        isWrapped: Bool,
        field: Field,
        value: SchemaTable.Value
    ) {
        open.append(
            Open(index: tree.entries.count, type: type, isList: isList, isWrapped: isWrapped, value: value)
        )
        append(Tree.Entry(kind: isList ? .list : .object, field: field, type: type, start: 0, end: 0))
    }

    private mutating func end() {
        guard let closed = open.popLast() else { return }
        tree.entries[closed.index].end = UInt32(tree.entries.count)
    }

    private mutating func append(_ entry: Tree.Entry) {
        var entry = entry
        entry.isChild = isChild
        tree.entries.append(entry)
    }

    private mutating func readName() throws(AnalysisError) -> UnsafeBufferPointer<UInt8> {
        try expect("\"")
        let start = offset
        guard try skipString() == .string else { throw malformed() }
        let name = UnsafeBufferPointer(start: json + start, count: offset - 1 - start)
        try expect(":")
        return name
    }

    /// From after the opening quote to after the closing one.
    private mutating func skipString() throws(AnalysisError) -> Tree.Kind {
        var kind = Tree.Kind.string
        while true {
            switch json[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return kind
            case UInt8(ascii: "\\"):
                kind = .escaped
                guard json[offset + 1] != 0 else { throw malformed() }
                offset += 2
            case 0: throw malformed()
            default: offset += 1
            }
        }
    }

    private mutating func expect(_ byte: Unicode.Scalar) throws(AnalysisError) {
        guard json[offset] == UInt8(ascii: byte) else { throw malformed() }
        offset += 1
    }

    private func malformed() -> AnalysisError { .unclassified("JSON at byte \(offset)") }
}
