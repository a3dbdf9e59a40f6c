/// What kind of thing an object is, spelt as rules do: `schema:x`, `function:s.f`, `extension:x`.
package enum ObjectKind: String, Hashable, Sendable, CaseIterable {
    /// Tables, views, materialized views, sequences, indexes, foreign tables, composite types: what shares
    /// `pg_class`. Rules name it without a prefix.
    case relation
    /// Types and domains.
    case type
    /// Collations, conversions, operators and their classes, statistics, text search objects: other things that live
    /// in a schema. Rules name them without a prefix, as relations.
    case schemaObject = "schema_object"
    case schema
    /// Functions, procedures and aggregates.
    case function
    case `extension`
    case channel
    case language
    case role
    case database
    case tablespace
    case server
    case foreignDataWrapper = "foreign_data_wrapper"
    case publication
    case subscription
    case eventTrigger = "event_trigger"
    case accessMethod = "access_method"
    case cast
    case transform
    case largeObject = "large_object"
    /// A configuration parameter, for GRANT and ALTER SYSTEM.
    case parameter
    /// A file or program of the server's, for COPY and LOAD.
    case file
}

/// A name as the statement has it, decoded by the parser: unquoted names are in lower case, escapes are resolved.
package struct ObjectName: Hashable, Sendable, CustomStringConvertible {
    /// The database of a three-part name.
    package var catalog: Identifier?
    /// nil for a name that the search path resolves.
    package var schema: Identifier?
    package var name: Identifier

    package init(catalog: Identifier? = nil, schema: Identifier? = nil, _ name: Identifier) {
        self.catalog = catalog
        self.schema = schema
        self.name = name
    }

    /// All that a schema has of one kind, for statements that name the schema and mean what is in it.
    package static func everything(in schema: Identifier) -> ObjectName {
        ObjectName(schema: schema, Identifier("*"))
    }

    /// Dotted, without quotes: for records and messages, not for SQL.
    package var description: String {
        [catalog, schema, name].compactMap { $0?.text }.joined(separator: ".")
    }
}

/// An object that a statement touches.
package struct ObjectReference: Hashable, Sendable {
    package let kind: ObjectKind
    package let name: ObjectName

    package init(_ kind: ObjectKind, _ name: ObjectName) {
        self.kind = kind
        self.name = name
    }
}
