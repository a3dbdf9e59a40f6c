"""`postern exec`: a command with a way to its database and without a credential."""

import os
import re

import pytest
from support import jobs


@pytest.fixture
def job(gateway):
    """The environment of a job with a token in POSTERN_ID_TOKEN."""
    return jobs.with_token(gateway)


def test_a_command_reaches_its_database_by_the_socket_and_by_the_url(job):
    done = jobs.run(job, "sh", "-c", """
        env
        psql -Atc "select 'by the socket ' || current_user"
        psql "$DATABASE_URL" -Atc "select 'by the port ' || current_user"
    """)
    assert done.returncode == 0, done.stderr
    assert "by the socket app" in done.stdout and "by the port app" in done.stdout
    assert "POSTERN_ID_TOKEN" not in done.stdout and job["POSTERN_ID_TOKEN"] not in done.stdout + done.stderr
    assert re.search(r"postern: 2 sessions as app on app: 2 statements \(2 read\), 2 rows, 2 committed", done.stderr)
    folder = re.search(r"^PGHOST=(/.*)$", done.stdout, re.M)[1]
    assert not os.path.exists(folder)


def test_the_exit_code_is_the_commands_own(job):
    assert jobs.run(job, "sh", "-c", "exit 7").returncode == 7
    assert jobs.run(job, "sh", "-c", "kill -TERM $$").returncode == 128 + 15
    missing = jobs.run(job, "/nowhere/program")
    assert missing.returncode == 127 and "cannot run `/nowhere/program`" in missing.stderr
    assert jobs.run(job, "/etc/passwd").returncode == 126
    assert jobs.run(job).returncode == 125
    assert jobs.run(job, "true", options=["--unknown"]).returncode == 125
