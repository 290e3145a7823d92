package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/shopspring/decimal"
)

// The kinds of acts.
const (
	book          = "book"
	pay           = "pay"
	cancel        = "cancel"
	refund        = "refund"
	requestRefund = "request a refund" // moves no money yet
)

// change is a change that a supplier has made to an object.
type change struct{ what, object string }

// verdict says whether the thing was made, as far as the caller knows.
type verdict string

const (
	unresolved  verdict = ""
	made        verdict = "made"
	notMade     verdict = "not made"
	unconfirmed verdict = "not confirmed"
	abandoned   verdict = "left to expire" // the supplier's manual has no look-up
	shared      verdict = "made once"      // by this act or another act of the customer
)

// arrival says how much of an answer arrives at the caller.
type arrival int

const (
	answerLost arrival = iota
	answerWhole
	answerCut
)

// act is one call that books, pays, cancels or refunds. It has the caller's result and the
// supplier's changes.
type act struct {
	shop     *shop
	customer string
	what     string

	reported verdict
	found    verdict // of the look-up, if reported is unconfirmed
	object   string  // the id that the caller received; "" if none
	err      error   // of the call
	waited   bool    // the caller did not give up, and no attempt timed out

	mu      sync.Mutex
	idle    sync.Cond
	conns   int // connections that the supplier has not finished
	changes []change

	answer arrival
	via    *breaking // the connection of the answer
}

// note records how much of the answer to a change arrives.
func (a *act) note(how arrival, via *breaking) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer, a.via = how, via
}

func (a *act) opened() {
	if a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.conns++
	}
}

func (a *act) closed() {
	if a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.conns--
		a.idle.Broadcast()
	}
}

// settle waits until the supplier no longer processes the act, or until ctx ends. It
// replaces the minutes of an operation's Patience. It closes idle connections, because the
// supplier would wait for requests on them.
func (a *act) settle(ctx context.Context, l *ledger) {
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				a.shop.closeIdle()
			case <-ended:
				return
			}
		}
	}()
	stop := context.AfterFunc(ctx, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.idle.Broadcast()
	})
	defer stop()
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.conns > 0 && ctx.Err() == nil {
		a.idle.Wait()
	}
	if a.conns > 0 {
		l.problem(a.shop.name, rowOdd, "the supplier is still processing: %s of %s", a.what, a.customer)
	}
}

// entry has the callers' data about an object of a supplier.
type entry struct {
	customer       string
	prices         []decimal.Decimal // of suppliers without payments through the API
	paid, refunded decimal.Decimal
	cancelled      bool
	contact        string // the last contact that was set
}

// holding has the supplier's data about an object.
type holding struct {
	object string
	entry
}

// tapped returns a client of a fake that passes every answer to read. So the audit reads
// amounts of money without the library's decoders.
func tapped(fake http.RoundTripper, read func(r *http.Request, answer []byte) error) *http.Client {
	return &http.Client{Transport: tap{fake, read}}
}

type tap struct {
	http.RoundTripper
	read func(r *http.Request, answer []byte) error
}

func (t tap) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil {
		err = t.read(r, text)
	}
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, nil
}

// The rows of the table.
const (
	rowCalls        = "calls"
	rowAttempts     = "attempts"
	rowConnections  = "connections opened"
	rowCarriedOut   = "requests carried out by the supplier"
	rowBooked       = "bookings made"
	rowActs         = "acts (book, pay, cancel, refund)"
	rowMade         = "  reported and made"
	rowNotMade      = "  reported as not made: refused, or not sent"
	rowOpen         = "  not confirmed"
	rowFoundMade    = "    found made by the look-up"
	rowFoundNot     = "    found not made by the look-up"
	rowAbandoned    = "    no look-up: left to expire"
	rowPaid         = "money paid, the suppliers' and the callers' books"
	rowTwice        = "MADE TWICE"
	rowReportedOnly = "REPORTED BUT NOT MADE"
	rowUnreported   = "MADE, NEITHER REPORTED NOR NOT CONFIRMED"
	rowMoney        = "WRONG MONEY"
	rowUnresolved   = "NOT CONFIRMED AND NOT RESOLVED"
	rowLeak         = "SECRETS OR PERSONAL DATA SHOWN"
	rowOdd          = "OTHER CONTRADICTIONS"
)

var (
	rows = []string{
		rowCalls, rowAttempts, rowConnections, rowCarriedOut, rowBooked, rowActs, rowMade, rowNotMade, rowOpen, rowFoundMade, rowFoundNot, rowAbandoned,
	}
	bad   = []string{rowTwice, rowReportedOnly, rowUnreported, rowMoney, rowUnresolved, rowLeak, rowOdd}
	names = []string{"regionbilet", "multitour", "bgoperator", "ticketscloud", "smartway"}
)

