-- Version 4: how good answers were, how far journals are in the ledger, and where entries are.

-- How good an answer was, as somebody said. Never changed or deleted, like entries: the last score of an
-- entry counts.
CREATE TABLE feedback (
  seq              INTEGER PRIMARY KEY,
  entry            BLOB NOT NULL CHECK (length(entry) = 16),
  score_millionths INTEGER NOT NULL CHECK (score_millionths BETWEEN 0 AND 1000000),
  recorded_at      INTEGER NOT NULL
);

CREATE INDEX feedback_entry ON feedback (entry);

-- How far each journal of a gateway is in the ledger, kept in the same transaction as the
-- entries that came through it.
CREATE TABLE journals (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  position INTEGER NOT NULL
) WITHOUT ROWID;

-- Entries are found by their identity through `identities`, a generation of 2^18 entries after the
-- other, so that writing touches the end of the index alone. Nothing else of them changes.

DROP VIEW costs;

CREATE TABLE entries_4 (
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
  uid                 BLOB NOT NULL CHECK (length(uid) = 16),
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

INSERT INTO entries_4 SELECT * FROM entries ORDER BY seq;

DROP TABLE entries;
ALTER TABLE entries_4 RENAME TO entries;

CREATE INDEX entries_at ON entries (at);
CREATE INDEX entries_adjusts ON entries (adjusts) WHERE adjusts IS NOT NULL;

-- Where the entry of an identity is: the first 8 bytes of it, and the number of the entry.
CREATE TABLE identities (
  generation INTEGER NOT NULL REFERENCES generations (number),
  prefix     BLOB NOT NULL,
  seq        INTEGER NOT NULL,
  PRIMARY KEY (generation, prefix, seq)
) WITHOUT ROWID;

-- The generations, 2^18 numbers of entries each; a full one has a filter of its identities.
CREATE TABLE generations (
  number INTEGER PRIMARY KEY,
  filter BLOB
);

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
