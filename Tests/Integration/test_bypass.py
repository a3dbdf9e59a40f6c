"""Nothing gets past the rules by a change of words: attacks on a canary, first without the gateway, then through it."""

import pytest
from support import attacks_functions, attacks_relations, attacks_session, journal
from support.bypass import LONG, Ground, attack
from support.gateway import Gateway
from support.matrix import log_in, play
from support.policies import CLASSES, allow, deny, role
from support.servers import databases
from support.waiting import until
from support.wire import query

ROLES = {
    "reader": role([allow("read", "public.orders", name="read-orders")]),
    # All but two tables, and no user function.
    "broad": role([
        allow([name for name in CLASSES if name != "function"], "public.*", name="all"),
        deny(CLASSES, "public.secret", f"public.{LONG}", "public.v", "public.reserved", name="not-the-secret"),
    ]),
    "observer": role([allow("read", "public.orders", name="read-orders")], mode="observe"),
    "free": role("unrestricted"),
    # May go to the schema with the other table of the same name.
    "pather": role([allow("read", "public.orders", name="read-orders")], search_paths=[["evil"]]),
    "temper": role([allow("read", "public.orders", "pg_temp.*", name="read"), allow("ddl", "pg_temp.*", name="temp")]),
    "flipper": role([allow("read", "public.orders", name="read-orders")], functions=["public.flip"]),
    "catalogued": role([allow(["read", "write"], "public.orders", name="all")], database="catalogued"),
    "accents": role([allow("read", "public.caf\u00e9", name="read")]),
}  # fmt: skip
ATTACKS = [*attacks_relations.attacks(), *attacks_functions.attacks(), *attacks_session.attacks()]
CASES = [(role, attack) for attack in ATTACKS for role in attack.roles]


def case_id(value):
    return value if isinstance(value, str) else value.name


@pytest.fixture(scope="module")
def ground(servers):
    ground = Ground(servers[15])
    yield ground
    ground.stop()


@pytest.fixture(scope="module")
def gateway(ground, tmp_path_factory, issuer, authority):
    folder = tmp_path_factory.mktemp("bypass")
    entries = databases(ground.server, search_path=["public"])
    password = {"catalog": {"password": {"file": "app.password"}}}
    entries["catalogued"] = entries["app"] | {
        "dbname": "app", "catalog_login": "catalog", "logins": entries["app"]["logins"] | password
    }  # fmt: skip
    process = Gateway(folder, ground.server, issuer, authority, roles=ROLES, databases=entries)
    process.denied = []
    yield process
    process.stop()


@pytest.mark.parametrize("case", ATTACKS, ids=case_id)
def test_the_attack_is_one(ground, case):
    """Without the gateway it does harm, so that its failure behind the gateway says something."""
    try:
        with ground.direct() as job:
            result = attack(job, ground.steps(case), case.may_change)
        harmed = bool(result.harmed) or result.ended or ground.is_harmed()
    finally:
        ground.clean_up()
    assert harmed == case.harms, result


@pytest.mark.parametrize(("role", "case"), CASES, ids=case_id)
def test_the_gateway_stops_it(ground, gateway, role, case):
    database = ROLES[role]["database"]
    may_change = (*case.may_change, "search_path") if role == "pather" else case.may_change
    with log_in(gateway, role, database=database) as job:
        result = attack(job, ground.steps(case), may_change)
        session = job.session
    try:
        assert not result.harmed, result
        assert not ground.is_harmed(), (result.errors, ground.fingerprint(), ground.clean)
    finally:
        ground.clean_up()
    if case.expect == "denied" or case.expect == "stopped" and role not in ("observer", "free"):
        assert {error["C"] for error in result.errors} & set(case.codes), result
        if "42501" in case.codes:
            gateway.denied.append((session, role, case.name))
    elif case.expect == "allowed":
        assert not result.errors and not result.ended
    elif case.expect == "refused":
        assert result.ended and {error["C"] for error in result.errors} == {"08P01"}, result
    elif case.expect == "stopped" and role in ("observer", "free"):
        # Where rules do not decide, the server's word of the change ends the session.
        assert result.ended and result.errors[-1]["S"] == "FATAL" or result.errors[0]["C"] == "42501", result
    elif case.expect == "ends":
        assert result.ended and result.errors[-1]["S"] == "FATAL", result


def _decisions(gateway):
    return journal.records(gateway.journal_folder, "statement.decision")


def test_every_denial_is_in_the_journal(gateway):
    """The tests before this one, in the journal."""
    assert gateway.denied
    with log_in(gateway, "reader") as job:
        play(job, [(query("select 1"), "Z")])
    last = job.session
    until(lambda: any(record["session"] == last for record in _decisions(gateway)), 10, "the last decision")
    told = {record["session"] for record in _decisions(gateway) if record["decision"] == "deny"}
    assert not [case for session, *case in gateway.denied if session not in told]
    assert gateway.is_alive()
    journal.verify(gateway.journal_folder)
