package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
)

// report is what a run has found.
type report struct {
	counts   map[string]map[rutravel.Outcome]int // by operation
	died     int                                 // calls whose process did not store how they ended
	presumed int
	lost     int // requests and answers
	race     string
	problems []string
}

func (r *report) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// people lists the operations that a person may have to decide: the supplier's look-up
// cannot prove that nothing was made.
var people = []string{"multitour.book"}

func (t *test) audit(ctx context.Context) (*report, error) {
	r := &report{counts: map[string]map[rutravel.Outcome]int{}}
	for kind := range t.shops {
		if err := t.auditShop(ctx, r, kind); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// auditShop compares the journal of a shop, its own table and its suppliers' books.
func (t *test) auditShop(ctx context.Context, r *report, kind string) error {
	var b books
	if err := t.control(ctx, "/books/"+kind, &b); err != nil {
		return err
	}
	entries, err := t.stores[kind].List(ctx, journal.Query{})
	if err != nil {
		return err
	}
	settled, err := t.shops[kind].settled(ctx)
	if err != nil {
		return err
	}
	r.lost += b.Lost
	arrived, did := map[string]int{}, map[string][]string{} // by key
	for _, a := range b.Arrivals {
		if arrived[a.Key]++; a.Key == "" {
			r.problem("%s: %s was not sent by Do", kind, a.Op)
		}
	}
	objects := map[string]int{} // made or changed, by operation and object
	for _, d := range b.Deeds {
		did[d.Key] = append(did[d.Key], d.Object)
		if objects[d.Op+" "+d.Object]++; objects[d.Op+" "+d.Object] > 1 {
			r.problem("%s: %s of %s was carried out twice", kind, d.Op, d.Object)
		}
	}
	for _, o := range b.Strangers {
		objects["ticketscloud.create_order "+o]++
	}
	for key, n := range arrived {
		if n > 1 {
			r.problem("%s: %q was sent %d times", kind, key, n)
		}
	}
	results := map[string]string{} // the keys, by operation and object
	raced := map[rutravel.Outcome]int{}
	for _, e := range entries {
		if r.counts[e.Operation] == nil {
			r.counts[e.Operation] = map[rutravel.Outcome]int{}
		}
		r.counts[e.Operation][e.Outcome]++
		if e.Ended.IsZero() {
			r.died++
		}
		if e.Presumed {
			r.presumed++
		}
		if strings.Contains(e.Key, "race") {
			raced[e.Outcome]++
		}
		if e.Outcome != rutravel.OutcomeOpen && settled[e.Key] != string(e.Outcome) {
			r.problem("%s: %q is %s, and the application was told %q", kind, e.Key, e.Outcome, settled[e.Key])
		}
		r.judge(kind, e, did[e.Key])
		if e.Outcome != rutravel.OutcomeDone {
			continue
		}
		object := result(e)
		if other, twice := results[e.Operation+" "+object]; twice {
			r.problem("%s: %s is the result of %q and of %q", kind, object, other, e.Key)
		}
		results[e.Operation+" "+object] = e.Key
		if makes(e.Operation) && objects[e.Operation+" "+object] == 0 {
			r.problem("%s: %q is done, and the supplier has no %s", kind, e.Key, object)
		}
	}
	strangers := 0
	for object := range objects {
		op, id, _ := strings.Cut(object, " ")
		switch {
		case results[object] != "" && slices.Contains(b.Strangers, id):
			strangers++
		case results[object] == "" && op == "ticketscloud.create_order" && !slices.Contains(b.Strangers, id):
			r.problem("%s: %s was made, and no key has it", kind, id)
		}
	}
	r.race += fmt.Sprintf("%s: %d done (%d of them a stranger's order), %d not done; ", kind, raced[rutravel.OutcomeDone], strangers, raced[rutravel.OutcomeNotDone])
	if raced[rutravel.OutcomeDone] < raceCalls-raceLost || raced[rutravel.OutcomeDone]+raced[rutravel.OutcomeNotDone] != raceCalls {
		r.problem("%s: the race has ended as %v", kind, raced)
	}
	return nil
}

// makes reports whether the results of an operation have ids that the books have. The
// trips of Smartway have others than its purchases.
func makes(op string) bool {
	return op == "regionbilet.book" || op == "multitour.book" || op == "ticketscloud.create_order"
}

// result returns the supplier's id in a claim.
func result(e journal.Entry) string {
	return e.Claim[strings.LastIndex(e.Claim, "/")+1:]
}

// judge compares the outcome of a call with what the supplier has done for its key.
func (r *report) judge(kind string, e journal.Entry, did []string) {
	problem := func(what string) {
		r.problem("%s: %s, %q is %s: %s (supplier: %v, reason: %s)", kind, e.Operation, e.Key, e.Outcome, what, did, e.Reason)
	}
	switch e.Outcome {
	case rutravel.OutcomeDone:
		// Identical orders are exchanged. A cancelled hold looks like one that expired.
		exchanged := e.Operation == "ticketscloud.create_order"
		expires := strings.Contains(e.Operation, ".cancel")
		if len(did) == 0 && !exchanged && !expires {
			problem("the supplier has not done it")
		}
	case rutravel.OutcomeNotDone:
		// A hold whose answer was lost expires, because there is no look-up for it.
		lostHold := e.Operation == "regionbilet.book"
		if len(did) > 0 && !lostHold && e.Operation != "ticketscloud.create_order" {
			problem("the supplier has done it")
		}
	case rutravel.OutcomeUndecidable:
		if len(did) > 0 || !slices.Contains(people, e.Operation) {
			problem("a person must decide")
		}
	default:
		problem("it has not ended")
	}
}

// settled returns the outcomes that the application was told.
func (d *database) settled(ctx context.Context) (map[string]string, error) {
	rows, err := d.db.QueryContext(ctx, "SELECT key, outcome FROM settled")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var key, outcome string
		if err = rows.Scan(&key, &outcome); err != nil {
			return nil, err
		}
		all[key] = outcome
	}
	return all, rows.Err()
}

func (r *report) print(out io.Writer, t *test) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "operation\tdone\tnot done\tfor a person\topen")
	total := 0
	for _, op := range slices.Sorted(maps.Keys(r.counts)) {
		c := r.counts[op]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\n", op, c[rutravel.OutcomeDone], c[rutravel.OutcomeNotDone], c[rutravel.OutcomeUndecidable], c[rutravel.OutcomeOpen])
		for _, n := range c {
			total += n
		}
	}
	_ = w.Flush()
	fmt.Fprintf(out, "\n%d processes were killed, one was stopped for %v. %d orders in two shops made %d calls.\n", t.kills, stop, t.orders, total)
	fmt.Fprintf(out, "The processes of %d calls died. %d requests or answers of calls were lost. %d calls are presumed not done.\n", r.died, r.lost, r.presumed)
	fmt.Fprintf(out, "The race of %d identical calls: %s\n", raceCalls, strings.TrimSuffix(r.race, "; "))
	const most = 40
	for _, p := range r.problems[:min(most, len(r.problems))] {
		fmt.Fprintln(out, "PROBLEM:", p)
	}
	fmt.Fprintln(out, "problems:", len(r.problems))
}
