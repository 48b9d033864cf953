-- In which order jobs that wait get a place: the smaller goes first. It begins as their time, with room in between.
ALTER TABLE jobs ADD COLUMN rank BIGINT NOT NULL DEFAULT 0;
UPDATE jobs SET rank = created * 1024;

CREATE INDEX jobs_queued ON jobs (rank, id) WHERE waiting IN ('slot', 'retry');
