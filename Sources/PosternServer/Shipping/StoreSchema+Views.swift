extension StoreSchema {
    /// Version 2.
    static let views = [
        """
        CREATE VIEW postern.head AS
        SELECT gateway, name, chain, seq, hash, time, checkpoint_seq, public_key, shipped_at,
            chain || ':' || seq || ':' || hash AS expect
        FROM postern.chain
        """,
        """
        CREATE VIEW postern.migration AS
        SELECT s.time, n.repository, n.commit, n.ref, n.run, n.run_url, n.issuer, n.subject, n.role, n.database, n.login,
            s.tag, s.sql, s.objects,
            CASE
                WHEN s.decision = 'deny' THEN 'denied'
                WHEN NOT s.forwarded THEN 'not sent'
                WHEN s.result <> 'ok' THEN s.result
                WHEN s.transaction_result = 'rollback' THEN 'rolled back'
                WHEN s.result = 'ok' AND s.transaction_result = 'commit' THEN 'committed'
                ELSE 'unknown'
            END AS outcome,
            s.sqlstate, s.rule, s.session, s.statement, s.transaction, s.gateway, s.chain, s.seq
        FROM postern.statement s
        LEFT JOIN postern.session n ON n.session = s.session AND n.chain = s.chain
        WHERE s.is_ddl
        ORDER BY s.time, s.chain, s.seq
        """,
        """
        CREATE VIEW postern.denial AS
        SELECT s.time, 'statement' AS kind, s.decision = 'deny' AS enforced, n.repository, n.commit, n.ref, n.run,
            n.run_url, n.issuer, n.subject, n.role, n.database, s.tag, s.sql, s.objects, s.rule, s.file, s.line, s.reason,
            NULL::text AS claim, n.client_address, s.session, s.statement, s.gateway, s.chain, s.seq
        FROM postern.statement s
        LEFT JOIN postern.session n ON n.session = s.session AND n.chain = s.chain
        WHERE s.decision = 'deny' OR s.would = 'deny'
        UNION ALL
        SELECT n.time, 'session', true, n.repository, n.commit, n.ref, n.run,
            n.run_url, n.issuer, n.subject, n.role, n.database, NULL, NULL, NULL, NULL, NULL, NULL,
            n.stage || ': ' || n.reason, n.claim, n.client_address, n.session, NULL, n.gateway, n.chain, n.seq
        FROM postern.session n
        WHERE n.state = 'refused'
        """,
        """
        CREATE VIEW postern.run AS
        SELECT n.issuer, n.repository, n.run, max(n.commit) AS commit, max(n.ref) AS ref, max(n.run_url) AS run_url,
            min(n.time) AS started_at, max(coalesce(n.ended_at, n.time)) AS ended_at,
            array_agg(DISTINCT n.role) AS roles, array_agg(DISTINCT n.database) AS databases,
            count(*) FILTER (WHERE n.state <> 'refused') AS sessions,
            count(*) FILTER (WHERE n.state = 'refused') AS refused,
            sum(c.statements)::bigint AS statements, sum(c.denied)::bigint AS denials, sum(c.failed)::bigint AS failed,
            sum(c.rows) AS rows,
            CASE
                WHEN bool_or(n.state = 'open') THEN 'open'
                WHEN bool_or(n.state = 'lost') THEN 'lost'
                WHEN bool_or(n.state = 'refused') OR sum(c.denied) > 0 THEN 'denied'
                WHEN sum(c.failed) > 0 THEN 'failed'
                ELSE 'ok'
            END AS outcome
        FROM postern.session n
        CROSS JOIN LATERAL (
            SELECT count(*) AS statements,
                count(*) FILTER (WHERE s.decision = 'deny') AS denied,
                count(*) FILTER (WHERE s.result IN ('error', 'canceled')) AS failed,
                coalesce(sum(s.rows), 0) AS rows
            FROM postern.statement s
            WHERE s.session = n.session AND s.chain = n.chain
        ) c
        WHERE n.run IS NOT NULL
        GROUP BY n.issuer, n.repository, n.run
        """,
    ]

    /// Version 3.
    static let guards = [
        """
        CREATE VIEW postern.guard AS
        SELECT e.time, n.repository, n.commit, n.ref, n.run, n.run_url, n.issuer, n.subject, n.role, n.database,
            e.record #>> '{claimed_by_job,verdict}' AS outcome, e.record #>> '{claimed_by_job,max_loss}' AS max_loss,
            (e.record #>> '{claimed_by_job,exit}')::integer AS exit, t.item ->> 'table' AS guarded,
            CASE jsonb_typeof(t.item -> 'before') WHEN 'number' THEN (t.item ->> 'before')::bigint END AS before,
            CASE jsonb_typeof(t.item -> 'after') WHEN 'number' THEN (t.item ->> 'after')::bigint END AS after,
            t.item ->> 'verdict' AS verdict, e.session, e.gateway, e.chain, e.seq
        FROM postern.event e
        CROSS JOIN LATERAL jsonb_array_elements(
            CASE jsonb_typeof(e.record #> '{claimed_by_job,tables}')
                WHEN 'array' THEN e.record #> '{claimed_by_job,tables}' ELSE '[]'
            END
        ) WITH ORDINALITY t (item, place)
        LEFT JOIN postern.session n ON n.session = e.session AND n.chain = e.chain
        WHERE e.event = 'guard.result'
        ORDER BY e.time, e.chain, e.seq, t.place
        """
    ]
}
