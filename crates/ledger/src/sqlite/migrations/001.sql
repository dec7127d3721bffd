-- Version 1. Users read this schema with their own tools: docs/schema.md explains every column.
-- Money is whole picodollars, times are microseconds since 1970 in UTC. Nothing here needs a SQLite
-- newer than 3.9, so that the tools of old systems read it too.

-- Each text that many entries share, once.
CREATE TABLE names (
  id   INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  UNIQUE (kind, text)
);

-- What whole series of entries have in common, once: who and what for, which model, on what terms.
CREATE TABLE contexts (
  id            INTEGER PRIMARY KEY,
  source        INTEGER NOT NULL REFERENCES names (id),
  model         INTEGER NOT NULL REFERENCES names (id),
  served_model  INTEGER REFERENCES names (id),
  provider      INTEGER REFERENCES names (id),
  service_tier  INTEGER REFERENCES names (id),
  region        INTEGER REFERENCES names (id),
  price_version INTEGER REFERENCES names (id),
  key           INTEGER REFERENCES names (id),
  user          INTEGER REFERENCES names (id),
  team          INTEGER REFERENCES names (id),
  project       INTEGER REFERENCES names (id),
  tags          INTEGER REFERENCES names (id),
  batch         INTEGER NOT NULL CHECK (batch IN (0, 1))
);

-- A missing name counts as 0 here, because NULLs would all be different.
CREATE UNIQUE INDEX contexts_once ON contexts (
  source, model, ifnull(served_model, 0), ifnull(provider, 0), ifnull(service_tier, 0),
  ifnull(region, 0), ifnull(price_version, 0), ifnull(key, 0), ifnull(user, 0), ifnull(team, 0),
  ifnull(project, 0), ifnull(tags, 0), batch
);

-- The rates that charges were computed with, once for each content.
CREATE TABLE cards (
  id      INTEGER PRIMARY KEY,
  content TEXT NOT NULL UNIQUE
);

-- The entries. What reports add up stands first, because SQLite reads a row from its start.
CREATE TABLE entries (
  seq                 INTEGER PRIMARY KEY,
  at                  INTEGER NOT NULL,
  context             INTEGER NOT NULL REFERENCES contexts (id),
  session             INTEGER REFERENCES names (id),
  status              INTEGER NOT NULL,
  usage_source        INTEGER NOT NULL,
  pricing_status      INTEGER NOT NULL,
  requests            INTEGER NOT NULL,
  charge_pico_usd     INTEGER NOT NULL,
  saved_pico_usd      INTEGER NOT NULL,
  input_tokens        INTEGER NOT NULL,
  cache_read_tokens   INTEGER NOT NULL,
  output_tokens       INTEGER NOT NULL,
  moved_unpriced      INTEGER NOT NULL,
  moved_in_doubt      INTEGER NOT NULL,
  uid                 BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
  adjusts             BLOB CHECK (length(adjusts) = 16),
  content             INTEGER NOT NULL,
  recorded_at         INTEGER NOT NULL,
  at_assumed          INTEGER NOT NULL CHECK (at_assumed IN (0, 1)),
  price_assumed       INTEGER NOT NULL CHECK (price_assumed IN (0, 1)),
  card                INTEGER REFERENCES cards (id),
  attempt             INTEGER NOT NULL,
  latency_ms          INTEGER,
  output_limit_tokens INTEGER,
  reported_pico_usd   INTEGER,
  lines               TEXT NOT NULL,
  own_id              TEXT,
  request_id          TEXT,
  response_id         TEXT,
  metadata            TEXT
);

CREATE INDEX entries_at ON entries (at);
CREATE INDEX entries_adjusts ON entries (adjusts) WHERE adjusts IS NOT NULL;
-- The end of an id tells it from others as well as the whole does, at a fraction of the bytes.
CREATE INDEX entries_own_id ON entries (substr(own_id, -8)) WHERE own_id IS NOT NULL;

-- One row an attempt, its adjustments folded in. What has no price has no cost: NULL, never 0.
-- Each adjustment leads from one charge that fits 64 bits to another, so their sum fits, too.
CREATE VIEW costs AS
WITH adjusted AS (
  SELECT adjusts,
         sum(charge_pico_usd) AS charge_pico_usd,
         sum(input_tokens)    AS input_tokens,
         sum(output_tokens)   AS output_tokens,
         min(pricing_status)  AS pricing_status
  FROM entries INDEXED BY entries_adjusts
  WHERE adjusts IS NOT NULL
  GROUP BY adjusts
), attempts AS (
  SELECT e.*,
         e.charge_pico_usd + ifnull(a.charge_pico_usd, 0) AS total_pico_usd,
         e.input_tokens + ifnull(a.input_tokens, 0) AS total_input_tokens,
         e.output_tokens + ifnull(a.output_tokens, 0) AS total_output_tokens,
         min(e.pricing_status, ifnull(a.pricing_status, 2)) AS best_pricing_status
  FROM entries AS e LEFT JOIN adjusted AS a ON a.adjusts = e.uid
  WHERE e.adjusts IS NULL
), priced AS (
  SELECT *, CASE WHEN best_pricing_status < 2 OR total_pico_usd <> 0 THEN total_pico_usd END
         AS cost_pico_usd
  FROM attempts
)
SELECT ifnull(p.own_id, lower(hex(p.uid)))                    AS id,
       datetime(p.at / 1000000, 'unixepoch')                  AS timestamp,
       model.text                                             AS model,
       p.total_input_tokens                                   AS input_tokens,
       p.total_output_tokens                                  AS output_tokens,
       p.total_input_tokens + p.total_output_tokens           AS total_tokens,
       p.cost_pico_usd / 1e12                                 AS cost_usd,
       (SELECT text FROM names AS user WHERE user.id = c.user) AS user_id,
       (SELECT text FROM names AS key WHERE key.id = c.key)   AS api_key_hash,
       p.metadata                                             AS metadata,
       p.cost_pico_usd                                        AS cost_pico_usd
FROM priced AS p
JOIN contexts AS c ON c.id = p.context
JOIN names AS model ON model.id = c.model;
