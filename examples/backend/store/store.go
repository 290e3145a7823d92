// Package store keeps orders and books in PostgreSQL or SQLite, next to the journal and
// River's jobs. An outcome and its order are stored in one transaction.
package store

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"time"

	"github.com/riverqueue/river"
	"github.com/shopspring/decimal"
	"riverqueue.com/riverui"

	rutravelriver "github.com/rutravel/rutravel-go/contrib/river"
	"github.com/rutravel/rutravel-go/examples/backend/shop"
	"github.com/rutravel/rutravel-go/journal"
)

//go:embed schema.sql
var schema string

// Store is what the rest of the backend needs of a database.
type Store interface {
	// Migrate creates and updates all tables.
	Migrate(ctx context.Context) error
	// Journal is where calls are stored before they are sent.
	Journal() journal.Store
	// Start starts the look-ups of the journal and the jobs of orders, which call drive.
	Start(ctx context.Context, j *journal.Journal, drive func(ctx context.Context, order string) error) error
	// Stop waits for jobs that run.
	Stop(ctx context.Context) error
	// Console serves River's web interface below a prefix. Call it after Start.
	Console(ctx context.Context, prefix string) (http.Handler, error)
	Ping(ctx context.Context) error
	Close()

	// Create stores an order. If the Idempotency-Key was used, it returns the order of
	// that request and false.
	Create(ctx context.Context, o shop.Order, idem string) (shop.Order, bool, error)
	Get(ctx context.Context, id string) (shop.Order, error)
	// ByKey returns the order of a request.
	ByKey(ctx context.Context, idem string) (shop.Order, error)
	// Update changes an order and enters what change returns in the books. If change
	// changes nothing, nothing is stored. change must not wait for anything.
	Update(ctx context.Context, id string, change func(o *shop.Order) ([]shop.Entry, error)) (shop.Order, error)
	// Latest returns the last orders; only those that need a person if human is set.
	Latest(ctx context.Context, human bool, limit int) ([]shop.Order, error)
	// Books adds up the books by kind.
	Books(ctx context.Context) ([]Sum, error)
	// Counts returns the number of orders by state.
	Counts(ctx context.Context) (map[shop.State]int, error)
	// Session keeps a session that instances share.
	Session(name string) *Session
}

// Settle says how the outcome of a call changes its order.
type Settle func(o *shop.Order, e journal.Entry) ([]shop.Entry, error)

// Sum is what was received and given back.
type Sum struct {
	Kind     shop.Kind  `json:"kind"`
	Received shop.Money `json:"received"`
	Returned shop.Money `json:"returned"`
}

// Config is what Open needs.
type Config struct {
	URL    string // of PostgreSQL; "" means SQLite
	File   string // of SQLite
	Settle Settle
	Log    *slog.Logger
	// LookUpTimeout bounds a look-up. If a process dies, its jobs are taken over after
	// this time. 0 means a minute.
	LookUpTimeout time.Duration
}

// Open opens the database.
func Open(ctx context.Context, c Config) (Store, error) {
	if c.LookUpTimeout == 0 {
		c.LookUpTimeout = time.Minute
	}
	if c.URL != "" {
		return openPostgres(ctx, c)
	}
	return openSQLite(c)
}

// database is what differs between PostgreSQL and SQLite. Statements have the
// placeholders $1, $2.
type database[Tx any] interface {
	inTx(ctx context.Context, f func(Tx) error) error
	exec(ctx context.Context, tx Tx, statement string, args ...any) (int64, error)
	row(ctx context.Context, tx Tx, query string, args ...any) scanner
	rows(ctx context.Context, row func(scanner) error, query string, args ...any) error
	migrate(ctx context.Context, schema string) error
	lock() string // what a SELECT ends in that locks its row
	Ping(ctx context.Context) error
	Close()
}

type scanner interface{ Scan(into ...any) error }

type store[Tx any] struct {
	database[Tx]
	config  Config
	journal *rutravelriver.Store[Tx]
	client  func(*river.Config) (*river.Client[Tx], error)
	jobs    *river.Client[Tx]
}

// soon is when a job takes over an order whose process may have died.
const soon = 10 * time.Second

// drive is a job that makes the next calls of an order, or ends its hold. It makes
// calls through the journal only, so it may run at any time, also twice.
type drive struct {
	Order string `json:"order"`
}

// Kind implements [river.JobArgs].
func (drive) Kind() string { return "drive" }

// InsertOpts implements [river.JobArgsWithInsertOpts].
func (drive) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: math.MaxInt16} }

