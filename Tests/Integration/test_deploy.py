"""deploy/: what runs in containers, clusters and under systemd, checked as far as that goes without them."""

import glob
import os
import re
import shutil
import ssl
import subprocess
import urllib.request

import kubernetes_validate
import pytest
import yaml
from support import deployment
from support.deployment import DEPLOY, PIPELINES, manifest, manifests, run
from support.gateway import executable
from support.policy_verbs import ROOT
from support.waiting import free_port, until

SCHEMAS = {
    "vendor.compose-spec": f"{DEPLOY}/docker-compose.yaml",
    "vendor.drone-ci": PIPELINES["drone"],
    "vendor.github-workflows": PIPELINES["github"],
    "vendor.gitlab-ci": PIPELINES["gitlab"],
    "vendor.woodpecker-ci": PIPELINES["woodpecker"],
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_file_is_what_its_tool_takes(schema):
    program = f"{ROOT}/.venv/bin/check-jsonschema"
    done = run(program, "--builtin-schema", schema, SCHEMAS[schema])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["gateway.yaml", "migration-job.yaml"])
def test_manifests_are_what_kubernetes_takes(name):
    for document in manifests(name):
        kubernetes_validate.validate(document, "1.37", strict=True)


def check(path):
    return run(executable(), "check", "--config", path)


def copied(folder, text, authority, paths):
    """A configuration whose absolute paths lead below a folder, where what it names is made."""
    certificate, key = authority.issue("deployed")
    for path in set(re.findall(rf"(?:{'|'.join(paths)})[\w./-]*", text)):
        place = f"{folder}{path}"
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if path.endswith(("/journal", "policies/")):
            os.makedirs(place, exist_ok=True)
        elif path.endswith((".crt", ".key")):
            source = authority.ca if path.endswith("ca.crt") else key if path.endswith(".key") else certificate
            shutil.copy(source, place)
        else:
            with open(place, "w") as file:
                file.write("secret\n")
            os.chmod(place, 0o600)
        text = text.replace(path, place)
    return text


