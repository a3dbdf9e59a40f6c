/// The statements that read a catalogue. They need no right but CONNECT: what they read everybody may.
///
/// No backslash and no name without its schema: what the login's own settings say must not change their meaning.
enum CatalogQueries {
    /// One moment for all statements, and a server that gives up before we do.
    static let begin = [
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET LOCAL search_path = ''",
        "SET LOCAL statement_timeout = '30s'",
        "SET LOCAL lock_timeout = '10s'",
    ]

    /// Whose objects are PostgreSQL's own, and those of other sessions' temporary schemas.
    private static let foreignSchema =
        "pg_catalog.left(n.nspname::pg_catalog.text, 3) = 'pg_' OR n.nspname = 'information_schema'"

    /// Everything that shares the namespace of tables: indexes and composite types too, so that their names are known.
    /// `oid`, schema, name.
    static let relations = """
        SELECT c.oid, n.nspname, c.relname
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S', 'c', 'i', 'I') AND NOT (\(foreignSchema))
        """

    /// Live columns without the system's, of what can be selected from: the relation's `oid`, name.
    static let columns = """
        SELECT a.attrelid, a.attname
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attnum > 0 AND NOT a.attisdropped
        AND c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S', 'c') AND NOT (\(foreignSchema))
        """

    /// Schema, name, and `t` when one of the functions of that name takes a row as its only argument.
    ///
    /// Takes a row: a composite type, any pseudo-type (`record`, `anyelement`, `"any"`, …), what a row is implicitly cast
    /// to, and domains over all these. Defaults fill the other arguments; a variadic one takes a single element as well.
    static let functions = """
        WITH RECURSIVE row_type(oid) AS (
            SELECT t.oid FROM pg_catalog.pg_type t
            WHERE t.typtype IN ('c', 'p') OR t.oid IN (
                SELECT k.casttarget FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_type s ON s.oid = k.castsource
                WHERE k.castcontext = 'i' AND s.typtype IN ('c', 'p'))
            UNION
            SELECT d.oid FROM row_type b JOIN pg_catalog.pg_type d ON d.typbasetype = b.oid AND d.typtype = 'd'
        )
        SELECT n.nspname, p.proname, pg_catalog.bool_or(
            p.prokind <> 'p' AND p.pronargs >= 1 AND p.pronargs - p.pronargdefaults <= 1
            AND (p.proargtypes[0] IN (SELECT oid FROM row_type)
                OR p.pronargs = 1 AND p.provariadic <> 0 AND p.provariadic IN (SELECT oid FROM row_type)))
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
        GROUP BY n.nspname, p.proname ORDER BY n.nspname, p.proname
        """
}
