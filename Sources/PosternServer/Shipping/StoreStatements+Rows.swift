internal import PosternJournal

/// What a batch's records become. Counts that a hostile server reports stop at what bigint holds, and texts that are
/// indexed are cut; `event.record` has them as they are.
extension StoreStatements {
    private static func count(_ member: String, of record: String = "record") -> String {
        let value = "(\(record) ->> '\(member)')::numeric"
        // The sum keeps what is missing missing: `least` passes over nulls.
        return "least(\(value), 9223372036854775807 + 0 * \(value))::bigint"
    }

    private static func claim(_ name: String, orRun member: String) -> String {
        "left(coalesce(record #>> '{run,\(member)}', record #>> '{identity,claims,\(name)}'), 250)"
    }

    /// Sessions that began, and jobs that were turned away.
    static func sessions(_ origin: String) -> String {
        """
        INSERT INTO postern.session (
            chain, gateway, time, seq, session, state, ended_at, role, database, login, issuer, subject, repository, ref,
            commit, run, run_url, claims, client_address, application, client_tls, policy_hash, host, port, backend_pid,
            server_version, stage, reason, claim
        )
        SELECT \(origin), time, seq, session, CASE event WHEN 'session.start' THEN 'open' ELSE 'refused' END,
            CASE event WHEN 'session.refused' THEN time END,
            left(record ->> 'role', 250), left(record ->> 'database', 250), left(record ->> 'login', 250),
            left(record #>> '{identity,issuer}', 250), left(record #>> '{identity,subject}', 1000),
            \(claim("repository", orRun: "repository")), \(claim("ref", orRun: "ref")), \(claim("sha", orRun: "sha")),
            \(claim("run_id", orRun: "id")),
            left(coalesce(record #>> '{run,url}', record #>> '{identity,claims,run_url}'), 1000),
            record #> '{identity,claims}', left(record #>> '{client,address}', 250),
            left(record #>> '{client,application}', 250), record #>> '{client,tls}', record ->> 'policy_hash',
            left(record #>> '{upstream,host}', 250), (record #>> '{upstream,port}')::integer,
            (record #>> '{upstream,backend_pid}')::integer, left(record #>> '{upstream,server_version}', 250),
            record ->> 'stage', left(record ->> 'reason', 1000), left(record ->> 'claim', 250)
        FROM pg_temp.postern_batch
        WHERE event IN ('session.start', 'session.refused') AND session IS NOT NULL
        """
    }

    static func ends(_ chain: ChainID) -> String {
        """
        UPDATE postern.session n
        SET state = 'ended', ended_at = b.time, reason = left(b.record ->> 'reason', 1000),
            statements = \(count("statements", of: "b.record")), denied = \(count("denied", of: "b.record")),
            rows = \(count("rows", of: "b.record")), bytes_in = \(count("bytes_in", of: "b.record")),
            bytes_out = \(count("bytes_out", of: "b.record")), duration_us = \(count("duration_us", of: "b.record"))
        FROM pg_temp.postern_batch b
        WHERE b.event = 'session.end' AND n.chain = '\(chain)' AND n.session = b.session AND n.state = 'open'
        """
    }

    /// A writer that died took its sessions with it: they have no end of their own.
    static func losses(_ chain: ChainID) -> String {
        """
        UPDATE postern.session n
        SET state = 'lost', ended_at = b.time, reason = 'the gateway did not stop cleanly'
        FROM pg_temp.postern_batch b
        WHERE b.event = 'journal.recovered' AND n.chain = '\(chain)' AND n.state = 'open' AND n.seq < b.seq
        """
    }

    /// Decisions, with what the same batch says came of them: so most rows are written once.
    static func statements(_ origin: String) -> String {
        """
        INSERT INTO postern.statement (
            chain, gateway, time, seq, session, statement, transaction, tag, class, sql, objects, accesses, is_ddl,
            fingerprint, text_mac, decision, would, rule, file, line, reason, forwarded, result, rows, bytes, sqlstate,
            duration_us, transaction_result
        )
        SELECT \(origin), d.time, d.seq, d.session, d.statement, d.transaction, d.record ->> 'tag', d.record ->> 'class',
            d.record ->> 'sql',
            ARRAY (
                SELECT DISTINCT access ->> 'object'
                FROM jsonb_array_elements(coalesce(d.record -> 'accesses', '[]')) access
                WHERE access ? 'object'
            ),
            d.record -> 'accesses',
            coalesce(d.record ->> 'class' = 'ddl' OR d.record -> 'accesses' @> '[{"class": "ddl"}]', false),
            d.record ->> 'fingerprint', d.record ->> 'text_mac', d.record ->> 'decision', d.record ->> 'would',
            d.record ->> 'rule', d.record ->> 'file', (d.record ->> 'line')::integer, d.record ->> 'reason',
            (d.record ->> 'forwarded')::boolean, o.record ->> 'result', \(count("rows", of: "o.record")),
            \(count("bytes", of: "o.record")), o.record ->> 'sqlstate', \(count("duration_us", of: "o.record")),
            t.record ->> 'result'
        FROM pg_temp.postern_batch d
        LEFT JOIN (\(latest("statement.outcome", by: "statement"))) o
            ON o.session = d.session AND o.statement = d.statement
        LEFT JOIN (\(latest("transaction.end", by: "transaction"))) t
            ON t.session = d.session AND t.transaction = d.transaction
        WHERE d.event = 'statement.decision' AND d.session IS NOT NULL
        """
    }

    private static func latest(_ event: String, by key: String) -> String {
        """
        SELECT DISTINCT ON (session, \(key)) session, \(key), record FROM pg_temp.postern_batch
        WHERE event = '\(event)' ORDER BY session, \(key), seq DESC
        """
    }

    /// Outcomes of statements that an earlier batch has brought.
    ///
    /// They are found among what is incomplete: `IS NOT DISTINCT FROM` keeps the chain's own index out, which has all.
    static func outcomes(_ chain: ChainID) -> String {
        """
        UPDATE postern.statement s
        SET result = o.record ->> 'result', rows = \(count("rows", of: "o.record")),
            bytes = \(count("bytes", of: "o.record")), sqlstate = o.record ->> 'sqlstate',
            duration_us = \(count("duration_us", of: "o.record"))
        FROM pg_temp.postern_batch o
        WHERE o.event = 'statement.outcome' AND s.chain IS NOT DISTINCT FROM '\(chain)' AND s.session = o.session
            AND s.statement = o.statement AND s.forwarded AND s.result IS NULL
        """
    }

    static func transactions(_ chain: ChainID) -> String {
        """
        UPDATE postern.statement s
        SET transaction_result = t.record ->> 'result'
        FROM pg_temp.postern_batch t
        WHERE t.event = 'transaction.end' AND s.chain IS NOT DISTINCT FROM '\(chain)' AND s.session = t.session
            AND s.transaction = t.transaction AND s.transaction_result IS NULL
        """
    }
}
