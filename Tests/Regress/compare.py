"""Compares what the tests printed on two routes, byte by byte."""

import difflib
import os


class Results:
    """One route's results, by test."""

    def __init__(self, route, folder):
        self.route = route
        self.folder = folder

    def of(self, test):
        """What a test printed; None if it left nothing."""
        try:
            with open(f"{self.folder}/{test}.out", "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def names(self):
        """Every test that printed something, whatever the schedule says."""
        return {name.removesuffix(".out") for name in os.listdir(self.folder) if name.endswith(".out")}


def difference(test, direct, other, lines=40):
    """Why the results are not equal, in words or as the first lines of a diff; None if they are equal."""
    here, there = direct.of(test), other.of(test)
    for results, printed in ((direct, here), (other, there)):
        if not printed:
            return f"{results.route}: no result"
    if here == there:
        return None
    changes = difflib.unified_diff(_lines(here), _lines(there), direct.route, other.route, lineterm="", n=2)
    shown = list(changes)
    rest = [f"… and {len(shown) - lines} lines more"] if len(shown) > lines else []
    # Line ends, which a diff of lines does not show.
    return "\n".join(shown[:lines] + rest) or "other line ends"


def _lines(printed):
    return printed.decode(errors="backslashreplace").splitlines()


def judge(test, direct, others, expected):
    """Complaints about one test: a difference that nobody expects, or an expected one that is gone.

    `expected` maps a test to the reason why its results differ through the gateway.
    """
    found = {other.route: difference(test, direct, other) for other in others}
    differs = {route: text for route, text in found.items() if text}
    if test not in expected:
        return [f"differs through `{route}`:\n{text}" for route, text in differs.items()]
    missing = [text for text in differs.values() if text.endswith(": no result")]
    if missing:
        return missing
    if not differs:
        return ["is equal now: take it out of expected_differences.py"]
    return []
