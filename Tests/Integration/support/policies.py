"""Roles with rules, as the contract writes them, for tests of what may run."""

from .gateway import plain_role

CLASSES = ["read", "write", "ddl", "role", "function", "misc"]


def role(rules, **more):
    """A role that the jobs of acme/app's main branch may be. All of a test's roles share one login."""
    return plain_role() | {"rules": rules, "shared_login": True} | more


def allow(what, *on, name=None, **more):
    return _rule("allow", what, on, name, more)


def deny(what, *on, name=None, **more):
    return _rule("deny", what, on, name, more)


_made = 0


def _rule(effect, what, on, name, more):
    global _made
    _made += 1
    rule = {"id": name or f"{effect}-{_made}", effect: what}
    if on:
        rule["on"] = on[0] if on == ("any",) else list(on)
    return rule | more
