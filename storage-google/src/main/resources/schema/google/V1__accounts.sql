-- One dialect for SQLite and PostgreSQL. Times are microseconds since 1970.

-- Accounts that users have connected; those of key files stand in the settings.
CREATE TABLE google_accounts (
  storage   TEXT NOT NULL,
  account   TEXT NOT NULL,
  token     TEXT NOT NULL, -- a refresh token, sealed
  connected BIGINT NOT NULL,
  PRIMARY KEY (storage, account)
);

CREATE TABLE google_set_aside (
  storage   TEXT NOT NULL,
  account   TEXT NOT NULL,
  since     BIGINT NOT NULL,
  ends      BIGINT,        -- without it: until it is connected anew
  reason    TEXT NOT NULL,
  PRIMARY KEY (storage, account)
);

-- What Google counts, it counts by account, whichever storage sends.
CREATE TABLE google_sent (
  account   TEXT NOT NULL,
  hour      BIGINT NOT NULL, -- since 1970
  bytes     BIGINT NOT NULL,
  PRIMARY KEY (account, hour)
);
