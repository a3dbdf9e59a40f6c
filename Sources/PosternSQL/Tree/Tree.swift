/// A parse tree, flat and read-only: the nodes in the order of the parser's JSON, which it points into.
///
/// It lives no longer than the JSON: the analyzer makes it, walks it and lets it go while it holds the text.
struct Tree {
    enum Kind: UInt8, Sendable {
        /// A node with fields.
        case object
        case list
        /// NULL in a list or field.
        case nothing
        /// A constant, unread: its fields are looked at on demand.
        case constant
        case string
        /// A string with escapes.
        case escaped
        case number
        case yes
        case no
    }

    struct Entry {
        var kind: Kind
        /// Of the field that it stands in, or of the list's field.
        var field: Field
        /// Of objects.
        var type: NodeType
        /// Where its text stands, of scalars and constants.
        var start: UInt32
        /// The end of the text; of objects and lists the index after the last entry below.
        var end: UInt32
        /// The generic walk goes on here, as the classification says of its field; so it does in all lists.
        var isChild = true
    }

    /// An entry's index.
    struct Node: Hashable {
        let index: Int32
    }

    /// The JSON. Unsafe because copying what the library allocated would double the memory of large trees: the
    /// analyzer frees it after the walk.
    let json: UnsafePointer<UInt8>
    /// The text that was parsed, with a NUL at its end: the JSON leaves out negative integers.
    let text: UnsafePointer<UInt8>
    let textLength: Int
    var entries: [Entry] = []

    var root: Node { Node(index: 0) }

    func entry(_ node: Node) -> Entry { entries[Int(node.index)] }

    func type(_ node: Node) -> NodeType { entries[Int(node.index)].type }

    func isNothing(_ node: Node) -> Bool { entries[Int(node.index)].kind == .nothing }

    /// The index after the last entry of this node.
    func end(_ node: Node) -> Int32 {
        let entry = entries[Int(node.index)]
        switch entry.kind {
        case .object, .list: return Int32(bitPattern: entry.end)
        case .nothing, .constant, .string, .escaped, .number, .yes, .no: return node.index + 1
        }
    }

    /// The value of a field; nil where the parser left it out: NULL, zero, false.
    func child(_ node: Node, _ field: Field) -> Node? {
        let end = end(node)
        var index = node.index + 1
        while index < end {
            let child = Node(index: index)
            if entries[Int(index)].field == field { return isNothing(child) ? nil : child }
            index = self.end(child)
        }
        return nil
    }

    /// The elements of a field that is a list; none where it is absent.
    func elements(_ node: Node, _ field: Field) -> Elements {
        guard let list = child(node, field) else { return Elements(tree: self, index: 0, end: 0) }
        return elements(list)
    }

    /// What stands directly below an object or list.
    func elements(_ node: Node) -> Elements { Elements(tree: self, index: node.index + 1, end: end(node)) }

    struct Elements: Sequence, IteratorProtocol {
        let tree: Tree
        var index: Int32
        let end: Int32

        mutating func next() -> Node? {
            guard index < end else { return nil }
            let node = Node(index: index)
            index = tree.end(node)
            return node
        }
    }

    func has(_ node: Node, _ field: Field) -> Bool { child(node, field) != nil }

    func flag(_ node: Node, _ field: Field) -> Bool {
        guard let child = child(node, field) else { return false }
        return entry(child).kind == .yes
    }
}
