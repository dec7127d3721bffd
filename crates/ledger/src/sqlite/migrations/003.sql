-- Version 3: tags stand in the entries, so that contexts do not multiply with them. What the caller
-- chose that has a price is kept (`options`). An own id needs no index: the identity is made of it. And
-- rollups: what entries add up to by series and period, kept in the same transaction as the entries.

DROP VIEW costs;

CREATE TABLE contexts_3 (
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
  batch         INTEGER NOT NULL CHECK (batch IN (0, 1))
);

INSERT INTO contexts_3
SELECT min(id), source, model, served_model, provider, service_tier, region, price_version, key,
       user, team, project, batch
FROM contexts
GROUP BY source, model, served_model, provider, service_tier, region, price_version, key, user, team,
         project, batch;

CREATE TABLE entries_3 (
  seq                 INTEGER PRIMARY KEY,
  at                  INTEGER NOT NULL,
  context             INTEGER NOT NULL REFERENCES contexts (id),
  tags                INTEGER REFERENCES names (id),
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
  metadata            TEXT,
  options             TEXT
);

INSERT INTO entries_3
SELECT seq, at,
       (SELECT new.id FROM contexts_3 AS new
        WHERE new.source = old.source AND new.model = old.model
          AND new.served_model IS old.served_model AND new.provider IS old.provider
          AND new.service_tier IS old.service_tier AND new.region IS old.region
          AND new.price_version IS old.price_version AND new.key IS old.key
          AND new.user IS old.user AND new.team IS old.team AND new.project IS old.project
          AND new.batch = old.batch),
       old.tags, session, status, usage_source, pricing_status, requests, charge_pico_usd,
       saved_pico_usd, input_tokens, cache_read_tokens, output_tokens, moved_unpriced,
       moved_in_doubt, uid, adjusts, content, recorded_at, at_assumed, price_assumed, card, attempt,
       latency_ms, output_limit_tokens, reported_pico_usd, lines, own_id, request_id, response_id,
       metadata, NULL
FROM entries JOIN contexts AS old ON old.id = entries.context
ORDER BY seq;

DROP TABLE entries;
DROP TABLE contexts;
ALTER TABLE contexts_3 RENAME TO contexts;
ALTER TABLE entries_3 RENAME TO entries;

CREATE UNIQUE INDEX contexts_once ON contexts (
  source, model, ifnull(served_model, 0), ifnull(provider, 0), ifnull(service_tier, 0),
  ifnull(region, 0), ifnull(price_version, 0), ifnull(key, 0), ifnull(user, 0), ifnull(team, 0),
  ifnull(project, 0), batch
);
CREATE INDEX entries_at ON entries (at);
CREATE INDEX entries_adjusts ON entries (adjusts) WHERE adjusts IS NOT NULL;

-- What there are series of: `total`, `provider,model`, `user`, …, `tag:app`.
CREATE TABLE families (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

-- The members of a family: their values as a JSON array, in the order of the family's name.
CREATE TABLE series (
  id     INTEGER PRIMARY KEY,
  family INTEGER NOT NULL REFERENCES families (id),
  member TEXT NOT NULL,
  UNIQUE (family, member)
);

-- What the entries of a series in a period add up to. A period is the number of the quarter of an
-- hour (level 0) or of the day (level 1) since 1970 in UTC, or of the month (level 2) since year 0.
-- A sum that does not fit 64 bits is the text of its digits: those columns have no type, because
-- SQLite would make a floating-point number of it.
CREATE TABLE rollups (
  family              INTEGER NOT NULL REFERENCES families (id),
  level               INTEGER NOT NULL,
  period              INTEGER NOT NULL,
  series              INTEGER NOT NULL REFERENCES series (id),
  requests            INTEGER NOT NULL,
  charge_pico_usd     NOT NULL,
  saved_pico_usd      NOT NULL,
  input_tokens        NOT NULL,
  cache_read_tokens   NOT NULL,
  output_tokens       NOT NULL,
  unpriced_requests   INTEGER NOT NULL,
  estimated_requests  INTEGER NOT NULL,
  in_doubt_requests   INTEGER NOT NULL,
  cached_requests     INTEGER NOT NULL,
  failed_requests     INTEGER NOT NULL,
  PRIMARY KEY (family, level, period, series)
) WITHOUT ROWID;

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
