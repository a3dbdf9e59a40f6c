"""A real OpenID provider as the issuer, whose keys are rotated while jobs come in."""

import jwt
import psycopg
import pytest
from joserfc.jwk import ECKey, RSAKey
from support import glewlwyd, journal
from support.gateway import plain_role
from support.tokens import AUDIENCE
from support.waiting import until


@pytest.fixture
def provider(tmp_path, authority):
    if not glewlwyd.is_installed():
        pytest.skip("glewlwyd is not installed: `make test` does that")
    made = glewlwyd.Glewlwyd(tmp_path, authority, AUDIENCE)
    yield made
    made.stop()


def test_a_provider_s_tokens_get_in_across_a_rotation_and_its_old_ones_do_not(provider, make_gateway, authority):
    first = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
    second = ECKey.generate_key("P-256", {"kid": "second", "use": "sig", "alg": "ES256"})
    provider.sign_with(first)
    token = provider.token()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["aud"] == AUDIENCE
    entry = {
        "profile": "generic", "issuer": provider.issuer, "audience": AUDIENCE, "trust": "all",
        "ca_file": authority.ca, "allow_private": True,
    }
    who = [{"issuer": "glewlwyd", "claims": {"sub": claims["sub"], "azp": AUDIENCE}}]
    gateway = make_gateway(issuers={"glewlwyd": entry}, roles={"app": plain_role() | {"who": who}})

    def enters(token):
        with psycopg.connect(**gateway.plain(token)) as connection:
            return connection.execute("select 1").fetchone() == (1,)

    def header(token):
        return jwt.get_unverified_header(token)

    assert enters(token) and header(token)["kid"] == "first"

    # Another key signs, and is found as soon as somebody brings it. The old one is published no more.
    provider.sign_with(second)
    rotated = provider.token()
    assert (header(rotated)["kid"], header(rotated)["alg"]) == ("second", "ES256")
    assert enters(rotated)
    with pytest.raises(psycopg.OperationalError, match="access refused"):
        psycopg.connect(**gateway.plain(token))
    refused = journal.records(gateway.journal_folder, "session.refused")[-1]
    assert (refused["reason"], refused["unverified_key_id"]) == ("unknown key", "first")
    until(lambda: gateway.metrics()['postern_issuer_keys{issuer="glewlwyd"}'] == 1, what="the one key")
