package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/examples/backend/demo"
	"github.com/rutravel/rutravel-go/examples/backend/shop"
	"github.com/rutravel/rutravel-go/examples/backend/store"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/sandbox"
	"github.com/rutravel/rutravel-go/sandbox/record"
)

const (
	orders    = 200
	customers = 30 // at the same time
	killEvery = 2000 * time.Millisecond
)

// Two instances on PostgreSQL are killed again and again while customers order, pay and
// give back, and while the suppliers lose requests and answers. In the end the shop, the
// journal and the suppliers agree.
func TestChaosPostgres(t *testing.T) {
	t.Parallel()
	chaos(t, 2, "DATABASE_URL="+postgres(t))
}

// The same with one instance on SQLite.
func TestChaosSQLite(t *testing.T) {
	t.Parallel()
	chaos(t, 1, "DATABASE_FILE="+filepath.Join(t.TempDir(), "orders.db"))
}

// world is the backend, its suppliers and what customers read.
type world struct {
	t         *testing.T
	suppliers *sandbox.Run
	instances []*instance

	mu     sync.Mutex
	bought []*purchase
	kills  int
}

// purchase is an order as its customer saw it.
type purchase struct {
	name string // the traveller's or buyer's, which no other order has
	id   string
	kind shop.Kind
	told []shop.Order // each version that was shown
}

// instance is a process of the backend.
type instance struct {
	mu      sync.Mutex
	command *exec.Cmd
	program string
	address string
	env     []string
	log     *os.File
}

func chaos(t *testing.T, instances int, database string) {
	program := build(t)
	s, err := sandbox.New(sandbox.Config{Seed: demo.Seed(time.Now())})
	require.NoError(t, err)
	server := httptest.NewServer(s) // the backend is another process
	t.Cleanup(server.Close)
	run, err := s.Run("")
	require.NoError(t, err)
	w := &world{t: t, suppliers: run}
	logs := t.TempDir()
	if keep := os.Getenv("CHAOS_LOGS"); keep != "" {
		logs = keep
	}
	for n := range instances {
		log, err := os.Create(filepath.Join(logs, fmt.Sprintf("%s-%d.log", t.Name(), n)))
		require.NoError(t, err)
		i := &instance{program: program, address: "http://" + freePort(t), log: log}
		i.env = append(os.Environ(), database, "ADDR="+strings.TrimPrefix(i.address, "http://"), "SANDBOX_URL="+server.URL, "CALLS_PER_SECOND=500",
			"CALL_TIMEOUT=5s", "CALL_GRACE=1s", "CALL_PATIENCE=6s", "LOOK_UP_TIMEOUT=5s")
		require.NoError(t, i.start())
		t.Cleanup(i.kill)
		w.instances = append(w.instances, i)
	}
	for _, i := range w.instances {
		require.NoError(t, i.await(), "the backend does not start")
	}

	start := time.Now()
	trouble, calm := context.WithCancel(t.Context())
	var troubling, selling sync.WaitGroup
	troubling.Go(func() { w.loseCalls(trouble) })
	troubling.Go(func() { w.killInstances(trouble) })
	queue := make(chan int)
	for range customers {
		selling.Go(func() {
			for n := range queue {
				w.customer(n)
			}
		})
	}
	for n := range orders {
		queue <- n
	}
	close(queue)
	selling.Wait()
	calm()
	troubling.Wait()
	t.Logf("%d orders and %d kills in %v", orders, w.kills, time.Since(start).Round(time.Second))

	w.settle()
	w.compare()
	w.checkJournal(database)
	t.Logf("all settled after %v", time.Since(start).Round(time.Second))
}

// build builds the backend.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "backend")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func (i *instance) start() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.command = exec.Command(i.program)
	i.command.Env, i.command.Stdout, i.command.Stderr = i.env, i.log, i.log
	return i.command.Start()
}

// kill ends the process with SIGKILL.
func (i *instance) kill() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.command != nil {
		_ = i.command.Process.Kill()
		_ = i.command.Wait()
		i.command = nil
	}
}

func (i *instance) await() error {
	for range 300 {
		if resp, err := http.Get(i.address + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("not ready")
}

// killInstances kills an instance every few seconds and starts it again.
func (w *world) killInstances(ctx context.Context) {
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(killEvery + time.Duration(rand.IntN(1000))*time.Millisecond):
		}
		i := w.instances[n%len(w.instances)]
		i.kill()
		w.kills++
		time.Sleep(200 * time.Millisecond)
		assert.NoError(w.t, i.start())
	}
}

// loseCalls makes some calls fail: a request or an answer is lost, or a gateway
// answers in its place.
func (w *world) loseCalls(ctx context.Context) {
	calls := map[string][]string{
		sandbox.Regionbilet:  {"booking", "pay", "refund", "status_ticket"},
		sandbox.Ticketscloud: {"orders.create", "orders.change+done", "refunds.create", "refunds.approve", "orders.list"},
		sandbox.Multitour:    {"booking_set", "booking_list"},
	}
	names := []string{sandbox.Regionbilet, sandbox.Ticketscloud, sandbox.Multitour}
	for {
		select {
		case <-ctx.Done():
			for _, f := range w.suppliers.Faults() {
				w.suppliers.RemoveFault(f.ID)
			}
			return
		case <-time.After(time.Duration(300+rand.IntN(500)) * time.Millisecond):
		}
		name := names[rand.IntN(len(names))]
		f := sandbox.Fault{Supplier: name, Op: calls[name][rand.IntN(len(calls[name]))], Processed: rand.IntN(2) == 0}
		switch rand.IntN(3) {
		case 0:
			f.Status, f.Body = http.StatusBadGateway, "Bad Gateway"
		case 1:
			f.Delay, f.Processed = 800*time.Millisecond, false // time for a kill
		default:
			f.Drop = true
		}
		_, err := w.suppliers.Inject(f)
		assert.NoError(w.t, err)
	}
}

// call asks one of the instances until one answers. It is safe to ask again, because
// the API is idempotent.
func (w *world) call(method, path, key string, body, into any) int {
	text, err := json.Marshal(body)
	assert.NoError(w.t, err)
	client := &http.Client{Timeout: 20 * time.Second}
	for n := rand.IntN(len(w.instances)); ; n++ {
		r, err := http.NewRequest(method, w.instances[n%len(w.instances)].address+"/api/"+path, bytes.NewReader(text))
		if !assert.NoError(w.t, err) {
			return 0
		}
		r.Header.Set("Idempotency-Key", key)
		resp, err := client.Do(r)
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue // it was killed
		}
		err = json.NewDecoder(resp.Body).Decode(into)
		resp.Body.Close()
		if err != nil || resp.StatusCode >= http.StatusInternalServerError {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		return resp.StatusCode
	}
}

// customer orders, pays and sometimes gives back.
func (w *world) customer(n int) {
	think := func() { time.Sleep(time.Duration(rand.IntN(2200)) * time.Millisecond) }
	p := &purchase{name: "Путник" + letters(n), kind: []shop.Kind{shop.Coach, shop.Event, shop.Tour}[n%3]}
	b := w.basket(p, n)
	think()
	var o shop.Order
	for try := 0; ; try++ {
		o = shop.Order{}
		status := w.call(http.MethodPost, "orders", fmt.Sprintf("order-%04d-%d", n, try), b, &o)
		if status == http.StatusCreated {
			break
		}
		if try == 5 {
			assert.Fail(w.t, "no order was made", "%s: status %d", p.name, status)
			return
		}
		think()
		b = w.basket(p, n) // somebody was faster
	}
	p.id = o.ID
	w.mu.Lock()
	w.bought = append(w.bought, p)
	w.mu.Unlock()
	o = w.watch(p, shop.Booking)
	if o.State != shop.Held {
		return
	}
	think()
	var ignored any
	for range 2 { // a double click
		w.call(http.MethodPost, "orders/"+p.id+"/pay", "", nil, &ignored)
	}
	o = w.watch(p, shop.Paying)
	if o.State != shop.Paid || p.kind == shop.Tour || n%2 == 0 {
		return
	}
	think()
	w.call(http.MethodPost, "orders/"+p.id+"/refund/0", "", nil, &ignored)
	w.watch(p, shop.Paid)
}

