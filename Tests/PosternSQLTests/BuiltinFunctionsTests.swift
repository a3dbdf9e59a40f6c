import PosternSQL
import Testing

struct BuiltinFunctionsTests {
    @Test(arguments: [
        "abs", "age", "array_agg", "array_to_string", "clock_timestamp", "concat",
        "convert_from", "count", "current_database", "current_schema", "current_schemas", "current_setting",
        "currval", "date_trunc", "encode", "extract", "format", "format_type",
        "gen_random_uuid", "generate_series", "has_schema_privilege", "has_table_privilege", "inet_server_addr",
        "int4", "int8in", "json_agg", "json_build_object", "jsonb_set", "lastval", "length", "lower", "max",
        "md5", "now", "obj_description", "col_description", "pg_advisory_unlock_all",
        "pg_advisory_unlock", "pg_available_extensions", "pg_backend_pid", "pg_cursor", "pg_database_size",
        "pg_encoding_to_char", "pg_function_is_visible", "pg_get_constraintdef", "pg_get_expr",
        "pg_get_function_arguments", "pg_get_functiondef", "pg_get_indexdef", "pg_get_keywords", "pg_get_partkeydef",
        "pg_get_ruledef", "pg_get_serial_sequence", "pg_get_statisticsobjdef_columns", "pg_get_triggerdef",
        "pg_get_userbyid", "pg_get_viewdef", "pg_has_role", "pg_is_in_recovery", "pg_is_other_temp_schema",
        "pg_listening_channels", "pg_my_temp_schema", "pg_options_to_table", "pg_partition_ancestors",
        "pg_postmaster_start_time", "pg_prepared_statement", "pg_relation_is_publishable", "pg_relation_size",
        "pg_sequence_parameters", "pg_show_all_settings", "pg_size_pretty", "pg_table_is_visible", "pg_table_size",
        "pg_tablespace_location", "pg_total_relation_size", "pg_type_is_visible", "pg_typeof", "quote_ident",
        "quote_literal", "random", "regexp_replace", "row_number", "row_to_json", "session_user", "setseed",
        "sha256", "shobj_description", "statement_timestamp", "string_agg", "substring", "sum", "timezone",
        "to_char", "to_regclass", "to_regtype", "to_timestamp", "to_tsvector", "transaction_timestamp",
        "tsvector_update_trigger", "txid_current_if_assigned", "txid_current_snapshot", "unnest", "upper", "uuidv7",
        "version", "xpath", "array_in", "byteain", "btint4cmp", "system", "bernoulli", "any_value", "crc32",
    ])
    func `every job may call what only computes or describes`(name: String) {
        #expect(BuiltinFunctions.standing(of: Identifier(name)) == .safe)
    }

    @Test(arguments: [
        FunctionHazard.serverFiles: [
            "pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_ls_logdir", "pg_ls_waldir", "pg_ls_tmpdir",
            "pg_ls_archive_statusdir", "pg_stat_file", "pg_current_logfile", "pg_hba_file_rules",
            "pg_show_all_file_settings",
        ],
        .hiddenSQL: [
            "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema", "cursor_to_xml", "table_to_xml",
            "schema_to_xml", "database_to_xml", "ts_stat", "ts_rewrite", "currtid2",
        ],
        .otherSessions: [
            "pg_terminate_backend", "pg_cancel_backend", "pg_log_backend_memory_contexts", "pg_lock_status",
            "pg_blocking_pids", "pg_stat_get_activity", "pg_stat_get_backend_activity", "pg_prepared_xact",
        ],
        .waiting: ["pg_sleep", "pg_sleep_for", "pg_sleep_until"],
        .advisoryLocks: [
            "pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_xact_lock", "pg_try_advisory_lock",
            "pg_try_advisory_xact_lock_shared",
        ],
        .sequences: ["nextval", "setval", "pg_sequence_last_value", "pg_get_sequence_data"],
        .largeObjects: [
            "lo_open", "lo_close", "loread", "lowrite", "lo_lseek", "lo_creat", "lo_tell", "lo_unlink", "lo_create",
            "lo_truncate", "lo_lseek64", "lo_tell64", "lo_truncate64", "lo_import", "lo_export", "lo_from_bytea",
            "lo_get", "lo_put",
        ],
        .settings: ["set_config"],
        .configuration: ["pg_reload_conf", "pg_rotate_logfile"],
        .notification: ["pg_notify"],
        .transactions: ["txid_current", "pg_current_xact_id", "pg_export_snapshot"],
        .replication: [
            "pg_logical_slot_get_changes", "pg_logical_slot_peek_changes", "pg_create_logical_replication_slot",
            "pg_create_physical_replication_slot", "pg_drop_replication_slot", "pg_logical_emit_message",
            "pg_replication_origin_create", "pg_get_replication_slots", "pg_stat_get_wal_receiver",
        ],
        .recovery: [
            "pg_switch_wal", "pg_promote", "pg_backup_start", "pg_create_restore_point", "pg_wal_replay_pause",
        ],
        .statistics: ["pg_stat_reset", "pg_stat_reset_shared", "pg_stat_get_live_tuples", "pg_restore_relation_stats"],
        .serverState: ["pg_config", "pg_control_system", "pg_get_shmem_allocations"],
        .maintenance: ["gin_clean_pending_list", "brin_summarize_new_values", "pg_import_system_collations"],
        .upgrade: ["binary_upgrade_set_next_pg_type_oid", "pg_extension_config_dump"],
        .languages: ["plpgsql_call_handler", "fmgr_sql_validator"],
    ])
    func `what reaches further needs its name`(hazard: FunctionHazard, names: [String]) {
        for name in names {
            #expect(BuiltinFunctions.standing(of: Identifier(name)) == .restricted(reason: hazard.reason), "\(name)")
        }
    }

    @Test(arguments: [
        "dblink", "crosstab", "connectby", "xpath_table", "pg_READ_file", "Lower", "lower ", "", "next_invoice",
    ])
    func `other functions are not PostgreSQL's own`(name: String) {
        #expect(BuiltinFunctions.standing(of: Identifier(name)) == nil)
    }

    @Test func `no function is in two lists and none is unclassified`() {
        let names = BuiltinFunctions.safe + FunctionHazard.allCases.flatMap(\.functions)
        #expect(Set(names).count == names.count)
        #expect(names.count > 2_700)
        #expect(FunctionHazard.unclassified.functions.isEmpty)
        #expect(BuiltinFunctions.safe == BuiltinFunctions.safe.sorted())
    }

    @Test func `drivers may call the helpers of the information schema`() {
        #expect(BuiltinFunctions.standing(ofInformationSchema: "_pg_expandarray") == .safe)
        #expect(BuiltinFunctions.standing(ofInformationSchema: "lower") == nil)
    }
}
