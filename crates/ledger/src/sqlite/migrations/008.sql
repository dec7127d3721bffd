-- Version 8: alerts, each once a window, and the messages to channels that tell of them.
CREATE TABLE alerts (
  number         INTEGER PRIMARY KEY,
  rule           TEXT NOT NULL,
  subject        TEXT NOT NULL,
  "window"       INTEGER NOT NULL,
  step           INTEGER NOT NULL,
  severity       TEXT NOT NULL,
  amount_pico_usd NOT NULL,
  limit_pico_usd  NOT NULL,
  since          INTEGER,
  message        TEXT NOT NULL,
  raised_at      INTEGER NOT NULL,
  UNIQUE (rule, subject, "window", step)
);
CREATE TABLE messages (
  number         INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  channel        TEXT NOT NULL,
  kind           TEXT NOT NULL,
  body           TEXT NOT NULL,
  created_at     INTEGER NOT NULL,
  due_at         INTEGER NOT NULL,
  attempts       INTEGER NOT NULL DEFAULT 0,
  taken_until    INTEGER NOT NULL DEFAULT 0,
  state          INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
  ended_at       INTEGER,
  error          TEXT
);
CREATE INDEX messages_waiting ON messages (channel, number) WHERE state = 0;
