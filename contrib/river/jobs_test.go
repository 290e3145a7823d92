package rutravelriver_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	rutravelriver "github.com/rutravel/rutravel-go/contrib/river"
	"github.com/rutravel/rutravel-go/journal"
)

// payment is the request of the operation of these tests.
type payment struct{ Order, Passenger string }

// shop is an application with one operation, whose look-up the test sets.
type shop[Tx any] struct {
	*testing.T
	*database[Tx]
	config rutravelriver.Config[Tx]
	store  *rutravelriver.Store[Tx]
	pay    *journal.Call[payment, string]
	river  *river.Config
	client *river.Client[Tx] // after start

	send  func() (string, error)
	looks atomic.Int64
	look  func(n int64) (rutravel.Resolution[string], error) // n is 1 at first
}

// paid is the look-up's answer to a payment that was made.
func paid(int64) (rutravel.Resolution[string], error) {
	return rutravel.Resolution[string]{Outcome: rutravel.OutcomeDone, Value: "receipt 5"}, nil
}

func newShop[Tx any](t *testing.T, db *database[Tx], config rutravelriver.Config[Tx]) *shop[Tx] {
	t.Helper()
	config.Logger = quiet()
	s := &shop[Tx]{
		T: t, database: db, config: config, look: paid,
		send:  func() (string, error) { return "", errors.New("the answer is lost") },
		river: &river.Config{Logger: quiet(), FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 50 * time.Millisecond},
	}
	s.store = db.open(config)
	require.NoError(t, s.store.Migrate(t.Context()))
	j := journal.New(s.store)
	s.pay = journal.Add(j, rutravel.Operation[payment, string]{
		Name:    "acme.pay",
		Timeout: time.Second,
		Grace:   2 * time.Second,
		Send:    func(context.Context, payment) (string, error) { return s.send() },
		Look: func(context.Context, rutravel.Intent[payment, string]) (rutravel.Resolution[string], error) {
			return s.look(s.looks.Add(1))
		},
		Patience: time.Hour,
		Silence:  rutravel.OutcomeUndecidable,
		Subject:  func(p payment) string { return "acme/pay/" + p.Order },
	})
	s.store.Configure(s.river, j)
	return s
}

// start starts River.
func (s *shop[Tx]) start() {
	s.Helper()
	var err error
	s.client, err = river.NewClient(s.driver(), s.river)
	require.NoError(s, err)
	require.NoError(s, s.client.Start(context.Background()))
	s.Cleanup(func() { assert.NoError(s, s.client.Stop(context.Background())) })
}

// lost stores a call whose process died ten seconds ago, and when to look it up.
func (s *shop[Tx]) lost(key string, again time.Duration) journal.Entry {
	s.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	e := journal.Entry{
		Key: key, Operation: "acme.pay", Group: "acme.pay", Claim: "acme/pay/" + key, Version: 1, Outcome: rutravel.OutcomeOpen,
		Sent: now.Add(-10 * time.Second), Deadline: now.Add(-3 * time.Second), Fence: now.Add(-time.Second), Again: now.Add(again),
		Request: fmt.Appendf(nil, `{"Order":%q,"Passenger":"Ivanova"}`, key),
	}
	require.NoError(s, s.store.Insert(s.Context(), e))
	return e
}

// becomes waits for the outcome of a key.
func (s *shop[Tx]) becomes(key string, want rutravel.Outcome) journal.Entry {
	s.Helper()
	var e journal.Entry
	s.eventually(func() bool {
		var err error
		e, err = s.store.Get(s.Context(), key)
		return err == nil && e.Outcome == want
	})
	return e
}

func (s *shop[Tx]) eventually(ok func() bool) {
	s.Helper()
	require.Eventually(s, ok, time.Minute, 20*time.Millisecond)
}

// jobs returns the jobs of look-ups, the oldest first.
func (s *shop[Tx]) jobs() []*rivertype.JobRow {
	s.Helper()
	client, err := river.NewClient(s.driver(), &river.Config{Logger: quiet()})
	require.NoError(s, err)
	list, err := client.JobList(s.Context(), river.NewJobListParams().Kinds("rutravel_look_up"))
	require.NoError(s, err)
	return list.Jobs
}

