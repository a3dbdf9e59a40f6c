"""Writes Generated*.swift and their tables in docs/statements.md from the catalogues of live servers.

    python3 generate.py "host=/tmp/s15 user=postgres" "host=/tmp/s16 user=postgres" …

Give one connection string for each major version: the lists hold the names of all of them, and the worst overload of
the worst version decides. What no rule below knows is restricted as unclassified.
"""

import re
import sys
import textwrap
from pathlib import Path

import psycopg

# Functions that need a name in `functions`. The first rule that matches a whole name decides.
FUNCTION_HAZARDS = [
    ("server_files", r"pg_read_(binary_)?file(_old)?|pg_ls_\w+|pg_stat_file|pg_current_logfile"
                     r"|pg_hba_file_rules|pg_ident_file_mappings|pg_show_all_file_settings"),
    ("hidden_sql", r"(table|query|cursor|schema|database)_to_xml\w*|ts_stat|ts_rewrite|currtid2?"),
    ("other_sessions", r"pg_(terminate|cancel)_backend|pg_log_backend_memory_contexts|pg_lock_status"
                       r"|pg_(safe_snapshot_)?blocking_pids|pg_isolation_test_session_is_blocked"
                       r"|pg_prepared_xact|pg_get_multixact_members"
                       r"|pg_stat_get_(activity|backend_\w+|progress_info|wal_senders)"),
    ("waiting", r"pg_sleep(_for|_until)?"),
    # Unlocking gives up the session's own locks only; connection pools do it whenever they reuse a session.
    ("advisory_locks", r"pg_(try_)?advisory_(xact_)?lock(_shared)?"),
    ("sequences", r"nextval|setval|pg_sequence_last_value|pg_get_sequence_data"),
    ("large_objects", r"lo_\w+|loread|lowrite"),
    ("settings", r"set_config"),
    ("configuration", r"pg_reload_conf|pg_rotate_logfile(_old|_v2)?"),
    ("notification", r"pg_notify"),
    ("transactions", r"txid_current|pg_current_xact_id|pg_export_snapshot"),
    ("replication", r"pg_logical_\w+|pg_replication_\w+|pg_show_replication_origin_status|pg_get_replication_slots"
                    r"|pg_(create|drop|copy)_(physical_|logical_)?replication_slot|pg_sync_replication_slots"
                    r"|pg_stat_get_(wal_receiver|replication_slot|subscription|subscription_stats)"),
    ("recovery", r"pg_switch_wal|pg_create_restore_point|pg_(backup_)?(start|stop)(_backup)?|pg_promote"
                 r"|pg_wal_replay_(pause|resume)|pg_log_standby_snapshot|pg_available_wal_summaries"
                 r"|pg_wal_summary_contents|pg_get_wal_summarizer_state"),
    ("statistics", r"pg_stat_get_\w+|pg_stat_reset\w*|pg_stat_force_next_flush|pg_stat_have_stats"
                   r"|pg_(clear|restore)_(relation|attribute)_stats"),
    ("server_state", r"pg_control_\w+|pg_config|pg_get_shmem_allocations\w*|pg_get_backend_memory_contexts"
                     r"|pg_get_loaded_modules|pg_get_aios"),
    ("maintenance", r"gin_clean_pending_list|brin_(de)?summarize_\w+|pg_import_system_collations|pg_nextoid"
                    r"|pg_stop_making_pinned_objects"),
    ("upgrade", r"binary_upgrade_\w+|pg_extension_config_dump"),
    ("languages", r"plpgsql_\w+|fmgr_\w+_validator"),
]

