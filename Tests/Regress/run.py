"""PostgreSQL 15's own tests, direct and through Postern: their results must be the same, file by file.

Usage: run.py [--short] [--keep]. The last line counts: a test file is one, and so is each test of libpq_pipeline.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "..", "Integration"))

import build  # noqa: E402
import compare  # noqa: E402
import pipeline  # noqa: E402
import routes  # noqa: E402
import source  # noqa: E402
import suite  # noqa: E402
from expected_differences import EXPECTED  # noqa: E402
from support import journal  # noqa: E402


class Tally:
    """What has passed and what has not; complaints are shown as they come."""

    def __init__(self):
        self.passed = self.failed = 0

    def add(self, name, complaints):
        if complaints:
            self.failed += 1
            print(f"FAILED {name}", *complaints, sep="\n  ", flush=True)
        else:
            self.passed += 1


def visit(name, folder, inputs, schedule, program, source_folder):
    """Runs everything on one route: the suite's results, and what libpq_pipeline complains of by test."""
    started = time.monotonic()
    route = routes.Route(name, folder)
    try:
        results = compare.Results(name, suite.run(route, f"{source_folder}/bin", inputs, schedule))
        complaints = {test: pipeline.run(program, source_folder, route, test) for test in pipeline.tests(program)}
    finally:
        route.stop()
    print(f"{name}: {len(results.names())} results in {time.monotonic() - started:.0f} s, ", end="")
    print(f"{len(suite.as_expected(route))} as PostgreSQL expects; ", end="")
    print(f"libpq_pipeline {sum(not found for found in complaints.values())} of {len(complaints)}; ", end="")
    print(f"{_gateway_sessions(route)}", flush=True)
    return results, complaints


def _gateway_sessions(route):
    """How many sessions the gateway's journal has, so that nothing can have gone around it; the journal must verify."""
    if route.gateway is None:
        return "no gateway"
    journal.verify(route.gateway.journal_folder)
    count = len(journal.records(route.gateway.journal_folder, "session.start"))
    if count < len(suite.as_expected(route)):
        raise suite.SuiteError(f"{route.name}: only {count} sessions in the gateway's journal")
    return f"{count} sessions in the gateway's journal"


def run(folder, short):
    source_folder = source.folder()
    program = build.libpq_pipeline(source_folder)
    inputs = suite.stage(source_folder, build.regress_library(source_folder), folder)
    schedule = suite.short_schedule(inputs) if short else f"{inputs}/parallel_schedule"
    names = suite.tests_of(schedule)
    visits = {name: visit(name, folder, inputs, schedule, program, source_folder) for name in routes.NAMES}

    tally = Tally()
    direct, *others = (results for results, _ in visits.values())
    for test in names:
        tally.add(test, compare.judge(test, direct, others, EXPECTED))
    for test in set(EXPECTED) - set(names) if not short else ():
        tally.add(test, ["is in expected_differences.py and not in the schedule"])
    for test in pipeline.tests(program):
        tally.add(f"libpq_pipeline {test}", [text for _, found in visits.values() for text in found[test]])
    return tally


def main():
    parser = argparse.ArgumentParser(description="PostgreSQL's own tests, direct and through Postern")
    parser.add_argument("--short", action="store_true", help="a subset that takes at most two minutes")
    parser.add_argument("--keep", action="store_true", help="leave results, logs and journals for a look")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="postern-regress-")
    os.chmod(folder, 0o755)
    try:
        tally = run(folder, options.short)
    except (source.SourceError, build.BuildError, suite.SuiteError) as error:
        print(error, file=sys.stderr)
        tally = Tally()
        tally.failed = 1
    finally:
        if options.keep:
            print(f"kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
