#!/bin/sh
# Makes the three databases and their logins in any Postgres 15 or newer. Run it as a superuser; again is harmless.
#
# For each service two logins: `<database>_owner` owns the schema and migrates it, `<database>_app` reads and writes rows
# and can change no table. The inventory's app may not even update or delete in the ledger (see docs/data-model.md).
#
# Connects by the usual PG* variables. Passwords come from files, so that none is in a process list or a log:
# $PASSWORDS/{gateway,inventory,messenger}-{owner,app}-password. A missing file leaves that login without a password.
set -eu

PASSWORDS=${PASSWORDS:-/run/secrets}

password_of() {
  if [ -r "$PASSWORDS/$1-password" ]; then cat "$PASSWORDS/$1-password"; fi
}

ask() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"
}

for service in gateway inventory messenger; do
  database=backroom_$service
  # By standard input and not by arguments, which every user of the machine can read.
  ask --dbname postgres <<SQL
\\set database $database
\\set owner_password '$(password_of "$service-owner")'
\\set app_password '$(password_of "$service-app")'
SELECT format('CREATE ROLE %I LOGIN', :'database' || '_' || kind)
FROM unnest(ARRAY['owner', 'app']) AS kind
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'database' || '_' || kind)
\\gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'database' || '_' || kind, password)
FROM (VALUES ('owner', :'owner_password'), ('app', :'app_password')) AS given (kind, password)
WHERE password <> ''
\\gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'database' || '_owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\\gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'database') \\gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', :'database', :'database' || '_app') \\gexec
SQL
  ask --dbname "$database" <<SQL
ALTER SCHEMA public OWNER TO ${database}_owner;
GRANT USAGE ON SCHEMA public TO ${database}_app;
SQL
done

# Gateway and messenger: the app reads and writes every row of every table the owner makes.
for database in backroom_gateway backroom_messenger; do
  ask --dbname "$database" <<SQL
ALTER DEFAULT PRIVILEGES FOR ROLE ${database}_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${database}_app;
ALTER DEFAULT PRIVILEGES FOR ROLE ${database}_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO ${database}_app;
SQL
done

# Inventory: both logins may become the role that the service works as. Its grants are in the migrations. Made here, so
# that the owner needs no right to create roles.
ask --dbname backroom_inventory <<'SQL'
SELECT 'CREATE ROLE backroom_inventory NOLOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backroom_inventory')
\gexec
GRANT backroom_inventory TO backroom_inventory_owner, backroom_inventory_app;
SQL
