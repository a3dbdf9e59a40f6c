"""A key service's command instead of a key on the disk."""

import glob
import os
import shutil
import subprocess

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support import journal
from support.gateway import executable
from support.journal_writer import public_pem
from test_audit_verify import audit, first_places, independent_places

# As a key service's command line tool: signs its standard input, and prints the signature in base64.
SCRIPT = """#!/bin/sh
set -e
message=$(mktemp)
trap 'rm -f "$message"' EXIT
cat > "$message"
echo run >> "{folder}/runs"
openssl pkeyutl -sign -inkey "{folder}/service.key" -rawin -in "$message" | openssl base64 -A
"""


def with_service(gateway, script=SCRIPT):
    """Gives the gateway a command that signs, and returns the public key's path."""
    folder = f"{gateway.folder}/service"
    os.makedirs(folder)
    key, public = f"{folder}/service.key", f"{folder}/service.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True)
    with open(f"{folder}/sign", "w") as file:
        file.write(script.replace("{folder}", folder))
    os.chmod(f"{folder}/sign", 0o700)
    gateway.configuration["audit"]["signing_key"] = {"command": ["service/sign"], "public_key": public}
    gateway.write()
    return public


def test_a_command_endorses_a_key_for_each_run(make_gateway, tmp_path, capsys):
    gateway = make_gateway(start=False)
    public = with_service(gateway)
    folder = gateway.journal_folder
    for end in (gateway.stop, gateway.kill, gateway.stop):
        gateway.start()
        psycopg.connect(**gateway.plain()).close()
        end()
    assert len(open(f"{gateway.folder}/service/runs").readlines()) == 3
    assert not os.path.exists(f"{folder}/signing.key")
    assert open(f"{folder}/checkpoint.pub").read() == open(public).read()
    keys = sorted(glob.glob(f"{folder}/keys/*.key"), key=os.path.getmtime)
    assert len(keys) == 3
    signers = {record["key_id"] for record in journal.records(folder, "journal.checkpoint")}
    # The run that was killed at once may have signed nothing.
    assert signers <= {os.path.basename(path)[:-4] for path in keys} and len(signers) >= 2

    def verdict(case, *options):
        found = first_places(case, *options)
        assert independent_places(case, capsys, *options) == found
        return found[0]

    assert verdict(folder, "--public-key", public) == 0
    other = tmp_path / "other.pub"
    other.write_bytes(public_pem(Ed25519PrivateKey.generate()))
    assert verdict(folder, "--public-key", other) == 1

    def case(name):
        shutil.copytree(folder, tmp_path / name)
        return tmp_path / name

    missing = case("missing")
    os.unlink(missing / "keys" / os.path.basename(keys[0]))
    assert verdict(missing) == 1
    forged = case("forged")
    text = (forged / "keys" / os.path.basename(keys[1])).read_text()
    (forged / "keys" / os.path.basename(keys[1])).write_text(text.replace("postern-key-v1\n2", "postern-key-v1\n3"))
    assert verdict(forged) == 1
    # A chain that was there when a run began cannot be left out, even while nothing else names it.
    gone = case("gone")
    for path in glob.glob(f"{gone}/loop-0*"):
        os.unlink(path)
    assert verdict(gone) == 1


@pytest.mark.parametrize("script, words", [
    ("#!/bin/sh\nexit 3\n", "ended with code 3"),
    ("#!/bin/sh\nexec sleep 60\n", "did not end in time"),
    ("#!/bin/sh\nexec cat /dev/zero\n", "larger than 64 KiB"),
    ("#!/bin/sh\necho nonsense\n", "did not sign with the key"),
    (SCRIPT.replace('-in "$message"', '-in "$0"'), "did not sign with the key"),
], ids=["fails", "hangs", "floods", "nonsense", "something else"])
def test_a_command_that_does_not_sign_keeps_the_gateway_from_starting(make_gateway, script, words):
    gateway = make_gateway(start=False)
    with_service(gateway, script)
    result = subprocess.run(
        [executable(), "serve", "--config", f"{gateway.folder}/postern.yaml"],
        capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
    )
    assert result.returncode == 2 and words in result.stderr
    assert glob.glob(f"{gateway.journal_folder}/keys/*") == []


def test_the_public_key_alone_is_what_the_auditor_needs(make_gateway):
    gateway = make_gateway(start=False)
    public = with_service(gateway)
    gateway.start()
    heads = audit("head", "--public-key", public, gateway.journal_folder)
    assert heads.returncode == 0
    gateway.stop()
    assert audit("verify", "--public-key", public, gateway.journal_folder).returncode == 0
