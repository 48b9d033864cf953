-- What stands above the rows of an import's file, so that those that were rejected can be sent again; NULL: it came
-- before this was kept.
ALTER TABLE imports ADD COLUMN head TEXT;
ALTER TABLE failed ADD COLUMN head TEXT;

-- What the scan of the file has found, as JSON; NULL: it came before this was kept.
ALTER TABLE imports ADD COLUMN scan TEXT;
