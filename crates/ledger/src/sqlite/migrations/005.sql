-- Version 5: what only this ledger knows. Keys are named by HMAC-SHA-256 under the secret `key_names`.
CREATE TABLE secrets (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL CHECK (length(value) = 32)
) WITHOUT ROWID;
