package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// keyHeader is the header in which a worker sends the key of a call, so that the books
// of the suppliers can be compared with the journal.
const keyHeader = "X-Journal-Key"

// The events that are on sale. The orders for an event cannot be distinguished.
const (
	event    = "5e0000000000000000000011"
	eventSet = "5e00000000000000000000b1"
	race     = "5e0000000000000000000012"
	raceSet  = "5e00000000000000000000b2"
)

// The race makes this many identical calls. Some are not carried out, and all answers
// are lost.
const (
	raceCalls = 30
	raceLost  = 10
)

// How often requests or answers are lost, in per cent.
const (
	lostRequests = 5
	lostAnswers  = 7
)

// maxDelay is how long a request, and its answer, take at most.
const maxDelay = 150 * time.Millisecond

// account is a set of fakes. All calls to it pass through one journal.
type account struct {
	regionbilet  *regionbilettest.Server
	multitour    *multitourtest.Server
	ticketscloud *ticketscloudtest.Server
	smartway     *smartwaytest.Server
}

// books are what the suppliers of an account have done.
type books struct {
	Arrivals  []deed // requests of unsafe calls
	Deeds     []deed // those that were carried out
	Strangers []string
	Lost      int // requests and answers of unsafe calls that were lost
}

// deed is an unsafe call at a supplier.
type deed struct {
	Key    string // "" if it was not sent by Do
	Op     string // like Operation.Name
	Object string // the supplier's id
}

// supplier is a gateway in front of a fake. It loses requests and answers, and keeps the books.
type supplier struct {
	name string
	fake http.Handler
	// op returns the operation of an unsafe request, and "" for another one.
	op func(r *http.Request, body string) string
	// did returns what a request has done, and "" if it was refused.
	did func(r *http.Request, body, answer string) string

	mu    *sync.Mutex // of the account
	books *books

	raced    atomic.Int64
	stranger func() (string, error) // makes the order of somebody else
}

