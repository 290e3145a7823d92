-- Statements of one version of the table must not change. Later versions are added below.
CREATE TABLE IF NOT EXISTS rutravel_journal (
	key     text COLLATE "C" PRIMARY KEY, -- what the application calls the effect
	version bigint NOT NULL,
	claim   text COLLATE "C" NOT NULL, -- the supplier's id of the result, or what is changed
	outcome text COLLATE "C" NOT NULL, -- open, done, not_done or undecidable
	grp     text COLLATE "C" NOT NULL,
	again   timestamptz, -- when to look again
	settled timestamptz,
	erased  boolean NOT NULL,
	request bytea,
	value   bytea,
	failure bytea,
	data    json NOT NULL -- the rest
);
CREATE UNIQUE INDEX IF NOT EXISTS rutravel_journal_claim ON rutravel_journal (claim) WHERE claim <> '';
CREATE INDEX IF NOT EXISTS rutravel_journal_outcome ON rutravel_journal (outcome, key);
CREATE INDEX IF NOT EXISTS rutravel_journal_settled ON rutravel_journal (settled) WHERE NOT erased;
