-- Statements of one version of the table must not change. Later versions are added below.
CREATE TABLE IF NOT EXISTS rutravel_journal (
	key     text PRIMARY KEY, -- what the application calls the effect
	version integer NOT NULL,
	claim   text NOT NULL, -- the supplier's id of the result, or what is changed
	outcome text NOT NULL, -- open, done, not_done or undecidable
	grp     text NOT NULL,
	again   text, -- when to look again: 2026-03-01T12:00:00.000000Z
	settled text,
	erased  integer NOT NULL,
	request blob,
	value   blob,
	failure blob,
	data    text NOT NULL -- the rest, as JSON
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS rutravel_journal_claim ON rutravel_journal (claim) WHERE claim <> '';
CREATE INDEX IF NOT EXISTS rutravel_journal_outcome ON rutravel_journal (outcome, key);
CREATE INDEX IF NOT EXISTS rutravel_journal_settled ON rutravel_journal (settled) WHERE NOT erased;
