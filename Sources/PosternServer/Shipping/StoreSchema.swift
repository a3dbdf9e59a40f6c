/// The schema `postern` of the auditors' store, as steps that are never changed once they are released: a store that has
/// some of them gets the rest.
package enum StoreSchema {
    /// What a step is called in `postern.schema_version`.
    package struct Step: Sendable {
        package let version: Int
        package let title: String
        package let statements: [String]
    }

    package static let steps = [
        Step(version: 1, title: "tables", statements: tables),
        Step(version: 2, title: "views", statements: views),
        Step(version: 3, title: "guards", statements: guards),
    ]

    /// The newest version that this gateway knows, and the only one that it writes to.
    package static let version = steps.last?.version ?? 0

    /// The steps that a store lacks.
    ///
    /// - Returns: nil when it has one that this gateway does not know.
    package static func missing(after version: Int) -> [Step]? {
        version > Self.version ? nil : steps.filter { $0.version > version }
    }

    /// Tables that are partitioned by month.
    static let partitioned = ["event", "session", "statement"]

    /// For `pg_advisory_xact_lock`: `postern` in ASCII. Gateways that make something of the schema take turns.
    static let lock = 0x706F_7374_65726E

    /// The role that auditors are members of. It may read and nothing else.
    package static let auditorRole = "postern_auditor"

    /// Makes the auditors' role if the login may, and lets it read if it is there.
    static let grants = """
        DO $postern$
        BEGIN
            IF to_regrole('postern_auditor') IS NULL AND (
                SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user
            ) THEN
                CREATE ROLE postern_auditor NOLOGIN;
            END IF;
            IF to_regrole('postern_auditor') IS NOT NULL THEN
                GRANT USAGE ON SCHEMA postern TO postern_auditor;
                GRANT SELECT ON ALL TABLES IN SCHEMA postern TO postern_auditor;
            END IF;
        END
        $postern$
        """

    /// Whether `grants` has something to do.
    static let needsGrants = """
        SELECT CASE
            WHEN to_regrole('postern_auditor') IS NULL
                THEN (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user)
            ELSE NOT has_table_privilege('postern_auditor', 'postern.guard', 'SELECT')
        END
        """
}
