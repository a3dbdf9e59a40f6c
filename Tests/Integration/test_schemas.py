"""The JSON Schemas of docs/schema/ agree with `postern check` wherever a schema can tell."""

import copy
import glob
import json
import os
import re
import subprocess

import jsonschema
import pytest
import yaml
from support.gateway import executable

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


class Core(yaml.SafeLoader):
    """What Postern reads: `true`, `false`, `null` and JSON's numbers; all else is text."""


Core.yaml_implicit_resolvers = {}
Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(null|)$"), ["n", ""])
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))


def validator(name):
    with open(f"{ROOT}/docs/schema/{name}.schema.json") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def load(text):
    return yaml.load(text, Loader=Core)


def kind(path):
    if path.endswith("_test.yaml"):
        return "policy-test"
    return "policy" if "policies" in path else "postern"


EXAMPLES = sorted([f"{ROOT}/deploy/postern.yaml", *glob.glob(f"{ROOT}/policies/**/*.yaml", recursive=True)])


@pytest.mark.parametrize("path", EXAMPLES, ids=os.path.basename)
def test_the_examples_fit_the_schema_that_they_name(path):
    with open(path) as file:
        text = file.read()
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named, "no line leads an editor to the schema"
    target = os.path.normpath(os.path.join(os.path.dirname(path), named.group(1)))
    assert target == f"{ROOT}/docs/schema/{kind(path)}.schema.json"
    assert [error.message for error in validator(kind(path)).iter_errors(load(text))] == []


CONFIGURATION = """\
gateway: {name: gw-1}
listeners:
  - {address: "127.0.0.1:6432"}
issuers:
  ci: {profile: generic, issuer: "https://ci.example.com", audience: postern.example.com}
databases:
  orders:
    hosts: [db.internal:5432]
    logins: {migrator: {password: {file: secret}}, reader: {password: {env: HOME}}}
    catalog_login: reader
policies: policies/
audit: {directory: journal}
"""
POLICY = """\
roles:
  migrator:
    database: orders
    login: migrator
    who:
      - {issuer: ci, claims: {ref: refs/heads/main}}
    rules:
      - {id: read, allow: read, on: ["public.*"]}
      - {id: drop, deny: [DROP TABLE, TRUNCATE]}
"""
TESTS = """\
tests:
  - {name: a, role: migrator, issuer: ci, claims: {ref: refs/heads/main}, sql: select 1, expect: allow, rule: read}
  - {name: b, role: migrator, issuer: ci, claims: {}, expect: refused, reason: r}
"""
MISSING = object()