# Functions that are not immutable and safe all the same: they read the clock, the session, its settings (as SHOW
# does), or what the catalogue shows to everybody.
SAFE_FUNCTIONS = re.compile("|".join([
    # Texts, numbers, times and documents that depend on the settings of the session.
    r"age|concat(_ws)?|anytextcat|textanycat|convert(_from|_to)?|date(_\w+)?|extract|format|generate_series|in_range",
    r"interval_pl_timestamptz|length|make_timestamptz|money|numeric|overlaps|quote_(literal|nullable)",
    r"time(stamp)?(tz)?",
    r"timestamp(tz)?_\w+|timezone|to_(char|date|number|timestamp|tsquery|tsvector|json|jsonb)|mxid_age",
    r"(plainto|phraseto|websearch_to)_tsquery|ts_(debug|headline|match_t[qt]|parse|token_type|typanalyze)",
    r"get_current_ts_config|enum_\w+|array_(to_json|to_string|typanalyze|sample|shuffle)|row_to_json",
    r"(multi)?range_typanalyze",
    r"jsonb?_(agg|object_agg|build|populate|to|path)_\w+|jsonb?_(agg|object_agg)|xml(_is_well_formed)?",
    r"oidvectortypes|tsvector_update_trigger(_column)?",
    # The session, the clock, chance.
    r"current_(database|query|schemas?|setting|user)|session_user|system_user|getpgusername",
    r"getdatabaseencoding|version",
    r"now|(clock|statement|transaction)_timestamp|timeofday|random(_normal)?|setseed|gen_random_uuid|uuidv[47]",
    r"inet_(client|server)_(addr|port)|pg_backend_pid|pg_client_encoding|pg_(conf_load|postmaster_start)_time",
    r"pg_trigger_depth|pg_my_temp_schema|pg_is_other_temp_schema|pg_listening_channels|pg_notification_queue_usage",
    r"pg_cursor|pg_prepared_statement|pg_show_all_settings|pg_settings_get_flags|pg_jit_available|pg_numa_available",
    r"pg_stat_clear_snapshot|currval|lastval|pg_advisory_unlock(_shared|_all)?|row_security_active",
    # Transactions and the write-ahead log: positions, not contents.
    r"txid_(current_if_assigned|current_snapshot|status)|pg_current_(snapshot|xact_id_if_assigned)",
    r"pg_xact_(status|commit_timestamp(_origin)?)",
    r"pg_last_(committed_xact|wal_receive_lsn|wal_replay_lsn|xact_replay_timestamp)",
    r"(txid|pg)_visible_in_snapshot|pg_snapshot_x(ip|min|max)",
    r"pg_current_wal_(flush_|insert_)?lsn|pg_is_(in_recovery|wal_replay_paused)",
    r"pg_get_wal_(replay_pause_state|resource_managers)",
    r"pg_split_walfile_name|pg_walfile_name(_offset)?|pg_wal_lsn_diff|pg_lsn\w*|pg_get_wait_events",
    # The catalogue: definitions, privileges, names, sizes.
    r"has_\w+_privilege|pg_has_role|aclexplode|pg_\w+_is_(visible|updatable|publishable)|format_type",
    r"to_reg\w+|reg\w+",
    r"(col|obj|shobj)_description",
    r"pg_(describe_object|identify_object(_as_address)?|get_object_address|typeof|basetype)",
    r"pg_get_(\w*def|\w*def_columns|\w*def_expressions|expr|function_\w+|userbyid|acl|keywords|serial_sequence)",
    r"pg_get_(catalog_foreign_keys|publication_tables|replica_identity_index)|pg_options_to_table",
    r"pg_available_extension(s|_versions)|pg_extension_update_paths|pg_timezone_(names|abbrevs\w*)",
    r"pg_char_to_encoding|pg_encoding_to_char|pg_collation_(for|actual_version)|pg_database_collation_actual_version",
    r"pg_column_(compression|size|toast_chunk_id)",
    r"pg_(database|table|indexes|relation|total_relation|tablespace)_size",
    r"pg_filenode_relation|pg_relation_(filenode|filepath)|pg_tablespace_(databases|location)",
    r"pg_partition_(tree|ancestors)",
    r"pg_index(am|_column)?_has_property|pg_input_(error_info|is_valid)|pg_sequence_parameters|pg_mcv_list_items",
    r"pg_event_trigger_(ddl_commands|dropped_objects|table_rewrite_(oid|reason))|amvalidate|pg_partition_root",
    r"pg_encoding_max_length|pg_indexam_progress_phasename|pg_size_(bytes|pretty)",
]))

# What nobody can call: only the server has values of these types, or calls functions with such results.
UNCALLABLE_ARGUMENTS = {"internal"}
UNCALLABLE_RESULTS = {"trigger", "event_trigger", "index_am_handler", "table_am_handler", "tsm_handler", "fdw_handler"}

