"""The lists of built-in functions, relations and settings against a server."""

import re
from pathlib import Path

import pytest

BUILTIN = Path(__file__).parents[2] / "Sources" / "PosternSQL" / "Builtin"


def texts(file, start):
    """The names in the literals of a file of Swift, from a mark to the end of its block."""
    source = (BUILTIN / file).read_text()
    block = source[source.index(start):]
    block = block[:block.index("\n    }\n" if "switch self" in block[:200] else '\n        """\n')]
    return {name for names in re.findall(r'"""([^"]+)', block) for name in names.replace("\\\n", " ").split()}


@pytest.fixture(scope="module")
def catalogue(postgres):
    with postgres.superuser() as connection:
        def names(query):
            return {row[0] for row in connection.execute(query)}

        yield names


def functions_of(schema):
    return f"select proname from pg_proc where pronamespace = '{schema}'::regnamespace"


def relations_of(schema):
    return (
        f"select relname from pg_class where relnamespace = '{schema}'::regnamespace"
        " and relkind in ('r', 'v', 'm', 'S', 'p', 'f')"
    )


def test_every_function_of_pg_catalog_is_in_one_list(catalogue):
    safe = texts("GeneratedSafeFunctions.swift", "static let safeNames")
    restricted = texts("GeneratedRestrictedFunctions.swift", "extension FunctionHazard")
    assert catalogue(functions_of("pg_catalog")) - safe - restricted == set()
    assert safe & restricted == set()
    assert {"now", "lower"} <= safe
    assert {"pg_read_file", "pg_sleep", "set_config"} <= restricted


def test_every_function_of_the_information_schema_is_listed(catalogue):
    listed = texts("GeneratedSafeFunctions.swift", "static let informationSchemaNames")
    assert catalogue(functions_of("information_schema")) - listed == set()


@pytest.mark.parametrize(
    "schema, readable, restricted",
    [
        ("pg_catalog", "static let readableCatalogNames", "var catalogNames"),
        ("information_schema", "static let readableInformationSchemaNames", "var informationSchemaNames"),
    ],
)
def test_every_relation_of_the_catalogue_is_in_one_list(catalogue, schema, readable, restricted):
    readable = texts("GeneratedRelations.swift", readable)
    restricted = texts("GeneratedRelations.swift", restricted)
    assert catalogue(relations_of(schema)) - readable - restricted == set()
    assert readable & restricted == set()


def test_the_safe_functions_that_are_not_immutable_are_known_by_name(catalogue):
    """What PostgreSQL calls volatile reads more than its arguments: this is the whole list of what is safe of it."""
    volatile = catalogue(
        functions_of("pg_catalog")
        + " and provolatile = 'v' and not proargtypes::oid[] @> array['internal'::regtype::oid]"
        " and prorettype not in ('trigger'::regtype)"
    )
    assert volatile & texts("GeneratedSafeFunctions.swift", "static let safeNames") == {
        "amvalidate", "clock_timestamp", "current_query", "currval", "gen_random_uuid", "lastval",
        "pg_advisory_unlock", "pg_advisory_unlock_all", "pg_advisory_unlock_shared", "pg_collation_actual_version",
        "pg_current_wal_flush_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_lsn",
        "pg_database_collation_actual_version", "pg_database_size", "pg_get_wal_replay_pause_state",
        "pg_get_wal_resource_managers", "pg_indexes_size", "pg_is_in_recovery", "pg_is_wal_replay_paused",
        "pg_jit_available", "pg_last_committed_xact", "pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn",
        "pg_last_xact_replay_timestamp", "pg_notification_queue_usage", "pg_partition_ancestors", "pg_partition_tree",
        "pg_relation_size", "pg_stat_clear_snapshot", "pg_table_size", "pg_tablespace_size",
        "pg_total_relation_size", "pg_xact_commit_timestamp", "pg_xact_commit_timestamp_origin", "pg_xact_status",
        "random", "setseed", "timeofday", "txid_status",
    }


def test_every_listed_setting_is_one_of_the_servers_or_a_later_ones(catalogue):
    source = (BUILTIN / "SettingGroup.swift").read_text()
    listed = {
        name for names in re.findall(r'SettingGroup\(\s*"{1,3}([^"]+)"', source)
        for name in names.replace("\\\n", " ").split()
    }
    assert len(listed) > 80
    assert listed - catalogue("select lower(name) from pg_settings") == {
        "default_with_oids",  # until 11
        "createrole_self_grant", "enable_presorted_aggregate",  # 16
        "enable_group_by_reordering", "event_triggers", "transaction_timeout",  # 17
        "enable_distinct_reordering", "enable_self_join_elimination", "extension_control_path",  # 18
        "restrict_nonsystem_relation_kind",
    } - catalogue("select lower(name) from pg_settings")


@pytest.mark.parametrize("spelling", ["UTF8", "utf8", "UTF-8", "utf_8", "Unicode"])
def test_the_spellings_of_utf8_are_the_servers(postgres, spelling):
    with postgres.superuser() as connection:
        connection.execute(f"set client_encoding = '{spelling}'")
        assert connection.execute("show client_encoding").fetchone()[0].lower() in ("utf8", spelling.lower())
        assert connection.execute("select pg_client_encoding()").fetchone() == ("UTF8",)


@pytest.mark.parametrize("value", ["on", "ON", "t", "tru", "yes", "y", "1"])
def test_the_words_for_on_are_the_servers(postgres, value):
    with postgres.superuser() as connection:
        connection.execute(f"set standard_conforming_strings = '{value}'")
        assert connection.execute("show standard_conforming_strings").fetchone() == ("on",)