# Each changes one value: the path to it, and what stands there instead.
CONFIGURATION_CASES = [
    (("gateway", "name"), "a b"), (("gateway", "loops"), 0), (("gateway", "loops"), "two"), (("gateway", "loops"), 4),
    (("gatewey",), {}), (("policies",), MISSING), (("listeners",), []), (("listeners", 0, "address"), "127.0.0.1"),
    (("listeners", 0, "address"), "unix:/run/x.sock"), (("listeners", 0, "address"), "[::1]:6432"),
    (("listeners", 0, "authentication"), "oauthbearer"), (("listeners", 0, "authentication"), "oauth"),
    (("listeners", 0, "tls"), {"certificate": "secret"}),
    (("listeners", 0, "tls"), {"certificate": "secret", "key": "secret"}),
    (("issuers", "ci", "profile"), "gitlab"), (("issuers", "ci", "profile"), "githob"),
    (("issuers", "ci"), {"profile": "gitlab", "issuer": "https://x.test", "audience": "a", "trust": "all"}),
    (("issuers", "ci"), {"profile": "generic", "issuer": "https://x.test", "audience": "a", "trust": "all"}),
    (("issuers", "ci", "issuer"), "http://ci.example.com"),
    (("issuers", "ci", "issuer"), "https://ci.example.com?x"), (("issuers", "ci", "audience"), MISSING),
    (("issuers", "ci", "clock_skew"), "5s"), (("issuers", "ci", "clock_skew"), 5), (("issuers", "ci", "clock_skew"), "5y"),
    (("issuers", "ci", "algorithms"), ["HS256"]), (("issuers", "ci", "algorithms"), ["ES256", "EdDSA"]),
    (("issuers", "ci", "trust"), "none"), (("issuers", "ci", "trust"), {"claim": "event"}),
    (("issuers", "ci", "trust"), {"claim": "event", "values": ["push", {"glob": "tag-*"}]}),
    (("issuers", "ci", "allow_private"), "yes"), (("issuers", "ci", "allow_private"), True),
    (("issuers", "Ci"), {"profile": "generic", "issuer": "https://x", "audience": "a"}),
    (("databases", "orders", "hosts"), "db:5432"), (("databases", "orders", "hosts"), ["db"]),
    (("databases", "orders", "target_session_attrs"), "primary"), (("databases", "orders", "tls"), {"mode": "require"}),
    (("databases", "orders", "tls"), {"mode": "verify-ca", "negotiation": "direct"}),
    (("databases", "orders", "auth_methods"), ["gss"]), (("databases", "orders", "connections"), 0),
    (("databases", "orders", "search_path"), ["pg_catalog"]), (("databases", "orders", "search_path"), ["pg_temp_3"]),
    (("databases", "orders", "search_path"), ['"$user"']), (("databases", "orders", "search_path"), ["app", "public"]),
    (("databases", "orders", "logins"), {}), (("databases", "orders", "logins", "migrator", "password"), "hunter2"),
    (("databases", "orders", "logins", "migrator", "password"), {}),
    (("databases", "orders", "logins", "migrator", "password"), {"file": "secret", "env": "HOME"}),
    (("databases", "orders", "logins", "migrator", "password"), {"file": "secret", "ttl": "5m"}),
    (("databases", "orders", "logins", "migrator", "password"), {"command": ["x", ""], "ttl": "5m"}),
    (("databases", "orders", "logins", "migrator", "password"), {"env": "A-B"}),
    (("databases", "orders", "catalog_login"), 5), (("audit", "sync"), "never"), (("audit", "rotate_size"), "1MiB"),
    (("audit", "rotate_size"), "1MB"), (("audit", "retain"), "400d"), (("audit", "retain"), 400),
    (("audit", "signing_key"), {}), (("audit", "signing_key"), {"command": ["kms"]}),
    (("audit", "signing_key"), {"command": ["kms"], "public_key": "secret"}),
    (("audit", "signing_key"), {"file": "secret", "public_key": "secret"}),
    (("audit", "signing_key"), {"file": "secret", "command": ["kms"], "public_key": "secret"}),
    (("admin",), {"address": "127.0.0.1:9187"}),
    (("admin",), {}), (("limits",), {"connections": 0}), (("limits",), {"login_timeout": "4s"}),
    (("limits",), {"prepared": 0}), (("limits",), {"prepared": 5}),
]
ROLE = ("roles", "migrator")
POLICY_CASES = [
    (("roles", "Migrator"), {}), ((*ROLE, "who"), MISSING), ((*ROLE, "rules"), MISSING),
    ((*ROLE, "rules"), "unrestricted"), ((*ROLE, "rules"), "unrestrained"), ((*ROLE, "rules"), []),
    ((*ROLE, "rules", 0, "id"), MISSING), ((*ROLE, "rules", 0, "id"), "Read"), ((*ROLE, "rules", 0, "on"), MISSING),
    ((*ROLE, "rules", 0, "deny"), "write"), ((*ROLE, "rules", 0, "allow"), MISSING),
    ((*ROLE, "rules", 0, "allow"), "select"), ((*ROLE, "rules", 0, "allow"), ["SELECT", "COPY", "DISCARD"]),
    ((*ROLE, "rules", 0, "allow"), []), ((*ROLE, "rules", 0, "on"), "any"), ((*ROLE, "rules", 0, "on"), "orders"),
    ((*ROLE, "rules", 0, "on"), ["schema:audit", "function:public.f", 'public."My.Table"', '"A"."B"', "*.*"]),
    ((*ROLE, "rules", 0, "on"), []), ((*ROLE, "rules", 0, "require_where"), True),
    ((*ROLE, "rules", 1, "require_where"), True), ((*ROLE, "rules", 1, "require_where"), False),
    ((*ROLE, "rules", 1, "message"), "ask"), ((*ROLE, "rules", 1, "message"), "x" * 501),
    ((*ROLE, "rules", 1, "where"), "x"), ((*ROLE, "mode"), "observe"), ((*ROLE, "mode"), "watch"),
    ((*ROLE, "functions"), ["public.f", "pg_catalog.pg_sleep", '"App".f', "nextval"]),
    ((*ROLE, "functions"), ["a.b.c"]),
    ((*ROLE, "functions"), ["public.*"]), ((*ROLE, "functions"), ["public.F"]),
    ((*ROLE, "search_paths"), [["audit"], []]), ((*ROLE, "search_paths"), ["audit"]),
    ((*ROLE, "search_paths"), [["pg_catalog"]]), ((*ROLE, "unparsed"), "allow"), ((*ROLE, "unparsed"), True),
    ((*ROLE, "large_objects"), True), ((*ROLE, "audit"), {"sql": "full"}), ((*ROLE, "audit"), {"sql": "some"}),
    ((*ROLE, "limits"), {"statement": "15m", "statement_size": "2MiB", "rows_changed": 0}),
    ((*ROLE, "limits"), {"rows_changed": -1}), ((*ROLE, "limits"), {"statement": 15}),
    ((*ROLE, "single_use"), True), ((*ROLE, "single_use"), "once"), ((*ROLE, "max_token_age"), "5m"),
    ((*ROLE, "max_token_age"), 5), ((*ROLE, "client_networks"), ["10.0.0.0/8", "unix"]), ((*ROLE, "client_networks"), []),
    ((*ROLE, "client_networks"), "unix"), ((*ROLE, "end_with_token"), True),
    ((*ROLE, "who", 0, "untrusted"), True), ((*ROLE, "who", 0, "certificate"), "x"),
    ((*ROLE, "who", 0, "certificate"), {}), ((*ROLE, "who", 0, "certificate"), {"subject": 5}),
    ((*ROLE, "who", 0, "certificate"), {"serial": "x"}), ((*ROLE, "who", 0, "certificate"), {"dns": {"contains": "x"}}),
    ((*ROLE, "who", 0, "claims"), {}), ((*ROLE, "who", 0, "claims"), {"a": []}),
    ((*ROLE, "who", 0, "claims"), {"a": [["b"]]}), ((*ROLE, "who", 0, "claims"), {"a": None}),
    ((*ROLE, "who", 0, "claims"), {"a": 74, "b": False, "c": ["x", {"glob": "y*"}], "d": {"contains": {"glob": "z"}}}),
    ((*ROLE, "who", 0, "claims"), {"a": {"blog": "x"}}), ((*ROLE, "who", 0, "claims"), {"a": {"contains": {"contains": 1}}}),
]


