extension StoreSchema {
    /// Version 1. Indexed texts are cut when they are stored, because an index cannot hold long ones.
    static let tables = [
        """
        CREATE TABLE postern.chain (
            chain text PRIMARY KEY,
            gateway text NOT NULL,
            name text NOT NULL,
            seq bigint NOT NULL,
            hash text NOT NULL,
            time timestamptz NOT NULL,
            checkpoint_seq bigint,
            public_key text NOT NULL,
            shipped_at timestamptz NOT NULL
        )
        """,
        """
        CREATE TABLE postern.gap (
            chain text NOT NULL,
            first_seq bigint NOT NULL,
            last_seq bigint NOT NULL,
            gateway text NOT NULL,
            noticed_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (chain, first_seq)
        )
        """,
        """
        CREATE TABLE postern.removal (
            partition text NOT NULL,
            until timestamptz NOT NULL,
            gateway text NOT NULL,
            removed_at timestamptz NOT NULL DEFAULT now()
        )
        """,
        """
        CREATE TABLE postern.event (
            time timestamptz NOT NULL,
            chain text NOT NULL,
            seq bigint NOT NULL,
            gateway text NOT NULL,
            event text NOT NULL,
            session text,
            record jsonb,
            hash text NOT NULL,
            line text NOT NULL,
            PRIMARY KEY (chain, seq, time)
        ) PARTITION BY RANGE (time)
        """,
        "CREATE INDEX ON postern.event (session) WHERE session IS NOT NULL",
        "CREATE INDEX ON postern.event USING brin (time)",
        """
        CREATE TABLE postern.session (
            time timestamptz NOT NULL,
            chain text NOT NULL,
            seq bigint NOT NULL,
            gateway text NOT NULL,
            session text NOT NULL,
            state text NOT NULL,
            ended_at timestamptz,
            role text,
            database text,
            login text,
            issuer text,
            subject text,
            repository text,
            ref text,
            commit text,
            run text,
            run_url text,
            claims jsonb,
            client_address text,
            application text,
            client_tls text,
            policy_hash text,
            host text,
            port integer,
            backend_pid integer,
            server_version text,
            stage text,
            reason text,
            claim text,
            statements bigint,
            denied bigint,
            rows bigint,
            bytes_in bigint,
            bytes_out bigint,
            duration_us bigint,
            PRIMARY KEY (chain, seq, time)
        ) PARTITION BY RANGE (time)
        """,
        "CREATE INDEX ON postern.session (session)",
        "CREATE INDEX ON postern.session (repository, run)",
        "CREATE INDEX ON postern.session (commit)",
        "CREATE INDEX ON postern.session (time)",
        "CREATE INDEX ON postern.session (chain) WHERE state = 'open'",
        """
        CREATE TABLE postern.statement (
            time timestamptz NOT NULL,
            chain text NOT NULL,
            seq bigint NOT NULL,
            gateway text NOT NULL,
            session text NOT NULL,
            statement bigint NOT NULL,
            transaction bigint NOT NULL,
            tag text,
            class text,
            sql text,
            objects text[] NOT NULL,
            accesses jsonb,
            is_ddl boolean NOT NULL,
            fingerprint text,
            text_mac text,
            decision text NOT NULL,
            would text,
            rule text,
            file text,
            line integer,
            reason text,
            forwarded boolean NOT NULL,
            result text,
            rows bigint,
            bytes bigint,
            sqlstate text,
            duration_us bigint,
            transaction_result text,
            PRIMARY KEY (chain, seq, time)
        ) PARTITION BY RANGE (time)
        """,
        "CREATE INDEX ON postern.statement (session, statement)",
        // What a later batch completes is found among what is incomplete, not among all statements of a long session.
        "CREATE INDEX ON postern.statement (session, statement) WHERE forwarded AND result IS NULL",
        "CREATE INDEX ON postern.statement (session, transaction) WHERE transaction_result IS NULL",
        "CREATE INDEX ON postern.statement USING brin (time)",
        "CREATE INDEX ON postern.statement (time) WHERE is_ddl",
        "CREATE INDEX ON postern.statement (time) WHERE decision = 'deny' OR would = 'deny'",
    ]
}
