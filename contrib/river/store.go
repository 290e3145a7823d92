package rutravelriver

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
)

// Config configures a [Store]. Tx is pgx.Tx or *sql.Tx. The zero value is ready to
// use.
type Config[Tx any] struct {
	// Settled is called in the transaction that stores an outcome: done, not_done or
	// undecidable. Its writes through tx are stored together with the outcome, for
	// example the state of the customer's order. Entry.Key names the call; see
	// journal.Call.Read for the request and the value.
	//
	// If it returns an error or panics, neither is stored, and the call is looked up again. It must
	// use tx only, make no network call and return soon. It may be called again for the same
	// key. The outcome undecidable changes when a person decides, and not_done becomes done
	// if a paused process reports the supplier's answer late.
	Settled func(ctx context.Context, tx Tx, e journal.Entry) error

	// EraseAfter is how long after settlement the requests, results and errors of
	// entries are kept. They hold passengers' data. 0 keeps them forever.
	EraseAfter time.Duration

	// LookUpTimeout bounds one look-up; 0 means two minutes. If a process dies during a
	// look-up, another one takes over after this time.
	LookUpTimeout time.Duration

	// LookUps is how many look-ups an instance makes at the same time; 0 means 10.
	LookUps int

	Logger *slog.Logger // nil means slog.Default()
}

const (
	defaultLookUpTimeout = 2 * time.Minute
	defaultLookUps       = 10
)

// Store is a [journal.Store] that stores each entry together with the River job of its
// next look-up. It is safe for concurrent use.
type Store[Tx any] struct {
	config Config[Tx]
	db     database[Tx]
	driver riverdriver.Driver[Tx]
	jobs   *river.Client[Tx] // it only inserts
}

// database is what differs between PostgreSQL and SQLite.
type database[Tx any] interface {
	// inTx runs f in a transaction, which it commits if f returns nil.
	inTx(ctx context.Context, f func(tx Tx) error) error
	// exec returns how many rows the statement changed.
	exec(ctx context.Context, tx Tx, statement string, args ...any) (int64, error)
	// query calls row for each row.
	query(ctx context.Context, row func(scan func(...any) error) error, query string, args ...any) error
	// isClaimed reports whether a statement failed because of the unique claims.
	isClaimed(err error) bool
	// timeArg returns a time as an argument of a statement.
	timeArg(t time.Time) any
	// migrate runs River's migrations and then those of the journal. No other process
	// does so at the same time.
	migrate(ctx context.Context, migrateRiver func(context.Context) error) error
}

func newStore[Tx any](driver riverdriver.Driver[Tx], db database[Tx], config Config[Tx]) (*Store[Tx], error) {
	config.LookUpTimeout = cmp.Or(config.LookUpTimeout, defaultLookUpTimeout)
	config.LookUps = cmp.Or(config.LookUps, defaultLookUps)
	config.Logger = cmp.Or(config.Logger, slog.Default())
	jobs, err := river.NewClient(driver, &river.Config{Logger: config.Logger})
	return &Store[Tx]{config, db, driver, jobs}, err
}

const columns = "key, version, claim, outcome, grp, again, settled, erased, request, value, failure, data"

// Insert implements [journal.Store].
func (s *Store[Tx]) Insert(ctx context.Context, e journal.Entry) error {
	args := s.args(e)
	inserted := false
	err := s.db.inTx(ctx, func(tx Tx) error {
		n, err := s.db.exec(ctx, tx, "INSERT INTO rutravel_journal ("+columns+
			") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING", args...)
		if err != nil || n == 0 {
			return err
		}
		inserted = true
		return s.follow(ctx, tx, e)
	})
	if err != nil || inserted {
		return err
	}
	if _, err = s.Get(ctx, e.Key); err == nil {
		return journal.ErrExists
	} else if err != journal.ErrNoEntry { //nolint:errorlint // Get does not wrap it
		return err
	}
	return journal.ErrClaimed
}

// Update implements [journal.Store].
func (s *Store[Tx]) Update(ctx context.Context, e journal.Entry) error {
	args := s.args(e)
	return s.db.inTx(ctx, func(tx Tx) error {
		n, err := s.db.exec(ctx, tx, "UPDATE rutravel_journal SET version = $2, claim = $3, outcome = $4, grp = $5, again = $6, "+
			"settled = $7, erased = $8, request = $9, value = $10, failure = $11, data = $12 WHERE key = $1 AND version + 1 = $2", args...)
		switch {
		case err != nil && s.db.isClaimed(err):
			return journal.ErrClaimed
		case err != nil:
			return err
		case n == 0:
			return journal.ErrChanged
		}
		return s.follow(ctx, tx, e)
	})
}

