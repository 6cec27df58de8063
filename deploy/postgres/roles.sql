-- The hub's two logins and its database, for psql, once, by a superuser of an empty server:
--   tallyroom      owns the tables and is for migrations alone
--   tallyroom_hub  is what web, worker and beat connect as: a member of tallyroom_app, whose rights the migrations set, so
--                  that it can add to the record and never change it
-- Their passwords are read from the URLs in the files that TALLYROOM_OWNER_URL_FILE and TALLYROOM_DATABASE_URL_FILE name, so
-- that each stands in one place.

\set ON_ERROR_STOP on
\set owner_password `sed -nE 's|^[^:]*://[^:]*:([^@]*)@.*$|\1|p' "$TALLYROOM_OWNER_URL_FILE"`
\set hub_password `sed -nE 's|^[^:]*://[^:]*:([^@]*)@.*$|\1|p' "$TALLYROOM_DATABASE_URL_FILE"`

CREATE ROLE tallyroom_app NOLOGIN;
-- CREATEROLE, since the first migration makes tallyroom_app where nobody has.
CREATE ROLE tallyroom LOGIN CREATEROLE PASSWORD :'owner_password' IN ROLE tallyroom_app;
CREATE ROLE tallyroom_hub LOGIN PASSWORD :'hub_password' IN ROLE tallyroom_app;

CREATE DATABASE tallyroom OWNER tallyroom TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE tallyroom FROM PUBLIC;
GRANT CONNECT ON DATABASE tallyroom TO tallyroom_app;
