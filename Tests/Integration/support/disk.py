"""Disks that fail in the way a test wants: small ones, and a shim between a gateway and its journal's files."""

import contextlib
import ctypes
import mmap
import os
import subprocess

import pytest

from .waiting import until

HERE = os.path.dirname(os.path.abspath(__file__))


class _Control(ctypes.Structure):
    """The words of disk_shim.c, in its order."""

    _fields_ = [(name, ctypes.c_int32) for name in (
        "write_error", "write_budget", "write_limit", "write_hold", "truncate_error",
        "sync_error", "sync_inode", "sync_hold", "sync_delay", "held", "held_inode", "passes", "writes", "syncs",
    )]  # fmt: skip


def number(path):
    """A file's inode as the shim has it."""
    return os.stat(path).st_ino & 0x7FFFFFFF


class Disk:
    """What a gateway that was started with `environment` thinks its journal lies on. Acts from one call to the next:
    `disk.words.sync_hold = 1` holds every fdatasync until it is 0 again."""

    def __init__(self, folder):
        folder = str(folder)
        library = f"{folder}/disk_shim.so"
        subprocess.run(
            ["gcc", "-O2", "-Wall", "-shared", "-fPIC", "-o", library, f"{HERE}/disk_shim.c", "-ldl"], check=True)
        self.log = f"{folder}/syncs"
        control = f"{folder}/control"
        with open(control, "w+b") as file:
            file.truncate(ctypes.sizeof(_Control))
            self.memory = mmap.mmap(file.fileno(), ctypes.sizeof(_Control))
        self.words = _Control.from_buffer(self.memory)
        self.environment = {"LD_PRELOAD": library, "DISK_CONTROL": control, "DISK_LOG": self.log}

    def heal(self):
        """Everything works from now on; the counts are kept."""
        for name, _ in _Control._fields_[:9]:
            setattr(self.words, name, 0)

    def pass_one(self):
        """Lets the call that is held do its work; the next one is held again."""
        until(lambda: self.words.held > 0, 5, "a call that is held")
        self.words.passes = 1
        until(lambda: self.words.passes == 0, 5, "a call that passes")

    def is_held(self, path):
        return self.words.held > 0 and self.words.held_inode == number(path)

    def syncs(self):
        """Every fdatasync that succeeded, in order: when, the file's inode, and how many of its bytes it covered."""
        with open(self.log) as file:
            for line in file:
                moment, inode, size = line.split()
                yield float(moment), int(inode), int(size)


@pytest.fixture
def disk(tmp_path):
    made = Disk(tmp_path)
    yield made
    made.heal()


@pytest.fixture
def small_disk(tmp_path):
    """Makes a file system of a few MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    mounted = []

    def make(size):
        folder = tmp_path / f"disk-{len(mounted)}"
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder]
        if subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("mounting is not allowed here")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder, leave=0):
    """Takes all space but `leave` bytes."""
    space = os.statvfs(folder)
    with open(folder / "filler", "wb", buffering=0) as file, contextlib.suppress(OSError):
        file.write(b"x" * (space.f_bavail * space.f_frsize - leave))
