-- How far a job has been seen, which no later attempt goes below.
ALTER TABLE jobs ADD COLUMN percent DOUBLE PRECISION NOT NULL DEFAULT 0;
