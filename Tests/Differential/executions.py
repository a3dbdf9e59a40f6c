"""Runs the suite's scripts and holds what the server touches against what the facts name."""

from dataclasses import dataclass, field

import postern
from known import SCRIPTS_LEFT_OUT, STRINGS
from session import Refused, Session
from witness import Touched, Witness

DATABASE = "differential"
# Tests reset what they set; nothing of theirs is worth waiting for longer.
SETTINGS = {"statement_timeout": "'5s'", "lock_timeout": "'1s'", "track_counts": "off", "autovacuum": "off"}
PLAIN = {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"}


@dataclass
class Report:
    """What came of the executions."""

    statements: int = 0
    refused: int = 0
    explained: int = 0
    executed: int = 0
    opaque: int = 0
    complaints: list = field(default_factory=list)

    def __str__(self):
        return (
            f"{self.statements} statements sent, {self.refused} of them refused; of the plain ones {self.explained} "
            f"plans and {self.executed} executions held against the facts, {self.opaque} left out for users' code; "
            f"{len(self.complaints)} differences"
        )


def compare(server, files):
    """Runs these scripts, one session each, in a database of their own."""
    report = Report()
    with server.superuser(autocommit=True) as connection:
        connection.execute(f"create database {DATABASE} template template0")
    for name, texts in files.items():
        if name not in SCRIPTS_LEFT_OUT:
            _Script(name, Session(server, DATABASE), report).run(texts)
    return report


class _Script:
    def __init__(self, name, session, report):
        self.name = name
        self.session = session
        self.witness = Witness(session)
        self.report = report

    def run(self, texts):
        for text, answer in zip(texts, postern.answers(texts), strict=True):
            if not self.session.is_alive:
                break
            statements = answer.get("statements", [])
            if any(statement["tag"].startswith("COPY") for statement in statements):
                continue
            self.report.statements += 1
            try:
                self._statement(text, statements)
            except Refused:
                self.report.refused += 1
        self.session.close()

    def _statement(self, text, statements):
        if len(statements) != 1 or statements[0]["tag"] not in PLAIN or self.session.has_failed:
            self.session.run(text)
            return
        own = not self.session.in_transaction
        if own:
            self.session.run("begin")
        facts, oids, planned = _Named(statements[0]), None, Touched()
        try:
            oids, before = self._plan(text, facts, planned)
            self.session.run(text)
        except Refused:
            if own:
                self.session.run("rollback")
                # It was not run, and its plan is still the server's word.
                self._judge(text, facts, oids or {}, planned, set())
            raise
        # The questions of the judge take locks too.
        held = self.witness.locks()
        self.report.executed += 1
        self._judge(text, facts, oids, planned, set())
        self._judge(text, facts, oids, self.witness.touched(held - before), {oid for oid, _ in held})
        if own:
            self.session.run("commit")

    def _plan(self, text, facts, planned):
        """Finds the names and the plan; what cannot be planned will say so itself, when it is run."""
        self.session.run("savepoint explain")
        oids = self.witness.oids(facts.relations)
        before = self.witness.locks()
        try:
            self.witness.plan(text, planned)
            self.report.explained += 1
        except Refused:
            self.session.run("rollback to explain")
        self.session.run("release explain")
        return oids, before

    def _judge(self, text, facts, oids, touched, held):
        """`held` are the locks at the end, none after a plan."""
        found = {name: oid for name, oid in oids.items() if oid is not None}
        if held:
            self._complain(text, "not touched", {name for name in oids if oids[name] not in held})
        checks = [
            ("touched", facts.relations, touched.all),
            ("written by the plan", facts.written, touched.plan_writes),
            ("written", facts.written, self.witness.tables(touched.written)),
            ("rows locked", facts.written | facts.locked, self.witness.tables(touched.locked)),
        ]
        for words, names, oids in checks:
            rest = oids - {found.get(name) for name in names}
            if rest:
                rest -= self.witness.closure({found[name] for name in names if name in found})
            if rest and self._is_opaque(facts, set(found.values())):
                self.report.opaque += 1
                return
            self._complain(text, f"{words} and not named", rest)

    def _is_opaque(self, facts, oids):
        return (
            any(name[-1] in STRINGS for name in facts.functions)
            or self.witness.users_functions(facts.functions)
            or self.witness.runs_code(self.witness.closure(oids))
        )

    def _complain(self, text, words, what):
        if what:
            listed = ", ".join(self._name(item) for item in sorted(what))
            self.report.complaints.append(f"{self.name}: {words}: {listed}: {text}")

    def _name(self, item):
        if isinstance(item, tuple):
            return ".".join(item)
        return self.session.run(f"select {item}::pg_catalog.regclass::pg_catalog.text")[0][0]


class _Named:
    """The names in the facts."""

    def __init__(self, statement):
        relations = [access for access in postern.named(statement) if access.get("kind") == "relation"]
        self.relations = {tuple(access["name"]) for access in relations}
        self.written = {tuple(access["name"]) for access in relations if access["tag"] in postern.WRITES
                        and access["class"] == "write"}  # fmt: skip
        self.locked = {tuple(access["name"]) for access in relations if access["tag"].startswith("SELECT FOR")}
        self.functions = postern.facts({"statements": [statement]})[0].functions
