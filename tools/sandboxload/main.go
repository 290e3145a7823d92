// The program puts a sandbox under load over the loopback: searches, bookings and
// payments at all suppliers, with faults. An open console listens to the events. The
// program prints the rate, the latencies and the memory. The exit status is not 0 if the
// rate was missed, a call failed without a fault, or the memory grew without bounds.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rutravel/rutravel-go/multitour/multitourtest"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
	"github.com/rutravel/rutravel-go/sandbox"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

func main() {
	switch err := run(os.Args[1:], os.Stdout); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const (
	maxCalls = 500
	maxHeap  = 64 << 20 // how much larger the heap may be at the end
)

var errMissed = errors.New("sandboxload: the rate was missed")

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sandboxload", flag.ContinueOnError)
	flags.SetOutput(out)
	rate := flags.Int("rate", 1000, "calls a second")
	length := flags.Duration("for", time.Minute, "how long")
	callers := flags.Int("callers", 64, "connections at the same time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *rate < 1 || *length <= 0 || *callers < 1 {
		return errors.New("sandboxload: wrong arguments; see -h")
	}
	box, err := sandbox.New(sandbox.Config{MaxCalls: maxCalls})
	if err != nil {
		return err
	}
	srv := httptest.NewUnstartedServer(box)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	defer srv.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	before := heap()
	l := &load{
		base: srv.URL, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *callers}},
		once: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	listened := l.listen(ctx)
	most := l.watch(ctx)
	began := time.Now()
	l.send(*rate, *length, *callers)
	took := time.Since(began)
	cancel()
	calls, err := box.Run("")
	if err != nil {
		return err
	}
	kept := calls.Calls()
	l.http.CloseIdleConnections()
	srv.CloseClientConnections()
	after := heap()

	slices.Sort(l.latencies)
	quantile := func(q float64) time.Duration { return l.latencies[int(q*float64(len(l.latencies)-1))] }
	fmt.Fprintf(out, "| | |\n|---|--:|\n")
	for _, row := range [][2]any{
		{"calls", l.done.Load()}, {"calls a second", fmt.Sprintf("%.0f", float64(l.done.Load())/took.Seconds())},
		{"latency: median, 99 %, worst (ms)", fmt.Sprintf("%.1f, %.1f, %.1f", ms(quantile(.5)), ms(quantile(.99)), ms(quantile(1)))},
		{"bookings", len(calls.State()[sandbox.Regionbilet].Bookings)}, {"answers lost by faults", l.lost.Load()},
		{"failures", l.failed.Load()}, {"events heard", listened()}, {"calls kept", len(kept)},
		{"heap before, at most, after (MB)", fmt.Sprintf("%.1f, %.1f, %.1f", mb(before), mb(most()), mb(after))},
	} {
		fmt.Fprintf(out, "| %v | %v |\n", row[0], row[1])
	}
	switch {
	case l.failed.Load() > 0:
		return fmt.Errorf("sandboxload: calls failed: %v", l.failure.Load())
	case float64(l.done.Load()) < 0.98*float64(*rate)*took.Seconds():
		return errMissed
	case len(kept) > maxCalls || after > before+maxHeap:
		return errors.New("sandboxload: too much memory was kept")
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func mb(bytes uint64) float64 { return float64(bytes) / (1 << 20) }

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// load has the state of the callers of a sandbox.
type load struct {
	base string
	http *http.Client
	once *http.Client // uses each connection once

	done, failed, lost atomic.Int64
	failure            atomic.Value

	mu        sync.Mutex
	latencies []time.Duration
	bookings  []string // to be paid
}

// watch measures the heap every second. most returns the largest size.
func (l *load) watch(ctx context.Context) (most func() uint64) {
	var largest atomic.Uint64
	go func() {
		const pause = time.Second
		for ctx.Err() == nil {
			time.Sleep(pause)
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			largest.Store(max(largest.Load(), m.HeapAlloc))
		}
	}()
	return largest.Load
}

// listen receives events as a console does. heard returns how many arrived.
func (l *load) listen(ctx context.Context) (heard func() int64) {
	var n atomic.Int64
	go func() {
		for ctx.Err() == nil {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.base+"/sandbox/console/events", nil)
			if err != nil {
				return
			}
			resp, err := new(http.Client).Do(r)
			if err != nil {
				continue
			}
			lines := bufio.NewScanner(resp.Body)
			lines.Buffer(nil, 1<<20)
			for lines.Scan() {
				if lines.Text() == "event: call" {
					n.Add(1)
				}
			}
			resp.Body.Close()
		}
	}()
	return n.Load
}