// ledger records everything that happened.
type ledger struct {
	mu       sync.Mutex
	counts   map[string]map[string]int // by row and supplier
	faults   map[fault]int
	acts     []*act
	strays   []*act // changes that no call asked for
	books    map[*shop]map[string]*entry
	problems []string
}

func newLedger() *ledger {
	return &ledger{counts: map[string]map[string]int{}, faults: map[fault]int{}, books: map[*shop]map[string]*entry{}}
}

func (l *ledger) count(name, row string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(name, row, n)
}

func (l *ledger) add(name, row string, n int) {
	if l.counts[row] == nil {
		l.counts[row] = map[string]int{}
	}
	l.counts[row][name] += n
}

func (l *ledger) fault(f fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults[f]++
}

// problem records something that must not happen.
func (l *ledger) problem(name, row, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(name, row, 1)
	const most = 50
	if len(l.problems) < most {
		l.problems = append(l.problems, fmt.Sprintf("%s: %s: %s", row, name, fmt.Sprintf(format, args...)))
	}
}

// begin records an act of a customer before it is sent.
func (l *ledger) begin(s *shop, customer, what string) *act {
	a := &act{shop: s, customer: customer, what: what}
	a.idle.L = &a.mu
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acts = append(l.acts, a)
	return a
}

