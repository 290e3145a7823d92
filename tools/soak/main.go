// The program tests the library under load and faults. Hundreds of callers search, book,
// pay, change, cancel and refund at the fakes of all five suppliers, over TLS on the
// loopback and a network with many faults. They resolve calls that were not confirmed with
// the operations of the clients. In the end the program compares the callers' results with
// the suppliers' data. The exit status is not 0
//
//   - if something was made twice, lost or charged wrongly;
//   - if a secret or personal data was shown;
//   - if the run does not end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	switch err := soak(os.Args[1:], os.Stdout); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var (
	errFound   = errors.New("soak: the rows in capitals must be 0")
	errEndless = errors.New("soak: the run does not end")
)

func soak(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(out)
	length := flags.Duration("for", 2*time.Minute, "how long callers take new customers; then the network heals and the callers finish")
	callers := flags.Int("callers", 300, "callers at the same time")
	seed := flags.Uint64("seed", 0, "the seed of the faults; 0 means a random one")
	timeout := flags.Duration("timeout", 2*time.Second, "timeout of an attempt")
	only := flags.String("supplier", "", "use only this supplier")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *length <= 0 || *callers < 1 || *timeout <= 0 || *only != "" && !slices.Contains(names, *only) {
		return errors.New("soak: wrong arguments; see -h")
	}
	if *seed == 0 {
		*seed = rand.Uint64N(1_000_000) + 1
	}
	fmt.Fprintf(out, "soak -for %v -callers %d -seed %d -timeout %v -supplier %q\n\n", *length, *callers, *seed, *timeout, *only)
	before := measure()
	l := newLedger()
	r := &run{ledger: l, network: newNetwork(*seed, *timeout, l), timeout: *timeout, seed: *seed}
	defer redirectLog(r)()
	if err := within(*length+finishing+auditing+closing, out, func() error { return r.run(*length, *callers, *only) }); err != nil {
		return err
	}
	l.judge()
	resources := r.resources(before)
	l.table(out, resources)
	if !l.ok() {
		return errFound
	}
	return nil
}

// run is one run of the program.
type run struct {
	ctx     context.Context // of all callers
	ledger  *ledger
	network *network
	timeout time.Duration
	seed    uint64

	customers atomic.Int64
	shops     []*shop
	clients   []any  // kept until the heap is measured
	atEnd     string // goroutines and connections at the end
	stops     []func()
}

// within runs a function. If it does not return in time, within prints the stacks of all
// goroutines.
func within(limit time.Duration, out io.Writer, f func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case err := <-ended:
		return err
	case <-t.C:
	}
	fmt.Fprintf(out, "not ended after %v\n\n", limit)
	_ = pprof.Lookup("goroutine").WriteTo(out, 1)
	return errEndless
}

// redirectLog examines the output of net/http to the standard logger, until undo is called.
func redirectLog(r *run) (undo func()) {
	before := log.Writer()
	log.SetOutput(strayBytes{r})
	return func() { log.SetOutput(before) }
}

// skews lists how far the suppliers' clocks are ahead.
var skews = []time.Duration{-3 * time.Minute, 11 * time.Minute}

// open opens a shop and returns two transports to it. The first uses HTTP/2 for calls that
// share connections. The second uses HTTP/1.1 for all calls.
func (r *run) open(s *shop) (both [2]*http.Transport) {
	url, roots, stop := r.network.open(s)
	s.url, s.skew = url, skews[(r.seed+uint64(len(r.shops)))%uint64(len(skews))]
	if clock, ok := s.fake.(interface{ Advance(time.Duration) }); ok {
		clock.Advance(s.skew)
	}
	for i := range both {
		both[i] = r.network.transport(roots, i == 0)
	}
	s.closeIdle = func() {
		both[0].CloseIdleConnections()
		both[1].CloseIdleConnections()
	}
	r.stops = append(r.stops, stop)
	r.shops = append(r.shops, s)
	return both
}

// The longest times of the phases at the end of a run, over a network that has healed. A
// run needs much less.
const (
	finishing = 2 * time.Minute // the callers
	auditing  = time.Minute
	closing   = 30 * time.Second
)

