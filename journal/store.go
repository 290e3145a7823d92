package journal

import (
	"context"
	"errors"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// The errors of a [Store].
var (
	// ErrExists means that Insert found the key in use.
	ErrExists = errors.New("journal: the key is in use")
	// ErrChanged: the stored version is not one less than the version that Update was
	// given.
	ErrChanged = errors.New("journal: the entry was changed by another process")
	// ErrClaimed: another entry has the same Claim, see [Entry].
	ErrClaimed = errors.New("journal: the claim is another entry's")
	// ErrNoEntry means that Get found no entry.
	ErrNoEntry = errors.New("journal: no such entry")
)

// Entry is what a store keeps about one call. Request, Value and Failure may hold
// passengers' data. They are sealed if the journal has a [Sealer]. Times are in UTC
// and whole microseconds.
type Entry struct {
	Key       string // unique
	Operation string // Operation.Name
	Group     string // Operation.Group of the request; Operation if it has none
	// Claim is Operation.Subject of the request, or Operation.ID of the result once it is known.
	// It is unique among all entries that have one.
	Claim   string
	Version int64            // 1 after Insert; each Update adds 1
	Outcome rutravel.Outcome // open, done, not_done or undecidable

	Sent     time.Time // when Do was called
	Deadline time.Time // nothing is sent after it
	Fence    time.Time // Deadline plus Operation.Grace; a call with no Ended may still be running before it
	Ended    time.Time `json:",omitzero"` // when the call returned; zero if that is not known
	Again    time.Time `json:",omitzero"` // when to look again; zero unless Outcome is open
	Settled  time.Time `json:",omitzero"` // when Outcome became done or not_done

	Request []byte // JSON of the request
	Value   []byte // JSON of the result, or of what arrived with an error
	Failure []byte // JSON of the rutravel.Error that the call returned

	Kind     rutravel.Kind        `json:",omitempty"` // if Outcome is not_done: the kind of the error that the caller gets
	Reason   string               `json:",omitempty"` // why the outcome is what it is, for people
	Presumed bool                 `json:",omitempty"` // not_done because look-ups found nothing for long enough
	Erased   bool                 `json:",omitempty"` // Request, Value and Failure were erased
	Seen     map[string]time.Time `json:",omitempty"` // when each candidate was first seen
}

// settled reports whether an entry is done or not done.
func (e *Entry) settled() bool {
	return e.Outcome == rutravel.OutcomeDone || e.Outcome == rutravel.OutcomeNotDone
}

// running reports whether the call may still be sent or be waiting for its answer.
func (e *Entry) running(now time.Time) bool { return e.Ended.IsZero() && now.Before(e.Fence) }

// Query selects entries. A zero field does not limit the selection.
type Query struct {
	Outcome   rutravel.Outcome
	Group     string
	DueBefore time.Time // only entries with an Again before it
	After     string    // only entries with greater keys, compared byte by byte
	Limit     int       // the maximum number of entries; 0 means no limit
}

// Store keeps entries. All instances of an application, and all applications that use
// an account at a supplier, must use one store. Its methods are safe for concurrent use.
// [Memory] is a store for tests. Test your own store with package journaltest.
//
// A store needs two unique indexes, of keys and of claims, and it compares versions. A
// table of an SQL database has columns for Key, Version, Claim, Outcome, Group, Again
// and Settled, and one column for the rest as JSON.
type Store interface {
	// Insert adds an entry. It returns ErrExists if the key is in use, and ErrClaimed if
	// another entry has the claim. If it returns nil, the entry is durable.
	Insert(ctx context.Context, e Entry) error
	// Update replaces the entry with the same key. It returns ErrChanged if the version
	// of that entry is not one less than e.Version, and ErrClaimed if another entry has
	// the claim. If it returns nil, the new entry is durable.
	Update(ctx context.Context, e Entry) error
	// Get returns an entry, or ErrNoEntry.
	Get(ctx context.Context, key string) (Entry, error)
	// List returns entries in the order of their keys.
	List(ctx context.Context, q Query) ([]Entry, error)
	// Claimed returns the given claims that an entry already has.
	Claimed(ctx context.Context, claims []string) ([]string, error)
	// Erase empties Request, Value and Failure of all entries that settled before a
	// time, sets Erased, adds 1 to Version, and returns how many entries it changed.
	// It leaves out those that were erased before.
	Erase(ctx context.Context, settledBefore time.Time) (int, error)
}