// watch looks at an order while it is in a state, for some time.
func (w *world) watch(p *purchase, while shop.State) (o shop.Order) {
	for range 36 {
		o = shop.Order{}
		w.call(http.MethodGet, "orders/"+p.id, "", nil, &o)
		p.told = append(p.told, o)
		if o.State != while || while == shop.Paid && len(o.Pending()) == 0 {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	return o
}

// letters writes a number in letters, because names have no digits.
func letters(n int) string {
	const all = "абвгдежзик"
	text := []rune(fmt.Sprintf("%03d", n))
	for i, digit := range text {
		text[i] = []rune(all)[digit-'0']
	}
	return string(text)
}

// basket chooses something.
func (w *world) basket(p *purchase, n int) shop.Basket {
	b := shop.Basket{Kind: p.kind, Buyer: shop.Buyer{Name: p.name, Email: fmt.Sprintf("buyer%d@example.com", n), Phone: "+79187557788"}}
	day := tomorrowPlus(n % 9)
	query := map[shop.Kind]string{
		shop.Coach: fmt.Sprintf("from=10%d&to=10%d&date=%s", 1+n%3, 4+n%3, day),
		shop.Event: "",
		shop.Tour:  fmt.Sprintf("to=6228&adults=2&nights=%d&date=%s", 2+n%5, day),
	}[p.kind]
	var found []shop.Offer
	var o shop.Offer
	for try := 0; ; try++ { // until the offer has something to choose
		w.call(http.MethodGet, "search/"+string(p.kind)+"?"+query, "", nil, &found)
		if len(found) == 0 && try < 20 {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if !assert.NotEmpty(w.t, found, p.kind) {
			return b
		}
		o = shop.Offer{}
		w.call(http.MethodGet, "offers/"+string(p.kind)+"/"+url.PathEscape(found[rand.IntN(len(found))].ID), "", nil, &o)
		if len(o.Choices) > 0 || o.People > 0 {
			break
		}
	}
	b.Offer, b.Seen = o.ID, o.Price
	people := o.People
	if len(o.Choices) > 0 {
		c := o.Choices[rand.IntN(len(o.Choices))]
		b.Choices, b.Seen, people = []string{c.ID}, c.Price, 1
	}
	if o.Named {
		for i := range people {
			b.Travellers = append(b.Travellers, shop.Traveller{
				Surname: p.name, Name: "Иван", Birth: civil.Date{Year: 1980 + i, Month: 5, Day: 17}, Document: fmt.Sprintf("0701 75%04d", n),
			})
		}
	}
	return b
}

func tomorrowPlus(days int) string {
	return time.Now().UTC().AddDate(0, 0, 2+days).Format(time.DateOnly)
}

// settle waits until no order waits for anything. Unpaid holds end at the suppliers. A
// person decides what look-ups cannot.
func (w *world) settle() {
	for _, i := range w.instances {
		require.NoError(w.t, i.await())
	}
	time.Sleep(6 * time.Second) // calls that are under way
	for _, name := range []string{sandbox.Regionbilet, sandbox.Ticketscloud} {
		require.NoError(w.t, w.suppliers.Expire(name))
	}
	var waiting []string
	for range 240 {
		waiting = nil
		for _, p := range w.bought {
			var o shop.Order
			w.call(http.MethodGet, "orders/"+p.id, "", nil, &o)
			if len(o.Pending()) == 0 {
				continue
			}
			if o.Human {
				w.decide(p)
			}
			waiting = append(waiting, fmt.Sprintf("%s %s unsure=%v human=%v", o.ID, o.State, o.Unsure, o.Human))
		}
		if len(waiting) == 0 {
			break
		}
		time.Sleep(500 * time.Millisecond)
	}
	require.Empty(w.t, waiting, "orders that wait for ever")
	for _, p := range w.bought {
		w.watch(p, "")
	}
}

// decide is the operator, who looks into the supplier's cabinet.
func (w *world) decide(p *purchase) {
	form := url.Values{"order": {p.id}, "done": {"no"}}
	require.Equal(w.t, shop.Tour, p.kind, "%s %s needs a person", p.kind, p.id)
	for _, b := range w.suppliers.State()[sandbox.Multitour].Bookings {
		if owner(b, p) {
			form.Set("done", "yes")
			form.Set("number", b.ID)
		}
	}
	r, err := http.NewRequest(http.MethodPost, w.instances[0].address+"/operator/decide", strings.NewReader(form.Encode()))
	require.NoError(w.t, err)
	r.SetBasicAuth("operator", "sandbox")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	require.NoError(w.t, err)
	resp.Body.Close()
}

// owner reports whether a booking at a supplier is for the customer of a purchase.
func owner(b record.Booking, p *purchase) bool {
	return slices.ContainsFunc(b.Personal, func(person record.Person) bool {
		return strings.Contains(strings.ToLower(person.Name), strings.ToLower(p.name))
	})
}

// compare compares the shop with its suppliers, and what customers read with
// what is true.
func (w *world) compare() {
	t := w.t
	name := map[shop.Kind]string{shop.Coach: sandbox.Regionbilet, shop.Event: sandbox.Ticketscloud, shop.Tour: sandbox.Multitour}
	state := w.suppliers.State()
	received, returned := map[shop.Kind]decimal.Decimal{}, map[shop.Kind]decimal.Decimal{}
	used := map[string]bool{}
	states := map[shop.State]int{}
	for _, p := range w.bought {
		o := p.told[len(p.told)-1]
		states[o.State]++
		var booking *record.Booking
		for _, b := range state[name[p.kind]].Bookings {
			if o.Number != "" && (b.ID == o.Number || b.Number == o.Number) {
				booking = &b
			}
		}
		sold := o.State == shop.Paid || o.State == shop.Refunded
		if sold && assert.NotNil(t, booking, "%s %s is %s, and the supplier has no booking %s", p.kind, o.ID, o.State, o.Number) {
			assert.False(t, used[booking.ID], "booking %s has two orders", booking.ID)
			used[booking.ID] = true
			if p.kind != shop.Tour {
				assert.Contains(t, []record.Status{record.Paid, record.Refunded}, booking.Status, "%s", o.ID)
				assert.True(t, booking.Paid.Equal(o.Total.Amount), "%s: %s was paid for %s", o.ID, booking.Paid, o.Total.Amount)
			}
			received[p.kind] = received[p.kind].Add(o.Total.Amount)
		}
		for _, l := range o.Lines {
			returned[p.kind] = returned[p.kind].Add(l.Back.Amount)
		}
		w.checkTold(p, o)
	}
	// A booking that no order has must be unpaid; otherwise it was made twice.
	for kind, supplier := range name {
		for _, b := range state[supplier].Bookings {
			if used[b.ID] || kind != shop.Tour && !slices.Contains([]record.Status{record.Paid, record.Refunded}, b.Status) {
				continue
			}
			known := slices.ContainsFunc(w.bought, func(p *purchase) bool {
				o := p.told[len(p.told)-1]
				return o.State == shop.Held && (b.ID == o.Number || b.Number == o.Number)
			})
			assert.True(t, known, "%s has %s (%s), which no order has", supplier, b.ID, b.Status)
		}
	}
	for _, kind := range []shop.Kind{shop.Coach, shop.Event} {
		var paid, back decimal.Decimal
		for _, m := range state[name[kind]].Money {
			paid, back = paid.Add(m.Paid), back.Add(m.Refunded)
		}
		assert.Equal(t, paid.String(), received[kind].String(), "received for %s", kind)
		assert.Equal(t, back.String(), returned[kind].String(), "returned for %s", kind)
	}
	assert.Len(t, w.bought, orders)
	t.Logf("orders: %v; received %v, returned %v", states, received, returned)
	assert.Greater(t, states[shop.Paid]+states[shop.Refunded], orders/3, "many orders end well")
}

// checkTold checks that nothing that a customer read turned out wrong.
func (w *world) checkTold(p *purchase, last shop.Order) {
	var paid, over bool
	for _, o := range p.told {
		sold := o.State == shop.Paid || o.State == shop.Refunded
		assert.False(w.t, paid && !sold, "%s was paid and then %s", o.ID, o.State)
		assert.False(w.t, over && sold, "%s was %s and then %s", o.ID, "over", o.State)
		paid = paid || sold
		over = over || o.State == shop.Failed || o.State == shop.Expired
	}
	if paid {
		assert.Contains(w.t, []shop.State{shop.Paid, shop.Refunded}, last.State, last.ID)
	}
}

// checkJournal checks that nothing is open, and that the books are those of the orders.
func (w *world) checkJournal(database string) {
	for _, i := range w.instances {
		i.kill()
	}
	c := store.Config{Settle: func(*shop.Order, journal.Entry) ([]shop.Entry, error) { return nil, nil }}
	kind, value, _ := strings.Cut(database, "=")
	if kind == "DATABASE_URL" {
		c.URL = value
	} else {
		c.File = value
	}
	db, err := store.Open(w.t.Context(), c)
	require.NoError(w.t, err)
	defer db.Close()
	for _, outcome := range []rutravel.Outcome{rutravel.OutcomeOpen, rutravel.OutcomeUndecidable} {
		left, err := db.Journal().List(w.t.Context(), journal.Query{Outcome: outcome})
		require.NoError(w.t, err)
		assert.Empty(w.t, left, outcome)
	}
	books, err := db.Books(w.t.Context())
	require.NoError(w.t, err)
	for _, sum := range books {
		var received, returned decimal.Decimal
		for _, p := range w.bought {
			o := p.told[len(p.told)-1]
			if p.kind != sum.Kind {
				continue
			}
			if o.State == shop.Paid || o.State == shop.Refunded {
				received = received.Add(o.Total.Amount)
			}
			for _, l := range o.Lines {
				returned = returned.Add(l.Back.Amount)
			}
		}
		assert.Equal(w.t, received.String(), sum.Received.Amount.String(), sum.Kind)
		assert.Equal(w.t, returned.String(), sum.Returned.Amount.String(), sum.Kind)
	}
}
