internal import PosternCore
internal import PosternJournal

/// The SQL that loads one batch. Names are written with their schema, and nothing of a record stands in it: records come
/// by COPY alone.
enum StoreStatements {
    /// What a session of the shipper begins with. The limits end what a gateway that has gone away left behind.
    static let session = [
        "SET search_path = pg_catalog, pg_temp", "SET timezone = 'UTC'", "SET statement_timeout = '60s'",
        "SET lock_timeout = '20s'", "SET idle_in_transaction_session_timeout = '60s'",
        // A new month has no statistics: the planner takes thousands of rows for one, and compares each with each.
        "SET enable_nestloop = off",
        """
        CREATE TEMPORARY TABLE postern_batch (
            seq bigint NOT NULL,
            time timestamptz NOT NULL,
            event text NOT NULL,
            hash text NOT NULL,
            line text NOT NULL,
            record jsonb,
            session text GENERATED ALWAYS AS (left(record ->> 'session', 64)) STORED,
            statement bigint GENERATED ALWAYS AS (
                CASE WHEN event IN ('statement.decision', 'statement.outcome') THEN (record ->> 'statement')::bigint END
            ) STORED,
            transaction bigint GENERATED ALWAYS AS (
                CASE WHEN event IN ('statement.decision', 'transaction.end') THEN (record ->> 'transaction')::bigint END
            ) STORED
        ) ON COMMIT DELETE ROWS
        """,
    ]

    static let copy = "COPY pg_temp.postern_batch (seq, time, event, hash, line, record) FROM STDIN"

    /// Moves a chain's position, if it is where the batch begins: a row comes back when it was.
    static func advance(_ batch: ShippingBatch, to last: StoredRecord, gateway: String, key: String) -> String {
        let position = last.position
        let checkpoint = batch.checkpoint.map(String.init) ?? "NULL"
        let values = """
            \(literal(gateway)), \(literal(batch.name)), \(position.seq), '\(position.hash)', \(literal(last.time)), \
            \(checkpoint), \(literal(key)), now()
            """
        guard let previous = batch.previous else {
            return """
                INSERT INTO postern.chain
                    (chain, gateway, name, seq, hash, time, checkpoint_seq, public_key, shipped_at)
                VALUES ('\(position.chain)', \(values))
                ON CONFLICT DO NOTHING RETURNING 1
                """
        }
        return """
            UPDATE postern.chain
            SET gateway = \(literal(gateway)), name = \(literal(batch.name)), seq = \(position.seq),
                hash = '\(position.hash)', time = \(literal(last.time)),
                checkpoint_seq = coalesce(\(checkpoint), checkpoint_seq), public_key = \(literal(key)), shipped_at = now()
            WHERE chain = '\(position.chain)' AND seq = \(previous.seq) AND hash = '\(previous.hash)'
            RETURNING 1
            """
    }

    static func gap(_ gap: ClosedRange<UInt64>, of chain: ChainID, gateway: String) -> String {
        """
        INSERT INTO postern.gap (chain, first_seq, last_seq, gateway)
        VALUES ('\(chain)', \(gap.lowerBound), \(gap.upperBound), \(literal(gateway)))
        ON CONFLICT DO NOTHING
        """
    }

    /// From the batch into the tables.
    static func spread(chain: ChainID, gateway: String) -> [String] {
        let origin = "'\(chain)', \(literal(gateway))"
        return [
            """
            INSERT INTO postern.event (chain, gateway, time, seq, event, session, record, hash, line)
            SELECT \(origin), time, seq, event, session, record, hash, line FROM pg_temp.postern_batch
            """,
            sessions(origin), ends(chain), losses(chain), statements(origin), outcomes(chain), transactions(chain),
        ]
    }

    /// Makes the partitions of a month. Each is attached, not created in place, so that nobody who reads has to wait.
    static func partitions(of month: StoreMonth) -> [String] {
        let bounds = month.bounds
        return StoreSchema.partitioned.flatMap { table in
            [
                "CREATE TABLE postern.\(table)_\(month.suffix) (LIKE postern.\(table) INCLUDING ALL EXCLUDING INDEXES)",
                """
                ALTER TABLE postern.\(table) ATTACH PARTITION postern.\(table)_\(month.suffix)
                FOR VALUES FROM ('\(bounds.from)') TO ('\(bounds.to)')
                """,
            ]
        }
    }

    /// Drops the months of which everything is older than this, and says so in `removal`.
    static func remove(olderThan seconds: Int64, gateway: String) -> String {
        """
        DO $postern$
        DECLARE
            month record;
        BEGIN
            FOR month IN
                SELECT c.relname AS name, (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month')::timestamptz AS until
                FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent IN
                        ('postern.event'::regclass, 'postern.session'::regclass, 'postern.statement'::regclass)
                    AND c.relname ~ '^(event|session|statement)_[0-9]{6}$'
            LOOP
                IF month.until <= now() - interval '\(seconds) seconds' THEN
                    INSERT INTO postern.removal (partition, until, gateway)
                    VALUES (month.name, month.until, \(literal(gateway)));
                    EXECUTE format('DROP TABLE postern.%I', month.name);
                END IF;
            END LOOP;
        END
        $postern$
        """
    }

    /// A string constant of SQL, whatever `standard_conforming_strings` says.
    static func literal(_ text: String) -> String {
        "E" + QuotedText.single(text.replacing(scalar: "\0", with: "").replacing(scalar: "\\", with: "\\\\"))
    }
}