def changed(text, path, value):
    document = load(text)
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = copy.deepcopy(value)
    return document


def accepts(folder, configuration, policy):
    """Whether `postern check` finds no mistake. JSON is YAML."""
    (folder / "policies").mkdir(exist_ok=True)
    (folder / "secret").write_text("x")
    (folder / "secret").chmod(0o600)
    (folder / "postern.yaml").write_text(json.dumps(configuration))
    (folder / "policies" / "a.yaml").write_text(json.dumps(policy))
    done = subprocess.run(
        [executable(), "check", "--config", f"{folder}/postern.yaml"], capture_output=True, text=True, timeout=20
    )
    return done.returncode == 0


def test_the_sound_files_are_sound_to_both(tmp_path):
    assert accepts(tmp_path, load(CONFIGURATION), load(POLICY))
    assert validator("postern").is_valid(load(CONFIGURATION))
    assert validator("policy").is_valid(load(POLICY))
    assert validator("policy-test").is_valid(load(TESTS))


def test_schema_and_check_agree_on_configurations(tmp_path):
    schema = validator("postern")
    disagreed = []
    for path, value in CONFIGURATION_CASES:
        document = changed(CONFIGURATION, path, value)
        if schema.is_valid(document) != accepts(tmp_path, document, load(POLICY)):
            disagreed.append((path, value, schema.is_valid(document)))
    assert disagreed == []


def test_schema_and_check_agree_on_policies(tmp_path):
    schema = validator("policy")
    disagreed = []
    for path, value in POLICY_CASES:
        document = changed(POLICY, path, value)
        if schema.is_valid(document) != accepts(tmp_path, load(CONFIGURATION), document):
            disagreed.append((path, value, schema.is_valid(document)))
    assert disagreed == []


@pytest.mark.parametrize(
    "path, value, sound",
    [
        ((0, "name"), MISSING, False), ((0, "expect"), "allowed", False), ((0, "expect"), "deny", True),
        ((0, "expect"), "refused", False), ((0, "would"), "deny", True), ((0, "reason"), "x", False),
        ((0, "sql"), MISSING, False), ((1, "rule"), "x", False), ((1, "sqlstate"), "42501", False),
        ((0, "claims"), ["x"], False), ((0, "tag"), "x", False),
    ],
)
def test_tests_are_held_to_what_goes_with_what(path, value, sound):
    assert validator("policy-test").is_valid(changed(TESTS, ("tests", *path), value)) == sound