// both runs a test of the shop on PostgreSQL and on SQLite.
func both(t *testing.T, postgres func(*shop[pgx.Tx]), sqlite func(*shop[*sql.Tx])) {
	t.Helper()
	onBoth(t,
		func(t *testing.T, db *database[pgx.Tx]) {
			postgres(newShop(t, db, rutravelriver.Config[pgx.Tx]{}))
		},
		func(t *testing.T, db *database[*sql.Tx]) {
			sqlite(newShop(t, db, rutravelriver.Config[*sql.Tx]{}))
		})
}

// The job of a call whose process died looks the call up. The arguments of jobs hold
// the key and the version only.
func TestLookUp(t *testing.T) {
	t.Parallel()
	both(t, testLookUp, testLookUp)
}

func testLookUp[Tx any](s *shop[Tx]) {
	s.look = func(n int64) (rutravel.Resolution[string], error) {
		if n == 1 {
			return rutravel.Resolution[string]{}, errors.New("the supplier is down")
		}
		return paid(n)
	}
	s.start()
	s.lost("order 17, pay", 0)
	e := s.becomes("order 17, pay", rutravel.OutcomeDone)
	in, err := s.pay.Read(e)
	require.NoError(s, err)
	assert.Equal(s, payment{"order 17, pay", "Ivanova"}, in.Request)
	assert.Equal(s, "receipt 5", in.Value)
	assert.EqualValues(s, 2, s.looks.Load())
	s.eventually(func() bool {
		return !slices.ContainsFunc(s.jobs(), func(job *rivertype.JobRow) bool { return job.State != rivertype.JobStateCompleted })
	})
	versions := map[string]bool{}
	for _, job := range s.jobs() {
		var args map[string]any
		require.NoError(s, json.Unmarshal(job.EncodedArgs, &args))
		assert.Len(s, args, 2)
		versions[fmt.Sprint(args["key"], " ", args["version"])] = true
		assert.NotContains(s, fmt.Sprintf("%s %s %+v", job.EncodedArgs, job.Metadata, job), "Ivanova")
		assert.Equal(s, rutravelriver.Queue, job.Queue)
	}
	assert.Equal(s, map[string]bool{"order 17, pay 1": true, "order 17, pay 2": true}, versions)
}

// The answer to a call is kept although Settled panics. The next look-up settles the
// entry without asking the supplier.
func TestSettledPanics(t *testing.T) {
	t.Parallel()
	onBoth(t, testSettledPanics[pgx.Tx], testSettledPanics[*sql.Tx])
}

func testSettledPanics[Tx any](t *testing.T, db *database[Tx]) {
	var works atomic.Bool
	s := newShop(t, db, rutravelriver.Config[Tx]{Settled: func(context.Context, Tx, journal.Entry) error {
		if !works.Load() {
			panic("a bug")
		}
		return nil
	}})
	s.send = func() (string, error) { return "receipt 9", nil }
	receipt, err := s.pay.Do(t.Context(), "order 17, pay", payment{Order: "17"})
	assert.Equal(t, "receipt 9", receipt)
	require.ErrorContains(t, err, "panic: a bug")
	works.Store(true)
	s.start()
	s.becomes("order 17, pay", rutravel.OutcomeDone)
	receipt, err = s.pay.Result(t.Context(), "order 17, pay")
	require.NoError(t, err)
	assert.Equal(t, "receipt 9", receipt)
	assert.Zero(t, s.looks.Load())
}

// A call that Do made needs no look-up if its answer arrived, and one job if it was
// lost. That job is in the transaction that stores the end of the call.
func TestDo(t *testing.T) {
	t.Parallel()
	both(t, testDo, testDo)
}

func testDo[Tx any](s *shop[Tx]) {
	_, err := s.pay.Do(s.Context(), "order 17, pay", payment{Order: "17"})
	open, ok := errors.AsType[*journal.Error](err)
	require.True(s, ok, err)
	assert.Equal(s, rutravel.OutcomeOpen, open.Outcome)
	jobs := s.jobs()
	require.Len(s, jobs, 2)
	assert.WithinDuration(s, open.Again, jobs[1].ScheduledAt, 2*time.Millisecond)

	// Without River's tables, nothing is stored and nothing is sent.
	require.NoError(s, s.exec("DROP TABLE river_job"))
	_, err = s.pay.Do(s.Context(), "order 18, pay", payment{Order: "18"})
	require.ErrorContains(s, err, "was not sent")
	_, err = s.store.Get(s.Context(), "order 18, pay")
	require.ErrorIs(s, err, journal.ErrNoEntry)
}

