-- One dialect for SQLite and PostgreSQL. Days are ISO 8601 text, times microseconds since 1970, amounts minor units of
-- their currency (cents); documents are JSON text.

-- Numbers are given out before a transaction is long: import 1, 2, 3 … and the rows of each without a gap between them.
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  last BIGINT NOT NULL
);
INSERT INTO counters (name, last) VALUES ('import', 0), ('transaction', 0);

-- What is here is here wholly: the row is written in the transaction that wrote its transactions.
CREATE TABLE imports (
  number     INTEGER PRIMARY KEY,
  job        TEXT NOT NULL UNIQUE,
  owner      TEXT NOT NULL,
  account    TEXT NOT NULL,
  filename   TEXT NOT NULL,
  size       BIGINT NOT NULL,
  sha256     TEXT NOT NULL,
  records    BIGINT NOT NULL,
  added      BIGINT NOT NULL,
  duplicates BIGINT NOT NULL,
  rejected   BIGINT NOT NULL,
  first_row  INTEGER NOT NULL, -- its transactions have ids from here
  last_row   INTEGER NOT NULL, -- to here
  created    BIGINT NOT NULL,
  undone     BIGINT
);
CREATE INDEX imports_of_file ON imports (owner, sha256);
CREATE INDEX imports_newest ON imports (owner, created);

CREATE TABLE transactions (
  id                   INTEGER PRIMARY KEY,
  import               INTEGER NOT NULL,
  owner                TEXT NOT NULL,
  account              TEXT NOT NULL,
  booked               TEXT NOT NULL,
  valued               TEXT,             -- where it is another day than booked
  amount               BIGINT NOT NULL,
  currency             TEXT NOT NULL,
  description          TEXT NOT NULL,
  counterparty         TEXT,
  counterparty_account TEXT,
  reference            TEXT,
  balance              BIGINT,
  bank_category        TEXT,
  mcc                  TEXT,
  formula              INTEGER NOT NULL, -- whether a cell looks like one
  line                 BIGINT NOT NULL   -- of its file
);

-- By what a transaction is known again; written in the order of the fingerprints, so that a large import goes through
-- the index from its beginning to its end.
CREATE TABLE fingerprints (
  high           BIGINT NOT NULL,
  low            BIGINT NOT NULL,
  occurrence     INTEGER NOT NULL, -- among rows of its file with the same fingerprint, from 1
  version        INTEGER NOT NULL, -- of how it is made
  transaction_id INTEGER NOT NULL,
  PRIMARY KEY (high, low, occurrence)
);

CREATE TABLE decisions (
  transaction_id INTEGER PRIMARY KEY,
  merchant       TEXT NOT NULL, -- as corrections know it; empty where the text names none
  category       TEXT NOT NULL,
  confidence     REAL NOT NULL,
  source         TEXT NOT NULL,
  model          TEXT NOT NULL
);

CREATE TABLE corrections (
  owner    TEXT NOT NULL,
  merchant TEXT NOT NULL,
  category TEXT NOT NULL,
  created  BIGINT NOT NULL,
  PRIMARY KEY (owner, merchant)
);

CREATE TABLE rejects (
  import      INTEGER NOT NULL,
  number      INTEGER NOT NULL,
  line        BIGINT NOT NULL,
  byte_offset BIGINT NOT NULL,
  column_name TEXT,
  code        TEXT NOT NULL,
  message     TEXT NOT NULL,
  raw         TEXT NOT NULL,
  PRIMARY KEY (import, number)
);

-- What the columns of files with the same header mean.
CREATE TABLE mappings (
  owner   TEXT NOT NULL,
  header  TEXT NOT NULL, -- a digest of the normalized set of names
  roles   TEXT NOT NULL,
  created BIGINT NOT NULL,
  PRIMARY KEY (owner, header)
);

CREATE TABLE profiles (
  owner    TEXT NOT NULL,
  name     TEXT NOT NULL,
  document TEXT NOT NULL,
  created  BIGINT NOT NULL,
  PRIMARY KEY (owner, name)
);
