/// Goes through the tree of a text and gathers what its statements do.
///
/// Every node has to be entered: one that is left over makes the text unclassified, so that a forgotten child is an
/// error and not a hole. Chains that lean to the left are walked with a list of what is still to do; the walker calls
/// itself only for subqueries, of which `Complexity` bounds the depth.
struct Walker {
    let tree: Tree
    private var entered: [Bool]

    var facts = StatementFacts(range: 0..<0, tag: .select, statementClass: .read)
    private var known: Set<Access> = []
    private var columnNames: Set<Identifier> = []
    var knownColumns: Set<QualifiedColumn> = []
    private var knownRanges: Set<RangeAlias> = []
    private var knownTemporaries: Set<ObjectName> = []

    /// The innermost statement's.
    var tag = CommandTag.select
    /// The part of a relation that FROM names.
    var fromPart = Access.Part.target
    /// Names of CTEs, by how many of the WITHs around have them. As the walk goes into a CTE when those before it are
    /// visible and leaves a WITH at the end of its statement, this is PostgreSQL's lexical scope.
    var visibleNames: [Identifier: Int] = [:]
    /// The INSERT, UPDATE, DELETE or MERGE around, innermost last.
    var targets: [TargetUse] = []
    /// Inside a query or DML statement.
    var queryDepth = 0
    /// A SELECT with INTO was seen.
    var madeRelation = false
    /// In a function's body or a rule's action, where names can be parameters, NEW and OLD.
    var isInBody = false
    /// Of the CREATE SCHEMA around.
    var newSchema: Identifier?
    /// Of the CREATE TABLE, ALTER TABLE or CREATE INDEX around: its indexes lie beside it.
    var ownTable = ObjectName("")
    /// The one setting whose row of pg_settings the SELECT around reads: there `name` is a constant.
    var rowSetting: String?
    /// What the generic walk has still to do, the next one last.
    var pending: [Tree.Node] = []

    private init(_ tree: Tree) {
        self.tree = tree
        entered = [Bool](repeating: false, count: tree.entries.count)
    }

    static func statements(of tree: Tree, textLength: Int) throws(AnalysisError) -> [StatementFacts] {
        var walker = Walker(tree)
        var statements: [StatementFacts] = []
        walker.enter(tree.root)
        for raw in tree.elements(tree.root, .stmts) {
            walker.enter(raw)
            let start = min(max(0, tree.number(raw, .stmtLocation)), textLength)
            let length = tree.number(raw, .stmtLen)
            let end = length > 0 ? min(start + length, textLength) : textLength
            statements.append(try walker.statement(raw, range: start..<end))
        }
        try walker.checkAllEntered()
        return statements
    }

    private mutating func statement(_ raw: Tree.Node, range: Range<Int>) throws(AnalysisError) -> StatementFacts {
        facts = StatementFacts(range: range, tag: .select, statementClass: .read)
        // New ones: to empty large ones for each of many small statements would take long.
        known = []
        columnNames = []
        knownColumns = []
        knownRanges = []
        knownTemporaries = []
        madeRelation = false
        guard let node = tree.child(raw, .stmt) else { throw .unclassified("RawStmt without a statement") }
        facts.tag = try statement(node)
        facts.statementClass = facts.tag.statementClass
        facts.columns = columnNames.sorted()
        facts.shape.changesCatalog =
            facts.accesses.contains { $0.statementClass == .ddl || $0.statementClass == .role }
            || facts.tag == .do || facts.tag == .call
        return facts
    }

    // MARK: What is entered

    mutating func enter(_ node: Tree.Node) { entered[Int(node.index)] = true }

    /// Enters a node and all below it, where there is nothing to find.
    mutating func dismiss(_ node: Tree.Node) {
        for index in node.index..<tree.end(node) { entered[Int(index)] = true }
    }

    mutating func dismiss(_ node: Tree.Node, _ field: Field) {
        if let child = tree.child(node, field) { dismiss(child) }
    }

    private func checkAllEntered() throws(AnalysisError) {
        for (index, entry) in tree.entries.enumerated() where entry.kind == .object && !entered[index] {
            switch entry.type {
            case .string, .integer, .float, .boolean, .bitString, .list, .intList, .aStar: continue
            default: throw .unclassified("\(entry.field.name) (\(entry.type.name))")
            }
        }
    }

    /// A node that this version has no rule for where it stands.
    func unexpected(_ node: Tree.Node) -> AnalysisError { .unclassified(tree.type(node).name) }

    // MARK: What is found

    mutating func add(
        _ statementClass: StatementClass,
        _ tag: CommandTag,
        _ object: ObjectReference?,
        part: Access.Part = .target,
        restriction: Access.Restriction = .notApplicable
    ) {
        let access = Access(statementClass, tag, object, part: part, restriction: restriction)
        if known.insert(access).inserted { facts.accesses.append(access) }
    }

    /// Puts an access where its statement begins in the list.
    mutating func insert(_ access: Access, at position: Int) {
        if known.insert(access).inserted { facts.accesses.insert(access, at: position) }
    }

    /// What a statement is about: the class is its tag's.
    mutating func touch(_ tag: CommandTag, _ kind: ObjectKind, _ name: ObjectName) {
        add(tag.statementClass, tag, ObjectReference(kind, name))
    }

    mutating func touch(_ tag: CommandTag, _ kind: ObjectKind, named name: String?) {
        guard let name else { return touch(tag) }
        touch(tag, kind, ObjectName(Identifier(name)))
    }

    /// About a schema, and with it about all that is in it of these kinds.
    mutating func touchContents(_ tag: CommandTag, of schema: Identifier, _ kinds: [ObjectKind]) {
        for kind in kinds { touch(tag, kind, .everything(in: schema)) }
    }

    /// Done to no object.
    mutating func touch(_ tag: CommandTag) { add(tag.statementClass, tag, nil) }

    mutating func call(_ name: ObjectName) {
        add(.function, tag, ObjectReference(.function, name), part: .other)
    }

    mutating func addTemporary(_ name: ObjectName) {
        if knownTemporaries.insert(name).inserted { facts.temporaryRelations.append(name) }
    }

    mutating func note(column: Identifier) { columnNames.insert(column) }

    mutating func noteColumns(_ node: Tree.Node, _ field: Field) {
        for name in tree.strings(node, field) { note(column: Identifier(name)) }
    }

    mutating func addRange(_ alias: Identifier, _ relation: ObjectName?) {
        let range = RangeAlias(alias: alias, relation: relation)
        if knownRanges.insert(range).inserted { facts.ranges.append(range) }
        for index in targets.indices where targets[index].nesting > 0 { targets[index].hide(alias) }
    }
}