// The job of an older version does nothing, and a job that River runs too early waits.
func TestJobIsNotDue(t *testing.T) {
	t.Parallel()
	both(t, testJobIsNotDue, testJobIsNotDue)
}

func testJobIsNotDue[Tx any](s *shop[Tx]) {
	e := s.lost("order 17, pay", time.Hour)
	e.Version++
	require.NoError(s, s.store.Update(s.Context(), e))
	require.NoError(s, s.exec("UPDATE river_job SET state = 'available', scheduled_at = created_at"))
	s.start()
	s.eventually(func() bool {
		jobs := s.jobs()
		return jobs[0].State == rivertype.JobStateCompleted && jobs[1].State == rivertype.JobStateScheduled
	})
	late := s.jobs()[1]
	assert.WithinDuration(s, e.Again, late.ScheduledAt, time.Second)
	assert.Zero(s, late.Attempt)
	assert.Zero(s, s.looks.Load())
}

// If Settled fails, neither the outcome nor what it wrote is stored. The job waits and
// looks the call up again, and this does not count as an attempt.
func TestSettled(t *testing.T) {
	t.Parallel()
	onBoth(t, testSettled[pgx.Tx], testSettled[*sql.Tx])
}

func testSettled[Tx any](t *testing.T, db *database[Tx]) {
	var s *shop[Tx]
	var calls atomic.Int64
	s = newShop(t, db, rutravelriver.Config[Tx]{Settled: func(ctx context.Context, tx Tx, e journal.Entry) error {
		in, err := s.pay.Read(e)
		if err == nil {
			err = db.execTx(ctx, tx, "INSERT INTO orders (id, state, receipt) VALUES ('"+in.Request.Order+"', '"+string(e.Outcome)+"', '"+in.Value+"')")
		}
		if calls.Add(1) <= 2 {
			err = errors.Join(err, errors.New("not now"))
		}
		return err
	}})
	require.NoError(t, s.exec("CREATE TABLE orders (id text PRIMARY KEY, state text, receipt text)"))
	s.start()
	s.lost("17", 0)
	s.becomes("17", rutravel.OutcomeDone)
	var id, state, receipt string
	require.NoError(t, s.row("SELECT id, state, receipt FROM orders", &id, &state, &receipt))
	assert.Equal(t, "17 done receipt 5", id+" "+state+" "+receipt)
	assert.EqualValues(t, 3, calls.Load())
	assert.EqualValues(t, 3, s.looks.Load())
	for _, job := range s.jobs() { // the periodic job may have inserted one as well
		assert.LessOrEqual(t, job.Attempt, 1)
		assert.Empty(t, job.Errors)
	}

	// A call that only a person can decide is also settled for the application.
	s.look = func(int64) (rutravel.Resolution[string], error) {
		return rutravel.Resolution[string]{Outcome: rutravel.OutcomeUndecidable, Reason: "Ask the supplier."}, nil
	}
	s.lost("18", 0)
	s.becomes("18", rutravel.OutcomeUndecidable)
	require.NoError(t, s.row("SELECT state FROM orders WHERE id = '18'", &state))
	assert.Equal(t, "undecidable", state)
}

// A look-up whose process died is made by another process after LookUpTimeout.
func TestProcessDied(t *testing.T) {
	t.Parallel()
	both(t, testProcessDied, testProcessDied)
}

func testProcessDied[Tx any](s *shop[Tx]) {
	assert.Equal(s, 2*time.Minute, s.river.RescueStuckJobsAfter)
	s.lost("order 17, pay", 0)
	require.NoError(s, s.exec("UPDATE river_job SET state = 'running', attempt = 1, attempted_at = '2026-01-01 00:00:00.000'"))
	s.start()
	s.becomes("order 17, pay", rutravel.OutcomeDone)
	assert.EqualValues(s, 1, s.looks.Load())
}