type driver struct {
	river.WorkerDefaults[drive]
	drive func(ctx context.Context, order string) error
	log   *slog.Logger
}

// Work implements [river.Worker]. A failure is retried forever, because an order must not
// wait forever.
func (d *driver) Work(ctx context.Context, job *river.Job[drive]) error {
	if err := d.drive(ctx, job.Args.Order); err != nil {
		d.log.WarnContext(ctx, "a job of an order failed", "order", job.Args.Order, "error", err)
		return river.JobSnooze(min(time.Since(job.CreatedAt)/4+time.Second, time.Minute))
	}
	return nil
}

// NextRetry implements [river.Worker]. It is for jobs whose process died.
func (d *driver) NextRetry(*river.Job[drive]) time.Time { return time.Now().Add(time.Second) }

func (s *store[Tx]) Journal() journal.Store { return s.journal }

func (s *store[Tx]) Migrate(ctx context.Context) error {
	if err := s.journal.Migrate(ctx); err != nil {
		return err
	}
	return s.migrate(ctx, schema)
}

func (s *store[Tx]) Start(ctx context.Context, j *journal.Journal, work func(context.Context, string) error) (err error) {
	config := s.riverConfig()
	river.AddWorker(config.Workers, &driver{drive: work, log: s.config.Log})
	s.journal.Configure(config, j)
	if s.jobs, err = s.client(config); err != nil {
		return err
	}
	return s.jobs.Start(ctx)
}

func (s *store[Tx]) riverConfig() *river.Config {
	return &river.Config{
		Logger: s.config.Log, Workers: river.NewWorkers(),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 20}},
		JobTimeout:        s.config.LookUpTimeout,
		FetchPollInterval: 500 * time.Millisecond,
	}
}

func (s *store[Tx]) Stop(ctx context.Context) error { return s.jobs.Stop(ctx) }

func (s *store[Tx]) Console(ctx context.Context, prefix string) (http.Handler, error) {
	h, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(s.jobs, nil), Logger: s.config.Log, Prefix: prefix,
	})
	if err != nil {
		return nil, err
	}
	return h, h.Start(ctx)
}

func (s *store[Tx]) Create(ctx context.Context, o shop.Order, idem string) (shop.Order, bool, error) {
	created := false
	err := s.inTx(ctx, func(tx Tx) error {
		o.Version = 1
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		n, err := s.exec(ctx, tx, "INSERT INTO orders (id, idem, version, state, kind, busy, human, made, data) "+
			"VALUES ($1, $2, $3, $4, $5, TRUE, FALSE, $6, $7) ON CONFLICT DO NOTHING",
			o.ID, idem, o.Version, string(o.State), string(o.Basket.Kind), o.Made.UnixMicro(), string(text))
		if err != nil || n == 0 {
			return err
		}
		created = true
		return s.follow(ctx, tx, o)
	})
	if err != nil || created {
		return o, created, err
	}
	o, err = s.ByKey(ctx, idem)
	return o, false, err
}

func (s *store[Tx]) Get(ctx context.Context, id string) (shop.Order, error) {
	return s.one(ctx, "SELECT version, data FROM orders WHERE id = $1", id)
}

func (s *store[Tx]) ByKey(ctx context.Context, idem string) (shop.Order, error) {
	return s.one(ctx, "SELECT version, data FROM orders WHERE idem = $1", idem)
}

func (s *store[Tx]) one(ctx context.Context, query string, args ...any) (shop.Order, error) {
	all, err := s.list(ctx, query, args...)
	switch {
	case err != nil:
		return shop.Order{}, err
	case len(all) == 0:
		return shop.Order{}, shop.ErrNotFound
	}
	return all[0], nil
}

func (s *store[Tx]) list(ctx context.Context, query string, args ...any) (all []shop.Order, err error) {
	err = s.rows(ctx, func(row scanner) error {
		o, scanErr := scan(row)
		all = append(all, o)
		return scanErr
	}, query, args...)
	return all, err
}

func scan(row scanner) (o shop.Order, err error) {
	var version int64
	var text string
	if err = row.Scan(&version, &text); err == nil {
		err = json.Unmarshal([]byte(text), &o)
	}
	o.Version = version
	return o, err
}

func (s *store[Tx]) Update(ctx context.Context, id string, change func(*shop.Order) ([]shop.Entry, error)) (o shop.Order, err error) {
	err = s.inTx(ctx, func(tx Tx) error {
		o, err = s.change(ctx, tx, id, change)
		return err
	})
	return o, err
}

