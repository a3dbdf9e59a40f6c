"""Postern against PgBouncer, HAProxy and a direct connection, in one run, taking turns."""

import argparse
import fnmatch
import json
import os
import platform
import re
import resource
import signal
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, f"{ROOT}/Tests/Integration")

from measures import measures, prepare  # noqa: E402
from report import Series, tables  # noqa: E402
from servers import Failure, Stage  # noqa: E402
from support import journal  # noqa: E402
from support.waiting import Deadline  # noqa: E402

FULL = {"turns": 5, "seconds": 5, "copy_size": 1 << 30, "sessions": 1000, "scale": 10}
QUICK = {"turns": 1, "seconds": 1, "copy_size": 1 << 28, "sessions": 200, "scale": 1}


def within(least, most):
    def number(text):
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{value} is not within {least} and {most}")
        return value

    return number


def size(text):
    match = re.fullmatch(r"(\d+)(KiB|MiB|GiB)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"`{text}` is not a size such as 256MiB or 1GiB")
    shift = {"KiB": 10, "MiB": 20, "GiB": 30}[match.group(2)]
    return within(1 << 20, 1 << 34)(int(match.group(1)) << shift)


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes: to see that all works, not to quote")
    parser.add_argument("--only", action="append", metavar="NAME", help="simple-8, connect, 'copy-*', 'memory-*' …")
    parser.add_argument("--turns", type=within(1, 50), help="rounds through all targets (5)")
    parser.add_argument("--seconds", type=within(1, 120), help="of each pgbench run (5)")
    parser.add_argument("--copy-size", type=size, help="bytes that COPY moves (1GiB)")
    parser.add_argument("--sessions", type=within(10, 1000), help="idle sessions whose memory is measured (1000)")
    parser.add_argument("--scale", type=within(1, 100), help="of pgbench's tables (10)")
    parser.add_argument("--json", metavar="FILE", help="write all samples there")
    chosen = parser.parse_args()
    for name, value in (QUICK if chosen.quick else FULL).items():
        if getattr(chosen, name) is None:
            setattr(chosen, name, value)
    chosen.measures = [
        measure for measure in measures(chosen)
        if not chosen.only or any(fnmatch.fnmatch(measure.name, pattern) for pattern in chosen.only)
    ]
    if not chosen.measures:
        parser.error("nothing has such a name; there are " + ", ".join(m.name for m in measures(chosen)))
    return chosen


def run(chosen):
    """All samples: in each turn every measure, in each measure every target, each turn begun by another target."""
    series = [Series(measure) for measure in chosen.measures]
    with Stage() as stage:
        prepare(stage, chosen.scale)
        for turn in range(chosen.turns):
            for one in series:
                targets = one.measure.targets
                shift = turn % len(targets)
                for target in targets[shift:] + targets[:shift]:
                    one.add(target, one.measure.sample(stage, target))
                latest = ", ".join(f"{target} {one.samples[target][-1].value:,.5g}" for target in targets)
                say(f"turn {turn + 1} of {chosen.turns}  {one.measure.name}: {latest} {one.measure.unit}")
        if any("direct" in one.measure.targets for one in series):
            check_journal(stage.targets["Postern"].gateway)
    return series


def check_journal(gateway):
    """Figures without the journal would be another product's: each session must have its record, and the chains hold."""
    sessions = gateway.metrics()['postern_sessions_total{role="app",database="app"}']
    recorded = len(journal.records(gateway.journal_folder, "session.start"))
    if recorded != sessions:
        raise Failure(f"the journal has {recorded} of {sessions:.0f} sessions")
    journal.verify(gateway.journal_folder)
    say(f"journal: {recorded} sessions recorded, chains verified")


def raise_descriptors():
    """A proxy holds two descriptors for each session; the processes that we start inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 4096:
        raise Failure(f"4096 open files are needed and {hard} allowed: see `ulimit -Hn`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 65536, hard))


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    chosen = options()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        raise_descriptors()
        series = run(chosen)
    except (Failure, RuntimeError, Deadline) as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
    machine = {"processors": os.cpu_count(), "kernel": platform.release()}
    turns = f"{chosen.turns} turns" if chosen.turns > 1 else "a single turn, which proves nothing"
    print(f"\nMedians of {turns}, on {machine['processors']} processors. Right: Postern's figure to another's in the same\n"
          "turn, median (lowest-highest).\n")
    print(tables(series))
    if chosen.json:
        settings = {name: getattr(chosen, name) for name in FULL}
        with open(chosen.json, "w") as file:
            json.dump({"machine": machine, "settings": settings,
                       "measures": {one.measure.name: one.as_json() for one in series}}, file, indent=2)


if __name__ == "__main__":
    main()
