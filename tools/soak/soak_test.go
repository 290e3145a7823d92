package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// The seed determines the faults, but not the order of concurrent callers. In any order,
// nothing is made twice or lost.
func TestNothingIsMadeTwiceOrLost(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := soak([]string{"-for", "2s", "-callers", "25", "-seed", "5", "-timeout", "500ms"}, &out)
	require.NoError(t, err, out.String())
}

func TestArgumentsAreChecked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-for", "0s"}, {"-callers", "0"}, {"-timeout", "-1s"}, {"-supplier", "nobody"}, {"more"}, {"-no-such-flag"},
	} {
		assert.Error(t, soak(args, io.Discard), args)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	once, twice := []change{{book, "1"}}, []change{{book, "1"}, {book, "2"}}
	for name, c := range map[string]struct {
		act  *act
		want string // row
		bad  bool
	}{
		"reported and made":        {&act{reported: made, object: "1", changes: once}, rowMade, false},
		"reported, not made":       {&act{reported: made, object: "1"}, rowReportedOnly, true},
		"reported another":         {&act{reported: made, object: "2", changes: once}, rowReportedOnly, true},
		"made twice":               {&act{reported: made, object: "1", changes: twice}, rowTwice, true},
		"refused":                  {&act{reported: notMade}, rowNotMade, false},
		"refused and made":         {&act{reported: notMade, changes: once}, rowUnreported, true},
		"found":                    {&act{reported: unconfirmed, found: made, object: "1", changes: once}, rowFoundMade, false},
		"found another":            {&act{reported: unconfirmed, found: made, object: "2", changes: once}, rowReportedOnly, true},
		"found and not made":       {&act{reported: unconfirmed, found: made}, rowReportedOnly, true},
		"not found":                {&act{reported: unconfirmed, found: notMade}, rowFoundNot, false},
		"not found and made":       {&act{reported: unconfirmed, found: notMade, changes: once}, rowUnreported, true},
		"left":                     {&act{reported: unconfirmed, found: abandoned, changes: once}, rowAbandoned, false},
		"not resolved":             {&act{reported: unconfirmed}, rowUnresolved, true},
		"not ended":                {&act{}, rowUnresolved, true},
		"carried out as something": {&act{reported: made, changes: []change{{cancel, "1"}}}, rowOdd, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(), &shop{name: "smartway"}
			a := l.begin(s, "A", book)
			a.reported, a.found, a.object, a.changes = c.act.reported, c.act.found, c.act.object, c.act.changes
			l.judge()
			assert.Positive(t, l.counts[c.want]["smartway"])
			assert.Equal(t, !c.bad, l.ok())
		})
	}
}

func TestJudgeAcrossActs(t *testing.T) {
	t.Parallel()
	l, s := newLedger(), &shop{name: "smartway"}
	for _, object := range []string{"1", "2"} {
		a := l.begin(s, "A", book)
		a.reported, a.object = made, object
		l.record(s, a, change{book, object})
	}
	l.record(s, nil, change{pay, "3"})
	l.judge()
	assert.Equal(t, 1, l.counts[rowTwice]["smartway"])
	assert.Equal(t, 1, l.counts[rowUnreported]["smartway"])
}

func TestCompare(t *testing.T) {
	t.Parallel()
	ten := decimal.NewFromInt(10)
	for name, c := range map[string]struct {
		books entry
		held  []holding
		want  string // row; "" is none
	}{
		"the same":          {entry{customer: "A", paid: ten}, []holding{{"1", entry{customer: "A", paid: ten}}}, ""},
		"not there":         {entry{customer: "A"}, nil, rowReportedOnly},
		"one more":          {entry{customer: "A"}, []holding{{"1", entry{customer: "A"}}, {"2", entry{customer: "B"}}}, rowUnreported},
		"two of one":        {entry{customer: "A"}, []holding{{"1", entry{customer: "A"}}, {"2", entry{customer: "A"}}}, rowTwice},
		"paid more":         {entry{customer: "A"}, []holding{{"1", entry{customer: "A", paid: ten}}}, rowMoney},
		"refunded less":     {entry{customer: "A", refunded: ten}, []holding{{"1", entry{customer: "A"}}}, rowMoney},
		"another price":     {entry{customer: "A", prices: []decimal.Decimal{ten}}, []holding{{"1", entry{customer: "A"}}}, rowMoney},
		"not cancelled":     {entry{customer: "A", cancelled: true}, []holding{{"1", entry{customer: "A"}}}, rowOdd},
		"another's":         {entry{customer: "A"}, []holding{{"1", entry{customer: "B"}}}, rowOdd},
		"contact unchanged": {entry{customer: "A", contact: "a"}, []holding{{"1", entry{customer: "A"}}}, rowOdd},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(), &shop{name: "smartway"}
			l.write(s, "1", func(e *entry) { *e = c.books })
			l.compare(s, c.held)
			assert.Equal(t, c.want == "", l.ok())
			if c.want != "" {
				assert.Positive(t, l.counts[c.want]["smartway"])
			}
		})
	}
}