func (r *run) run(length time.Duration, callers int, only string) error {
	ctx, stop := context.WithTimeout(context.Background(), length+finishing)
	defer stop()
	r.ctx = ctx
	for _, opening := range []struct {
		name string
		open func(*run, int) error
	}{
		{"regionbilet", openRegionbilet}, {"multitour", openMultitour}, {"bgoperator", openBgoperator},
		{"ticketscloud", openTicketscloud}, {"smartway", openSmartway},
	} {
		if only != "" && only != opening.name {
			continue
		}
		if err := opening.open(r, callers); err != nil {
			return err
		}
	}
	byName := map[string][]*shop{}
	for _, s := range r.shops {
		byName[s.name] = append(byName[s.name], s)
	}
	var open []string
	for _, n := range names {
		if byName[n] != nil {
			open = append(open, n)
		}
	}
	var wait sync.WaitGroup
	end := time.Now().Add(length)
	for n := range callers {
		shops := byName[open[n%len(open)]]
		c := &caller{
			run: r, shop: shops[n/len(open)%len(shops)], n: n / len(open),
			rng: rand.New(rand.NewPCG(r.seed, uint64(n))),
		}
		wait.Go(func() {
			for time.Now().Before(end) {
				c.shop.serve(c, newCustomer(int(r.customers.Add(1))))
			}
		})
	}
	time.Sleep(time.Until(end))
	close(r.network.healed)
	wait.Wait()
	for _, a := range r.ledger.acts {
		a.settle(ctx, r.ledger)
	}
	if err := r.audit(); err != nil {
		return err
	}
	r.atEnd = fmt.Sprintf("at the end of the run: %d goroutines, %d connections", runtime.NumGoroutine(), r.network.dialed.Load())
	for _, s := range r.shops {
		s.closeIdle()
	}
	for _, stop := range r.stops {
		stop()
	}
	return nil
}

// audit compares the callers' books with the suppliers' data.
func (r *run) audit() error {
	ctx, stop := context.WithTimeout(context.Background(), auditing)
	defer stop()
	for _, s := range r.shops {
		held, err := s.audit(ctx)
		if err != nil {
			return fmt.Errorf("the audit of %s: %w", s.name, err)
		}
		r.ledger.compare(s, held)
	}
	return nil
}

// measurement has the resources that a run must free.
type measurement struct {
	goroutines int
	heap       uint64
}

func measure() measurement {
	runtime.GC()
	runtime.GC() // frees objects that had finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return measurement{runtime.NumGoroutine(), m.HeapAlloc}
}

// resources compares the resources after the run with those before. Only the clients are
// kept.
func (r *run) resources(before measurement) []string {
	const (
		moreGoroutines = 5
		moreHeap       = 24 << 20
		tries          = 100
		pause          = 50 * time.Millisecond
	)
	clients, clocks := r.clients, []string{}
	for _, s := range r.shops {
		if clock := fmt.Sprintf("%s %v", s.name, s.skew); !slices.Contains(clocks, clock) {
			clocks = append(clocks, clock)
		}
	}
	r.shops, r.stops = nil, nil
	r.ledger.acts, r.ledger.strays, r.ledger.books = nil, nil, nil
	after := measure()
	for n := 0; n < tries && (after.goroutines > before.goroutines || r.network.dialed.Load()+r.network.served.Load() > 0); n++ {
		time.Sleep(pause) // closed connections and their goroutines end soon
		after = measure()
	}
	dialed, served := r.network.dialed.Load(), r.network.served.Load()
	if after.goroutines > before.goroutines+moreGoroutines {
		r.ledger.problem("", rowOdd, "%d goroutines of the run are left", after.goroutines-before.goroutines)
	}
	if dialed != 0 || served != 0 {
		r.ledger.problem("", rowOdd, "%d connections are open at the callers' side and %d at the suppliers'", dialed, served)
	}
	if after.heap > before.heap+moreHeap {
		r.ledger.problem("", rowOdd, "the heap has grown by %d bytes", after.heap-before.heap)
	}
	runtime.KeepAlive(clients)
	return []string{
		"the suppliers' clocks are ahead by: " + strings.Join(clocks, ", "),
		r.atEnd,
		fmt.Sprintf("goroutines  before %d, after %d", before.goroutines, after.goroutines),
		fmt.Sprintf("connections before 0, after %d of callers and %d of suppliers", dialed, served),
		fmt.Sprintf("heap        before %.1f MB, after %.1f MB, with the clients kept", megabytes(before.heap), megabytes(after.heap)),
	}
}

func megabytes(n uint64) float64 { return float64(n) / (1 << 20) }
