"""Waiting for a condition, with a deadline and without guessing how long things take."""

import socket
import time


class Deadline(Exception):
    """The condition did not come true in time."""


def until(condition, seconds=15.0, what="the condition"):
    """Returns the first true value of `condition`, asked every few milliseconds."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Deadline(f"{what} did not come true within {seconds} s")
        time.sleep(0.01)


def free_port():
    """A port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_listening(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
