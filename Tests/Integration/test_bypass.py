"""Nothing gets past the rules by a change of words: attacks on a canary, first without the gateway, then through it."""

import pytest
from support import attacks_functions, attacks_relations, journal
from support.bypass import LONG, Ground, attack
from support.gateway import Gateway
from support.matrix import log_in
from support.policies import CLASSES, allow, deny, role
from support.servers import databases
from support.waiting import until

ROLES = {
    "reader": role([allow("read", "public.orders", name="read-orders")]),
    # All but two tables, and no user function.
    "broad": role([
        allow(CLASSES, "public.*", name="all"),
        deny(CLASSES, "public.secret", f"public.{LONG}", "public.v", "public.reserved", name="not-the-secret"),
    ]),
    "accents": role([allow("read", "public.caf\u00e9", name="read")]),
}  # fmt: skip
ATTACKS = [*attacks_relations.attacks(), *attacks_functions.attacks()]
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
    process = Gateway(folder, ground.server, issuer, authority, roles=ROLES, databases=entries)
    process.denied = []
    yield process
    process.stop()


@pytest.mark.parametrize("case", ATTACKS, ids=case_id)
def test_the_attack_is_one(ground, case):
    """Without the gateway it does harm, so that its failure behind the gateway says something."""
    try:
        with ground.direct() as job:
            result = attack(job, ground.steps(case))
        harmed = bool(result.harmed) or result.ended or ground.is_harmed()
    finally:
        ground.clean_up()
    assert harmed == case.harms, result


@pytest.mark.parametrize(("role", "case"), CASES, ids=case_id)
def test_the_gateway_stops_it(ground, gateway, role, case):
    with log_in(gateway, role, parameters=case.parameters) as job:
        result = attack(job, ground.steps(case))
        session = job.session
    try:
        assert not result.harmed, result
        assert not ground.is_harmed(), (result.errors, ground.fingerprint(), ground.clean)
    finally:
        ground.clean_up()
    if case.expect == "denied":
        assert {error["C"] for error in result.errors} & set(case.codes), result
        if "42501" in case.codes:
            gateway.denied.append(session)
    elif case.expect == "allowed":
        assert not result.errors and not result.ended


def test_every_denial_is_in_the_journal(gateway):
    """The tests before this one, in the journal."""
    wanted = set(gateway.denied)

    def missing():
        records = journal.records(gateway.journal_folder, "statement.decision")
        return wanted - {record["session"] for record in records if record["decision"] == "deny"}

    assert wanted or not CASES
    until(lambda: not missing(), 10, "the decisions")
    assert gateway.is_alive()
    journal.verify(gateway.journal_folder)
