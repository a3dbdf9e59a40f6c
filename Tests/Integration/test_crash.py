"""kill -9 at random moments: what the server ran by its own log is in the journal, and the journal goes on.

POSTERN_KILLS says how often, POSTERN_SEED makes the moments those of an earlier run."""

import collections
import contextlib
import json
import os
import random
import re
import threading
import time

import psycopg
import pytest
from support import journal
from support.executed import Decisions, logged_gateway, server, unrecorded, verify_by_both  # noqa: F401
from support.load import Load, load
from support.waiting import until

KILLS = int(os.environ.get("POSTERN_KILLS", "5"))
# Then another journal: all of it is verified after each kill.
KILLS_OF_A_JOURNAL = 10
MARKER = re.compile(r"'(m-[^']*)'")


def kill_under_load(gateway, moment):
    gateway.start()
    with load(gateway, pgbench=moment.random() < 0.5) as jobs:
        # On a busy machine the jobs take their time to come: without them it is no load.
        until(lambda: jobs.done > 60, 20, "load")
        time.sleep(moment.uniform(0, 0.5))
        gateway.kill()


def kill_while_it_starts(gateway, moment):
    killer = threading.Timer(moment.uniform(0, 0.15), lambda: gateway.process.kill())
    killer.start()
    with contextlib.suppress(RuntimeError):
        gateway.start()
    killer.join()
    gateway.kill()


def kill_while_it_stops(gateway, moment):
    gateway.start()
    running = Load(gateway)
    time.sleep(moment.uniform(0, 0.2))
    gateway.signal(15)
    gateway.signal(15)
    time.sleep(moment.uniform(0, 0.05))
    gateway.kill()
    running.stop()


def effects(server):
    """What the jobs wrote since the last call, as far as it was committed."""
    with server.superuser("app") as connection:
        found = {marker for marker, in connection.execute("select distinct marker from seen")}
        connection.execute("truncate seen, bench")
        return found


def chain_ids(folder):
    return {json.loads(next(journal.lines(folder, name))[1])["chain"] for name in journal.chains(folder)}


def recoveries(folder):
    return collections.Counter(record["chain"] for record in journal.records(folder, "journal.recovered"))


@pytest.mark.parametrize("sync", ["interval", "always"])
@pytest.mark.timeout(120 + KILLS * 20)
def test_what_the_server_ran_before_a_kill_is_in_the_journal(make_gateway, server, sync):  # noqa: F811
    seed = int(os.environ.get("POSTERN_SEED") or random.randrange(1 << 32))
    print(f"POSTERN_SEED={seed}")
    moment = random.Random(seed)
    seen = collections.Counter()
    for kill in range(KILLS):
        if kill % KILLS_OF_A_JOURNAL == 0:
            gateway = logged_gateway(make_gateway, server, sync)
            decisions = Decisions(gateway.journal_folder)
            before = collections.Counter()
        # The first one has to see something; whoever wants more than five gets the beginning and the end as well.
        how = moment.choices([kill_under_load, kill_while_it_starts, kill_while_it_stops], [8, 1, 1])[0]
        how = how if kill else kill_under_load
        how(gateway, moment)
        started = server.started()
        if os.path.exists(gateway.journal_folder):
            verify_by_both(gateway.journal_folder)
        new = decisions.read()
        assert unrecorded(started, decisions.forwarded) == {}
        assert effects(server) <= {marker for record, *_ in new for marker in MARKER.findall(record["sql"])}
        seen["statements"] += len(started)
        if how is kill_under_load:
            chains = chain_ids(gateway.journal_folder)
            gateway.start()
            gateway.kill()
            verify_by_both(gateway.journal_folder)
            now = recoveries(gateway.journal_folder)
            assert set(now - before) == chains, "a chain that was not taken up"
            before = now
            seen["kills"] += 1
    gateway.start()
    psycopg.connect(**gateway.plain()).close()
    gateway.stop()
    verify_by_both(gateway.journal_folder)
    print(dict(seen))
    assert seen["kills"] > 0 and seen["statements"] > 50 * seen["kills"]
    # What the comparison says of a journal that misses one of them. A kill may have come between a decision and its
    # statement, so that the journal has more than the server began.
    if started:
        _, session, text = started[-1]
        begun = sum(one[1:] == (session, text) for one in started)
        lossy = collections.Counter(decisions.forwarded)
        lossy[session, text] = begun - 1
        assert unrecorded(started, lossy) == {(session, text): (begun, begun - 1)}

