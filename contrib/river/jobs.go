package rutravelriver

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
)

// Queue is the River queue of the look-ups.
const Queue = "rutravel"

const (
	upkeepEvery = time.Minute
	soonest     = 100 * time.Millisecond // between two tries of a job
	latest      = 2 * time.Minute        // after a failure
)

// Migrate creates and updates River's tables and the journal's. Call it when a new
// version of the application is deployed, before its first instance starts. On
// PostgreSQL, two instances that call it at the same time wait for each other.
func (s *Store[Tx]) Migrate(ctx context.Context) error {
	return s.db.migrate(ctx, func(ctx context.Context) error {
		migrator, err := rivermigrate.New(s.driver, &rivermigrate.Config{Logger: s.config.Logger})
		if err == nil {
			_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		}
		return err
	})
}

// Configure adds a queue, two workers and a periodic job for look-ups to the
// configuration of a River client. Call it for every client that is started for these
// tables, because any of them may become River's leader.
//
// If config.RescueStuckJobsAfter is zero, Configure sets it to LookUpTimeout, or to
// config.JobTimeout if that is longer. River's own default is an hour: a look-up
// whose process died would wait for an hour.
func (s *Store[Tx]) Configure(config *river.Config, j *journal.Journal) {
	if config.Workers == nil {
		config.Workers = river.NewWorkers()
	}
	river.AddWorker(config.Workers, &lookUpWorker[Tx]{store: s, journal: j})
	river.AddWorker(config.Workers, &upkeepWorker[Tx]{store: s, journal: j})
	if config.Queues == nil {
		config.Queues = map[string]river.QueueConfig{}
	}
	config.Queues[Queue] = river.QueueConfig{MaxWorkers: s.config.LookUps}
	config.PeriodicJobs = append(config.PeriodicJobs, river.NewPeriodicJob(
		river.PeriodicInterval(upkeepEvery),
		func() (river.JobArgs, *river.InsertOpts) { return upkeep{}, nil },
		&river.PeriodicJobOpts{RunOnStart: true}))
	if config.RescueStuckJobsAfter == 0 {
		jobTimeout := config.JobTimeout
		if jobTimeout == 0 {
			jobTimeout = river.JobTimeoutDefault
		}
		config.RescueStuckJobsAfter = max(s.config.LookUpTimeout, jobTimeout)
	}
}

// lookUp are the arguments of the job that looks an entry up. They are shown in River's
// web interface, so they hold no passengers' data.
type lookUp struct {
	Key     string `json:"key"`
	Version int64  `json:"version"` // of the entry; another version has its own job
}

// Kind implements [river.JobArgs].
func (lookUp) Kind() string { return "rutravel_look_up" }

// InsertOpts implements [river.JobArgsWithInsertOpts]. A job is never discarded, and
// there is at most one for a version of an entry.
func (lookUp) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: math.MaxInt16, UniqueOpts: unique}
}

var unique = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}}

// lookUpWorker looks entries up. It sends nothing else.
type lookUpWorker[Tx any] struct {
	river.WorkerDefaults[lookUp]
	store   *Store[Tx]
	journal *journal.Journal
}

// Timeout implements [river.Worker].
func (w *lookUpWorker[Tx]) Timeout(*river.Job[lookUp]) time.Duration {
	return w.store.config.LookUpTimeout
}

// NextRetry implements [river.Worker]. It is for look-ups that panicked or whose
// process died. With River's own pauses the next try may be weeks later.
func (w *lookUpWorker[Tx]) NextRetry(job *river.Job[lookUp]) time.Time {
	return time.Now().Add(min(time.Duration(job.Attempt)*time.Second, latest))
}

// Work implements [river.Worker]. It returns no error, because River discards jobs
// that have failed too often.
func (w *lookUpWorker[Tx]) Work(ctx context.Context, job *river.Job[lookUp]) error {
	next, err := w.resolve(ctx, job.Args)
	if err != nil {
		w.store.config.Logger.WarnContext(ctx, "rutravel: a look-up failed", slog.String("key", job.Args.Key), slog.Any("error", err))
		if !next.IsZero() {
			// The entry was not changed, so the job's age is the time since the first failure.
			backoff := time.Now().Add(min(time.Since(job.CreatedAt)/4, latest))
			next = later(next, backoff)
		}
	}
	if next.IsZero() {
		return nil
	}
	return river.JobSnooze(max(time.Until(next), soonest))
}

// resolve makes one look-up if it is due. It returns when the job must run again, and
// zero if another job or none is needed.
func (w *lookUpWorker[Tx]) resolve(ctx context.Context, args lookUp) (next time.Time, err error) {
	e, open, err := w.current(ctx, args)
	switch {
	case errors.Is(err, journal.ErrNoEntry):
		return time.Time{}, err
	case err != nil:
		return time.Now(), err
	case !open:
		return time.Time{}, nil
	case time.Now().Before(e.Again):
		return e.Again, nil // River is early
	}
	next, err = w.journal.Resolve(ctx, args.Key)
	if next.IsZero() {
		return next, err
	}
	if _, open, getErr := w.current(ctx, args); getErr == nil && !open {
		return time.Time{}, err // a new version has its own job
	}
	return next, err
}

// current returns the entry of a job, and whether it is open and still has the job's
// version.
func (w *lookUpWorker[Tx]) current(ctx context.Context, args lookUp) (e journal.Entry, open bool, err error) {
	e, err = w.store.Get(ctx, args.Key)
	return e, err == nil && e.Version == args.Version && e.Outcome == rutravel.OutcomeOpen, err
}

// upkeep are the arguments of the periodic job.
type upkeep struct{}

// Kind implements [river.JobArgs].
func (upkeep) Kind() string { return "rutravel_upkeep" }

// InsertOpts implements [river.JobArgsWithInsertOpts].
func (upkeep) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: 1, UniqueOpts: unique}
}

// upkeepWorker gives jobs to open entries that have none, and erases old entries.
type upkeepWorker[Tx any] struct {
	river.WorkerDefaults[upkeep]
	store   *Store[Tx]
	journal *journal.Journal
}

// Timeout implements [river.Worker].
func (w *upkeepWorker[Tx]) Timeout(*river.Job[upkeep]) time.Duration { return upkeepEvery }

// Work implements [river.Worker].
func (w *upkeepWorker[Tx]) Work(ctx context.Context, _ *river.Job[upkeep]) error {
	err := w.store.insertMissing(ctx)
	if after := w.store.config.EraseAfter; after > 0 {
		_, eraseErr := w.journal.Erase(ctx, time.Now().Add(-after))
		err = errors.Join(err, eraseErr)
	}
	return err
}

// insertMissing inserts a job for each open entry that is due and has none, for example
// because a person deleted it in River's web interface.
func (s *Store[Tx]) insertMissing(ctx context.Context) error {
	const page = 500
	q := journal.Query{Outcome: rutravel.OutcomeOpen, DueBefore: time.Now(), Limit: page}
	for {
		due, err := s.List(ctx, q)
		if err != nil || len(due) == 0 {
			return err
		}
		for _, e := range due {
			if _, err = s.jobs.Insert(ctx, lookUp{e.Key, e.Version}, nil); err != nil {
				return err
			}
		}
		q.After = due[len(due)-1].Key
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
