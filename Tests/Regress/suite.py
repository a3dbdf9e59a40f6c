"""PostgreSQL's regression suite, run by its own driver over one route."""

import os
import re
import shutil
import signal
import subprocess

import routes

DRIVER = "/usr/lib/postgresql/15/lib/pgxs/src/test/regress/pg_regress"
SECONDS = 900

# The tests of `run.py --short`: what the protocol and the session have most to do with, and what these need.
SHORT = set(
    """
    test_setup boolean text numeric strings unicode encoding txid copy copyselect copydml insert create_function_c
    create_misc create_table create_index create_aggregate triggers select errors infinite_recurse transactions
    portals prepared_xacts privileges password rowsecurity async psql psql_crosstab guc json jsonb plancache plpgsql
    copy2 temp prepare conversion largeobject with returning xml event_trigger
    """.split()
)


class SuiteError(Exception):
    """The suite could not be run to its end."""


def stage(source, library, folder):
    """Copies the suite to where the server's user may read it, and returns the folder."""
    inputs = f"{folder}/suite"
    shutil.copytree(f"{source}/src/test/regress", inputs)
    shutil.copy(library, inputs)
    return inputs


def short_schedule(inputs):
    """Writes the schedule without all tests but the short ones; who runs beside whom stays as it was."""
    shortened = []
    with open(f"{inputs}/parallel_schedule") as file:
        for line in re.findall(r"^test:(.*)$", file.read(), re.MULTILINE):
            kept = [name for name in line.split() if name in SHORT]
            if kept:
                shortened.append(f"test: {' '.join(kept)}\n")
    path = f"{inputs}/short_schedule"
    with open(path, "w") as file:
        file.writelines(shortened)
    return path


def tests_of(schedule):
    """The names of a schedule's tests, in order."""
    with open(schedule) as file:
        lines = re.findall(r"^test:(.*)$", file.read(), re.MULTILINE)
    return [name for line in lines for name in line.split()]


def run(route, binaries, inputs, schedule):
    """Runs the schedule with the psql in `binaries` and returns the folder with what each test printed."""
    outputs = f"{route.folder}/output"
    # The server writes here too, as its own user.
    for path in (outputs, f"{outputs}/results"):
        os.makedirs(path)
        os.chmod(path, 0o777)
    command = [
        DRIVER, "--use-existing", f"--bindir={binaries}", f"--inputdir={inputs}", f"--outputdir={outputs}",
        f"--dlpath={inputs}", f"--schedule={schedule}", f"--dbname={routes.DATABASE}",
        f"--host={route.host}", f"--port={route.port}", f"--user={routes.USER}",
    ]  # fmt: skip
    with open(f"{route.folder}/driver.log", "w") as log:
        driver = subprocess.Popen(
            command, cwd=outputs, env=route.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        try:
            status = driver.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise SuiteError(f"{route.name}: not done within {SECONDS} s") from None
        finally:
            if driver.poll() is None:
                os.killpg(driver.pid, signal.SIGKILL)
                driver.wait()
    # 1 says that results are not those that PostgreSQL expects, which is not the question here.
    if status not in (0, 1):
        with open(f"{route.folder}/driver.log", errors="replace") as log:
            raise SuiteError(f"{route.name}: pg_regress ended with {status}:\n{log.read()[-4000:]}")
    return f"{outputs}/results"


def as_expected(route):
    """The names of the tests whose results PostgreSQL's own expectations match."""
    with open(f"{route.folder}/driver.log", errors="replace") as log:
        return set(re.findall(r"^(?:test|    )\s*(\w[\w.]*)\s+\.\.\. ok\b", log.read(), re.MULTILINE))
