#!/bin/sh
# The server's own role, which no wall lets through, and its database; PostgreSQL's image runs this once.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$SUIXIN_DATABASE_PASSWORD" --username "${POSTGRES_USER:-postgres}" <<'SQL'
CREATE ROLE suixin LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE suixin OWNER suixin TEMPLATE template0 ENCODING 'UTF8';
SQL
