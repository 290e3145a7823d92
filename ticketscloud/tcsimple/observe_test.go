package tcsimple_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

// A stream is one call, in each way in which it can end.
func TestObserved(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		faults   []tcsimpletest.Fault
		stop     bool // after the first element
		kind     rutravel.Kind
		attempts int
		elements int
	}{
		{name: "success", attempts: 1, elements: 3},
		{name: "stopped by the caller", stop: true, attempts: 1, elements: 1},
		{name: "lost, then success", faults: []tcsimpletest.Fault{{Drop: true}, {Code: tcsimple.CodeInternal}}, attempts: 3, elements: 3},
		{name: "always lost", faults: []tcsimpletest.Fault{{Drop: true}, {Drop: true}, {Drop: true}}, kind: rutravel.ErrUnavailable, attempts: 3},
		{name: "broken off", faults: []tcsimpletest.Fault{{Drop: true, After: 1}}, kind: rutravel.ErrUnavailable, attempts: 1, elements: 1},
		{name: "refused", faults: []tcsimpletest.Fault{{Status: http.StatusForbidden}}, kind: rutravel.ErrForbidden, attempts: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen conformance.Observed
				fake := tcsimpletest.New(nil)
				fake.Inject(test.faults...)
				c := newClient(t, fake, seen.Option())
				var last error
				for _, err := range c.Events(t.Context(), tcsimple.EventQuery{}) {
					if last = err; err != nil || test.stop {
						break
					}
					time.Sleep(time.Second) // the caller's time counts
				}
				require.Equal(t, test.kind, rutravel.KindOf(last), "%v", last)
				seen.Check(t)
				calls := seen.Calls("")
				require.Len(t, calls, 1)
				end := calls[0].Ends[0]
				assert.Equal(t, rutravel.Call{Supplier: "tcsimple", Op: "Events", Safety: rutravel.SafetySafe}, end.Call)
				assert.Equal(t, last, end.Err)
				assert.Equal(t, test.attempts, end.Attempts)
				assert.Equal(t, test.elements, end.Elements)
			})
		})
	}
}