// A call must succeed only with an answer that arrived completely.
func TestJudgeAnswer(t *testing.T) {
	t.Parallel()
	broken := new(breaking)
	broken.broken.Store(true)
	for name, c := range map[string]struct {
		arrival  arrival
		via      *breaking
		reported verdict
		waited   bool
		bad      bool
	}{
		"cut and made":            {answerCut, new(breaking), made, true, true},
		"cut and unconfirmed":     {answerCut, new(breaking), unconfirmed, true, false},
		"whole and made":          {answerWhole, new(breaking), made, true, false},
		"whole and unconfirmed":   {answerWhole, new(breaking), unconfirmed, true, true},
		"whole, but not waited":   {answerWhole, new(breaking), unconfirmed, false, false},
		"whole, but disconnected": {answerWhole, broken, unconfirmed, true, false},
		"lost and unconfirmed":    {answerLost, nil, unconfirmed, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(), &shop{name: "smartway"}
			a := l.begin(s, "A", book)
			a.reported, a.found, a.object, a.waited = c.reported, made, "1", c.waited
			l.record(s, a, change{book, "1"})
			a.note(c.arrival, c.via)
			l.judge()
			assert.Equal(t, !c.bad, l.ok())
		})
	}
}

// The observer must see every attempt, and an attempt must not open connections
// without end.
func TestCheck(t *testing.T) {
	t.Parallel()
	failed := &rutravel.Error{Supplier: "smartway", Op: "ping", Kind: rutravel.ErrUnavailable, Attempts: 2}
	for name, c := range map[string]struct {
		attempts, dials int
		err             error
		bad             bool
	}{
		"success":               {1, 1, nil, false},
		"success, unseen":       {0, 0, nil, true},
		"failure":               {2, 2, failed, false},
		"failure, once unseen":  {1, 1, failed, true},
		"many connections":      {2, 2 * maxConnections, failed, false},
		"too many connections":  {2, 2*maxConnections + 1, failed, true},
		"not a *rutravel.Error": {1, 1, io.EOF, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &run{ledger: newLedger(), ctx: t.Context()}
			s := &shop{name: "smartway"}
			k := &call{shop: s}
			for range c.attempts {
				k.attempted()
			}
			for range c.dials {
				k.dial(t.Context(), r.ledger)
			}
			(&caller{run: r, shop: s}).check(t.Context(), k, c.err)
			assert.Equal(t, !c.bad, r.ledger.ok())
		})
	}
}

// Two calls must not have running attempts for one order.
func TestOrder(t *testing.T) {
	t.Parallel()
	l, o := newLedger(), new(order)
	one, two := &call{shop: new(shop), order: o}, &call{shop: new(shop), order: o}
	one.dial(t.Context(), l)
	one.attempted()
	two.dial(t.Context(), l)
	ended, end := context.WithCancel(t.Context())
	end()
	one.dial(ended, l)
	assert.True(t, l.ok())
	one.dial(t.Context(), l)
	assert.False(t, l.ok())
}

// A session with a lost answer is recorded. A lost answer without a session is not.
func TestLostSessions(t *testing.T) {
	t.Parallel()
	s := new(shop)
	s.lose("1")
	s.lose("")
	assert.True(t, s.isLost("1"))
	assert.False(t, s.isLost("2"))
	assert.False(t, s.isLost(""))
}

// An id can be the result of one call. taken returns the ids that are results.
func TestClaim(t *testing.T) {
	t.Parallel()
	s := new(shop)
	assert.True(t, s.claim("1"))
	assert.False(t, s.claim("1"))
	taken, err := s.taken(t.Context(), []string{"2", "1", "3"})
	require.NoError(t, err)
	assert.Equal(t, []string{"1"}, taken)
}