# Relations that need a literal `on`. The first rule that matches a whole name decides.
RELATION_HAZARDS = [
    ("values", r"pg_statistic|pg_statistic_ext_data|pg_stats(_ext|_ext_exprs)?|pg_largeobject|pg_sequences"),
    ("secrets", r"pg_authid|pg_shadow|pg_user_mappings?|pg_db_role_setting|pg_subscription|pg_hba_file_rules"
                r"|pg_ident_file_mappings|pg_file_settings|_pg_user_mappings|user_mappings|user_mapping_options"),
    ("other_sessions", r"pg_stat_(activity|ssl|gssapi|progress_\w+)|pg_locks|pg_prepared_xacts"),
    ("replication", r"pg_stat_(replication|replication_slots|wal_receiver|subscription|subscription_stats"
                    r"|recovery_prefetch)|pg_replication_\w+"),
    ("server_state", r"pg_config|pg_shmem_allocations\w*|pg_backend_memory_contexts|pg_aios"),
]

READABLE_RELATIONS = re.compile("|".join([
    # Tables of definitions: psql's \d, pg_dump and every driver's reflection read them.
    r"pg_(aggregate|am|amop|amproc|attrdef|attribute|auth_members|cast|class|collation|constraint|conversion)",
    r"pg_(database|default_acl|depend|description|enum|event_trigger|extension|foreign_data_wrapper|foreign_server)",
    r"pg_(foreign_table|index|inherits|init_privs|language|largeobject_metadata|namespace|opclass|operator|opfamily)",
    r"pg_(parameter_acl|partitioned_table|policy|proc|publication(_namespace|_rel|_tables)?|range|rewrite|seclabel)",
    r"pg_(sequence|shdepend|shdescription|shseclabel|statistic_ext|subscription_rel|tablespace|transform|trigger)",
    r"pg_ts_(config|config_map|dict|parser|template)|pg_type",
    # Views over them.
    r"pg_(group|indexes|matviews|policies|roles|rules|seclabels|tables|user|views)",
    r"pg_available_extension(s|_versions)|pg_timezone_(names|abbrevs)|pg_wait_events",
    # The session's own, and settings as SHOW shows them.
    r"pg_(cursors|prepared_statements|settings)",
    # Counters, without values.
    r"pg_stat(io)?_(xact_)?(all|sys|user)_(tables|indexes|sequences|functions)|pg_stat_(xact_)?user_functions",
    r"pg_stat_(archiver|bgwriter|checkpointer|database|database_conflicts|io|slru|wal)",
]))

FUNCTIONS = """
select n.nspname, p.proname, p.provolatile::text,
       array(select format_type(t, null) from unnest(p.proargtypes) t),
       format_type(p.prorettype, null),
       p.oid in (select unnest(array[typinput, typoutput, typreceive, typsend]) from pg_type
                    where typnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace))
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname in ('pg_catalog', 'information_schema')
"""

RELATIONS = """
select n.nspname, c.relname
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v', 'm', 'S', 'p', 'f')
"""


def hazard(rules, name):
    return next((hazard for hazard, pattern in rules if re.fullmatch(pattern, name)), None)


def classify_function(name, overloads):
    """None for a safe function."""
    if found := hazard(FUNCTION_HAZARDS, name):
        return found
    if SAFE_FUNCTIONS.fullmatch(name) or all(is_harmless(name, *overload) for overload in overloads):
        return None
    return "unclassified"


def is_harmless(name, volatility, arguments, result, serves_type):
    """Input and output of types, what nobody can call, and what PostgreSQL itself holds to depend on its arguments
    alone; of these, names that begin as those of the administration are looked at one by one."""
    uncallable = UNCALLABLE_ARGUMENTS & set(arguments) or result in UNCALLABLE_RESULTS
    return serves_type or uncallable or volatility == "i" and not name.startswith(("pg_", "binary_upgrade"))


def classify_relation(schema, name):
    """None for a readable relation."""
    if found := hazard(RELATION_HAZARDS, name):
        return found
    if schema == "information_schema" or READABLE_RELATIONS.fullmatch(name):
        return None
    return "unclassified"