// record records a change of a supplier.
func (l *ledger) record(s *shop, a *act, d change) {
	if a == nil {
		a = &act{shop: s}
		l.mu.Lock()
		l.strays = append(l.strays, a)
		l.mu.Unlock()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.changes = append(a.changes, d)
}

// write changes the callers' books.
func (l *ledger) write(s *shop, object string, update func(*entry)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.books[s] == nil {
		l.books[s] = map[string]*entry{}
	}
	e := l.books[s][object]
	if e == nil {
		e = new(entry)
		l.books[s][object] = e
	}
	update(e)
}

// objects returns the ids of all bookings, from the suppliers' answers.
func (l *ledger) objects(s *shop) (all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range slices.Concat(l.acts, l.strays) {
		for _, d := range a.changes {
			if a.shop == s && d.what == book {
				all = append(all, d.object)
			}
		}
	}
	return all
}

// judge compares the callers' results with the suppliers' changes.
func (l *ledger) judge() {
	type intent struct {
		shop           *shop
		customer, what string
	}
	times := map[intent]int{}
	for _, a := range l.acts {
		name, n := a.shop.name, len(a.changes)
		times[intent{a.shop, a.customer, a.what}] += n
		l.count(name, rowActs, 1)
		if a.what == book {
			l.count(name, rowBooked, n)
		}
		if n > 1 {
			l.problem(name, rowTwice, "%s was carried out %d times for one call of %s", a.what, n, a.customer)
		}
		if n > 0 && a.changes[0].what != a.what {
			l.problem(name, rowOdd, "%s of %s was carried out as %s", a.what, a.customer, a.changes[0].what)
		}
		l.judgeAnswer(a, name)
		l.judgeReport(a, name, n)
	}
	for i, n := range times {
		if n > 1 {
			l.problem(i.shop.name, rowTwice, "%s was carried out %d times for %s", i.what, n, i.customer)
		}
	}
	for _, a := range l.strays {
		l.problem(a.shop.name, rowUnreported, "%s %s was carried out, and no call asked for it", a.changes[0].what, a.changes[0].object)
	}
}

// judgeAnswer compares the caller's result with how much of the answer arrived.
func (l *ledger) judgeAnswer(a *act, name string) {
	switch {
	case a.answer == answerCut && a.reported == made:
		l.problem(name, rowOdd, "%s of %s succeeded with an answer that was cut", a.what, a.customer)
	case a.answer == answerWhole && a.reported == unconfirmed && a.waited && !a.via.broken.Load():
		l.problem(name, rowOdd, "%s of %s is not confirmed, but its answer arrived completely: %v", a.what, a.customer, a.err)
	}
}

func (l *ledger) judgeReport(a *act, name string, n int) {
	other := n > 0 && a.object != "" && a.changes[0].object != a.object
	switch {
	case a.reported == made && n > 0 && !other:
		l.count(name, rowMade, 1)
	case a.reported == made && other:
		l.problem(name, rowReportedOnly, "%s received %s %s, but it is %s", a.customer, a.what, a.object, a.changes[0].object)
	case a.reported == made:
		l.problem(name, rowReportedOnly, "%s received %s %s", a.customer, a.what, a.object)
	case a.reported == notMade:
		l.count(name, rowNotMade, 1)
		if n > 0 {
			l.problem(name, rowUnreported, "%s %s of %s: reported as not made", a.what, a.changes[0].object, a.customer)
		}
	case a.reported == unconfirmed:
		l.count(name, rowOpen, 1)
		l.judgeFound(a, name, n, other)
	default:
		l.problem(name, rowUnresolved, "%s of %s has not ended", a.what, a.customer)
	}
}

func (l *ledger) judgeFound(a *act, name string, n int, other bool) {
	switch a.found {
	case made:
		l.count(name, rowFoundMade, 1)
		if n == 0 || other {
			l.problem(name, rowReportedOnly, "%s found %s %s", a.customer, a.what, a.object)
		}
	case notMade:
		l.count(name, rowFoundNot, 1)
		if n > 0 {
			l.problem(name, rowUnreported, "%s %s of %s: the look-up found that it was not made", a.what, a.changes[0].object, a.customer)
		}
	case abandoned:
		l.count(name, rowAbandoned, 1)
	case shared:
		l.count(name, map[bool]string{true: rowFoundMade, false: rowFoundNot}[n > 0], 1)
	default:
		l.problem(name, rowUnresolved, "%s of %s", a.what, a.customer)
	}
}

// compare compares the callers' books with a supplier's data.
func (l *ledger) compare(s *shop, held []holding) {
	l.mu.Lock()
	books := maps.Clone(l.books[s])
	lost := map[string]bool{} // objects that are not in the books
	for _, a := range l.acts {
		if a.shop == s && a.reported == unconfirmed && a.found == abandoned {
			for _, d := range a.changes {
				lost[d.object] = true
			}
		}
	}
	l.mu.Unlock()
	customers := map[string]string{}
	for _, h := range held {
		if other := customers[h.customer]; other != "" && h.customer != "" {
			l.problem(s.name, rowTwice, "%s has %s and %s", h.customer, other, h.object)
		}
		customers[h.customer] = h.object
		l.count(s.name, rowPaid, int(h.paid.Sub(h.refunded).IntPart()))
		e := books[h.object]
		delete(books, h.object)
		switch {
		case e == nil && lost[h.object]:
			if !h.paid.IsZero() {
				l.problem(s.name, rowMoney, "%s was left to expire and is paid", h.object)
			}
		case e == nil:
			l.problem(s.name, rowUnreported, "%s of %s is not in the books", h.object, h.customer)
		default:
			l.compareOne(s.name, h, e)
		}
	}
	for object, e := range books {
		l.problem(s.name, rowReportedOnly, "%s of %s does not exist", object, e.customer)
	}
}

func (l *ledger) compareOne(name string, h holding, e *entry) {
	if !slices.EqualFunc(h.prices, e.prices, decimal.Decimal.Equal) || !h.paid.Equal(e.paid) || !h.refunded.Equal(e.refunded) {
		l.problem(name, rowMoney, "%s of %s: prices %s, paid %s, refunded %s; in the books %s, %s, %s",
			h.object, e.customer, h.prices, h.paid, h.refunded, e.prices, e.paid, e.refunded)
	}
	if h.cancelled != e.cancelled {
		l.problem(name, rowOdd, "%s of %s: cancelled %t, in the books %t", h.object, e.customer, h.cancelled, e.cancelled)
	}
	if h.customer != "" && h.customer != e.customer {
		l.problem(name, rowOdd, "%s belongs to %s, in the books to %s", h.object, h.customer, e.customer)
	}
	if h.contact != e.contact {
		l.problem(name, rowOdd, "%s of %s does not have the contact that was set", h.object, e.customer)
	}
}

// ok reports whether there is no problem.
func (l *ledger) ok() bool {
	return !slices.ContainsFunc(bad, func(row string) bool { return len(l.counts[row]) > 0 })
}

// table prints the report.
func (l *ledger) table(out io.Writer, resources []string) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(title string, cells ...any) {
		fmt.Fprint(w, title, strings.Repeat(" ", max(0, 54-len([]rune(title)))), "\t")
		for _, c := range cells {
			fmt.Fprint(w, c, "\t")
		}
		fmt.Fprintln(w)
	}
	heads := []any{}
	for _, n := range names {
		heads = append(heads, n)
	}
	total := func(title string) {
		sum, cells := l.counts[title][""], []any{}
		for _, n := range names {
			sum += l.counts[title][n]
			cells = append(cells, l.counts[title][n])
		}
		row(title, append(cells, sum)...)
	}
	row("", append(heads, "total")...)
	for _, title := range append(slices.Clone(rows), rowPaid) {
		total(title)
	}
	row("", "", "", "", "", "", "")
	for _, title := range bad {
		total(title)
	}
	_ = w.Flush()
	fmt.Fprintln(out, "\nfaults")
	w = tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, f := range faults() {
		row("  "+string(f), l.faults[f])
	}
	_ = w.Flush()
	fmt.Fprintln(out)
	for _, text := range append(resources, l.problems...) {
		fmt.Fprintln(out, text)
	}
}
