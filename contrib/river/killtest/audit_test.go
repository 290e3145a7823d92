package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
)

// The audit knows what each outcome says about the supplier's books.
func TestJudge(t *testing.T) {
	t.Parallel()
	did := []string{"5"}
	for name, test := range map[string]struct {
		op      string
		outcome rutravel.Outcome
		did     []string
		ok      bool
	}{
		"done and made":                    {"regionbilet.pay", rutravel.OutcomeDone, did, true},
		"done and not made":                {"regionbilet.pay", rutravel.OutcomeDone, nil, false},
		"not done and made":                {"regionbilet.pay", rutravel.OutcomeNotDone, did, false},
		"not done and not made":            {"smartway.buy", rutravel.OutcomeNotDone, nil, true},
		"a lost hold expires":              {"regionbilet.book", rutravel.OutcomeNotDone, did, true},
		"an expired hold counts as cancel": {"regionbilet.cancel", rutravel.OutcomeDone, nil, true},
		"identical orders are exchanged":   {"ticketscloud.create_order", rutravel.OutcomeDone, nil, true},
		"for a person":                     {"multitour.book", rutravel.OutcomeUndecidable, nil, true},
		"for a person, and found":          {"multitour.book", rutravel.OutcomeUndecidable, did, false},
		"for a person, and not needed":     {"regionbilet.pay", rutravel.OutcomeUndecidable, nil, false},
		"open":                             {"regionbilet.pay", rutravel.OutcomeOpen, nil, false},
	} {
		var r report
		r.judge(sqlite, journal.Entry{Operation: test.op, Outcome: test.outcome}, test.did)
		assert.Equal(t, test.ok, len(r.problems) == 0, "%s: %v", name, r.problems)
	}
}
