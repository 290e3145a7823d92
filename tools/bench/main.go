package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	var err error
	switch {
	case len(os.Args) > 1 && os.Args[1] == "serve":
		err = serve()
	case len(os.Args) > 3 && os.Args[1] == "stream":
		var length int
		if length, err = strconv.Atoi(os.Args[3]); err == nil {
			var s streamed
			if s, err = stream(os.Args[2], length); err == nil {
				err = json.NewEncoder(os.Stdout).Encode(s)
			}
		}
	default:
		err = run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures everything and writes the table and the chart.
func run() error {
	r := new(report)
	s := listenApart()
	defer s.close()
	for _, w := range works(s) {
		note("%s", w.name)
		r.add(w, compare(w))
	}
	note("a history of 200 MB as a stream")
	r.addStream(streamRounds())
	note("%d callers", callers)
	w := overTLS(s)
	all, opened, calls := crowds(s, w)
	r.addCrowds(w, all, opened, calls)
	w = decidingOverTLS(s)
	w.name = fmt.Sprintf("%d callers over TLS, reads that decide about money", callers)
	all, opened, calls = crowds(s, w)
	r.add(w, all)
	r.addConnections(w, opened, calls)
	for _, g := range growths {
		note("growth: %s", g.name)
		r.grow(g)
	}
	r.growStream()
	table := r.table()
	if _, err := os.Stdout.WriteString(table); err != nil {
		return err
	}
	return r.write(table)
}

func note(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// historyTrips are 10 MB.
var historyTrips = 10_000_000 / (len(strings.Join(trips(templateTrips), ",")) / templateTrips)

// works are those whose contestants take turns within this process.
func works(s *server) []work {
	named := func(name string, w work, goals ...goal) work {
		w.name, w.goals = name, goals
		return w
	}
	return []work{
		named("smartway: history of 10 MB, whole", history(historyTrips), goal{duration, 4, 4.6}, goal{bytesMade, 0.8, 0.7}, goal{allocations, 0, 0}),
		named("multitour: 20,000 hotels", hotels(20_000), goal{duration, 2.5, 3}, goal{bytesMade, 0, 0}, goal{allocations, 0, 0}),
		named("ticketscloud: an order of 5 KB", order(), goal{duration, 3.3, 4}, goal{bytesMade, 0, 0}, goal{allocations, 0.8, 0.6}),
		named("ticketscloud: 200 orders with refs", orders(200), goal{duration, 3.3, 4}, goal{bytesMade, 0, 0}, goal{allocations, 0, 0}),
		named("regionbilet: 200 coach trips", coaches(200), goal{duration, 0, 0}, goal{bytesMade, 0, 0}, goal{allocations, 0, 0}),
		named("bgoperator: 2,000 transfers (XML)", transfers(2_000), goal{duration, 1, 0}, goal{bytesMade, 0, 0}, goal{allocations, 0, 0}),
		named("one call, 5 KB, connection kept", oneCall(s), goal{duration, 1.4, 1.8}, goal{allocations, 0.85, 0.75}),
		named("building a query", tripQuery(), goal{duration, 1, 2}, goal{allocations, 0, 0}),
		named("building a body", bookingBody(), goal{duration, 1, 2}, goal{allocations, 0, 0}),
	}
}

// growth is a decoder that must cost the same for each element however many there
// are.
type growth struct {
	name    string
	element string
	most    int // elements; the others are a tenth and a hundredth of them
	build   func(int) work
}

var growths = []growth{
	{"smartway: history", "trip", historyTrips / 100 * 100, history},
	{"multitour: hotels", "hotel", 20_000, hotels},
	{"ticketscloud: orders with refs", "order", 2_000, orders},
	{"regionbilet: coach trips", "trip", 2_000, coaches},
	{"bgoperator: transfers (XML)", "variant", 2_000, transfers},
}
