package import PosternSQL

/// Schemas that are PostgreSQL's own. No `*` of a pattern reaches them.
package enum SystemSchemas {
    package static let catalog: Identifier = "pg_catalog"
    package static let information: Identifier = "information_schema"
    package static let temporary: Identifier = "pg_temp"

    /// `information_schema`, and every name that begins with `pg_`: PostgreSQL keeps these for itself
    /// (`pg_catalog`, `pg_toast`, `pg_temp`, `pg_temp_3`, `pg_toast_temp_3`).
    package static func contains(_ schema: Identifier) -> Bool {
        schema.text.utf8.starts(with: "pg_".utf8) || schema == information
    }

    /// `pg_temp`, or the name that a session's temporary schema has inside.
    static func isTemporary(_ schema: Identifier) -> Bool {
        schema == temporary || schema.text.utf8.starts(with: "pg_temp_".utf8)
    }

    /// Where nothing is ever written: the catalogue decides what every session may do.
    static func isReadOnly(_ schema: Identifier) -> Bool {
        contains(schema) && !isTemporary(schema)
    }
}
