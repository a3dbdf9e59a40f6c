"""The first bytes of a connection: versions, settings and names that are refused, and those that are not."""

import struct

import pytest
from support import outcomes, wire
from support.wire import Wire

PASSWORD_REQUEST = ("R", struct.pack(">I", 3))


@pytest.fixture
def job(gateway):
    with Wire.plain(gateway.plain_port) as connection:
        yield connection


def answer_to(job, packet):
    job.send(packet)
    return job.receive()


def raw_startup(body, version=wire.VERSION_30):
    return wire.packet(version, body)


# Packets


def test_a_packet_of_the_largest_length_is_taken(gateway, job):
    padding = 10004 - len(wire.startup({"options": ""}))
    packet = wire.startup({"options": " " * padding})
    assert len(packet) == 10004
    assert answer_to(job, packet) == PASSWORD_REQUEST
    job.send(wire.password(gateway.issuer.token()))
    assert job.welcome().ask("select 1") == ["1"]


GOOD_BODY = b"user\0app\0database\0app\0"

MALFORMED = {
    "no final NUL": GOOD_BODY,
    "no terminator after a value": GOOD_BODY[:-1],
    "bytes behind the terminator": GOOD_BODY + b"\0\0",
    "a second list": GOOD_BODY + b"\0user\0other\0\0",
    "a key without a value": GOOD_BODY + b"geqo\0",
    "nothing": b"",
    "user twice": GOOD_BODY + b"user\0app\0\0",
    "user twice in another case": GOOD_BODY + b"USER\0app\0\0",
    "setting twice": GOOD_BODY + b"geqo\0on\0geqo\0on\0\0",
    "setting twice in another case": GOOD_BODY + b"geqo\0on\0GEQO\0off\0\0",
    "setting as key and in options": GOOD_BODY + b"geqo\0on\0options\0-c Geqo=off\0\0",
    "setting twice in options": GOOD_BODY + b"options\0-c geqo=on --geqo=off\0\0",
    "database twice": GOOD_BODY + b"database\0app\0\0",
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_packet_is_refused(gateway, job, what):
    job.send(raw_startup(MALFORMED[what]))
    outcomes.refused(gateway, job, "08P01")


OTHER_REFUSALS = {
    "no user": (b"database\0app\0\0", "28000"),
    "empty list": (b"\0", "28000"),
    "empty user": (b"user\0\0database\0app\0\0", "28000"),
    "empty database": (b"user\0app\0database\0\0\0", "28000"),
    "user of 64 bytes": (b"user\0" + b"u" * 64 + b"\0\0", "54000"),
    "database of 64 bytes": (b"user\0app\0database\0" + b"d" * 64 + b"\0\0", "54000"),
    "user that is not UTF-8": (b"user\0\xff\xfe\0\0", "22021"),
    "129 parameters": (GOOD_BODY + b"".join(b"a%d\0b\0" % index for index in range(129)) + b"\0", "54000"),
    "a value of 1025 bytes": (GOOD_BODY + b"application_name\0" + b"a" * 1025 + b"\0\0", "54000"),
}


@pytest.mark.parametrize("what", OTHER_REFUSALS)
def test_names_that_a_server_would_cut_or_guess_are_refused(gateway, job, what):
    body, state = OTHER_REFUSALS[what]
    job.send(raw_startup(body))
    outcomes.refused(gateway, job, state)


def test_names_of_63_bytes_are_judged_like_any_other(gateway, job):
    name = "n" * 63
    assert answer_to(job, wire.startup(user=name, database=name)) == PASSWORD_REQUEST
    job.send(wire.password(gateway.issuer.token()))
    _, record = outcomes.refused(gateway, job, "28000", stage="grant")
    assert (record["role"], record["reason"]) == (name, "unknown role")


def test_the_database_is_the_users_name_where_none_is_given(gateway, job):
    job.log_in(gateway.issuer.token(), database=None)
    assert job.ask("select current_database()") == ["app"]


@pytest.mark.parametrize("version", [0, 1, 0x00020000, 0x00040000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_another_major_version_is_refused(gateway, job, version):
    job.send(wire.startup(version=version))
    fields, _ = outcomes.refused(gateway, job, "0A000")
    assert "3.0" in fields["M"]


# Settings

REFUSED_SETTINGS = {
    "search_path": "42501",
    "role": "42501",
    "session_authorization": "42501",
    "default_transaction_read_only": "42501",
    "local_preload_libraries": "42501",
    "postern.session": "42501",
    "postern.subject": "42501",
    "is_superuser": "42501",
    "Search_Path": "42501",
    "nonsense": "42501",
}


@pytest.mark.parametrize("name", REFUSED_SETTINGS)
def test_a_setting_that_is_not_on_the_list_is_refused(gateway, job, name):
    job.send(wire.startup({name: "app"}))
    fields, _ = outcomes.refused(gateway, job, REFUSED_SETTINGS[name])
    assert name in fields["M"]


@pytest.mark.parametrize("name", REFUSED_SETTINGS)
@pytest.mark.parametrize("form", ["-c {}=x", "-c{}=x", "--{}=x", "  -c\t{}=x  "])
def test_options_do_not_carry_what_a_key_may_not(gateway, job, name, form):
    job.send(wire.startup({"options": form.format(name)}))
    outcomes.refused(gateway, job, "42501")


BAD_OPTIONS = {
    "-c": "42601",
    "-c =": "42601",
    "-c=": "42601",
    "--": "42601",
    "--geqo": "42601",
    "-c geqo": "42601",
    "-c geqo=on -c": "42601",
    "-d 5": "42501",
    "-W 5": "42501",
    "garbage": "42501",
    "\\": "42501",
    "-": "42501",
    "-c search\\_path=x": "42501",
    "--search-path=x": "42501",
    "-c standard-conforming-strings=off": "42501",
    " ".join(["-c geqo=on"] * 65): "54000",
}


@pytest.mark.parametrize("options", BAD_OPTIONS)
def test_garbage_in_options_is_refused(gateway, job, options):
    job.send(wire.startup({"options": options}))
    outcomes.refused(gateway, job, BAD_OPTIONS[options])


@pytest.mark.parametrize(
    ("parameters", "setting", "value"),
    [
        ({"options": "-c statement_timeout=12345"}, "statement_timeout", "12345ms"),
        ({"options": "--extra-float-digits=2"}, "extra_float_digits", "2"),
        ({"options": "-cDateStyle=SQL,\\ DMY"}, "DateStyle", "SQL, DMY"),
        ({"options": "\t-c\nlock_timeout=7 "}, "lock_timeout", "7ms"),
        ({"datestyle": "ISO, YMD"}, "DateStyle", "ISO, YMD"),
        ({"TIMEZONE": "Asia/Tokyo"}, "TimeZone", "Asia/Tokyo"),
        ({"bytea_output": "escape", "geqo": "off"}, "bytea_output", "escape"),
        ({"standard_conforming_strings": "on"}, "standard_conforming_strings", "on"),
    ],
)
def test_a_setting_on_the_list_takes_effect(gateway, job, parameters, setting, value):
    job.log_in(gateway.issuer.token(), parameters)
    assert job.ask(f"show {setting}") == [value]


def test_a_value_that_the_server_refuses_is_an_error_of_the_job_not_of_the_gateway(gateway, job):
    job.send(wire.startup({"TimeZone": "Nowhere/Land"}))
    job.receive()
    job.send(wire.password(gateway.issuer.token()))
    fields = job.fatal()
    outcomes.records_of(gateway, outcomes.session_of(fields), "session.refused")
    outcomes.still_lets_in(gateway)


@pytest.mark.parametrize("encoding", ["UTF8", "utf8", "utf-8", "UTF-8", "unicode", "Unicode", "'utf8'"])
def test_utf8_by_any_of_its_names_is_accepted(gateway, job, encoding):
    job.log_in(gateway.issuer.token(), {"client_encoding": encoding})
    assert job.parameters["client_encoding"] == "UTF8"


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "", "utf16", "utf8x", "auto", "SJIS", "WIN1252"])
@pytest.mark.parametrize("place", ["key", "options"])
def test_any_other_encoding_is_refused(gateway, job, encoding, place):
    if place == "options":
        job.send(wire.startup({"options": f"-c client_encoding={encoding}"}))
    else:
        job.send(wire.startup({"client_encoding": encoding}))
    outcomes.refused(gateway, job, "42501")


@pytest.mark.parametrize("value", ["off", "false", "no", "0", "of", "F"])
def test_standard_conforming_strings_stay_on(gateway, job, value):
    job.send(wire.startup({"standard_conforming_strings": value}))
    outcomes.refused(gateway, job, "42501")


# Replication


@pytest.mark.parametrize(
    "value", ["true", "TRUE", "t", "tr", "on", "ON", "yes", "y", "1", "database"]
)
def test_replication_by_any_of_its_words_is_refused(gateway, job, value):
    job.send(wire.startup({"replication": value}))
    outcomes.refused(gateway, job, "42501")


@pytest.mark.parametrize("value", ["", "o", "maybe", "2", "Database", "onn", "truefalse"])
def test_replication_that_is_neither_yes_nor_no_is_refused(gateway, job, value):
    job.send(wire.startup({"replication": value}))
    outcomes.refused(gateway, job, "22023")


def test_replication_in_another_case_is_refused_too(gateway, job):
    job.send(wire.startup({"Replication": "database"}))
    outcomes.refused(gateway, job, "42501")


@pytest.mark.parametrize("value", ["false", "FALSE", "off", "of", "no", "n", "0"])
def test_no_replication_is_a_session_like_any_other(gateway, job, value):
    job.log_in(gateway.issuer.token(), {"replication": value})
    assert job.ask("select 1") == ["1"]
