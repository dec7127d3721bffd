-- Version 2: prices that were set, imported or updated, over those of the program. Never changed or
-- deleted, like entries.
CREATE TABLE price_revisions (
  number  INTEGER PRIMARY KEY,
  made_at INTEGER NOT NULL,
  origin  TEXT NOT NULL,
  text    TEXT NOT NULL
);
