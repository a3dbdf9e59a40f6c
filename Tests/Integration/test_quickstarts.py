"""docs/quickstart-*.md: what the admin writes is accepted, what the pipeline says runs and prints what is shown.

With POSTERN_WRITE_DOCS=1 what is printed is written into the pages instead of compared with them.
"""

import json
import os

import pytest
from support.quickstart import Page, Site, Workspace, masked, prepare
from support.token_service import TokenService

SHA = "0123456789abcdef0123456789abcdef01234567"
MAIN = "refs/heads/main"


class GitHub:
    name = "github"
    claims = {
        "sub": f"repo:acme/orders:ref:{MAIN}", "repository": "acme/orders", "repository_id": "123456",
        "repository_owner": "acme", "repository_owner_id": "65", "ref": MAIN, "ref_type": "branch", "sha": SHA,
        "event_name": "push", "run_id": "4711", "run_number": "10", "run_attempt": "1", "actor": "ada", "actor_id": "12",
        "workflow": "migrate", "runner_environment": "github-hosted", "repository_visibility": "private",
    }
    branch = {"sub": "repo:acme/orders:ref:refs/heads/try-this", "ref": "refs/heads/try-this"}

    def __init__(self, page):
        file = page.yaml(".github/workflows/migrate.yml")
        job = file["jobs"]["migrate"]
        # YAML 1.1 reads `on` as a boolean.
        assert file[True]["push"]["branches"] == ["main"] and job["permissions"]["id-token"] == "write"
        self.variables = job["env"]
        self.commands = [step["run"] for step in job["steps"] if "run" in step]

    def environment(self, token, service):
        """What GitHub gives a job with `id-token: write`; without one what it gives the others."""
        common = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REPOSITORY": "acme/orders"}
        if token is None:
            return common
        return common | {"ACTIONS_ID_TOKEN_REQUEST_URL": service(token), "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x"}


class GitLab:
    name = "gitlab"
    claims = {
        "sub": "project_path:acme/orders:ref_type:branch:ref:main", "project_id": "278964", "project_path": "acme/orders",
        "namespace_id": "72", "namespace_path": "acme", "ref": "main", "ref_type": "branch", "ref_path": MAIN,
        "ref_protected": "true", "pipeline_source": "push", "pipeline_id": "574", "job_id": "302", "sha": SHA,
        "job_project_id": "278964", "runner_environment": "gitlab-hosted", "user_login": "ada",
    }
    branch = {"ref": "try-this", "ref_path": "refs/heads/try-this", "ref_protected": "false"}

    def __init__(self, page):
        job = page.yaml(".gitlab-ci.yml")["migrate"]
        assert job["id_tokens"] == {"POSTERN_ID_TOKEN": {"aud": "postern.example.com"}}
        self.variables, self.commands = job["variables"], job["script"]

    def environment(self, token, service):
        return {"GITLAB_CI": "true", "POSTERN_ID_TOKEN": token}


class Drone:
    name = "drone"
    claims = {
        "sub": f"repo:acme/orders:ref:{MAIN}:event:push", "repository": "acme/orders", "repository_id": "42",
        "repository_uid": "5021", "ref": MAIN, "branch": "main", "sha": SHA, "event": "push", "trigger": "@hook",
        "build_number": 7, "build_id": "1001", "parent": 0, "fork": False, "params": False, "protected": False,
        "trusted": False, "drone_host": "drone.example.com", "sender": "ada",
    }
    branch = {"ref": "refs/heads/try-this", "branch": "try-this"}

    def __init__(self, page):
        step = page.yaml(".drone.yml")["steps"][0]
        assert page.yaml(".drone.yml")["trigger"]["event"] == ["push"]
        self.variables = {name: value for name, value in step["environment"].items() if isinstance(value, str)}
        self.commands = step["commands"]
        self.page = page

    def environment(self, token, service):
        return {"DRONE": "true", "DRONE_BUILD_EVENT": "push", "POSTERN_ID_TOKEN": token}


class Woodpecker(Drone):
    name = "woodpecker"
    claims = {name: value for name, value in Drone.claims.items() if name not in ("trigger", "drone_host")} | {
        "woodpecker_host": "ci.example.com",
    }

    def __init__(self, page):
        step = page.yaml(".woodpecker/migrate.yaml")["steps"][0]
        assert step["environment"].pop("POSTERN_ID_TOKEN") == {"from_secret": "POSTERN_ID_TOKEN"}
        self.variables, self.commands = step["environment"], step["commands"]

    def environment(self, token, service):
        return {"CI": "woodpecker", "CI_SYSTEM_NAME": "woodpecker", "POSTERN_ID_TOKEN": token}


