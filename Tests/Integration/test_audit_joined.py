"""The journal's parts together: retention and the store, keys that a service endorses, receipts of such gateways."""

import base64
import glob
import json
import os
import re
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from support import journal
from support.audit import audit
from support.gateway import executable
from support.journal_writer import Journal, public_pem
from support.matrix import log_in
from support.store import Store, burst, caught_up, metric
from support.waiting import until
from test_audit_key import with_service
from test_audit_retention import files, old_journal

ONE_LOOP = {"name": "gw-test", "loops": 1}
NAMES = ("gateway", "loop-0", "loop-7")
RECEIPT = "SHOW postern.receipt"


@pytest.fixture
def store(archive):
    made = Store(archive)
    yield made
    made.drop()


def receipt_of(gateway, path):
    """A session's receipt, in a file."""
    with log_in(gateway, "app", parameters=[("_pq_.postern", "1")]) as job:
        job.ask("select 1")
        (text,) = job.ask(RECEIPT)
    path.write_text(text)
    return json.loads(text)


def test_old_files_stay_until_the_store_has_them(make_gateway, archive, store):
    archive.stop()
    gateway = make_gateway(start=False, gateway=ONE_LOOP, audit=store.audit(retain="400d"))
    old_journal(gateway.journal_folder)
    folder = gateway.journal_folder
    old = sum(1 for name in NAMES for _ in journal.lines(folder, name))
    gateway.start()
    try:
        until(lambda: "old files of 3 chains stay until the auditors' store has them" in gateway.ready()[1],
              what="the line in /readyz")
        assert gateway.ready()[0] == 200
        assert gateway.metrics()["postern_journal_chains_awaiting_store"] == 3
        burst(gateway, 30)
        assert [len(files(folder, name)) for name in NAMES] == [4, 4, 4]
    finally:
        archive.start()
    for name in NAMES:
        until(lambda name=name: files(folder, name) == [f"{name}-000004.jsonl"], 40, f"removal of files of {name}")
    until(lambda: gateway.metrics()["postern_journal_chains_awaiting_store"] == 0, what="the end of waiting")
    caught_up(gateway)
    assert gateway.ready() == (200, "ready\n")
    # Nothing went before it was there. The store's own old months are dropped behind it.
    assert metric(gateway, "records_total") > old and metric(gateway, "lost_records_total") == 0
    gateway.stop()
    assert audit("verify", folder).returncode == 0
    assert store.rows("select count(*) from postern.gap") == [(0,)]
    assert store.rows("select name from postern.head order by 1") == [(name,) for name in NAMES]
    log = gateway.log_text()
    assert log.count("stay until the auditors' store has them") == 1
    assert log.count("no old journal file waits") == 1 and log.count("journal files removed") == 3


def test_a_backlog_of_earlier_runs_is_shipped_and_a_forged_key_is_not_trusted(make_gateway, archive, store):
    archive.stop()
    try:
        gateway = make_gateway(start=False, gateway=ONE_LOOP, audit=store.audit())
        public = with_service(gateway)
        folder = gateway.journal_folder
        for end in (gateway.stop, gateway.kill):
            gateway.start()
            burst(gateway)
            until(lambda: metric(gateway, "lag_records") > 800, what="a checkpoint of this run")
            end()
    finally:
        archive.start()
    first = min(glob.glob(f"{folder}/keys/*.key"), key=os.path.getmtime)
    with open(first) as file:
        endorsement = file.read()
    # Endorsed by somebody, and not by the service.
    lines = endorsement.splitlines()
    lines[-1] = base64.b64encode(Ed25519PrivateKey.generate().sign(b"x")).decode()
    with open(first, "w") as file:
        file.write("\n".join(lines) + "\n")
    gateway.start()
    until(lambda: "is not signed by a key that counts there" in gateway.ready()[1], what="the chain's trouble")
    assert store.value("select count(*) from postern.statement") == 0
    with open(first, "w") as file:
        file.write(endorsement)
    # A new connection looks at each chain again at once.
    store.rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'postern/audit'")
    burst(gateway)
    until(lambda: store.value("select count(*) from postern.statement") >= 1200, 30, "the backlog in the store")
    gateway.stop()
    store.matches(folder)
    assert len(glob.glob(f"{folder}/keys/*.key")) == 3
    # What an auditor needs is in the store as well.
    with open(public) as file:
        der = base64.b64decode("".join(file.read().splitlines()[1:-1]))
    assert store.rows("select distinct public_key from postern.head") == [(base64.b64encode(der[-32:]).decode(),)]
    assert audit("verify", "--public-key", public, folder).returncode == 0


