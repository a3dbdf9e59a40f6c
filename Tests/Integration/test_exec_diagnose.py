"""`postern exec --diagnose`: every step to the database, and what is wrong with it."""

import pytest
from support import jobs
from support.waiting import free_port


def diagnose(env):
    return jobs.run(env, options=["--diagnose"])


@pytest.fixture
def job(gateway):
    return jobs.with_token(
        gateway, CI_PROJECT_PATH="acme/app", CI_COMMIT_REF_NAME="main", CI_PIPELINE_SOURCE="push",
        POSTERN_AUDIENCE=jobs.AUDIENCE,
    )


def test_a_job_that_is_let_in(job, gateway):
    done = diagnose(job)
    assert done.returncode == 0 and done.stderr == ""
    for line in ["ci       GitLab CI", "run      repository acme/app, ref main, event push",
                 "token    from the variable POSTERN_ID_TOKEN", "         iss https://ci.postern.test",
                 "         aud postern.test", 'claims   jti "t', '         repository "acme/app"',
                 f"gateway  localhost:{gateway.tls_port} at 127.0.0.1, TLSv1.3, certificate trusted",
                 "login    granted: app on app, PostgreSQL 15."]:
        assert line in done.stdout, line
    assert job["POSTERN_ID_TOKEN"] not in done.stdout and "expires in 3" in done.stdout


def test_a_job_that_is_not(job, gateway, issuer):
    refused = diagnose(job | {"POSTERN_ID_TOKEN": issuer.token(project_id="20", ref="refs/heads/x", ref_type="branch")})
    assert refused.returncode == 1 and "login    none: app on app" in refused.stdout
    assert "the gateway refuses: access refused (session " in refused.stderr
    assert '    claims: {"project_id": "20", "ref": "refs/heads/x", "ref_type": "branch"}' in refused.stderr
    audience = diagnose(job | {"POSTERN_AUDIENCE": "other"})
    assert audience.returncode == 1 and "not for `other`" in audience.stderr and "login    granted" in audience.stdout
    without = diagnose({name: value for name, value in job.items() if name != "POSTERN_ID_TOKEN"})
    assert without.returncode == 1 and "token    none" in without.stdout and "`id_tokens`" in without.stderr
    assert "certificate trusted" in without.stdout and "login    not tried" in without.stdout
    away = diagnose(job | {"POSTERN_GATEWAY": f"localhost:{free_port()}"})
    assert away.returncode == 1 and "cannot reach the gateway" in away.stderr
