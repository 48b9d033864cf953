-- Tables of one's own: a profile says which columns each has, and the rows lie in a table of that name.
CREATE TABLE own_tables (
  number  INTEGER PRIMARY KEY,
  owner   TEXT NOT NULL,
  name    TEXT NOT NULL,        -- of its profile
  place   TEXT NOT NULL UNIQUE, -- what SQL calls it
  columns TEXT NOT NULL,        -- as the profile says them
  created BIGINT NOT NULL,
  UNIQUE (owner, name)
);
INSERT INTO counters (name, last) VALUES ('table', 0);

ALTER TABLE imports ADD COLUMN own_table INTEGER; -- where its rows are; NULL: transactions
-- A digest of how the file was read: the same bytes read in another way are another import.
ALTER TABLE imports ADD COLUMN reading TEXT NOT NULL DEFAULT '';

-- Imports that failed by their rejects, which lie beside those of others under the same number.
CREATE TABLE failed (
  number INTEGER PRIMARY KEY,
  job    TEXT NOT NULL UNIQUE,
  owner  TEXT NOT NULL
);

-- Of a million transactions a page is found in a millisecond; without it all are read and sorted for each.
CREATE INDEX transactions_by_day ON transactions (owner, booked, id);