class CircleCI:
    name = "circleci"
    claims = {
        "sub": "org/9f1a7c9e-61b5-4a3d-8d6b-0c2f4e5a7b10/project/5b1a0c70-2f8e-4a36-9d8c-3f6b1f6f2a11/user/3e2d",
        "oidc.circleci.com/org-id": "9f1a7c9e-61b5-4a3d-8d6b-0c2f4e5a7b10",
        "oidc.circleci.com/project-id": "5b1a0c70-2f8e-4a36-9d8c-3f6b1f6f2a11",
        "oidc.circleci.com/vcs-origin": "github.com/acme/orders", "oidc.circleci.com/vcs-ref": MAIN,
        "oidc.circleci.com/ssh-rerun": False, "oidc.circleci.com/context-ids": ["1c9d3d5e-6d21-4a55-9a43-0a1f4b5d8e77"],
        "oidc.circleci.com/pipeline-id": "7e3d1f76-4a53-4a5b-8ef5-8b7a3c0d5b19",
        "oidc.circleci.com/workflow-id": "c2a8f7ab-5c3d-4e92-8a1f-96d8a1f0e4b3",
        "oidc.circleci.com/job-id": "a4b7d2c1-0e5f-46a8-b9d3-2c1e7f8a6b54",
    }
    branch = {"oidc.circleci.com/vcs-ref": "refs/heads/try-this"}

    def __init__(self, page):
        file = page.yaml(".circleci/config.yml")
        job = file["jobs"]["migrate"]
        assert file["workflows"]["main"]["jobs"][0]["migrate"]["context"] == "postern"
        self.variables = job["environment"]
        self.commands = [step["run"]["command"] for step in job["steps"] if "run" in step]

    def environment(self, token, service):
        return {"CIRCLECI": "true", "CIRCLE_OIDC_TOKEN_V2": token}


class Buildkite:
    name = "buildkite"
    claims = {
        "sub": f"organization:acme:pipeline:orders:ref:{MAIN}:commit:{SHA}:step:migrate", "organization_slug": "acme",
        "organization_id": "0184990a-477b-4fa8-9968-496074483cee", "pipeline_slug": "orders",
        "pipeline_id": "0184990a-4782-42b5-afc1-16715b10b8ff", "build_number": 7, "build_branch": "main",
        "build_commit": SHA, "build_source": "webhook", "step_key": "migrate", "job_id": "0184990a", "agent_id": "0184",
        "runner_environment": "self-hosted",
    }
    branch = {"build_branch": "try-this"}

    def __init__(self, page):
        file = page.yaml(".buildkite/pipeline.yml")
        self.variables, step = file["env"], file["steps"][0]
        self.commands = [step["command"]]
        self.folder = None

    def environment(self, token, service):
        """The agent's own program makes tokens; it is the runner's, so that one is put into the path."""
        path = self.folder / "bin" / "buildkite-agent"
        wanted = "oidc request-token --claim organization_id,pipeline_id --audience"
        text = f'case "$*" in "{wanted} "*) echo "{token}" ;; *) echo "not as the page says: $*" >&2; exit 1 ;; esac'
        path.unlink(missing_ok=True)
        if token is not None:
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)
        return {"BUILDKITE": "true"}


