package journal

import (
	"errors"
	"fmt"
	"strings"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// The errors of calls that a journal refuses. Nothing was sent.
var (
	// ErrReused means that the key was used for another request or another operation.
	ErrReused = errors.New("journal: the key was used for another request")
	// ErrShutdown means that the journal was shut down.
	ErrShutdown = errors.New("journal: shut down")
)

// The errors of entries that cannot be resolved by this program. They stay open.
var (
	// ErrUnknownOperation means that Add did not get an operation of this name.
	ErrUnknownOperation = errors.New("journal: unknown operation")
	// ErrCorrupt means that the request, result or error of the entry cannot be read.
	ErrCorrupt = errors.New("journal: unreadable entry")
)

// ErrRunning is the error of [Call.Decide] for a call that may still be running.
var ErrRunning = errors.New("journal: the call may still be running")

// Error is the error that [Call.Do] returns for a call that was not done, or whose
// outcome is not known.
type Error struct {
	Key     string
	Outcome rutravel.Outcome // open, not_done or undecidable; done if the result was erased
	// Again, if the outcome is open, is the time of the next look-up.
	Again    time.Time
	Reason   string // a sentence for people; if the outcome is undecidable, what to check
	Presumed bool   // not_done, because look-ups found nothing for long enough
	// Err has a [*rutravel.Error] in its chain. Its kind is rutravel.ErrNotConfirmed
	// unless the outcome is not_done. If a look-up decided the kind, its Op is the part of
	// Operation.Name after the dot: "pay_order". Err is nil if the result was erased.
	Err error
}

// Error returns one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "journal: %q is %s", e.Key, strings.ReplaceAll(string(e.Outcome), "_", " "))
	if !e.Again.IsZero() {
		fmt.Fprintf(&b, ", look-up at %s", e.Again.Format(time.RFC3339))
	}
	if e.Reason != "" {
		fmt.Fprintf(&b, ": %s", strings.TrimSuffix(e.Reason, "."))
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }
