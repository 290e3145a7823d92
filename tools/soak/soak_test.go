package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What goes wrong follows from a seed as far as callers that run beside each
// other let it; the verdict must be the same.
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
	once, twice := []deed{{book, "1"}}, []deed{{book, "1"}, {book, "2"}}
	for name, c := range map[string]struct {
		act  *act
		want string // row
		bad  bool
	}{
		"told and made":            {&act{told: made, object: "1", deeds: once}, rowMade, false},
		"told and not made":        {&act{told: made, object: "1"}, rowToldOnly, true},
		"told another":             {&act{told: made, object: "2", deeds: once}, rowToldOnly, true},
		"made twice":               {&act{told: made, object: "1", deeds: twice}, rowTwice, true},
		"refused":                  {&act{told: notMade}, rowNotMade, false},
		"refused and made":         {&act{told: notMade, deeds: once}, rowUntold, true},
		"found":                    {&act{told: open, found: made, object: "1", deeds: once}, rowFoundMade, false},
		"found another":            {&act{told: open, found: made, object: "2", deeds: once}, rowToldOnly, true},
		"found and not made":       {&act{told: open, found: made}, rowToldOnly, true},
		"not found":                {&act{told: open, found: notMade}, rowFoundNot, false},
		"not found and made":       {&act{told: open, found: notMade, deeds: once}, rowUntold, true},
		"left":                     {&act{told: open, found: left, deeds: once}, rowLeft, false},
		"not resolved":             {&act{told: open}, rowUnresolved, true},
		"not ended":                {&act{}, rowUnresolved, true},
		"carried out as something": {&act{told: made, deeds: []deed{{cancel, "1"}}}, rowOdd, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(), &shop{name: "smartway"}
			a := l.begin(s, "A", book)
			a.told, a.found, a.object, a.deeds = c.act.told, c.act.found, c.act.object, c.act.deeds
			l.judge()
			assert.Positive(t, l.counts[c.want]["smartway"])
			assert.Equal(t, !c.bad, l.holds())
		})
	}
}

func TestJudgeAcrossActs(t *testing.T) {
	t.Parallel()
	l, s := newLedger(), &shop{name: "smartway"}
	for _, object := range []string{"1", "2"} {
		a := l.begin(s, "A", book)
		a.told, a.object = made, object
		l.record(s, a, deed{book, object})
	}
	l.record(s, nil, deed{pay, "3"})
	l.judge()
	assert.Equal(t, 1, l.counts[rowTwice]["smartway"])
	assert.Equal(t, 1, l.counts[rowUntold]["smartway"])
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
		"not there":         {entry{customer: "A"}, nil, rowToldOnly},
		"one more":          {entry{customer: "A"}, []holding{{"1", entry{customer: "A"}}, {"2", entry{customer: "B"}}}, rowUntold},
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
			assert.Equal(t, c.want == "", l.holds())
			if c.want != "" {
				assert.Positive(t, l.counts[c.want]["smartway"])
			}
		})
	}
}

func TestSettleEnds(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	l := newLedger()
	a := l.begin(&shop{name: "smartway"}, "A", book)
	a.settle(ended, l)
	assert.True(t, l.holds(), "there is nothing to wait for")
	a.opened()
	a.settle(ended, l)
	assert.Equal(t, 1, l.counts[rowOdd]["smartway"])
}

// What the audit reads is what the supplier has sent, and what cannot be read ends it.
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
	assert.True(t, r.ledger.holds())
	private := []string{who.surname, who.first, who.passport, who.phone, who.email, "fake-token"}
	r.examine("smartway", "", private...)
	assert.GreaterOrEqual(t, r.ledger.counts[rowLeak]["smartway"], len(private))
	assert.NotEqual(t, newCustomer(1).surname, newCustomer(27).surname)
}
