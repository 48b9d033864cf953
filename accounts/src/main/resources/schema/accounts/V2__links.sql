-- Ids of jobs are free again once they are removed: when a job was made tells it from the next.
ALTER TABLE links ADD COLUMN job_created BIGINT NOT NULL DEFAULT 0;
