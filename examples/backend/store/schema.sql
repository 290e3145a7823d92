-- For SQLite and PostgreSQL. Statements of one version must not change. Later versions are added below.
CREATE TABLE IF NOT EXISTS orders (
	id      text PRIMARY KEY,
	idem    text NOT NULL UNIQUE, -- the Idempotency-Key of the request that made the order
	version bigint NOT NULL,
	state   text NOT NULL,
	kind    text NOT NULL,
	busy    boolean NOT NULL, -- a call is pending
	human   boolean NOT NULL, -- a person must decide
	made    bigint NOT NULL, -- microseconds
	data    text NOT NULL -- the order as JSON
);
CREATE INDEX IF NOT EXISTS orders_made ON orders (made);
CREATE INDEX IF NOT EXISTS orders_human ON orders (human) WHERE human;
CREATE TABLE IF NOT EXISTS books (
	key      text PRIMARY KEY, -- of the call, so that nothing is entered twice
	order_id text NOT NULL,
	kind     text NOT NULL,
	amount   text NOT NULL, -- decimal; positive: received from the customer
	currency text NOT NULL,
	at       bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS books_order ON books (order_id);
CREATE TABLE IF NOT EXISTS sessions (
	name   text PRIMARY KEY,
	value  text NOT NULL, -- as secret as the password
	holder text NOT NULL, -- who uses it
	until  bigint NOT NULL -- when the lock expires, microseconds
);
