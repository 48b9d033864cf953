-- One dialect for SQLite and PostgreSQL. Times are microseconds since 1970. Secrets are sealed.

CREATE TABLE hooks (
  id       TEXT PRIMARY KEY,
  owner    TEXT NOT NULL,
  url      TEXT NOT NULL,
  kinds    TEXT NOT NULL,    -- with commas between; none: all
  outcomes TEXT NOT NULL,    -- with commas between
  secret   TEXT NOT NULL,
  why_off  TEXT,             -- nothing is sent while it says why
  created  BIGINT NOT NULL
);
CREATE INDEX hooks_of_owners ON hooks (owner);

-- Browsers that are reached through a push service.
CREATE TABLE devices (
  id       TEXT PRIMARY KEY,
  owner    TEXT NOT NULL,
  endpoint TEXT NOT NULL UNIQUE, -- its SHA-256: whoever knows it may push
  sealed   TEXT NOT NULL,
  label    TEXT NOT NULL,
  created  BIGINT NOT NULL
);
CREATE INDEX devices_of_owners ON devices (owner);

CREATE TABLE choices (
  owner    TEXT NOT NULL,
  kind     TEXT NOT NULL,
  outcomes TEXT NOT NULL,
  PRIMARY KEY (owner, kind)
);

-- What has to be told to whom.
CREATE TABLE deliveries (
  id         TEXT PRIMARY KEY,
  owner      TEXT NOT NULL,
  channel    TEXT NOT NULL,
  target     TEXT NOT NULL,
  seq        BIGINT,         -- of the event; none of a test
  type       TEXT NOT NULL,
  job        TEXT,
  topic      TEXT,
  body       TEXT NOT NULL,
  state      TEXT NOT NULL,
  attempts   INTEGER NOT NULL,
  not_before BIGINT NOT NULL,
  created    BIGINT NOT NULL,
  expires    BIGINT NOT NULL,
  tried      BIGINT,
  status     INTEGER,
  answer     TEXT
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (target, seq);
CREATE INDEX deliveries_of_targets ON deliveries (target, id);
CREATE INDEX deliveries_due ON deliveries (not_before, id) WHERE state = 'waiting';
CREATE INDEX deliveries_waiting ON deliveries (target) WHERE state = 'waiting';
CREATE INDEX deliveries_over ON deliveries (created) WHERE state <> 'waiting';

-- How far the event log has been read.
CREATE TABLE notify_reader (
  id  INTEGER PRIMARY KEY CHECK (id = 1),
  seq BIGINT NOT NULL
);

CREATE TABLE vapid (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  sealed TEXT NOT NULL
);
