-- One dialect for SQLite and PostgreSQL. Times are microseconds since 1970. Of every word that grants a right only the
-- SHA-256 is here.

CREATE TABLE users (
  name     TEXT PRIMARY KEY,
  role     TEXT NOT NULL,
  password TEXT,            -- Argon2id, as a PHC string; none where an issuer vouches for the user
  issuer   TEXT,            -- of OpenID Connect, with the subject that it knows the user by
  subject  TEXT,
  disabled BIGINT,
  created  BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_of_issuers ON users (issuer, subject);

CREATE TABLE sessions (
  id      TEXT PRIMARY KEY,
  digest  TEXT NOT NULL UNIQUE,
  name    TEXT NOT NULL,    -- of the user
  address TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  ended   BIGINT
);
CREATE INDEX sessions_of_users ON sessions (name);

CREATE TABLE api_keys (
  id      TEXT PRIMARY KEY,
  digest  TEXT NOT NULL UNIQUE,
  name    TEXT NOT NULL,    -- of the user
  label   TEXT NOT NULL,
  scopes  TEXT NOT NULL,    -- with commas between
  created BIGINT NOT NULL,
  expires BIGINT,
  ended   BIGINT
);
CREATE INDEX api_keys_of_users ON api_keys (name);

CREATE TABLE tickets (
  id         TEXT PRIMARY KEY,
  credential TEXT NOT NULL, -- whoever lost that may not come by the ticket either
  expires    BIGINT NOT NULL,
  path       TEXT,          -- the first that it opened
  holder     TEXT           -- the connection that it has open
);

CREATE TABLE audit (
  id      TEXT PRIMARY KEY, -- in the order of time
  at      BIGINT NOT NULL,
  who     TEXT NOT NULL,
  via     TEXT NOT NULL,
  address TEXT NOT NULL,
  action  TEXT NOT NULL,
  target  TEXT,
  outcome TEXT NOT NULL,
  detail  TEXT
);
CREATE INDEX audit_of_users ON audit (who, id);

CREATE TABLE links (
  id      TEXT PRIMARY KEY,
  job     TEXT NOT NULL,
  owner   TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  revoked BIGINT
);
CREATE INDEX links_of_owners ON links (owner, id);
