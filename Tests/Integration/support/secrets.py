"""Secrets planted wherever a job or a server can put one, each with a word of its own to look for."""

import itertools
import secrets

_numbers = itertools.count(1)


class Planted:
    """A place for a secret, and the modes of `audit.sql` that keep it on purpose."""

    def __init__(self, template, shown=()):
        # A word that needs no quotes, is part of no other, and reads the same in every encoding of text.
        self.word = f"hunter{next(_numbers)}x{secrets.token_hex(8)}z"
        self.text = template.replace("SECRET", self.word)
        self.template = template
        self.shown = shown


FULL = ("full",)

# `full` keeps a text as it was, unless it can hold a password.
STATEMENTS = [
    ("select 'SECRET', $$SECRET$$, E'SECRET', U&'SECRET'", FULL),
    ("select /* SECRET */ 1", FULL),
    ("/* SECRET */ select 1 /* SECRET */ -- SECRET", ()),
    ("insert into vault values ('SECRET')", FULL),
    ("do $$ begin perform 'SECRET'; end $$", FULL),
    ("create function g() returns text language sql as 'select ''SECRET'''", FULL),
    ("create function g() returns text language sql return 'SECRET'", FULL),
    ("create view w as select 'SECRET' as x", FULL),
    ("comment on table vault is 'SECRET'", FULL),
    ("notify channel, 'SECRET'", FULL),
    ("copy vault from program 'curl -u x:SECRET http://127.0.0.1/'", FULL),
    ("copy (select 'SECRET') to program 'sh -c SECRET'", FULL),
    ("set app.key = SECRET", FULL),
    ("set local app.key to SECRET, SECRET", FULL),
    ("set app.key = 'SECRET'", FULL),
    ("alter role nobody set app.key = SECRET", FULL),
    ("alter database nowhere set app.key to 'SECRET'", FULL),
    ("select set_config('app.key', 'SECRET', false)", FULL),
    ("set application_name = 'SECRET'", FULL),
    ("prepare p as select 'SECRET'", FULL),
    ("explain select 'SECRET'", FULL),
    ("declare c cursor for select 'SECRET'", FULL),
    ("select 'SECRET' from nowhere", FULL),
    ("select leak('SECRET')", FULL),
    ("begin; select 'SECRET'; rollback", FULL),
    ("delete from vault where word = 'SECRET'", FULL),
    ("alter table vault alter word set default 'SECRET'", FULL),
    ("create table k (x text check (x <> 'SECRET'))", FULL),
    ("alter role nobody valid until 'SECRET'", FULL),
    # Passwords, connection strings, URLs with credentials, tokens by their looks.
    ("create role planted login password 'SECRET'", ()),
    ("create user planted encrypted password $x$SECRET$x$", ()),
    ("alter role app with password 'SECRET'", ()),
    ("alter role current_user PASSWORD U&'SECRET'", ()),
    ("do $$ begin execute 'alter role nobody password ''SECRET'''; end $$", ()),
    ("create user mapping for app server nobody options (user 'x', password 'SECRET')", ()),
    ("alter user mapping for app server nobody options (set password 'SECRET')", ()),
    ("create server s foreign data wrapper f options (host 'h', key 'SECRET')", ()),
    ("create subscription s connection 'host=x password=SECRET' publication p", ()),
    ("alter subscription s connection 'host=x user=SECRET'", ()),
    ("select dblink_connect('host=x password=SECRET')", ()),
    ("select dblink_connect('postgresql://u:SECRET@127.0.0.1/d')", ()),
    ("select 'https://x:SECRET@127.0.0.1/'", ()),
    ("set app.secret = SECRET", ()),
    ("set app.api_token to 'SECRET'", ()),
    ("select set_config('app.password', 'SECRET', false)", ()),
    ("select 'eyJhbGciOiJIUzI1NiJ9.SECRET.SECRET'", ()),
    ("select eyJhbGciOiJIUzI1NiJ9.SECRET.SECRET", ()),
    # Not understood.
    ("select 'SECRET' +", ()),
    ("select 'SECRET", ()),
    ("select $x$SECRET", ()),
    ("select /* SECRET", ()),
    ("select E'SECRET\\", ()),
    ("select 'a\\', 'SECRET' +", ()),
    ("alter role app password SECRET", ()),
    ("alter role app password = SECRET", ()),
    ('create user x password "SECRET"', ()),
    ("create user x identified by SECRET", ()),
    ("set api.key = SECRET SECRET", ()),
    ("1\tSECRET\t2", ()),
    ("SECRET\t1\n\\.", ()),
    ("SECRET", ()),
    ("eyJhbGciOiJIUzI1NiJ9.SECRET.SECRET", ()),
    ("select eyJhbGciOiJIUzI1NiJ9.SECRET.SECRET +", ()),
    ("\\connect postgresql://u:SECRET@h/d", ()),
    ("select json_array('SECRET' returning text null on nothing)", ()),
]


def statements():
    return [Planted(template, shown) for template, shown in STATEMENTS]