// Given an outcome of a call, expect the caller's verdict.
func TestCommit(t *testing.T) {
	t.Parallel()
	refused := &rutravel.Error{Supplier: "smartway", Kind: rutravel.ErrSoldOut}
	lost := &rutravel.Error{Supplier: "smartway", Kind: rutravel.ErrNotConfirmed}
	found := rutravel.CandidatesOf([]string{"1", "2"}, func(v string) string { return v })
	nothing := rutravel.Resolution[string]{Outcome: rutravel.OutcomeOpen}
	for name, c := range map[string]struct {
		err      error
		look     rutravel.Resolution[string]
		person   verdict
		reported verdict
		want     verdict
		object   string
	}{
		"refused":            {err: refused, reported: notMade, want: notMade},
		"done":               {err: lost, look: rutravel.Resolution[string]{Outcome: rutravel.OutcomeDone, Value: "3"}, reported: unconfirmed, want: made, object: "3"},
		"the next candidate": {err: lost, look: found, reported: unconfirmed, want: made, object: "2"},
		"nothing found":      {err: lost, look: nothing, reported: unconfirmed, want: notMade},
		"a person":           {err: lost, look: nothing, person: abandoned, reported: unconfirmed, want: abandoned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &run{ledger: newLedger(), ctx: t.Context(), timeout: time.Hour, network: &network{healed: make(chan struct{})}}
			close(r.network.healed)
			s := &shop{name: "smartway"}
			s.claim("1")
			e := effect[string, string]{what: book, object: func(v string) string { return v }, Operation: rutravel.Operation[string, string]{
				Send: func(context.Context, string) (string, error) { return "", c.err },
				Look: func(context.Context, rutravel.Intent[string, string]) (rutravel.Resolution[string], error) {
					return c.look, nil
				},
				Patience: time.Hour, Silence: rutravel.OutcomeUndecidable,
				ID: func(v string) string { return v },
			}}
			if c.person != "" {
				e.person = func() (string, verdict) { return "", c.person }
			}
			object, v := e.commit(&caller{run: r, shop: s}, customer{}, "")
			assert.Equal(t, c.want, v)
			assert.Equal(t, c.object, object)
			assert.Equal(t, c.reported, r.ledger.acts[0].reported)
			assert.Equal(t, c.object, r.ledger.acts[0].object)
		})
	}
}

// A run that does not end prints its goroutines.
func TestWithin(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, within(time.Hour, &out, func() error { return nil }))
	assert.Empty(t, out.String())
	ended := make(chan struct{})
	defer close(ended)
	require.ErrorIs(t, within(time.Nanosecond, &out, func() error { <-ended; return nil }), errEndless)
	assert.Contains(t, out.String(), "TestWithin")
}

func TestSettleEnds(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	l := newLedger()
	a := l.begin(&shop{name: "smartway"}, "A", book)
	a.settle(ended, l)
	assert.True(t, l.ok(), "no connection is open")
	a.opened()
	a.settle(ended, l)
	assert.Equal(t, 1, l.counts[rowOdd]["smartway"])
}

// The audit reads the supplier's answers. An answer that cannot be read is an error.
func TestTapped(t *testing.T) {
	t.Parallel()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusOK, `{"sum": 1}`))
	var sum struct{ Sum decimal.Decimal }
	resp, err := tapped(m, func(_ *http.Request, answer []byte) error { return json.Unmarshal(answer, &sum) }).Get("http://localhost")
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, `{"sum": 1}`, string(text))
	assert.Equal(t, "1", sum.Sum.String())

	_, err = tapped(m, func(*http.Request, []byte) error { return io.ErrUnexpectedEOF }).Get("http://localhost")
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestExamine(t *testing.T) {
	t.Parallel()
	r := &run{ledger: newLedger()}
	who := newCustomer(42)
	r.examine("smartway", "", "nothing", "0xc000908172", "127.0.0.1:90817")
	assert.True(t, r.ledger.ok())
	private := []string{who.surname, who.first, who.passport, who.phone, who.email, "fake-token"}
	r.examine("smartway", "", private...)
	assert.GreaterOrEqual(t, r.ledger.counts[rowLeak]["smartway"], len(private))
	assert.NotEqual(t, newCustomer(1).surname, newCustomer(27).surname)
}
