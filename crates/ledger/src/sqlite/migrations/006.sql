-- Version 6: who may spend what. What is set here beside what the configuration says.
CREATE TABLE budgets (
  name            TEXT PRIMARY KEY,
  scope           TEXT NOT NULL,     -- all, user, user:alice, tag:app, tag:app=bot, …
  limit_pico_usd  INTEGER NOT NULL CHECK (limit_pico_usd >= 0),
  window          TEXT NOT NULL,     -- day, week, month, total, 12h, 30d, …
  action          TEXT NOT NULL,     -- refuse, warn, downgrade:MODEL
  raise_pico_usd  INTEGER,           -- so much more …
  raise_until     INTEGER            -- … until then (microseconds)
) WITHOUT ROWID;
CREATE TABLE plans (
  name            TEXT PRIMARY KEY,
  limit_pico_usd  INTEGER CHECK (limit_pico_usd >= 0), -- NULL: no limit
  window          TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE members (
  kind            TEXT NOT NULL CHECK (kind IN ('user', 'team')),
  name            TEXT NOT NULL,
  plan            TEXT,
  team            TEXT,              -- of a user
  PRIMARY KEY (kind, name)
) WITHOUT ROWID;
-- How often something was changed, so that a running gateway knows when to read it again.
CREATE TABLE revisions (
  what            TEXT PRIMARY KEY,  -- rules
  number          INTEGER NOT NULL
) WITHOUT ROWID;
-- What budgets set aside for attempts in doubt, until they are resolved.
CREATE TABLE holds (
  entry           BLOB PRIMARY KEY,  -- entries.uid
  held_pico_usd   INTEGER NOT NULL CHECK (held_pico_usd >= 0)
) WITHOUT ROWID;
