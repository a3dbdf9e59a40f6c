internal import PosternCore
internal import PosternSQL

/// One read-only transaction that reads a catalogue, bounded in what it takes.
struct CatalogTransaction {
    private let connection: LibPQConnection
    private let limits: CatalogLimits
    private let deadline: MonotonicTime
    private var bytes = 0

    init(_ connection: LibPQConnection, limits: CatalogLimits, deadline: MonotonicTime) {
        self.connection = connection
        self.limits = limits
        self.deadline = deadline
    }

    consuming func read() throws(LibPQFailure) -> CatalogContents {
        for statement in CatalogQueries.begin { try connection.run(statement, until: deadline) }
        let contents = CatalogContents(relations: try readRelations(), functions: try readFunctions())
        try connection.run("COMMIT", until: deadline)
        return contents
    }

    private mutating func readRelations() throws(LibPQFailure) -> [CatalogContents.Relation] {
        var relations: [CatalogContents.Relation] = []
        var positions: [UInt32: Int] = [:]
        try rows(CatalogQueries.relations, atMost: limits.relations, "relations") { row in
            // A name that is no UTF-8 stands in no statement that Postern reads.
            guard let schema = row.identifier(1), let name = row.identifier(2) else { return }
            positions[row.number(0)] = relations.count
            relations.append((schema, name, []))
        }
        try rows(CatalogQueries.columns, atMost: limits.columns, "columns") { row in
            guard let position = positions[row.number(0)], let name = row.identifier(1) else { return }
            relations[position].columns.insert(name)
        }
        return relations
    }

    private mutating func readFunctions() throws(LibPQFailure) -> [CatalogSnapshot.Function] {
        var functions: [CatalogSnapshot.Function] = []
        try rows(CatalogQueries.functions, atMost: limits.functions, "functions") { row in
            guard let schema = row.identifier(0), let name = row.identifier(1) else { return }
            let takesRow = row.bytes(2).first == UInt8(ascii: "t")
            functions.append(CatalogSnapshot.Function(schema: schema, name: name, takesRow: takesRow))
        }
        return functions
    }

    private mutating func rows(
        _ statement: String,
        atMost limit: Int,
        _ kind: String,
        _ take: (LibPQRow) -> Void
    ) throws(LibPQFailure) {
        var count = 0
        var bytes = bytes
        try connection.run(statement, until: deadline) { row throws(LibPQFailure) in
            count += 1
            bytes += row.size
            guard count <= limit else { throw LibPQFailure("the catalogue has more than \(limit) \(kind)") }
            guard bytes <= limits.bytes else {
                throw LibPQFailure("the catalogue's names take more than \(limits.bytes) bytes")
            }
            take(row)
        }
        self.bytes = bytes
    }
}

extension LibPQRow {
    /// A name; nil when it is not UTF-8, as names in a database of encoding SQL_ASCII may be.
    fileprivate func identifier(_ column: Int32) -> Identifier? {
        String(validating: bytes(column), as: UTF8.self).map { Identifier($0) }
    }

    /// An `oid`.
    fileprivate func number(_ column: Int32) -> UInt32 {
        bytes(column).reduce(0) { $0 &* 10 &+ UInt32($1 &- UInt8(ascii: "0")) }
    }
}
