"""No secret is left behind: whole journals, logs, metrics and what jobs read are searched for planted words."""

import os
import resource
import shutil
import tempfile

import psycopg
import pytest
from support import fake_postgres as fake
from support.gateway import Gateway, executable
from support.hostile import counts, hostile, refused, second_server, server  # noqa: F401
from support.matrix import log_in, play
from support.policies import CLASSES, allow, deny, role
from support.postgres import PASSWORD
from support.secrets import Planted, statements
from support.waiting import until
from support.wire import COPY_DONE, SYNC, Closed, Wire, bind, copy_data, describe, execute, parse, query, startup

EVERYTHING = [
    allow(CLASSES, "any", name="all"),
    allow(["DO", "CREATE FUNCTION", "CREATE USER MAPPING", "ALTER USER MAPPING", "CREATE SERVER",
           "CREATE SUBSCRIPTION", "ALTER SUBSCRIPTION", "COPY FROM", "COPY TO", "NOTIFY"], "any", name="more"),
]  # fmt: skip
ROLES = {
    "normalized": role(EVERYTHING),
    "full": role(EVERYTHING, audit={"sql": "full"}),
    "none": role(EVERYTHING, audit={"sql": "none"}),
    "unparsed": role(EVERYTHING, unparsed="allow"),
    "denied": role([deny(CLASSES, name="nothing", message="ask")]),
    "observer": role([allow("read", "public.nothing")], mode="observe"),
    "free": role("unrestricted"),
    "free_full": role("unrestricted", audit={"sql": "full"}),
}
MODES = {user: "full" if "full" in user else "normalized" for user in ROLES}


@pytest.fixture(scope="module")
def watched(tmp_path_factory, postgres, issuer, authority):
    process = Gateway(
        tmp_path_factory.mktemp("privacy"), postgres, issuer, authority, roles=ROLES, start=False,
        gateway={"name": "gw-test"},
    )
    process.start("--log-level", "trace")
    with postgres.superuser("app", autocommit=True) as behind:
        behind.execute("drop table if exists vault; create table vault (word text); alter table vault owner to app")
        behind.execute("""
            create or replace function leak(word text) returns text language plpgsql as
            $$ begin raise notice 'it is %', word; raise exception 'it was %', word; end $$""")
    yield process
    process.stop()


def left_behind(process):
    """Everything that the gateway wrote or shows, by where it is."""
    found = {"log": process.log_text().encode(), "metrics": process.admin("/metrics")[1].encode()}
    found["readyz"] = process.ready()[1].encode()
    for folder, _, names in os.walk(process.journal_folder):
        for name in names:
            if name.endswith((".jsonl", ".state", ".idx", "manifest")):
                with open(f"{folder}/{name}", "rb") as file:
                    found[name] = file.read()
    return found


def holders(found, word):
    return [place for place, data in found.items() if word.encode() in data]


def read_all(job):
    """What the job reads until the gateway or the server is done with it."""
    data = b""
    try:
        while True:
            kind, body = job.receive()
            data += kind.encode() + body
            if kind == "Z":
                return data
    except Closed:
        return data


