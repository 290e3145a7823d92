package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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
	case len(os.Args) > 1 && os.Args[1] == "measure":
		err = json.NewEncoder(os.Stdout).Encode(measured())
	default:
		err = run(os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures with each of the Go releases, the newest last. It writes the
// tables and the chart.
func run(releases []string) error {
	if len(releases) == 0 {
		releases = []string{runtime.Version()}
	}
	var all []report
	for _, release := range releases {
		r, err := measuredWith(release)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	table := tables(all)
	if _, err := os.Stdout.WriteString(table); err != nil {
		return err
	}
	return write(table, all[len(all)-1])
}

// measuredWith builds this program with a Go release, runs it and returns its
// report.
func measuredWith(release string) (r report, err error) {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "bench")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "GOTOOLCHAIN="+release)
	measure := exec.Command(program, "measure")
	build.Stderr, measure.Stderr = os.Stderr, os.Stderr
	note("== %s", release)
	if err = build.Run(); err != nil {
		return r, err
	}
	text, err := measure.Output()
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

// measured measures everything with the Go release of this program.
func measured() *report {
	r := &report{Go: runtime.Version(), Versions: versions()}
	s := listenApart()
	defer s.close()
	for _, w := range works(s) {
		note("%s", w.name)
		r.add(w, compare(w), w.measures...)
	}
	note("%s", workStream)
	r.addStream(streamRounds())
	note("%d callers", callers)
	w := overTLS(s)
	w.name = workCallers
	all, opened, calls := crowds(s, w)
	r.addCrowds(w, all, opened, calls)
	w = decidingOverTLS(s)
	w.name = fmt.Sprintf("%d callers over TLS, reads that decide about money", callers)
	all, opened, calls = crowds(s, w)
	r.addCrowds(w, all, opened, calls)
	for _, g := range growths {
		note("growth: %s", g.name)
		r.grow(g)
	}
	r.growStream()
	return r
}

func note(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// historyTrips is the number of trips in 10 MB.
var historyTrips = 10_000_000 / (len(strings.Join(trips(templateTrips), ",")) / templateTrips)

// works returns the works whose contestants take turns within this process.
func works(s *server) []work {
	named := func(name string, w work, measures ...measure) work {
		w.name, w.measures = name, measures
		return w
	}
	return []work{
		named(workHistory, history(historyTrips), duration, bytesMade, allocations),
		named(workHotels, hotels(20_000), duration, bytesMade, allocations),
		named(workOrder, order(), duration, bytesMade, allocations),
		named(workOrders, orders(200), duration, bytesMade, allocations),
		named(workCoaches, coaches(200), duration, bytesMade, allocations),
		named(workTransfers, transfers(2_000), duration, bytesMade, allocations),
		named(workCall, oneCall(s), duration, allocations),
		named("building a query", tripQuery(), duration, allocations),
		named("building a body", bookingBody(), duration, allocations),
	}
}

// growth is a decoder whose cost per element must not depend on the number of
// elements.
type growth struct {
	name    string
	element string
	most    int // how many elements; the other sizes are a tenth and a hundredth
	build   func(int) work
}

var growths = []growth{
	{"smartway: history", "trip", historyTrips / 100 * 100, history},
	{"multitour: hotels", "hotel", 20_000, hotels},
	{"ticketscloud: orders with refs", "order", 2_000, orders},
	{"regionbilet: coach trips", "trip", 2_000, coaches},
	{"bgoperator: transfers (XML)", "variant", 2_000, transfers},
}
