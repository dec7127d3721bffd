-- Version 7: the keys of the gateway. Of a secret there is its SHA-256 alone. Rows are never deleted, and what a
-- key is bound to never changes.
CREATE TABLE keys (
  id                  TEXT PRIMARY KEY,
  revision            INTEGER NOT NULL UNIQUE,
  name                TEXT,
  digest              BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  former_digest       BLOB CHECK (length(former_digest) = 32),
  former_until        INTEGER CHECK ((former_until IS NULL) = (former_digest IS NULL)),
  role                INTEGER NOT NULL CHECK (role IN (0, 1, 2)),
  user                TEXT,
  team                TEXT,
  project             TEXT,
  tags                TEXT NOT NULL,
  models              TEXT NOT NULL,
  requests_per_minute INTEGER,
  tokens_per_minute   INTEGER,
  created_at          INTEGER NOT NULL,
  expires_at          INTEGER,
  revoked_at          INTEGER
) WITHOUT ROWID;