class Kubernetes:
    name = "kubernetes"
    claims = {
        "sub": "system:serviceaccount:orders:migrate", "aud": ["postern.example.com"],
        "kubernetes.io": {
            "namespace": "orders", "node": {"name": "n1", "uid": "7d4f0c2e"},
            "pod": {"name": "migrate-x7k2p", "uid": "0c5d2f0e-38c1-4a55-9b0c-2f3b7f1d1c44"},
            "serviceaccount": {"name": "migrate", "uid": "b7d8a1c2-5a0b-4c6e-9a35-7f7a1c0f5f0e"}, "warnafter": 1796080200,
        },
    }
    branch = {"kubernetes.io": claims["kubernetes.io"] | {
        "serviceaccount": {"name": "migrate", "uid": "00000000-0000-0000-0000-000000000000"},
    }}  # fmt: skip

    def __init__(self, page):
        pod = page.yaml("migrate-job.yaml")["spec"]["template"]["spec"]
        (container,), (volume, *_) = pod["containers"], pod["volumes"]
        (source,) = [entry["serviceAccountToken"] for entry in volume["projected"]["sources"]]
        assert source["audience"] == "postern.example.com" and pod["serviceAccountName"] == "migrate"
        (mount, *_) = container["volumeMounts"]
        assert f"{mount['mountPath']}/{source['path']}" == "/var/run/secrets/postern/token"
        self.variables = {entry["name"]: entry["value"] for entry in container["env"]}
        self.commands = [" ".join(f"'{word}'" if " " in word else word for word in container["command"])]
        self.folder = None

    def environment(self, token, service):
        """The kubelet's file lies elsewhere here, where a test may write."""
        path = self.folder / "token"
        path.unlink(missing_ok=True)
        if token is not None:
            path.write_text(token)
        return {"POSTERN_TOKEN_FILE": str(path) if token else None}


SYSTEMS = [GitHub, GitLab, Drone, Woodpecker, CircleCI, Buildkite, Kubernetes]


@pytest.fixture(params=SYSTEMS, ids=lambda system: system.name)
def quickstart(request, tmp_path, postgres, authority):
    page = Page(request.param.name)
    system = request.param(page)
    site = Site(page, tmp_path / "admin", postgres, authority)
    prepare(postgres)
    gateway = site.start()
    workspace = Workspace(tmp_path / "job", gateway)
    system.folder = workspace.folder
    services = []

    def service(token):
        made = TokenService(authority, site.issuer)
        made.answer = lambda audience: (200, {}, json.dumps({"value": token(audience)}).encode())
        services.append(made)
        return made.url

    def run(claims=None, audience=None, token=True, **changes):
        made = site.token(system.claims | (claims or {}), audience) if token else None
        if system.name == "github" and token:
            made = lambda asked: site.token(system.claims | (claims or {}), audience or asked)  # noqa: E731
        variables = system.variables | system.environment(made, service) | changes
        if "POSTERN_CA_FILE" in variables and variables["POSTERN_CA_FILE"].startswith("/"):
            variables["POSTERN_CA_FILE"] = gateway.authority.ca
        return workspace.run(system.commands, variables)

    yield page, site, run, system
    gateway.stop()
    for made in services:
        made.stop()


def test_a_page_does_what_it_says(quickstart, postgres, tmp_path):
    page, site, run, system = quickstart
    # What the admin writes.
    checked = site.postern("check", "--config", "postern.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = site.postern("policy", "test", "--config", "postern.yaml", "policies")
    assert tested.returncode == 0 and "PASS" in tested.stdout, tested.stdout + tested.stderr
    linted = site.postern("policy", "lint", "--config", "postern.yaml", "policies")
    assert linted.returncode == 0, linted.stdout + linted.stderr

    if "issuer.yaml" in page.files:
        checked = site.postern("issuer", "check", "--config", "issuer.yaml")
        assert checked.returncode == 0, checked.stdout + checked.stderr

    # A first run.
    summary = tmp_path / "summary.md"
    done = run(GITHUB_STEP_SUMMARY=str(summary) if system.name == "github" else None)
    assert done.returncode == 0, done.stderr
    with postgres.superuser("orders") as connection:
        connection.execute("select note from orders")
    if system.name == "github":
        assert "### Postern: orders_migrator on orders" in summary.read_text()

    # What goes wrong: no token, another branch, a token for somebody else.
    failures = [run(token=False), run(claims=system.branch), run(audience="somebody.else")]
    assert all(failed.returncode != 0 for failed in failures)
    printed = [outcome.stderr for outcome in (done, *failures)]
    if os.environ.get("POSTERN_WRITE_DOCS"):
        page.write(printed)
    else:
        assert [masked(text) for text in printed] == page.printed


def test_every_page_is_linked_and_no_page_is_untested():
    root = os.path.join(os.path.dirname(__file__), "..", "..")
    pages = sorted(name for name in os.listdir(f"{root}/docs") if name.startswith("quickstart-"))
    assert pages == sorted(f"quickstart-{system.name}.md" for system in SYSTEMS)
    with open(f"{root}/README.md") as file:
        readme = file.read()
    assert all(f"docs/{name}" in readme for name in pages)