def test_the_configuration_of_the_compose_file_is_sound(tmp_path, authority):
    with open(f"{DEPLOY}/compose/postern.yaml") as file:
        text = copied(f"{tmp_path}/root", file.read(), authority, ["/run/secrets/", "/var/lib/postern/"])
    (tmp_path / "postern.yaml").write_text(text)
    shutil.copytree(f"{DEPLOY}/compose/policies", tmp_path / "policies")
    done = check(f"{tmp_path}/postern.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    for verb in ("test", "lint"):
        done = run(executable(), "policy", verb, "--config", f"{tmp_path}/postern.yaml")
        assert done.returncode == 0, done.stdout


def test_the_configuration_of_the_cluster_is_sound(tmp_path, authority):
    maps = {one["metadata"]["name"]: one["data"] for one in manifests("gateway.yaml") if one["kind"] == "ConfigMap"}
    pod = manifest("gateway.yaml", "StatefulSet")["spec"]["template"]["spec"]
    volume, = pod["volumes"]
    made = set()
    for source in volume["projected"]["sources"]:
        kind, = source
        for item in source[kind]["items"]:
            made.add(f"/etc/postern/{item['path']}")
            if kind == "configMap" and source[kind]["name"] in maps:
                os.makedirs(os.path.dirname(f"{tmp_path}/{item['path']}"), exist_ok=True)
                (tmp_path / item["path"]).write_text(maps[source[kind]["name"]][item["key"]])
    text = (tmp_path / "postern.yaml").read_text()
    # What the configuration names is mounted.
    assert set(re.findall(r"/etc/postern/[\w./-]+", text)) <= made
    (tmp_path / "postern.yaml").write_text(
        copied(f"{tmp_path}/root", text, authority, ["/etc/postern/", "/var/lib/postern/"])
    )
    done = check(f"{tmp_path}/postern.yaml")
    assert done.returncode == 0
    # The NetworkPolicy is what lets only the monitoring reach it.
    warnings = re.findall(r"warning: (.*)", done.stderr)
    assert warnings == ["the admin address `0.0.0.0:9187` has neither TLS nor a password"]


def test_every_state_of_the_compose_file_is_in_a_named_volume():
    file = deployment.compose()
    state = {"postgres": "/var/lib/postgresql/data", "gateway": "/var/lib/postern", "issuer": "/var/lib/postern", "drone": "/data"}
    mounted = set()
    for name, path in state.items():
        sources = [volume.split(":")[0] for volume in file["services"][name]["volumes"] if volume.split(":")[1] == path]
        assert len(sources) == 1 and sources[0] in file["volumes"]
        mounted.add(sources[0])
    assert mounted == set(file["volumes"])


def test_the_compose_file_is_of_one_piece():
    file = deployment.compose()
    services = file["services"]
    for name, service in services.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith("./") or os.path.exists(f"{DEPLOY}/{source}"), source
        assert set(service.get("secrets", [])) <= set(file["secrets"]), name
        assert set(service.get("networks", [])) <= set(file["networks"]), name
        assert set(service.get("depends_on", [])) <= set(services), name
    # Nothing but the gateway is on PostgreSQL's network, and nothing of these networks leads out.
    assert [name for name in services if "database" in services[name]["networks"]] == ["postgres", "gateway"]
    assert file["networks"]["database"]["internal"] and file["networks"]["control"]["internal"]
    address = services["gateway"]["networks"]["database"]["ipv4_address"]
    with open(f"{DEPLOY}/compose/postgres/pg_hba.conf") as rules:
        assert re.findall(r"^hostssl.* (\S+)/32", rules.read(), re.M) == [address]
    with open(f"{DEPLOY}/compose/issuer.yaml") as text:
        issuer = yaml.safe_load(text)
    with open(f"{DEPLOY}/compose/postern.yaml") as text:
        gateway = yaml.safe_load(text)
    runner = services["runner"]["environment"]
    assert runner["DRONE_ENV_PLUGIN_ENDPOINT"] == issuer["issuer"] + "/drone/env"
    assert issuer["listen"]["address"].endswith(issuer["issuer"].rsplit(":")[-1])
    assert gateway["issuers"]["drone"]["issuer"] == issuer["issuer"]
    assert gateway["issuers"]["drone"]["audience"] == issuer["audience"]
    assert runner["DRONE_RUNNER_NETWORKS"] == file["networks"]["jobs"]["name"]
    # Jobs find the gateway by the name that their pipeline says.
    assert {job[0]["POSTERN_GATEWAY"] for job in deployment.jobs("drone")} == {"gateway.internal:6432"}
    assert services["gateway"]["networks"]["jobs"]["aliases"] == ["gateway.internal"]


def test_the_manifests_are_of_one_piece():
    labels = {"app.kubernetes.io/name": "postern"}
    gateway = manifest("gateway.yaml", "StatefulSet")["spec"]
    pod = gateway["template"]["spec"]
    container, = pod["containers"]
    assert gateway["template"]["metadata"]["labels"] == gateway["selector"]["matchLabels"] == labels
    assert manifest("gateway.yaml", "PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert manifest("gateway.yaml", "NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for name in ("postern", "postern-pods"):
        service = manifest("gateway.yaml", "Service", name)["spec"]
        assert service["selector"] == labels
        assert all(port["targetPort"] in ports for port in service["ports"])
    assert gateway["serviceName"] == "postern-pods"
    claims = {claim["metadata"]["name"] for claim in gateway["volumeClaimTemplates"]}
    assert claims == {"journal"}
    assert {mount["name"] for mount in container["volumeMounts"]} == claims | {"config"}
    probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")]
    assert [(probe["path"], probe["port"]) for probe in probes] == [
        ("/readyz", "admin"), ("/readyz", "admin"), ("/healthz", "admin"),
    ]
    drain = int(container["args"][container["args"].index("--drain-timeout") + 1].removesuffix("s"))
    assert pod["terminationGracePeriodSeconds"] > drain + 5


def test_the_sidecar_is_one_the_gateway_lets_in():
    job = manifest("migration-job.yaml", "Job")
    pod = job["spec"]["template"]["spec"]
    sidecar, = pod["initContainers"]
    environment = {entry["name"]: entry["value"] for entry in sidecar["env"]}
    service = manifest("gateway.yaml", "Service", "postern")
    port, = service["spec"]["ports"]
    meta = service["metadata"]
    assert environment["POSTERN_GATEWAY"] == f"{meta['name']}.{meta['namespace']}.svc.cluster.local:{port['port']}"
    maps = {one["metadata"]["name"]: one["data"] for one in manifests("gateway.yaml") if one["kind"] == "ConfigMap"}
    role = yaml.safe_load(maps["postern-policies"]["orders.yaml"])["roles"][environment["POSTERN_ROLE"]]
    configuration = yaml.safe_load(maps["postern-config"]["postern.yaml"])
    claims, = [entry["claims"] for entry in role["who"] if entry["issuer"] == "kubernetes"]
    assert claims["/kubernetes.io/namespace"] == job["metadata"]["namespace"]
    assert claims["/kubernetes.io/serviceaccount/name"] == pod["serviceAccountName"]
    token = next(volume for volume in pod["volumes"] if volume["name"] == "token")
    audience = token["projected"]["sources"][0]["serviceAccountToken"]["audience"]
    assert audience == configuration["issuers"]["kubernetes"]["audience"]
    namespace = next(one for one in manifests("migration-job.yaml") if one["kind"] == "Namespace")
    source = manifest("gateway.yaml", "NetworkPolicy")["spec"]["ingress"][0]["from"][0]["namespaceSelector"]
    assert source["matchLabels"].items() <= namespace["metadata"]["labels"].items()


def test_scripts_and_commands_pass_shellcheck(tmp_path):
    run(f"{ROOT}/.ci/install", "shellcheck")
    scripts = deployment.scripts()
    assert len(scripts) >= 10
    for name, text in scripts.items():
        (tmp_path / name.replace("/", "-")).write_text(text)
    done = run("shellcheck", *sorted(glob.glob(f"{tmp_path}/*")))
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_names_what_there_is():
    text = deployment.dockerfile()
    stages = re.split(r"^FROM ", text, flags=re.M)[1:]
    assert [re.match(r"\S+ AS (\S+)", stage).group(1) for stage in stages] == ["build", "postern-job", "gateway"]
    for stage in stages[1:]:
        assert re.search(r"^USER 65532:65532$", stage, re.M)
    with open(f"{DEPLOY}/Dockerfile.dockerignore") as file:
        ignored, *seen = [line.strip() for line in file if not line.startswith("#")]
    sources = re.findall(r"^COPY (?:--chmod=\d+ )?([\w./*-]+) ", text, re.M)
    assert ignored == "*" and [f"!{source.rstrip('*')}" for source in sources] == seen
    for source in sources:
        assert source.endswith("*") or os.path.exists(f"{ROOT}/{source}"), source
    # It is built with what `make setup` installs, and runs with the libraries that the executable asks for.
    with open(f"{ROOT}/Makefile") as file:
        wanted = re.search(r"^PACKAGES := (.*)$", file.read(), re.M).group(1).split()
    assert set(wanted) - {"postgresql-15"} <= set(stages[0].split())
    # The job's executable goes into any image: it is built by what links all but glibc into it.
    assert re.search(r"^RUN (?:.*\\\n)*.*\.ci/build-job ", stages[0], re.M) and ".build-job/release/postern-job" in stages[0]
    libraries = run("ldd", executable()).stdout
    for package in ("libcurl4", "libjwt0", "libpg-query1504.0", "libpq5", "libssl3"):
        assert package in stages[2].split()
        files = run("dpkg", "--listfiles", package).stdout.split()
        assert any(os.path.basename(name) in libraries for name in files if ".so" in name), package


def test_the_health_check_asks_a_gateway(gateway):
    program = f"{DEPLOY}/health-check"
    assert run(program, f"127.0.0.1:{gateway.admin_port}", "/healthz").returncode == 0
    assert run(program, f"127.0.0.1:{gateway.admin_port}", "/nowhere").returncode != 0
    assert run(program, "127.0.0.1:1", "/healthz").returncode != 0


def test_the_sidecar_says_only_what_connect_understands():
    program = os.environ.get("POSTERN_JOB_BIN") or executable()
    told = run(program, "connect", "--help")
    pod = manifest("migration-job.yaml", "Job")["spec"]["template"]["spec"]
    sidecar, = pod["initContainers"]
    verb, *options = sidecar["args"]
    assert verb == "connect"
    for option in options:
        assert option.split("=")[0] in told.stdout
    for entry in sidecar["env"]:
        assert entry["name"] in told.stdout
    files = dict(option.split("=") for option in options if "=" in option)
    assert sidecar["startupProbe"]["exec"]["command"][-1] == files["--ready-file"]
    assert f". {files['--env-file']}" in pod["containers"][0]["args"][0]


def test_the_issuer_of_the_compose_file_starts(tmp_path, authority):
    program = executable()
    with open(f"{DEPLOY}/compose/issuer.yaml") as file:
        text = file.read()
    text = copied(f"{tmp_path}/root", text, authority, ["/run/secrets/", "/var/lib/postern/journal"])
    text = text.replace("/var/lib/postern/keys", f"{tmp_path}/keys")
    port = free_port()
    (tmp_path / "issuer.yaml").write_text(text.replace("0.0.0.0:6480", f"127.0.0.1:{port}"))
    for name in glob.glob(f"{tmp_path}/root/run/secrets/drone*"):
        with open(name, "w") as file:
            file.write("0123456789abcdef0123456789abcdef\n")
    trusted = ssl.create_default_context(cafile=authority.ca)
    log = open(tmp_path / "log", "w+")
    process = subprocess.Popen([program, "issuer", "serve", "--config", f"{tmp_path}/issuer.yaml"], stdout=log, stderr=log)

    def answers():
        assert process.poll() is None, (log.seek(0), log.read())
        try:
            with urllib.request.urlopen(f"https://localhost:{port}/healthz", timeout=5, context=trusted) as reply:
                return reply.status == 200
        except OSError:
            return False

    try:
        until(answers, 20, "the issuer's start")
    finally:
        process.terminate()
        process.wait(20)
        log.close()
