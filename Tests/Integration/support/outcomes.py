"""What bad input must come to: a clear error, a record, and a gateway that goes on."""

import re

from . import journal
from .waiting import until
from .wire import Wire


def session_of(fields):
    """The session's id, with which every message of the gateway ends."""
    return re.search(r" \(session ([0-9a-z]{16})\)$", fields["M"]).group(1)


def records_of(gateway, session, event):
    """The session's records, once one of this kind is there."""

    def found():
        records = journal.of_session(gateway.journal_folder, session)
        return records if any(record["event"] == event for record in records) else None

    return until(found, 10, f"the record {event} of session {session}")


def refused(gateway, wire, state, stage="startup"):
    """The job is told why and the journal has it; returns the error's fields and the record."""
    fields = wire.fatal()
    assert fields["C"] == state, fields
    (record,) = records_of(gateway, session_of(fields), "session.refused")
    assert record["stage"] == stage, record
    assert record["reason"]
    still_lets_in(gateway)
    return fields, record


def ended(gateway, wire, state):
    """A session ends by the gateway's word; returns the error's fields and the last record."""
    fields = wire.fatal()
    assert fields["C"] == state, fields
    records = records_of(gateway, session_of(fields), "session.end")
    events = [record["event"] for record in records if record["event"].startswith("session.")]
    assert events == ["session.start", "session.end"]
    still_lets_in(gateway)
    return fields, records[-1]


def still_lets_in(gateway):
    assert gateway.is_alive()
    with Wire.plain(gateway.plain_port) as wire:
        assert wire.log_in(gateway.issuer.token()).ask("select 1") == ["1"]
