extension Vocabulary {
    /// What means something to PostgreSQL's grammar, or to its scanner at a bad moment.
    package static let sql = Vocabulary(
        words: sqlWords,
        wrappers: statements,
        brackets: sqlBrackets,
        separator: Array(";\n".utf8)
    )

    private static let sqlWords: [[UInt8]] =
        """
        SELECT INSERT UPDATE DELETE MERGE WITH RECURSIVE MATERIALIZED FROM WHERE GROUP HAVING WINDOW ORDER LIMIT OFFSET
        FETCH FOR UPDATE SHARE UNION INTERSECT EXCEPT ALL DISTINCT ON USING NATURAL LATERAL CROSS JOIN LEFT FULL AS IN
        EXISTS ANY BETWEEN LIKE ILIKE SIMILAR IS NULL NOT AND OR CASE WHEN THEN ELSE END CAST ARRAY ROW VALUES DEFAULT
        RETURNING INTO TEMP UNLOGGED TABLE VIEW INDEX SEQUENCE SCHEMA FUNCTION PROCEDURE TRIGGER RULE TYPE DOMAIN CAST
        EXTENSION SERVER ROLE DATABASE POLICY PUBLICATION SUBSCRIPTION GRANT REVOKE TO PUBLIC SET LOCAL SESSION RESET SHOW
        search_path role session_authorization BEGIN COMMIT ROLLBACK SAVEPOINT RELEASE PREPARED PREPARE EXECUTE DEALLOCATE
        DECLARE CURSOR MOVE CLOSE COPY STDIN STDOUT PROGRAM FORMAT EXPLAIN ANALYZE VERBOSE VACUUM REINDEX CLUSTER LOCK
        TRUNCATE CASCADE DO CALL LISTEN NOTIFY UNLISTEN LOAD CHECKPOINT DISCARD REFRESH CONCURRENTLY IF OWNER RENAME ALTER
        CREATE DROP COMMENT SECURITY LABEL PARTITION OF TABLESAMPLE GROUPING SETS ROLLUP CUBE OVER FILTER WITHIN ORDINALITY
        ROWS XMLTABLE COLLATE AT ZONE EXTRACT OVERLAY TRIM POSITION current_user pg_catalog pg_temp pg_sleep set_config
        pg_read_file dblink public orders o id * ( ) [ ] { } , ; . : :: := = <> < >= => -> ->> #>> @> || + - / % ^ ! ~ & |
        $1 $99999999999 0 1 -1 9223372036854775808 1e400 0x1F 1_000 ' '' '\\\\' E' U&' B' X' N' " "" U&" U&"\\0041" UESCAPE
        $$ $a$ $A$ -- /* */ /*/* \\ \\' \\u0041 \\000 ? @ ` #
        """
        .split { $0 == " " || $0 == "\n" }.map { Array(" \($0) ".utf8) }
        + ["\0", "\u{FEFF}", "\u{A0}", "\u{E9}", "e\u{301}", "\u{130}", "\u{1F600}", "\t", "\r", "\u{B}", "\n"].map {
            Array($0.utf8)
        }
        + [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5], [0xE2, 0x82], Array(repeating: UInt8(ascii: "x"), count: 64)]

    /// Statements that hold others.
    private static let statements = [
        ("EXPLAIN ", ""), ("EXPLAIN (ANALYZE, FORMAT json) ", ""), ("PREPARE p AS ", ""), ("DECLARE c CURSOR FOR ", ""),
        ("COPY (", ") TO STDOUT"), ("CREATE TABLE t AS ", ""), ("CREATE TEMP VIEW v AS ", ""),
        ("CREATE MATERIALIZED VIEW m AS ", " WITH NO DATA"), ("WITH x AS (", ") SELECT * FROM x"),
        ("WITH x AS MATERIALIZED (", ") INSERT INTO orders SELECT * FROM x"), ("SELECT * FROM (", ") s"),
        ("SELECT (", ")"), ("SELECT ARRAY(", ")"), ("INSERT INTO orders ", ""), ("DO $$ BEGIN ", "; END $$"),
        ("CREATE RULE r AS ON INSERT TO orders DO ALSO ", ""), ("CREATE SCHEMA s ", ""), ("BEGIN; ", "; COMMIT"),
        ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ", "; END"), ("/* ", " */"), ("-- ", "\n"),
    ]

    private static let sqlBrackets = [
        ("(", ")"), ("[", "]"), ("ARRAY[", "]"), ("(SELECT ", ")"), ("NOT (", ")"), ("CASE WHEN ", " THEN 1 END"),
        ("f(", ")"), ("-", ""), ("", "::int"), ("/*", "*/"), ("'", "'"), ("\"", "\""), ("$$", "$$"), ("ROW(", ")"),
    ]
}
