package rutravel_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

type (
	intent     = rutravel.Intent[string, string]
	resolution = rutravel.Resolution[string]
)

// Resolve says what became of a call from how it ended, from what the look-up found,
// and from how long ago that was.
func TestResolve(t *testing.T) {
	t.Parallel()
	failure := func(k rutravel.Kind) *rutravel.Error { return &rutravel.Error{Kind: k} }
	lost := failure(rutravel.ErrNotConfirmed)
	down := errors.New("look-up failed")
	nothing := resolution{Outcome: rutravel.OutcomeOpen, Reason: "It is still held."}
	for name, test := range map[string]struct {
		after   time.Duration // since the call began
		crashed bool
		err     *rutravel.Error
		found   resolution
		failed  error
		silence rutravel.Outcome
		want    resolution // without Again
		again   time.Duration
		looks   int
	}{
		"a success":                        {after: time.Second, want: resolution{Outcome: rutravel.OutcomeDone, Value: "arrived"}},
		"a refusal":                        {after: time.Second, err: failure(rutravel.ErrSoldOut), want: resolution{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrSoldOut}},
		"not sent":                         {after: time.Second, err: failure(rutravel.ErrCanceled), want: resolution{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrCanceled}},
		"crashed, may still run":           {after: 2*time.Minute + 9*time.Second, crashed: true, want: resolution{Outcome: rutravel.OutcomeOpen}, again: time.Second},
		"crashed, found":                   {after: 3 * time.Minute, crashed: true, found: resolution{Outcome: rutravel.OutcomeDone, Value: "v"}, want: resolution{Outcome: rutravel.OutcomeDone, Value: "v"}, looks: 1},
		"lost, found":                      {after: time.Second, err: lost, found: resolution{Outcome: rutravel.OutcomeDone, Value: "v"}, want: resolution{Outcome: rutravel.OutcomeDone, Value: "v"}, looks: 1},
		"lost, expired":                    {after: time.Second, err: lost, found: resolution{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrExpired}, want: resolution{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrExpired}, looks: 1},
		"lost, nothing yet":                {after: time.Minute, err: lost, found: nothing, want: nothing, again: 30 * time.Second, looks: 1},
		"lost, nothing at once":            {err: lost, found: nothing, want: nothing, again: time.Second, looks: 1},
		"lost, nothing for long":           {after: 9 * time.Minute, err: lost, found: nothing, want: nothing, again: time.Minute, looks: 1},
		"lost, an empty resolution":        {after: time.Minute, err: lost, want: resolution{Outcome: rutravel.OutcomeOpen}, again: 30 * time.Second, looks: 1},
		"lost, silence is not done":        {after: 10 * time.Minute, err: lost, found: nothing, silence: rutravel.OutcomeNotDone, want: resolution{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrUnavailable, Presumed: true}, looks: 1},
		"lost, silence is undecidable":     {after: 10 * time.Minute, err: lost, found: nothing, silence: rutravel.OutcomeUndecidable, want: resolution{Outcome: rutravel.OutcomeUndecidable}, looks: 1},
		"crashed, silence counts later":    {after: 12 * time.Minute, crashed: true, found: nothing, want: nothing, again: 10 * time.Second, looks: 1},
		"look-up fails":                    {after: time.Minute, err: lost, failed: down, want: resolution{Outcome: rutravel.OutcomeOpen}, again: 30 * time.Second, looks: 1},
		"look-up fails after the patience": {after: 24 * time.Hour, err: lost, failed: down, silence: rutravel.OutcomeNotDone, want: resolution{Outcome: rutravel.OutcomeOpen}, again: 2 * time.Minute, looks: 1},
		"look-up fails until the end":      {after: 25 * time.Hour, err: lost, failed: down, silence: rutravel.OutcomeNotDone, want: resolution{Outcome: rutravel.OutcomeUndecidable}, looks: 1},
		"unsure refusal, found":            {after: time.Second, err: failure(rutravel.ErrRejected), found: resolution{Outcome: rutravel.OutcomeDone, Value: "v"}, want: resolution{Outcome: rutravel.OutcomeDone, Value: "v"}, looks: 1},
		"unsure refusal, nothing":          {after: time.Second, err: failure(rutravel.ErrRejected), found: nothing, silence: rutravel.OutcomeNotDone, want: resolution{Outcome: rutravel.OutcomeNotDone, Kind: rutravel.ErrUnavailable, Presumed: true}, looks: 1},
		"candidates":                       {after: time.Second, err: lost, found: rutravel.CandidatesOf([]string{"a", "taken", ""}, id), want: rutravel.CandidatesOf([]string{"a"}, id), looks: 1},
		"candidates of others":             {after: time.Second, err: lost, found: rutravel.CandidatesOf([]string{"taken"}, id), want: resolution{Outcome: rutravel.OutcomeOpen}, again: time.Second, looks: 1},
		"candidates of others for long":    {after: 10 * time.Minute, err: lost, found: rutravel.CandidatesOf([]string{"taken"}, id), silence: rutravel.OutcomeUndecidable, want: resolution{Outcome: rutravel.OutcomeUndecidable}, looks: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				looks := 0
				op := rutravel.Operation[string, string]{
					Look:     func(context.Context, intent) (resolution, error) { looks++; return test.found, test.failed },
					Patience: 10 * time.Minute, Silence: test.silence,
					Unsure: func(e *rutravel.Error) bool { return e.Kind == rutravel.ErrRejected },
				}
				in := op.NewIntent("request")
				if !test.crashed {
					in.Ended, in.Err, in.Value = time.Now(), test.err, "arrived"
				}
				text, err := json.Marshal(in)
				require.NoError(t, err)
				in = intent{}
				require.NoError(t, json.Unmarshal(text, &in))
				time.Sleep(test.after)
				got, err := op.Resolve(t.Context(), in, func(context.Context, []string) ([]string, error) { return []string{"id of taken"}, nil })
				assert.Equal(t, test.failed, err)
				if test.again != 0 {
					assert.Equal(t, test.again, time.Until(got.Again))
				}
				got.Again = time.Time{}
				if test.want.Reason == "" {
					got.Reason = ""
				}
				assert.Equal(t, test.want, got)
				assert.Equal(t, test.looks, looks)
			})
		})
	}
}

func id(v string) string {
	if v == "" {
		return ""
	}
	return "id of " + v
}

// A list of taken ids that cannot be read decides nothing.
func TestResolveWithoutTakenIDs(t *testing.T) {
	t.Parallel()
	op := rutravel.Operation[string, string]{
		Look: func(context.Context, intent) (resolution, error) {
			return rutravel.CandidatesOf([]string{"a"}, id), nil
		},
		Patience: time.Minute, Silence: rutravel.OutcomeNotDone,
	}
	in := intent{Ended: time.Now(), Err: &rutravel.Error{Kind: rutravel.ErrNotConfirmed}}
	failed := errors.New("store failed")
	r, err := op.Resolve(t.Context(), in, func(context.Context, []string) ([]string, error) { return nil, failed })
	require.ErrorIs(t, err, failed)
	assert.Equal(t, rutravel.OutcomeOpen, r.Outcome)
	assert.Empty(t, r.Candidates)
	r, err = op.Resolve(t.Context(), in, nil)
	require.NoError(t, err)
	assert.Len(t, r.Candidates, 1)
}