def test_planted_secrets_are_nowhere(watched, postgres):
    planted = {user: statements() for user in ROLES}
    answers = b""
    for user, secrets in planted.items():
        job = log_in(watched, user)
        with job:
            for secret in secrets:
                job.send(query(secret.text))
                answers += read_all(job)
                job.send(parse(secret.text) + bind() + describe("P") + execute() + SYNC)
                answers += read_all(job)
                play(job, [(query("rollback"), "Z")])
            # Not the statements: what goes with them.
            others = [Planted("SECRET") for _ in range(6)]
            words = [other.word.encode() for other in others]
            job.send(parse("select $1::text || $2::text") + bind(words[:2]) + execute() + SYNC)
            answers += read_all(job)
            job.send(parse("select length($1)") + bind([words[2] + b"\xff"]) + execute() + SYNC)
            answers += read_all(job)
            job.send(query("copy vault from stdin"))
            if user not in ("denied",):
                until_copy(job)
                job.send(copy_data(words[3] + b"\n"), copy_data(words[4] + b"\n"), COPY_DONE)
            answers += read_all(job)
            with postgres.superuser("app", autocommit=True) as behind:
                behind.execute("insert into vault values (%s)", [others[5].word])
            job.send(query("copy vault to stdout") + query("select * from vault"))
            answers += read_all(job) + read_all(job)
            secrets += others
    found = left_behind(watched)
    for user, secrets in planted.items():
        for secret in secrets:
            if MODES[user] in secret.shown:
                continue
            assert not holders(found, secret.word), (user, secret.template, holders(found, secret.word))
    # The search finds what is there: `full` shows what it is to show.
    shown = [s for s in planted["free_full"] if s.shown]
    missing = [secret.template for secret in shown if not holders(found, secret.word)]
    assert not missing, missing
    assert PASSWORD.encode() not in answers and not holders(found, PASSWORD)


def until_copy(job):
    while job.receive()[0] != "G":
        pass


def parts(token):
    """What must be nowhere of a token: its claims and its signature."""
    return [part for part in token.split(".")[1:] if len(part) > 20]


def test_tokens_are_nowhere(watched, issuer):
    good = issuer.token()
    seen = {
        "good": good, "expired": issuer.token(exp=1_600_000_000, iat=1_599_999_000), "forged": issuer.forged(),
        "foreign": issuer.token(repository="acme/other"), "audience": issuer.token(aud="elsewhere"),
        "unsigned": issuer.unsigned() + "c2lnbmF0dXJl", "cut": issuer.token()[:-20], "extra": issuer.token() + ".e30",
    }  # fmt: skip
    passwords = [Planted("SECRET") for _ in range(3)]
    errors = b""
    for token in [*seen.values(), passwords[0].word, f"{passwords[1].word}.{passwords[1].word}.x"]:
        with Wire.plain(watched.plain_port) as job:
            job.send(startup(user="normalized"))
            job.receive()
            job.send(b"p" + (len(token) + 5).to_bytes(4, "big") + token.encode() + b"\0")
            errors += read_all(job)
    # In the wrong place.
    stray = {name: issuer.token() for name in ("application", "sql", "set", "option", "parameter", "database", "name")}
    with log_in(watched, "full", parameters=[("application_name", stray["application"])]) as job:
        job.send(query(f"select '{stray['sql']}'") + query(f"set application_name = '{stray['set']}'"))
        read_all(job), read_all(job)
    url = f"postgresql://u:{passwords[2].word}@h/d"
    with log_in(watched, "normalized", parameters=[("application_name", url)]):
        pass
    for parameters, names in (
        ([("options", f"-c app.key={stray['option']}")], {}), ([("_pq_.key", stray["parameter"])], {}),
        ([], {"database": stray["database"][:63]}), ([], {"user": stray["name"][:63]}),
        ([("options", stray["option"])], {}), ([(stray["parameter"], "x")], {}), ([("_pq_.postern", stray["name"])], {}),
    ):  # fmt: skip
        with Wire.plain(watched.plain_port) as job:
            job.send(startup(parameters, **({"user": "normalized"} | names)))
            kind, body = job.receive()
            if kind == "v":
                kind, body = job.receive()
            if kind == "R":
                job.send(b"p" + (len(good) + 5).to_bytes(4, "big") + good.encode() + b"\0")
                errors += read_all(job)
            else:
                errors += body
    found = left_behind(watched)
    for token in [*seen.values(), *stray.values()]:
        for part in parts(token):
            # A short piece is enough to be looked for in a list of tokens.
            assert not holders(found, part[:40]), part
            assert not holders(found, part[-40:]), part
            assert part.encode() not in errors
    assert not holders(found, stray["name"][10:50]) and not holders(found, stray["database"][10:50])
    for password in passwords:
        assert not holders(found, password.word) and password.word.encode() not in errors
    assert PASSWORD.encode() not in errors


def test_what_a_job_notes_is_kept_and_a_token_in_it_is_not(watched, issuer):
    token, word = issuer.token(), Planted("SECRET")
    with log_in(watched, "normalized", parameters=[("_pq_.postern", "1")]) as job:
        assert job.ask(f"select postern.record('{{\"a\": \"{token}\", \"b\": \"password={word.word}\"}}')") == ["recorded"]
        assert job.ask("show postern.receipt")
    found = left_behind(watched)
    assert not any(holders(found, part) for part in parts(token)) and not holders(found, word.word)
    assert holders(found, '"claimed_by_job":{"a":"[token]","b":"password=[password]"}')


def test_a_denial_tells_the_server_nothing_of_the_text(watched, postgres):
    word = Planted("SECRET")
    with postgres.superuser("app", autocommit=True) as behind, log_in(watched, "denied") as job:
        pid = until(lambda: backend(behind, job), 10, "the backend")
        job.send(query(f"select * from vault where word = '{word.word}'"))
        read_all(job)
        (text,) = behind.execute("select query from pg_stat_activity where pid = %s", [pid]).fetchone()
        assert word.word not in text and "denied by policy" in text


def backend(behind, job):
    found = behind.execute(
        "select pid from pg_stat_activity where application_name like %s", [f"%{job.session}"]
    ).fetchone()
    return found and found[0]


def test_what_a_server_says_at_the_login_is_kept_without_secrets(hostile, server):
    """A pooler that shows its connection string, a server that shows what it was sent."""
    word, token = Planted("SECRET").word, hostile.issuer.token()
    said = f"tried postgresql://u:{word}@h/d and host=h password={word} for {token}"

    def behave(peer):
        peer.startup()
        peer.send(fake.failure(said, "28000"))
        peer.rest()

    record = refused(hostile, server, behave, reason="tried")
    found = left_behind(hostile)
    assert "postgresql://u:[password]@h/d and host=h password=[password] for [token]" in record["reason"]
    assert not holders(found, word) and not any(holders(found, part) for part in parts(token))


NOBODY = 65534


def everybody_reaches(path):
    """Whether any user may run the program."""
    return os.stat(path).st_mode & 0o001 and (path == "/" or everybody_reaches(os.path.dirname(path)))


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's process is needed")
def test_a_gateways_memory_is_its_own(postgres, issuer, authority):
    if not everybody_reaches(executable()):
        pytest.skip("the executable is for root only")
    folder = tempfile.mkdtemp(prefix="postern-memory-")
    try:
        process = Gateway(folder, postgres, issuer, authority, start=False, roles={"app": role(EVERYTHING)})
        settings = process.configuration
        settings["listeners"] = settings["listeners"][:1]
        settings["issuers"]["ci"]["jwks_file"] = shutil.copy(issuer.jwks, folder)
        settings["databases"]["app"]["tls"]["ca_file"] = shutil.copy(authority.ca, folder)
        process.write()
        for path, _, names in os.walk(folder):
            for name in [".", *names]:
                os.chown(f"{path}/{name}", NOBODY, NOBODY)

        def become_nobody():
            resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            os.setgid(NOBODY)
            os.setuid(NOBODY)

        process.start(preexec_fn=become_nobody)
        try:
            pid = process.process.pid
            with open(f"/proc/{pid}/status") as status, open(f"/proc/{pid}/limits") as limits:
                assert f"Uid:\t{NOBODY}\t" in status.read()
                (limit,) = [line.split()[4:6] for line in limits if line.startswith("Max core file size")]
            assert limit == ["0", "0"]
            # What the kernel does not dump belongs to root: not even its own user may trace it.
            assert os.stat(f"/proc/{pid}/environ").st_uid == 0
            with psycopg.connect(**process.plain()) as job:
                assert job.execute("select 1").fetchone() == (1,)
            assert process.metrics()["process_resident_memory_bytes"] > 0
        finally:
            process.stop()
    finally:
        shutil.rmtree(folder)