// send makes calls at a rate.
func (l *load) send(rate int, length time.Duration, callers int) {
	turns := make(chan time.Time, rate)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			var own []time.Duration
			for due := range turns {
				l.call()
				own = append(own, time.Since(due)) // including the wait for a free caller
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			l.latencies = append(l.latencies, own...)
		})
	}
	start := time.Now()
	for n := 0; ; n++ {
		due := start.Add(time.Duration(n) * time.Second / time.Duration(rate))
		if due.Sub(start) >= length || time.Since(start) >= 2*length { // a slow machine needs longer
			break
		}
		time.Sleep(time.Until(due))
		turns <- due
	}
	close(turns)
	wg.Wait()
}

// call makes one of the calls that a backend makes.
func (l *load) call() {
	day := regionbilet.Today().AddDays(1 + rand.IntN(40))
	date := fmt.Sprintf("%02d.%02d.%d", day.Day, day.Month, day.Year)
	switch n := rand.IntN(1000); {
	case n < 5: // the next payment succeeds, and its answer is lost
		l.do(http.MethodPost, "/sandbox/v1/faults", "application/json", `{"supplier":"regionbilet","op":"pay","drop":true,"processed":true}`)
	case n < 15:
		l.do(http.MethodGet, "/sandbox/v1/clock", "", "")
	case n < 315:
		l.coach("trip", "id_from", "124", "id_to", "463", "date_trip", date)
	case n < 415:
		l.coach("segment")
	case n < 515:
		seat := 1 + rand.IntN(20)
		answer := l.coach("booking", "date_trip", date, "time_trip", "08:30", "id_trip", "1956", "id_from_point", "stv815", "id_to_point", "stv408",
			"user_phone", "9187557788", "surname1", "ИВАНОВ", "first_name1", "ИВАН", "middle_name1", "", "sex1", "1", "category1", "1",
			"dob1", "01.01.1977", "nationality1", "643", "type_doc1", "1", "value_doc1", "0701 755756", "seat1", fmt.Sprint(seat), "total_ticket_price1", "517.54")
		if _, rest, ok := strings.Cut(answer, `"id_booking":"`); ok {
			id, _, _ := strings.Cut(rest, `"`)
			l.mu.Lock()
			l.bookings = append(l.bookings, id)
			l.mu.Unlock()
		}
	case n < 565:
		l.mu.Lock()
		id := "stv-0"
		if last := len(l.bookings) - 1; last >= 0 {
			id, l.bookings = l.bookings[last], l.bookings[:last]
		}
		l.mu.Unlock()
		l.coach("pay", "id_booking", id)
	case n < 715:
		l.do(http.MethodPost, "/multitour/", "application/json", `{"header":{"token":"`+multitourtest.Token+`","method":"map.country"},"request":{}}`)
	case n < 850:
		l.do(http.MethodGet, "/ticketscloud/v1/services/simple/events", "", "")
	default:
		l.do(http.MethodPost, "/smartway", "application/json", `{"jsonrpc":"2.0","id":1,"method":"airline.search","params":{"authorization":{"username":"`+
			smartwaytest.Username+`","password":"`+smartwaytest.Password+`"},"query":{"class":"Econom","direct":false,"baggage":"all","travelers":1,"routes":[{"departure":"LED","arrival":"MOW","date":"`+day.String()+`"}]}}}`)
	}
}

func (l *load) coach(command string, params ...string) string {
	query := "user=" + regionbilettest.User + "&skey=" + regionbilettest.SecretKey + "&command=" + command
	for i := 0; i < len(params); i += 2 {
		query += "&" + params[i] + "=" + strings.ReplaceAll(url.QueryEscape(params[i+1]), "+", "%20")
	}
	return l.do(http.MethodGet, "/regionbilet?"+query, "", "")
}

func (l *load) do(method, target, kind, body string) string {
	defer l.done.Add(1)
	r, err := http.NewRequest(method, l.base+target, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	if body == "" {
		r.Body, r.GetBody, r.ContentLength = nil, nil, 0
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Authorization", "key "+ticketscloudtest.Key)
	client, isPayment := l.http, strings.Contains(target, "command=pay")
	if isPayment { // on a kept-alive connection net/http would retry it
		client = l.once
	}
	resp, err := client.Do(r)
	if err != nil {
		if isPayment {
			l.lost.Add(1)
			return ""
		}
		l.fail(err)
		return ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		l.fail(fmt.Errorf("%s %s: %s: %w", method, r.URL.Path, resp.Status, err))
	}
	return string(text)
}

func (l *load) fail(err error) {
	l.failed.Add(1)
	l.failure.Store(err.Error())
}
