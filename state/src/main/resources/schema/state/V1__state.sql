-- One dialect for SQLite and PostgreSQL. Times are microseconds since 1970; words of states and kinds are lower case;
-- documents are JSON text.

CREATE TABLE batches (
  id              TEXT PRIMARY KEY,
  owner           TEXT NOT NULL,
  kind            TEXT NOT NULL,
  sealed          INTEGER NOT NULL,
  size            INTEGER NOT NULL,
  created         BIGINT NOT NULL,
  cancelled_at    BIGINT,
  cancelled_count INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX batches_newest ON batches (created, id);
CREATE INDEX batches_open ON batches (created) WHERE sealed = 0;

CREATE TABLE jobs (
  id              TEXT PRIMARY KEY,
  kind            TEXT NOT NULL,
  name            TEXT NOT NULL,
  sought          TEXT NOT NULL, -- the name in lower case, of any alphabet
  owner           TEXT NOT NULL,
  batch           TEXT REFERENCES batches (id),
  place           INTEGER,       -- in its batch
  state           TEXT NOT NULL,
  waiting         TEXT,
  stages          TEXT NOT NULL,
  spec            TEXT NOT NULL,
  facts           TEXT NOT NULL,
  checkpoint      TEXT,
  bytes           BIGINT NOT NULL,
  total_bytes     BIGINT,
  attempt         INTEGER NOT NULL,
  not_before      BIGINT,
  node            TEXT,
  fence           BIGINT NOT NULL,
  patience_millis BIGINT NOT NULL,
  expires         BIGINT,
  error           TEXT,
  cancelled_by    TEXT,
  receipt         TEXT,
  created         BIGINT NOT NULL,
  started         BIGINT,
  ended           BIGINT,
  seq             BIGINT NOT NULL
);

CREATE INDEX jobs_newest ON jobs (created, id);
CREATE INDEX jobs_of_owner ON jobs (owner, created, id);
CREATE INDEX jobs_in_state ON jobs (state, created, id);
CREATE INDEX jobs_counted ON jobs (kind, state, created, id);
CREATE INDEX jobs_of_batch ON jobs (batch, place) WHERE batch IS NOT NULL;
CREATE INDEX jobs_held ON jobs (node) WHERE state IN ('pending', 'running', 'paused');
CREATE INDEX jobs_waiting ON jobs (expires) WHERE state NOT IN ('running', 'completed', 'failed', 'cancelled');
CREATE INDEX jobs_over ON jobs (ended) WHERE ended IS NOT NULL;

CREATE TABLE event_log (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  epoch TEXT NOT NULL,
  last  BIGINT NOT NULL
);

CREATE TABLE events (
  seq   BIGINT PRIMARY KEY,
  at    BIGINT NOT NULL,
  job   TEXT NOT NULL,
  batch TEXT,
  owner TEXT NOT NULL,
  kind  TEXT NOT NULL,
  type  TEXT NOT NULL,
  data  TEXT NOT NULL
);

CREATE INDEX events_of_job ON events (job, seq);

-- A debt outlives its job.
CREATE TABLE debts (
  id         TEXT PRIMARY KEY,
  job        TEXT NOT NULL,
  number     BIGINT NOT NULL, -- in the order in which a job's debts were made
  type       TEXT NOT NULL,
  due        TEXT NOT NULL,
  detail     TEXT NOT NULL,
  created    BIGINT NOT NULL,
  attempts   INTEGER NOT NULL,
  not_before BIGINT NOT NULL,
  payer      TEXT             -- the node that is at it
);

CREATE INDEX debts_of_job ON debts (job, number);
CREATE INDEX debts_due ON debts (not_before);

CREATE TABLE nodes (
  id      TEXT PRIMARY KEY,
  folder  TEXT NOT NULL,
  renewed BIGINT NOT NULL
);

CREATE TABLE histories (
  job     TEXT PRIMARY KEY,
  samples TEXT NOT NULL
);

CREATE TABLE submissions (
  owner       TEXT NOT NULL,
  word        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  jobs        TEXT NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (owner, word)
);

CREATE INDEX submissions_by_age ON submissions (at);