// follow inserts the job of an entry's next look-up, or calls Settled, in the
// transaction that stores the entry.
func (s *Store[Tx]) follow(ctx context.Context, tx Tx, e journal.Entry) error {
	switch {
	case e.Outcome == rutravel.OutcomeOpen:
		_, err := s.jobs.InsertTx(ctx, tx, lookUp{e.Key, e.Version}, &river.InsertOpts{ScheduledAt: e.Again})
		return err
	case s.config.Settled != nil:
		return s.settle(ctx, tx, e)
	}
	return nil
}

// settle calls Settled. A panic is an error like others: the end of the process would
// lose the result, which the transaction does not keep.
func (s *Store[Tx]) settle(ctx context.Context, tx Tx, e journal.Entry) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("rutravel: Settled for %q: panic: %v", e.Key, p)
			s.config.Logger.ErrorContext(ctx, err.Error(), slog.String("stack", string(debug.Stack())))
		}
	}()
	return s.config.Settled(ctx, tx, e)
}

// Get implements [journal.Store].
func (s *Store[Tx]) Get(ctx context.Context, key string) (journal.Entry, error) {
	all, err := s.list(ctx, "WHERE key = $1", key)
	if err == nil && len(all) == 0 {
		err = journal.ErrNoEntry
	}
	if err != nil {
		return journal.Entry{}, err
	}
	return all[0], nil
}

// List implements [journal.Store].
func (s *Store[Tx]) List(ctx context.Context, q journal.Query) ([]journal.Entry, error) {
	where, args := "WHERE key > $1", []any{q.After}
	add := func(condition string, arg any) {
		args = append(args, arg)
		where += fmt.Sprintf(condition, len(args))
	}
	if q.Outcome != "" {
		add(" AND outcome = $%d", string(q.Outcome))
	}
	if q.Group != "" {
		add(" AND grp = $%d", q.Group)
	}
	if !q.DueBefore.IsZero() {
		add(" AND again < $%d", s.db.timeArg(q.DueBefore))
	}
	where += " ORDER BY key"
	if q.Limit > 0 {
		add(" LIMIT $%d", q.Limit)
	}
	return s.list(ctx, where, args...)
}

// list returns the entries that a query selects.
func (s *Store[Tx]) list(ctx context.Context, where string, args ...any) (all []journal.Entry, err error) {
	err = s.db.query(ctx, func(scan func(...any) error) error {
		var key string
		var version int64
		var erased bool
		var request, value, failure, data []byte
		if err = scan(&key, &version, &erased, &request, &value, &failure, &data); err != nil {
			return err
		}
		var e journal.Entry
		if json.Unmarshal(data, &e) != nil {
			return fmt.Errorf("%w: data of %q", journal.ErrCorrupt, key)
		}
		e.Version, e.Erased, e.Request, e.Value, e.Failure = version, erased, request, value, failure
		all = append(all, e)
		return nil
	}, "SELECT key, version, erased, request, value, failure, data FROM rutravel_journal "+where, args...)
	return all, err
}

// Claimed implements [journal.Store].
func (s *Store[Tx]) Claimed(ctx context.Context, claims []string) (taken []string, err error) {
	if len(claims) == 0 {
		return nil, nil
	}
	args, places := make([]any, len(claims)), make([]string, len(claims))
	for i, claim := range claims {
		args[i], places[i] = claim, fmt.Sprintf("$%d", i+1)
	}
	err = s.db.query(ctx, func(scan func(...any) error) error {
		taken = append(taken, "")
		return scan(&taken[len(taken)-1])
	}, "SELECT claim FROM rutravel_journal WHERE claim <> '' AND claim IN ("+strings.Join(places, ", ")+")", args...)
	return taken, err
}

// Erase implements [journal.Store].
func (s *Store[Tx]) Erase(ctx context.Context, settledBefore time.Time) (int, error) {
	n := int64(0)
	err := s.db.inTx(ctx, func(tx Tx) error {
		var err error
		n, err = s.db.exec(ctx, tx, "UPDATE rutravel_journal SET version = version + 1, erased = $1, request = NULL, value = NULL, failure = NULL "+
			"WHERE NOT erased AND settled < $2", true, s.db.timeArg(settledBefore))
		return err
	})
	return int(n), err
}

// args returns the values of all columns.
func (s *Store[Tx]) args(e journal.Entry) []any {
	rest := e
	rest.Request, rest.Value, rest.Failure = nil, nil, nil
	data, _ := json.Marshal(rest) //nolint:errchkjson // its times are of this century
	return []any{
		e.Key, e.Version, e.Claim, string(e.Outcome), e.Group, s.db.timeArg(e.Again), s.db.timeArg(e.Settled), e.Erased,
		e.Request, e.Value, e.Failure, string(data),
	}
}