def read(connection_strings):
    functions, relations, versions = {}, set(), []
    for text in connection_strings:
        with psycopg.connect(text) as connection:
            versions.append(str(connection.info.server_version // 10000))
            for schema, name, *overload in connection.execute(FUNCTIONS):
                functions.setdefault((schema, name), []).append(overload)
            relations.update(connection.execute(RELATIONS).fetchall())
    return functions, relations, sorted(versions)


def group(names_and_hazards):
    groups = {}
    for name, found in names_and_hazards:
        groups.setdefault(found, []).append(name)
    return {found: sorted(names, key=str.encode) for found, names in groups.items()}


def constant(name, names):
    return f'    static let {name} = """\n{wrapped(names, 8)}\n        """\n'


def wrapped(names, indent):
    return textwrap.fill(
        " ".join(names), width=118, initial_indent=" " * indent, subsequent_indent=" " * indent,
        break_long_words=False, break_on_hyphens=False,
    )


def case(text):
    first, *rest = text.split("_")
    return first + "".join("SQL" if word == "sql" else word.capitalize() for word in rest)


def switch(property_name, hazards, groups):
    lines = [f"    var {property_name}: String {{", "        switch self {"]
    for found in hazards:
        names = groups.get(found)
        if names:
            lines += [f"        case .{case(found)}:", '            """', wrapped(names, 12), '            """']
        else:
            lines += [f'        case .{case(found)}: ""']
    return "\n".join([*lines, "        }", "    }"]) + "\n"


def write(path, versions, parts):
    head = (
        f"// Made by generate.py from PostgreSQL {', '.join(versions[:-1])} and {versions[-1]}. To change it, change\n"
        "// the rules there and run it again.\n\n"
    )
    path.write_text(head + "\n".join(parts))


def reasons(path):
    """The reasons that a file of Swift gives to its hazards."""
    return dict(re.findall(r'case \.(\w+): "(.*)"', path.read_text()))


def row(reason, names):
    return f"| {reason} | {' '.join(f'`{name}`' for name in names)} |\n"


def document(path, section, lines):
    """Replaces what stands between the section's marks."""
    before, rest = path.read_text().split(f"<!-- {section}: made by generate.py -->\n")
    _, after = rest.split(f"<!-- end of {section} -->\n", 1)
    path.write_text(
        f"{before}<!-- {section}: made by generate.py -->\n{''.join(lines)}<!-- end of {section} -->\n{after}"
    )


def main():
    folder = Path(__file__).parent
    functions, relations, versions = read(sys.argv[1:])
    in_catalog = group(
        (name, classify_function(name, overloads))
        for (schema, name), overloads in functions.items() if schema == "pg_catalog"
    )
    hazards = [found for found, _ in FUNCTION_HAZARDS] + ["unclassified"]
    write(folder / "GeneratedSafeFunctions.swift", versions, [
        "extension BuiltinFunctions {\n"
        + constant("safeNames", in_catalog[None]) + "\n"
        + constant("informationSchemaNames", sorted(name for schema, name in functions if schema != "pg_catalog"))
        + "}\n",
    ])
    write(folder / "GeneratedRestrictedFunctions.swift", versions, [
        "extension FunctionHazard {\n" + switch("names", hazards, in_catalog) + "}\n",
    ])
    by_schema = {
        schema: group((name, classify_relation(schema, name)) for where, name in relations if where == schema)
        for schema in ("pg_catalog", "information_schema")
    }
    hazards = [found for found, _ in RELATION_HAZARDS] + ["unclassified"]
    write(folder / "GeneratedRelations.swift", versions, [
        "extension BuiltinRelations {\n"
        + constant("readableCatalogNames", by_schema["pg_catalog"][None]) + "\n"
        + constant("readableInformationSchemaNames", by_schema["information_schema"][None])
        + "}\n",
        "extension RelationHazard {\n" + switch("catalogNames", hazards, by_schema["pg_catalog"]) + "\n"
        + switch("informationSchemaNames", hazards, by_schema["information_schema"]) + "}\n",
    ])
    manual = folder.parents[2] / "docs" / "statements.md"
    why = reasons(folder / "FunctionHazard.swift")
    document(manual, "functions", [
        "| The function | Functions |\n| --- | --- |\n",
        *(row(why[case(found)], in_catalog[found]) for found, _ in FUNCTION_HAZARDS),
    ])
    why = reasons(folder / "RelationHazard.swift")
    for schema, groups in by_schema.items():
        document(manual, schema, [
            "| The relation | Relations |\n| --- | --- |\n",
            row("may be read", groups[None]),
            *(row(why[case(found)], groups[found]) for found, _ in RELATION_HAZARDS if found in groups),
        ])
    for unclassified in [in_catalog, *by_schema.values()]:
        print("unclassified:", *unclassified.get("unclassified", ["none"]))


main()