// ServeHTTP implements [http.Handler].
func (s *supplier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	body := string(text)
	r.Body = io.NopCloser(bytes.NewReader(text))
	d := deed{Key: r.Header.Get(keyHeader), Op: s.op(r, body)}
	if d.Op != "" {
		s.keep(func(b *books) { b.Arrivals = append(b.Arrivals, d) })
	}
	chance := rand.IntN(100)
	loseRequest, loseAnswer := chance < lostRequests, chance >= 100-lostAnswers
	if d.Op == "ticketscloud.create_order" && strings.Contains(body, race) {
		n := s.raced.Add(1)
		loseRequest, loseAnswer = n%(raceCalls/raceLost) == 0, true
		if n == raceCalls/2 {
			id, err := s.stranger()
			s.keep(func(b *books) { b.Strangers = append(b.Strangers, cmp.Or(id, fmt.Sprint(err))) })
		}
	}
	time.Sleep(rand.N(maxDelay))
	if loseRequest {
		s.lose(d)
	}
	answer := httptest.NewRecorder()
	s.fake.ServeHTTP(answer, r.WithContext(context.WithoutCancel(r.Context())))
	if d.Op != "" {
		if d.Object = s.did(r, body, answer.Body.String()); d.Object != "" {
			s.keep(func(b *books) { b.Deeds = append(b.Deeds, d) })
		}
	}
	time.Sleep(rand.N(maxDelay))
	if loseAnswer {
		s.lose(d)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (s *supplier) lose(d deed) {
	if d.Op != "" {
		s.keep(func(b *books) { b.Lost++ })
	}
	panic(http.ErrAbortHandler)
}

func (s *supplier) keep(change func(*books)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.books)
}

func regionbiletOp(r *http.Request, _ string) string {
	switch command := r.URL.Query().Get("command"); command {
	case "booking":
		return "regionbilet.book"
	case "pay", "cancel", "refund":
		return "regionbilet." + command
	}
	return ""
}

func regionbiletDid(r *http.Request, _, answer string) string {
	var told struct {
		Error  string
		Result json.RawMessage
	}
	if json.Unmarshal([]byte(answer), &told) != nil || told.Error != "0" {
		return ""
	}
	var hold struct {
		ID string `json:"id_booking"`
	}
	_ = json.Unmarshal(told.Result, &hold) // other commands have a list, or nothing
	return cmp.Or(hold.ID, r.URL.Query().Get("number_ticket"), r.URL.Query().Get("id_booking"))
}

func multitourOp(_ *http.Request, body string) string {
	if strings.Contains(body, `"booking_set"`) {
		return "multitour.book"
	}
	return ""
}

var tourCode = regexp.MustCompile(`"code":"(X[0-9]+)"`)

func multitourDid(_ *http.Request, _, answer string) string {
	if code := tourCode.FindStringSubmatch(answer); code != nil {
		return code[1]
	}
	return ""
}

func ticketscloudOp(r *http.Request, body string) string {
	switch {
	case r.Method == http.MethodPost:
		return "ticketscloud.create_order"
	case r.Method == http.MethodPatch && strings.Contains(body, `"done"`):
		return "ticketscloud.pay_order"
	case r.Method == http.MethodPatch && strings.Contains(body, `"cancelled"`):
		return "ticketscloud.cancel_order"
	}
	return ""
}

func ticketscloudDid(_ *http.Request, _, answer string) string {
	var told struct{ Data struct{ ID string } }
	_ = json.Unmarshal([]byte(answer), &told) // a refusal has none
	return told.Data.ID
}

func smartwayOp(_ *http.Request, body string) string {
	if strings.Contains(body, `"airline.book"`) {
		return "smartway.buy"
	}
	return ""
}

func smartwayDid(_ *http.Request, _, answer string) string {
	var told struct{ Result string }
	_ = json.Unmarshal([]byte(answer), &told) // a refusal has none
	return told.Result
}

// accounts are the databases, each of which has an account at all suppliers.
var accounts = []string{postgres, sqlite}

// addresses are those of the suppliers, by account and name, and of the control.
type addresses struct {
	Suppliers map[string]map[string]string
	Control   string
}

// runSuppliers is the process of the suppliers. It prints its addresses.
func runSuppliers() error {
	all := addresses{Suppliers: map[string]map[string]string{}}
	control := http.NewServeMux()
	for _, name := range accounts {
		a, b, mu := newAccount(), new(books), new(sync.Mutex)
		tickets, err := ticketscloud.New(a.ticketscloud.Config(), rutravel.WithHTTPClient(a.ticketscloud.HTTPClient()))
		if err != nil {
			return err
		}
		all.Suppliers[name] = map[string]string{}
		for _, s := range []*supplier{
			{name: "regionbilet", fake: a.regionbilet, op: regionbiletOp, did: regionbiletDid},
			{name: "multitour", fake: a.multitour, op: multitourOp, did: multitourDid},
			{name: "smartway", fake: a.smartway, op: smartwayOp, did: smartwayDid},
			{name: "ticketscloud", fake: a.ticketscloud, op: ticketscloudOp, did: ticketscloudDid, stranger: func() (string, error) {
				order, failure := tickets.CreateOrder(context.Background(), raceOrder)
				return string(order.ID), failure
			}},
		} {
			s.mu, s.books = mu, b
			if all.Suppliers[name][s.name], err = listen(s); err != nil {
				return err
			}
		}
		control.HandleFunc("/books/"+name, func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			_ = json.NewEncoder(w).Encode(b)
		})
		control.HandleFunc("/expire/"+name, func(http.ResponseWriter, *http.Request) {
			a.ticketscloud.Advance(ticketscloudtest.OrderLifetime + time.Minute)
		})
		go func() { // a hold of 20 minutes lasts 20 seconds
			for range time.Tick(time.Second) {
				a.regionbilet.Advance(faster * time.Second)
			}
		}()
	}
	var err error
	if all.Control, err = listen(control); err != nil {
		return err
	}
	if err = json.NewEncoder(os.Stdout).Encode(all); err != nil {
		return err
	}
	select {} // until the process ends
}

// faster is how much faster than the machine's the clock of Regionbilet is.
const faster = 59

func newAccount() account {
	a := account{regionbilettest.New(), multitourtest.New(), ticketscloudtest.New(), smartwaytest.New()}
	start := time.Now().Add(30 * 24 * time.Hour)
	for id, set := range map[ticketscloud.EventID]ticketscloud.SetID{event: eventSet, race: raceSet} {
		a.ticketscloud.AddEvent(ticketscloudtest.Event{
			ID: id, Title: "Концерт", Start: start, Finish: start.Add(2 * time.Hour),
			Venue: ticketscloudtest.Venue{ID: "5e00000000000000000000c1", Name: "Клуб", City: "524901", CityName: "Москва", Timezone: "Europe/Moscow"},
			Sets:  []ticketscloudtest.Set{{ID: set, Name: "Партер", Price: decimal.NewFromInt(500), Tickets: 5000}},
		})
	}
	a.smartway.SetBalance(decimal.New(1, 12))
	return a
}

// listen serves a handler on an address of this machine.
func listen(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { _ = http.Serve(l, h) }() // until the process ends
	return "http://" + l.Addr().String(), nil
}
