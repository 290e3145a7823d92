package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/examples/backend/demo"
	"github.com/rutravel/rutravel-go/examples/backend/shop"
)

// TestLoad is what make load runs: 64 users search and pay for 20 seconds.
func TestLoad(t *testing.T) {
	t.Parallel()
	if os.Getenv("LOAD") == "" {
		t.Skip("make load")
	}
	const users, lasts = 64, 20 * time.Second
	sandbox, err := demo.Start(t.Context(), time.Now())
	require.NoError(t, err)
	database := "DATABASE_URL=" + postgres(t)
	if os.Getenv("LOAD") == "sqlite" {
		database = "DATABASE_FILE=" + filepath.Join(t.TempDir(), "orders.db")
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	i := &instance{program: build(t), address: "http://" + freePort(t), log: log}
	i.env = append(os.Environ(), database, "ADDR="+i.address[len("http://"):], "SANDBOX_URL="+sandbox, "CALLS_PER_SECOND=100000")
	require.NoError(t, i.start())
	require.NoError(t, i.await())
	w := &world{t: t, instances: []*instance{i}}
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = users

	var mu sync.Mutex
	took := map[string][]time.Duration{}
	measure := func(name string, f func()) {
		start := time.Now()
		f()
		mu.Lock()
		took[name] = append(took[name], time.Since(start))
		mu.Unlock()
	}
	begin, end := time.Now(), time.Now().Add(lasts)
	var n, failed atomic.Int64
	var wait sync.WaitGroup
	for range users {
		wait.Go(func() {
			for time.Now().Before(end) {
				var found []shop.Offer
				measure("search", func() {
					w.call(http.MethodGet, "search/coach?from=101&to=104&date="+tomorrowPlus(int(n.Load()%60)), "", nil, &found)
				})
				order := n.Add(1)
				p := &purchase{name: "Путник" + letters(int(order)%1000), kind: shop.Event}
				var o shop.Order
				b := w.basket(p, int(order))
				measure("book", func() {
					if w.call(http.MethodPost, "orders", fmt.Sprintf("load-%08d", order), b, &o) == http.StatusCreated {
						o = w.until(o.ID, shop.Booking)
					}
				})
				if o.State != shop.Held {
					failed.Add(1)
					continue
				}
				measure("pay", func() {
					var ignored json.RawMessage
					w.call(http.MethodPost, "orders/"+o.ID+"/pay", "", nil, &ignored)
					o = w.until(o.ID, shop.Paying)
				})
				if o.State != shop.Paid {
					failed.Add(1)
				}
			}
		})
	}
	wait.Wait()
	elapsed := time.Since(begin)
	i.mu.Lock()
	require.NoError(t, i.command.Process.Signal(syscall.SIGTERM))
	_ = i.command.Wait()
	cpu := i.command.ProcessState.UserTime() + i.command.ProcessState.SystemTime()
	i.command = nil
	i.mu.Unlock()
	t.Logf("%d users on %d cores for %v: %d orders, %d not paid; the instance used %.1f s of CPU", users, runtime.NumCPU(), elapsed.Round(time.Second), n.Load(), failed.Load(), cpu.Seconds())
	t.Logf("%.0f searches and %.0f paid orders per second of the instance's CPU", float64(len(took["search"]))/cpu.Seconds(), float64(len(took["pay"]))/cpu.Seconds())
	for _, name := range []string{"search", "book", "pay"} {
		all := took[name]
		slices.Sort(all)
		t.Logf("%-6s %6.0f/s  p50 %v  p99 %v", name, float64(len(all))/elapsed.Seconds(), all[len(all)/2].Round(time.Millisecond), all[len(all)*99/100].Round(time.Millisecond))
	}
}

// until looks at an order until it leaves a state.
func (w *world) until(id string, state shop.State) (o shop.Order) {
	for {
		o = shop.Order{}
		w.call(http.MethodGet, "orders/"+id, "", nil, &o)
		if o.State != state {
			return o
		}
		time.Sleep(20 * time.Millisecond)
	}
}
