#!/usr/bin/env bash
# Makes Postern's logins when the volume is new. PostgreSQL's image runs it once, as its superuser.
set -euo pipefail

secrets=${SECRETS:-/run/secrets}

# make_login NAME CONNECTIONS: the password comes in as a variable of psql, and appears in no process list.
make_login() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<SQL
\set password \`cat '$secrets/$1'\`
create role $1 login password :'password' connection limit $2 nosuperuser nocreatedb nocreaterole;
grant connect on database "$POSTGRES_DB" to $1;
SQL
}

make_login orders_migrator 20
make_login postern_catalog 4

# Others do not even connect; the migrations own what they make.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<SQL
revoke connect, temporary on database "$POSTGRES_DB" from public;
grant usage, create on schema public to orders_migrator;
SQL
