/// Settings that share a standing and a reason: the printed SET list.
package struct SettingGroup: Hashable, Sendable {
    /// In lower case, sorted, with blanks between.
    private let names: String
    package let reason: String

    private init(_ names: String, _ reason: String) {
        self.names = names
        self.reason = reason
    }

    package var identifiers: [Identifier] { PosternSQL.identifiers(in: names) }

    /// Why a setting with a dot in its name needs a rule.
    package static let custom = "row security and triggers often take a setting with a dot for who the user is"

    /// Why a setting of no list needs a rule.
    package static let unlisted = "it is not in the list of settings that every job may change"

    /// What pg_dump, pg_restore, psql, drivers and migration tools send. Every job may set these to any value.
    package static let free: [SettingGroup] = [
        SettingGroup(
            """
            application_name array_nulls backslash_quote bytea_output client_min_messages datestyle \
            escape_string_warning extra_float_digits intervalstyle lc_monetary lc_numeric lc_time \
            quote_all_identifiers timezone timezone_abbreviations xmlbinary xmloption
            """,
            "how values and messages are written"
        ),
        SettingGroup(
            """
            default_transaction_deferrable default_transaction_isolation default_transaction_read_only \
            transaction_deferrable transaction_isolation transaction_read_only
            """,
            "how a transaction runs; grants and rules decide what it may write"
        ),
        SettingGroup(
            """
            idle_in_transaction_session_timeout idle_session_timeout lock_timeout statement_timeout \
            transaction_timeout
            """,
            "the server's timeouts; the gateway has clocks of its own"
        ),
        SettingGroup(
            """
            check_function_bodies default_table_access_method default_tablespace default_toast_compression \
            default_with_oids restrict_nonsystem_relation_kind row_security synchronize_seqscans
            """,
            "what pg_dump and its output set; `row_security` off makes a query fail, not see more"
        ),
        SettingGroup(
            """
            cursor_tuple_fraction enable_async_append enable_bitmapscan enable_distinct_reordering \
            enable_gathermerge enable_group_by_reordering enable_hashagg enable_hashjoin \
            enable_incremental_sort enable_indexonlyscan enable_indexscan enable_material enable_memoize \
            enable_mergejoin enable_nestloop enable_parallel_append enable_parallel_hash \
            enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join \
            enable_presorted_aggregate enable_self_join_elimination enable_seqscan enable_sort enable_tidscan \
            geqo jit plan_cache_mode
            """,
            "which plan the server chooses, not what a query reads or changes"
        ),
    ]

    /// Settings with a reason of their own to need a rule.
    package static let restricted: [SettingGroup] = [
        SettingGroup("event_triggers session_replication_role", "it switches triggers and foreign keys off"),
        SettingGroup(
            "dynamic_library_path extension_control_path jit_provider local_preload_libraries session_preload_libraries",
            "it decides which code the server loads"
        ),
        SettingGroup(
            """
            hash_mem_multiplier logical_decoding_work_mem maintenance_work_mem \
            max_parallel_maintenance_workers max_parallel_workers max_parallel_workers_per_gather \
            max_stack_depth temp_buffers temp_file_limit temp_tablespaces work_mem
            """,
            "it decides how much of the server a session takes"
        ),
        SettingGroup(
            "commit_delay commit_siblings synchronous_commit wal_compression wal_skip_threshold",
            "it decides whether a commit survives a crash, or what it costs"
        ),
        SettingGroup(
            "allow_system_table_mods createrole_self_grant lo_compat_privileges password_encryption",
            "it decides who may do what"
        ),
        SettingGroup(
            "transform_null_equals",
            "it changes what a condition means"
        ),
    ]
}