// change changes an order in a transaction.
func (s *store[Tx]) change(ctx context.Context, tx Tx, id string, change func(*shop.Order) ([]shop.Entry, error)) (shop.Order, error) {
	o, err := scan(s.row(ctx, tx, "SELECT version, data FROM orders WHERE id = $1"+s.lock(), id))
	if errors.Is(err, sql.ErrNoRows) {
		err = shop.ErrNotFound
	}
	if err != nil {
		return o, err
	}
	before, err := json.Marshal(o)
	if err != nil {
		return o, err
	}
	entries, err := change(&o)
	if err != nil {
		return o, err
	}
	after, err := json.Marshal(o)
	if err != nil || string(before) == string(after) {
		return o, err
	}
	o.Version++
	if after, err = json.Marshal(o); err != nil {
		return o, err
	}
	_, err = s.exec(ctx, tx, "UPDATE orders SET version = $2, state = $3, busy = $4, human = $5, data = $6 WHERE id = $1",
		o.ID, o.Version, string(o.State), len(o.Pending()) > 0, o.Human, string(after))
	if err != nil {
		return o, err
	}
	for _, e := range entries {
		_, err = s.exec(ctx, tx, "INSERT INTO books (key, order_id, kind, amount, currency, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
			e.Key, e.Order, string(e.Kind), e.Money.Amount.String(), e.Money.Currency, time.Now().UnixMicro())
		if err != nil {
			return o, err
		}
	}
	return o, s.follow(ctx, tx, o)
}

// follow inserts the job that an order needs next.
func (s *store[Tx]) follow(ctx context.Context, tx Tx, o shop.Order) error {
	at := time.Now().Add(soon)
	switch {
	case o.State == shop.Held && !o.PayBefore.IsZero():
		at = o.PayBefore
	case len(o.Due()) == 0:
		return nil
	}
	_, err := s.jobs.InsertTx(ctx, tx, drive{o.ID}, &river.InsertOpts{ScheduledAt: at})
	return err
}

// settled changes the order of a call in the transaction that stores its outcome.
func (s *store[Tx]) settled(ctx context.Context, tx Tx, e journal.Entry) error {
	step, err := shop.ParseKey(e.Key)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, tx, step.Order, func(o *shop.Order) ([]shop.Entry, error) { return s.config.Settle(o, e) })
	return err
}

func (s *store[Tx]) Latest(ctx context.Context, human bool, limit int) ([]shop.Order, error) {
	where := ""
	if human {
		where = "WHERE human "
	}
	return s.list(ctx, "SELECT version, data FROM orders "+where+"ORDER BY made DESC LIMIT $1", limit)
}

func (s *store[Tx]) Books(ctx context.Context) ([]Sum, error) {
	sums := map[shop.Kind]*Sum{}
	for _, kind := range shop.Kinds {
		sums[kind] = &Sum{Kind: kind}
	}
	err := s.rows(ctx, func(row scanner) error {
		var kind, amount, currency string
		if err := row.Scan(&kind, &amount, &currency); err != nil {
			return err
		}
		d, err := decimal.NewFromString(amount)
		m := shop.Money{Amount: d, Currency: currency}
		if sum := sums[shop.Kind(kind)]; sum != nil && m.Amount.IsNegative() {
			sum.Returned = sum.Returned.Add(m.Neg())
		} else if sum != nil {
			sum.Received = sum.Received.Add(m)
		}
		return err
	}, "SELECT kind, amount, currency FROM books")
	var all []Sum
	for _, kind := range shop.Kinds {
		all = append(all, *sums[kind])
	}
	return all, err
}

func (s *store[Tx]) Counts(ctx context.Context) (map[shop.State]int, error) {
	all := map[shop.State]int{}
	err := s.rows(ctx, func(row scanner) error {
		var state shop.State
		var n int
		err := row.Scan(&state, &n)
		all[state] = n
		return err
	}, "SELECT state, count(*) FROM orders GROUP BY state")
	return all, err
}

// open makes a store of a database.
func open[Tx any](db database[Tx], c Config, client func(*river.Config) (*river.Client[Tx], error),
	newJournal func(rutravelriver.Config[Tx]) (*rutravelriver.Store[Tx], error),
) (Store, error) {
	s := &store[Tx]{database: db, config: c, client: client}
	var err error
	if s.journal, err = newJournal(rutravelriver.Config[Tx]{
		Settled: s.settled, LookUpTimeout: c.LookUpTimeout, Logger: c.Log, EraseAfter: 90 * 24 * time.Hour,
	}); err != nil {
		return nil, err
	}
	s.jobs, err = client(&river.Config{Logger: c.Log}) // it inserts until Start
	return s, err
}