def test_a_receipt_by_a_key_that_a_service_endorsed(make_gateway, tmp_path):
    gateway = make_gateway(start=False)
    public = with_service(gateway)
    folder, path = gateway.journal_folder, tmp_path / "receipt.json"
    gateway.start()
    receipt = receipt_of(gateway, path)
    gateway.stop()
    gateway.start()
    gateway.stop()

    def verify(*arguments):
        done = audit("verify", "--receipt", path, *arguments)
        assert done.stderr == ""
        return done.returncode, done.stdout

    code, text = verify("--public-key", public, folder)
    assert code == 0 and "with the key given, against" in text, text
    code, text = verify(folder)
    assert code == 0 and "self-attested" in text, text
    # Without the endorsement nobody can say so, and what is missing is said.
    code, text = verify("--public-key", public)
    assert code == 1 and f"`keys/{receipt['key_id']}.key`: give the journal's folder as well" in text, text
    other = tmp_path / "other.pub"
    other.write_bytes(public_pem(Ed25519PrivateKey.generate()))
    assert verify("--public-key", other, folder)[0] == 1
    shutil.copytree(folder, tmp_path / "copy")
    os.unlink(tmp_path / "copy" / "keys" / f"{receipt['key_id']}.key")
    code, text = verify("--public-key", public, tmp_path / "copy")
    assert code == 1 and "`keys/" in text, text


def test_a_receipt_whose_records_retention_removed(make_gateway, tmp_path):
    gateway = make_gateway(gateway=ONE_LOOP)
    folder, path = gateway.journal_folder, tmp_path / "receipt.json"
    receipt = receipt_of(gateway, path)
    gateway.stop()
    key = f"{tmp_path}/kept.pub"
    shutil.copy(f"{folder}/checkpoint.pub", key)
    # The same files, as if they had been written over several and the first ones were old.
    removed = Removal(folder, receipt["journal"]["chain"])
    session = [seq for seq, record in removed.records if record.get("session") == receipt["session"]]

    def verify(*options):
        done = audit("verify", "--receipt", path, "--public-key", key, *options, folder)
        assert done.stderr == ""
        return done.returncode, done.stdout

    assert verify()[0] == 0
    # The session's start, but not the receipt.
    removed.through(session[0])
    code, text = verify()
    assert code == 0 and "the receipt holds" in text, text
    assert f"the journal no longer holds the session's start: records up to {session[0]} were removed by retention" in text
    assert json.loads(verify("--json")[1])["removed_through"] == session[0]
    # Both.
    removed.through(receipt["journal"]["seq"])
    code, text = verify()
    assert code == 0 and "the receipt's record and what was before it" in text and "only the signature" in text, text
    # Nobody signed that they were.
    os.unlink(f"{folder}/loop-0.retained")
    code, text = verify()
    assert code == 1 and "the chain has no record" in text, text


class Removal:
    """Takes the first records of the only loop's chain away, with the statement that a gateway signs."""

    def __init__(self, folder, chain):
        self.folder, self.chain = folder, chain
        self.lines = [line for _, line in journal.lines(folder, "loop-0")]
        self.records = [(record["seq"], record) for record in map(json.loads, self.lines)]
        (self.path,) = journal.chains(folder)["loop-0"]

    def through(self, seq):
        """`record` would be the chain's own `retention.removed`; that it is one is the verifier's matter."""
        with open(f"{self.folder}/signing.key", "rb") as file:
            key = load_pem_private_key(file.read(), None)
        last = self.records[-1][1]
        text = (f"postern-retained-v1\n{self.chain}\nremoved {seq} {self.records[seq][1]['hash']}\n"
                f"record {last['seq']} {last['hash']}\n")
        signature = base64.b64encode(key.sign(text.encode())).decode()
        with open(f"{self.folder}/loop-0.retained", "w") as file:
            file.write(f"{text}{signature}\n")
        with open(self.path, "wb") as file:
            file.writelines(line + b"\n" for line in self.lines[seq + 1:])