// The longest job of the application bounds RescueStuckJobsAfter from below.
func TestRescueStuckJobsAfter(t *testing.T) {
	t.Parallel()
	s := newShop(t, newSQLite(t), rutravelriver.Config[*sql.Tx]{})
	for _, test := range []struct{ config, want river.Config }{
		{river.Config{}, river.Config{RescueStuckJobsAfter: 2 * time.Minute}},
		{river.Config{JobTimeout: time.Hour}, river.Config{RescueStuckJobsAfter: time.Hour}},
		{river.Config{RescueStuckJobsAfter: 3 * time.Hour}, river.Config{RescueStuckJobsAfter: 3 * time.Hour}},
	} {
		config := test.config
		s.store.Configure(&config, nil)
		assert.Equal(t, test.want.RescueStuckJobsAfter, config.RescueStuckJobsAfter)
	}
}

// An open entry whose job was discarded, deleted or completed gets a new one when
// River starts.
func TestMissingJobs(t *testing.T) {
	t.Parallel()
	both(t, testMissingJobs, testMissingJobs)
}

func testMissingJobs[Tx any](s *shop[Tx]) {
	for _, key := range []string{"a", "b", "c"} {
		s.lost(key, 0)
	}
	s.lost("later", time.Hour)
	jobs := s.jobs()
	for i, change := range []string{
		"DELETE FROM river_job", "UPDATE river_job SET state = 'discarded', finalized_at = created_at", "UPDATE river_job SET state = 'completed', finalized_at = created_at",
	} {
		require.NoError(s, s.exec(fmt.Sprintf("%s WHERE id = %d", change, jobs[i].ID)))
	}
	s.start()
	for _, key := range []string{"a", "b", "c"} {
		s.becomes(key, rutravel.OutcomeDone)
	}
	assert.EqualValues(s, 3, s.looks.Load())
}

// A look-up that panics is made again soon.
func TestPanic(t *testing.T) {
	t.Parallel()
	both(t, testPanic, testPanic)
}

func testPanic[Tx any](s *shop[Tx]) {
	s.look = func(n int64) (rutravel.Resolution[string], error) {
		if n == 1 {
			panic("a bug")
		}
		return paid(n)
	}
	s.start()
	s.lost("order 17, pay", 0)
	s.becomes("order 17, pay", rutravel.OutcomeDone)
	assert.Greater(s, s.jobs()[0].MaxAttempts, 10_000)
}

// An entry of an operation that this program does not know stays open.
func TestUnknownOperation(t *testing.T) {
	t.Parallel()
	both(t, testUnknownOperation, testUnknownOperation)
}

func testUnknownOperation[Tx any](s *shop[Tx]) {
	e := s.lost("order 17, pay", time.Hour)
	e.Operation = "acme.tomorrow"
	e.Version, e.Again = 2, time.Now().UTC().Truncate(time.Microsecond)
	require.NoError(s, s.store.Update(s.Context(), e))
	s.start()
	s.eventually(func() bool {
		job := s.jobs()[1]
		return job.State == rivertype.JobStateScheduled && job.ScheduledAt.After(time.Now().Add(50*time.Minute))
	})
	s.becomes("order 17, pay", rutravel.OutcomeOpen)
}

// Passengers' data is erased some time after settlement.
func TestEraseAfter(t *testing.T) {
	t.Parallel()
	onBoth(t, testEraseAfter[pgx.Tx], testEraseAfter[*sql.Tx])
}

func testEraseAfter[Tx any](t *testing.T, db *database[Tx]) {
	s := newShop(t, db, rutravelriver.Config[Tx]{EraseAfter: time.Minute})
	for key, ago := range map[string]time.Duration{"old": 2 * time.Minute, "new": 0} {
		e := s.lost(key, time.Hour)
		e.Version++
		e.Outcome, e.Again, e.Settled = rutravel.OutcomeNotDone, time.Time{}, time.Now().Add(-ago).UTC().Truncate(time.Microsecond)
		require.NoError(t, s.store.Update(t.Context(), e))
	}
	s.start()
	s.eventually(func() bool {
		e, err := s.store.Get(t.Context(), "old")
		return err == nil && e.Erased && e.Request == nil
	})
	e, err := s.store.Get(t.Context(), "new")
	require.NoError(t, err)
	assert.False(t, e.Erased)
	assert.NotEmpty(t, e.Request)
}

// Instances that migrate at the same time wait for each other.
func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	db := newPostgres(t)
	var all sync.WaitGroup
	for range 4 {
		s := db.open(rutravelriver.Config[pgx.Tx]{Logger: quiet()})
		all.Go(func() { assert.NoError(t, s.Migrate(t.Context())) })
	}
	all.Wait()
}
