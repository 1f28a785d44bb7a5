#!/bin/sh
# Makes the three databases and their logins in any Postgres 15 or newer. Run it as a superuser; again is harmless.
#
#   deploy/postgres/databases.sh            connects by the usual PG* variables
#   deploy/postgres/databases.sh --print    prints what psql is to read, for a Postgres that lets in only its own user
#
# For each service two logins: `<database>_owner` owns the schema and migrates it, `<database>_app` reads and writes rows
# and can change no table. The inventory's app may not even update or delete in the ledger (see docs/data-model.md).
#
# Passwords come from files, $PASSWORDS/{gateway,inventory,messenger}-{owner,app}-password, and go to psql by its standard
# input: none is in a process list or a log. A missing file leaves that login without a password.
set -eu

PASSWORDS=${PASSWORDS:-/run/secrets}

password_of() {
  if [ -r "$PASSWORDS/$1-password" ]; then cat "$PASSWORDS/$1-password"; fi
}

login() { # NAME PASSWORD
  cat <<SQL
SELECT 'CREATE ROLE $1 LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$1') \\gexec
SQL
  if [ -n "$2" ]; then echo "ALTER ROLE $1 PASSWORD '$2';"; fi
}

statements() {
  echo '\set QUIET on'
  for service in gateway inventory messenger; do
    database=backroom_$service
    login "${database}_owner" "$(password_of "$service-owner")"
    login "${database}_app" "$(password_of "$service-app")"
    cat <<SQL
SELECT 'CREATE DATABASE $database OWNER ${database}_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$database') \\gexec
REVOKE ALL ON DATABASE $database FROM PUBLIC;
GRANT CONNECT ON DATABASE $database TO ${database}_app;
\\connect $database
ALTER SCHEMA public OWNER TO ${database}_owner;
GRANT USAGE ON SCHEMA public TO ${database}_app;
SQL
    if [ "$service" != inventory ]; then
      # The app reads and writes every row of every table that the owner makes.
      cat <<SQL
ALTER DEFAULT PRIVILEGES FOR ROLE ${database}_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${database}_app;
ALTER DEFAULT PRIVILEGES FOR ROLE ${database}_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO ${database}_app;
SQL
    else
      # Both logins may become the role that the service works as; its grants are in the migrations. The role is made
      # here, so that the owner needs no right to make roles.
      cat <<'SQL'
SELECT 'CREATE ROLE backroom_inventory NOLOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backroom_inventory') \gexec
SET client_min_messages = warning;
GRANT backroom_inventory TO backroom_inventory_owner, backroom_inventory_app;
SQL
    fi
  done
}

if [ "${1:-}" = --print ]; then
  statements
else
  statements | psql --no-psqlrc --set ON_ERROR_STOP=1 --dbname postgres
fi
