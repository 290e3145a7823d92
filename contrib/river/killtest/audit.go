package main

import (
	"cmp"
	"context"
	"encoding/json"
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

// purchases are the operations after which a customer has what was ordered.
var purchases = []string{"regionbilet.pay", "multitour.book", "ticketscloud.pay_order", "smartway.buy"}

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
	bought := map[string]string{}  // the keys, by order
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
		if o, _, _ := strings.Cut(e.Key, ","); slices.Contains(purchases, e.Operation) {
			if bought[o] != "" {
				r.problem("%s: %s was bought by %q and by %q", kind, o, bought[o], e.Key)
			}
			bought[o] = e.Key
		}
		object := result(e)
		if object == "" {
			continue
		}
		if other, twice := results[e.Operation+" "+object]; twice {
			r.problem("%s: %s is the result of %q and of %q", kind, object, other, e.Key)
		}
		results[e.Operation+" "+object] = e.Key
		if e.Operation != "smartway.buy" && objects[e.Operation+" "+object] == 0 { // trips have other ids than purchases
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

// result returns the supplier's id of what a call has made, and "" for another call. It
// does not use the claims, because they may be wrong.
func result(e journal.Entry) string {
	switch e.Operation {
	case "multitour.book":
		var code string
		_ = json.Unmarshal(e.Value, &code) // what is unreadable has no id
		return code
	case "regionbilet.book", "ticketscloud.create_order", "smartway.buy":
		var made struct{ ID, Booking, Trip string }
		_ = json.Unmarshal(e.Value, &made) // what is unreadable has no id
		return cmp.Or(made.Trip, made.Booking, made.ID)
	}
	return ""
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

// settled returns the outcomes that the application received.
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