def test_how_a_receipt_can_be_asked_about(make_gateway, tmp_path):
    gateway = make_gateway(gateway=ONE_LOOP)
    folder, path, key = gateway.journal_folder, tmp_path / "receipt.json", f"{gateway.journal_folder}/checkpoint.pub"
    receipt_of(gateway, path)

    def verify(*arguments):
        done = audit("verify", *arguments)
        return done.returncode, done.stdout, done.stderr

    # While the gateway is at work.
    for arguments in (["--public-key", key], [folder], ["--public-key", key, folder]):
        code, text, errors = verify("--receipt", path, *arguments)
        assert (code, errors) == (0, "") and text.startswith(f"{path}: the receipt holds\n"), text
        code, text, errors = verify("--json", "--receipt", path, *arguments)
        report = json.loads(text)
        assert (code, errors, report["holds"], report["problems"]) == (0, "", True, [])
        assert report["self_attested"] == (arguments == [folder])
        assert report.get("journal") == (folder if folder in arguments else None)
    changed = tmp_path / "changed.json"
    changed.write_text(path.read_text().replace('"rows":1', '"rows":2'))
    code, text, _ = verify("--receipt", changed, "--public-key", key, folder)
    assert code == 1 and "the receipt does not hold" in text and "another receipt was given here" in text
    nothing = tmp_path / "nothing.json"
    nothing.write_text("{}")
    code, text, errors = verify("--receipt", nothing, "--public-key", key)
    assert (code, errors) == (1, "") and "no receipt" in text
    code, text, errors = verify("--json", "--receipt", nothing, "--public-key", key)
    assert (code, errors) == (1, "") and json.loads(text)["holds"] is False, text
    missing = tmp_path / "missing"
    for arguments, words in (
        (["--receipt", path], "by a public key, by a journal, or by both"),
        (["--receipt", missing, folder], f"{missing}"),
        (["--receipt", path, "--public-key", missing], f"`{missing}` is not there"),
        (["--receipt", path, "--public-key", path], "is not an Ed25519 public key in PEM"),
        (["--receipt", path, missing], f"{missing}"),
        (["--receipt", path, "--expect", f"{'0' * 32}:1:{'0' * 64}", folder], "--expect is about journals"),
        ([], "missing expected argument"),
    ):
        code, text, errors = verify(*arguments)
        assert (code, text) == (2, "") and words in errors, (arguments, code, text, errors)
    other = Journal(tmp_path / "other")
    other.chain("loop-0").checkpoint()
    code, text, _ = verify("--receipt", path, "--public-key", key, tmp_path / "other")
    assert code == 1 and "no journal given holds the chain" in text
    assert verify("--receipt", path, "--public-key", key, tmp_path / "other", folder)[0] == 0


def test_what_the_manual_says_about_checking_a_receipt(make_gateway, tmp_path):
    gateway = make_gateway(gateway=ONE_LOOP)
    receipt_of(gateway, tmp_path / "receipt.json")
    shutil.copy(f"{gateway.journal_folder}/checkpoint.pub", tmp_path)
    os.makedirs(tmp_path / "bin")
    os.symlink(os.path.abspath(executable()), tmp_path / "bin" / "postern")
    root = os.path.join(os.path.dirname(__file__), "..", "..")
    with open(os.path.join(root, "docs", "receipts.md")) as file:
        lines = re.findall(r"^postern audit verify .*$", file.read(), re.MULTILINE)
    assert len(lines) >= 3
    for line in lines:
        line = line.replace("/var/lib/postern/journal", gateway.journal_folder)
        done = subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True,
            env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"},
        )
        assert (done.returncode, done.stderr) == (0, ""), line + done.stdout + done.stderr
