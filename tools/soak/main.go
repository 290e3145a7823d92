// The program has hundreds of callers search, book, pay, change, cancel and
// refund at all five suppliers' fakes, over TLS on the loopback, through a line
// on which everything goes wrong that can. In the end it holds what the callers
// were told against what the suppliers have. Its exit status says whether
// nothing was made twice, lost, charged wrongly or shown.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
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

// errFound says that something is what must not be.
var errFound = errors.New("soak: what is written in capitals must be 0")

func soak(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(out)
	length := flags.Duration("for", 2*time.Minute, "how long customers come; what they have begun is ended after that")
	callers := flags.Int("callers", 300, "callers at the same time")
	seed := flags.Uint64("seed", 0, "what goes wrong follows from it; 0 is a random one")
	timeout := flags.Duration("timeout", 2*time.Second, "of an attempt")
	only := flags.String("supplier", "", "the only one that is asked")
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
	r := &run{ledger: l, line: newLine(*seed, *timeout, l), timeout: *timeout, seed: *seed}
	if err := r.run(*length, *callers, *only); err != nil {
		return err
	}
	l.judge()
	resources := r.resources(before)
	l.table(out, resources)
	if !l.holds() {
		return errFound
	}
	return nil
}

// run is one run of the program.
type run struct {
	ctx     context.Context // of all callers
	ledger  *ledger
	line    *line
	timeout time.Duration
	seed    uint64

	customers atomic.Int64
	shops     []*shop
	clients   []any // kept to be measured
	stops     []func()
}

// open opens a shop at the end of the line and returns transports to it: one
// that speaks HTTP/2 for calls that may be repeated, and one that does not.
func (r *run) open(s *shop) (both [2]*http.Transport) {
	url, roots, stop := r.line.open(s)
	s.url = url
	for i := range both {
		both[i] = r.line.transport(roots, i == 0)
	}
	s.closeIdle = func() {
		both[0].CloseIdleConnections()
		both[1].CloseIdleConnections()
	}
	r.stops = append(r.stops, stop)
	r.shops = append(r.shops, s)
	return both
}

// afterwards is how long what was begun may take to end, over a line on which
// nothing goes wrong any more. It is a bound, and far from what is needed.
const afterwards = 3 * time.Minute

func (r *run) run(length time.Duration, callers int, only string) error {
	ctx, stop := context.WithTimeout(context.Background(), length+afterwards)
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
	closing := time.Now().Add(length)
	for n := range callers {
		shops := byName[open[n%len(open)]]
		c := &caller{
			run: r, shop: shops[n/len(open)%len(shops)], n: n / len(open),
			rng: rand.New(rand.NewPCG(r.seed, uint64(n))),
		}
		wait.Go(func() {
			for time.Now().Before(closing) {
				c.shop.serve(c, newCustomer(int(r.customers.Add(1))))
			}
		})
	}
	time.Sleep(time.Until(closing))
	close(r.line.fair)
	wait.Wait()
	for _, a := range r.ledger.acts {
		a.settle(ctx, r.ledger)
	}
	for _, s := range r.shops {
		held, err := s.audit(context.WithoutCancel(ctx)) // whatever time is left
		if err != nil {
			return fmt.Errorf("the audit of %s: %w", s.name, err)
		}
		r.ledger.compare(s, held)
	}
	return nil
}

// measurement is what a program must give back.
type measurement struct {
	goroutines int
	heap       uint64
}

func measure() measurement {
	runtime.GC()
	runtime.GC() // what had finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return measurement{runtime.NumGoroutine(), m.HeapAlloc}
}

// resources closes everything but the clients, and compares what is left with
// what there was before.
func (r *run) resources(before measurement) []string {
	const (
		moreGoroutines = 5
		moreHeap       = 24 << 20
		looks          = 100
		pause          = 50 * time.Millisecond
	)
	atEnd := fmt.Sprintf("at the end of the run: %d goroutines, %d connections", runtime.NumGoroutine(), r.line.dialled.Load())
	for _, s := range r.shops {
		s.closeIdle()
	}
	for _, stop := range r.stops {
		stop()
	}
	// The clients stay; their suppliers, and what happened, go.
	clients := r.clients
	r.shops, r.stops = nil, nil
	r.ledger.acts, r.ledger.strays, r.ledger.books = nil, nil, nil
	after := measure()
	for n := 0; n < looks && (after.goroutines > before.goroutines || r.line.dialled.Load()+r.line.served.Load() > 0); n++ {
		time.Sleep(pause) // what was closed ends by and by
		after = measure()
	}
	dialled, served := r.line.dialled.Load(), r.line.served.Load()
	if after.goroutines > before.goroutines+moreGoroutines {
		r.ledger.problem("", rowOdd, "%d goroutines are left of the run", after.goroutines-before.goroutines)
	}
	if dialled != 0 || served != 0 {
		r.ledger.problem("", rowOdd, "%d connections are open at the callers' side and %d at the suppliers'", dialled, served)
	}
	if after.heap > before.heap+moreHeap {
		r.ledger.problem("", rowOdd, "the heap has grown by %d bytes", after.heap-before.heap)
	}
	runtime.KeepAlive(clients)
	return []string{
		atEnd,
		fmt.Sprintf("goroutines  before %d, after %d", before.goroutines, after.goroutines),
		fmt.Sprintf("connections before 0, after %d of callers and %d of suppliers", dialled, served),
		fmt.Sprintf("heap        before %.1f MB, after %.1f MB, with the clients kept", megabytes(before.heap), megabytes(after.heap)),
	}
}

func megabytes(n uint64) float64 { return float64(n) / (1 << 20) }
