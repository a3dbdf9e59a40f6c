"""PostgreSQL's source, for its tests, and the psql of that release: fetched once with apt, kept under .cache/regress.

The installed psql may be a later one, whose output is not what these tests expect: 15.20 leaves out what follows a
failed COPY FROM STDIN in a script, and with it a good part of nine tests.
"""

import glob
import os
import re
import shlex
import shutil
import subprocess
import tarfile
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CACHE = f"{ROOT}/.cache/regress"
PACKAGE = "postgresql-15"
CLIENT = "postgresql-client-15"
# The version that the expectations were made with; the newest one will do where this one is gone.
VERSION = "15.18-0+deb12u1"
FOLDERS = ("src/test/regress/", "src/test/modules/libpq_pipeline/")


class SourceError(Exception):
    """The source cannot be had."""


def folder():
    """The folder with the unpacked tests, fetched if it is not there yet."""
    found = sorted(glob.glob(f"{CACHE}/source-*"))
    return found[-1] if found else _fetch()


def _fetch():
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="fetching-") as work:
        _download(work)
        (archive,) = glob.glob(f"{work}/*.orig.tar.*")
        version = re.search(r"_([^_]+)\.orig\.tar", archive).group(1)
        with tarfile.open(archive) as tar:
            tar.extractall(work, members=_wanted(tar))
        (unpacked,) = glob.glob(f"{work}/postgresql-*/")
        (client,) = glob.glob(f"{work}/{CLIENT}_*.deb")
        _run(["dpkg-deb", "-x", client, f"{work}/client"], work)
        os.makedirs(f"{unpacked}/bin")
        shutil.move(f"{work}/client/usr/lib/postgresql/15/bin/psql", f"{unpacked}/bin")
        # Renaming is what makes the folder count: one half-written is never used.
        shutil.move(unpacked.rstrip("/"), f"{CACHE}/source-{version}")
    return f"{CACHE}/source-{version}"


def _wanted(tar):
    for member in tar:
        inside = member.name.partition("/")[2]
        if inside.startswith(FOLDERS) and (member.isfile() or member.isdir()) and ".." not in inside.split("/"):
            yield member


def _download(work):
    """Runs apt on lists of its own, so that the system's configuration stays as it is."""
    for name in ("lists/partial", "cache/archives/partial"):
        os.makedirs(f"{work}/apt/{name}")
    with open(f"{work}/apt/sources.list", "w") as file:
        file.writelines(f"{line}\n" for line in source_lines())
    apt = [
        "apt-get", "-qq",
        "-o", f"Dir::Etc::sourcelist={work}/apt/sources.list", "-o", "Dir::Etc::sourceparts=-",
        "-o", f"Dir::State::lists={work}/apt/lists", "-o", f"Dir::Cache={work}/apt/cache",
        "-o", "APT::Sandbox::User=root",
    ]  # fmt: skip
    _run(apt + ["update"], work)
    try:
        _download_release(apt, f"={VERSION}", work)
    except SourceError:
        _download_release(apt, "", work)


def _download_release(apt, version, work):
    _run(apt + ["source", "--download-only", f"{PACKAGE}{version}"], work)
    _run(apt + ["download", f"{CLIENT}{version}"], work)


def _run(command, work):
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise SourceError(f"{shlex.join(command[:2])}: {done.stderr.strip() or done.stdout.strip()}")


def source_lines():
    """The deb and deb-src lines of the mirrors that this machine takes its own packages from."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', _text("/etc/os-release"), re.MULTILINE))
    suite = release["VERSION_CODENAME"]
    lines = []
    for path in ("/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*"))):
        read = _stanzas if path.endswith(".sources") else _one_liners
        lines += [
            f"{kind} {options}{uri} {suite} main"
            for options, uri, suites, components in read(_text(path))
            if suite in suites and "main" in components
            for kind in ("deb", "deb-src")
        ]
    if not lines:
        raise SourceError(f"no mirror of {suite} in /etc/apt/sources.list or sources.list.d")
    return list(dict.fromkeys(lines))


def _one_liners(text):
    for options, uri, rest in re.findall(r"^deb(?:-src)?\s+(\[[^]]*\]\s+)?(\S+)[ \t]+(.*)$", text, re.MULTILINE):
        suite, *components = rest.split() or [""]
        signed = re.search(r"signed-by=[^\s\]]+", options)
        yield f"[{signed.group()}] " if signed else "", uri, [suite], components


def _stanzas(text):
    for stanza in re.split(r"\n\s*\n", text):
        fields = {name.lower(): value.split() for name, value in re.findall(r"^([\w-]+):(.*)$", stanza, re.MULTILINE)}
        signed = fields.get("signed-by")
        options = f"[signed-by={signed[0]}] " if signed else ""
        for uri in fields.get("uris", []):
            yield options, uri, fields.get("suites", []), fields.get("components", [])


def _text(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return ""
