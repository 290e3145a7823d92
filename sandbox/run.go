package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rutravel/rutravel-go/sandbox/record"
)

// Run is a set of fakes with their own state. It is safe for concurrent use.
//
// Tests in Go can use the fakes, which are the fields Regionbilet, Multitour,
// Bgoperator, Ticketscloud, Smartway and Catalogue. For example, Regionbilet is a
// [*regionbilettest.Server].
type Run struct {
	fakes

	name      string
	suppliers map[string]*supplier
	cfg       Config
	used      time.Time // guarded by the sandbox

	mu        sync.Mutex
	ahead     time.Duration
	calls     []record.Call
	size      int // bytes of the documents in calls
	counted   int // calls
	listeners map[chan event]bool
}

// event tells a listener that something happened.
type event struct {
	call    *record.Call // nil: something else changed
	cleared bool         // all calls were removed
}

// longest is how far the clock of a run may be from the machine's.
const longest = 10 * 365 * 24 * time.Hour

// maxFaults is how many faults a supplier may have queued.
const maxFaults = 1000

// maxSize is how many bytes of requests and answers a run keeps.
const maxSize = 4 << 20

func (s *Sandbox) newRun(name string) (*Run, error) {
	r := &Run{fakes: newFakes(), name: name, cfg: s.cfg, used: time.Now(), listeners: map[chan event]bool{}}
	r.suppliers = r.fakes.suppliers()
	if len(s.cfg.Seed) > 0 {
		if err := r.Seed(s.cfg.Seed); err != nil {
			return nil, fmt.Errorf("sandbox: the seed: %w", err)
		}
	}
	r.observe()
	return r, nil
}

// observe records the calls of all suppliers.
func (r *Run) observe() {
	for name, s := range r.suppliers {
		s.observe(func(c record.Call) {
			c.Supplier = name
			r.record(c)
		})
	}
}

// record keeps a call and tells the listeners.
func (r *Run) record(c record.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counted++
	c.ID = r.counted
	c.Time = c.Time.Add(r.ahead)
	c.Request.Personal, c.Answer.Personal = list(c.Request.Personal), list(c.Answer.Personal)
	r.calls = append(r.calls, c)
	r.size += size(c)
	drop := 0
	for len(r.calls)-drop > r.cfg.MaxCalls || len(r.calls)-drop > 1 && r.size > maxSize {
		r.size -= size(r.calls[drop])
		r.calls[drop] = record.Call{}
		drop++
	}
	r.calls = r.calls[drop:]
	r.tell(event{call: &c})
}

func size(c record.Call) int {
	const word, fixed = 8, 400
	return fixed + len(c.Path) + len(c.Request.Text) + len(c.Answer.Text) + word*(len(c.Request.Personal)+len(c.Answer.Personal))
}

// tell tells the listeners. One that does not listen misses events and is closed.
func (r *Run) tell(e event) {
	for c := range r.listeners {
		select {
		case c <- e:
		default:
			delete(r.listeners, c)
			close(c)
		}
	}
}

// changed tells the listeners that something other than a call happened.
func (r *Run) changed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell(event{})
}

// listen returns a channel of events, which is closed when the listener is too slow.
func (r *Run) listen() (events chan event, stop func()) {
	const waiting = 256
	events = make(chan event, waiting)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listeners[events] = true
	return events, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.listeners, events)
	}
}

// close ends all listeners, because the run was removed.
func (r *Run) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.listeners {
		close(c)
	}
	clear(r.listeners)
}

// Name returns the name of the run; "" is the default run.
func (r *Run) Name() string { return r.name }

// Now returns the time by the clock of the run.
func (r *Run) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.ahead)
}

// Calls returns the calls that the suppliers received, the oldest first. A run keeps the
// newest ones: see [Config].MaxCalls.
func (r *Run) Calls() []record.Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// ClearCalls removes the recorded calls.
func (r *Run) ClearCalls() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls, r.size = nil, 0
	r.tell(event{cleared: true})
}

// State returns what each supplier has and has sold, by the supplier's name.
func (r *Run) State() map[string]record.State {
	all := map[string]record.State{}
	for name, s := range r.suppliers {
		if s.state != nil {
			all[name] = filled(s.state())
		}
	}
	return all
}

// filled has empty lists in place of nil, which JSON would write as null.
func filled(s record.State) record.State {
	s.Stock, s.Bookings, s.Employees, s.Money = list(s.Stock), list(s.Bookings), list(s.Employees), list(s.Money)
	for i := range s.Stock {
		s.Stock[i].Prices = list(s.Stock[i].Prices)
	}
	for i := range s.Bookings {
		s.Bookings[i].Tickets, s.Bookings[i].Personal = list(s.Bookings[i].Tickets), list(s.Bookings[i].Personal)
	}
	return s
}

func list[T any](of []T) []T {
	if of == nil {
		return []T{}
	}
	return of
}

// Inject queues a fault for the next request of its operation, and returns it with
// its ID. It returns an error if the supplier or the operation does not exist, or if
// the fault does nothing.
func (r *Run) Inject(f Fault) (Fault, error) {
	s, err := r.supplier(f.Supplier)
	if err != nil {
		return f, err
	}
	if f.ID != "" {
		return f, errors.New("the id of a fault is set by the sandbox")
	}
	if err = f.check(s.operations); err != nil {
		return f, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(s.faults()) >= maxFaults {
		return f, fmt.Errorf("%s has %d faults already", f.Supplier, maxFaults)
	}
	s.inject(f)
	if all := s.faults(); len(all) > 0 {
		f.ID = all[len(all)-1].ID
	}
	r.tell(event{})
	return f, nil
}

// Faults returns the faults that have not applied yet.
func (r *Run) Faults() []Fault {
	all := []Fault{}
	for _, name := range Suppliers() {
		all = append(all, r.suppliers[name].faults()...)
	}
	return all
}

// RemoveFault removes a fault that has not applied yet. It reports whether there was
// one with this ID.
func (r *Run) RemoveFault(id string) bool {
	i := strings.LastIndexByte(id, '-')
	if i < 0 {
		return false
	}
	s := r.suppliers[id[:i]]
	n, err := strconv.Atoi(id[i+1:])
	if s == nil || err != nil || !s.remove(n) {
		return false
	}
	r.changed()
	return true
}

func (r *Run) supplier(name string) (*supplier, error) {
	if s := r.suppliers[name]; s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("there is no supplier %q; there are %s", name, strings.Join(Suppliers(), ", "))
}

// Advance moves the clocks of all suppliers on. Biblio-Globus has no clock: its dates
// are those of the manual.
func (r *Run) Advance(d time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d <= 0 || r.ahead+d > longest {
		return errors.New("the clock moves on by more than 0, and by ten years in all")
	}
	r.advance(d)
	return nil
}

func (r *Run) advance(d time.Duration) {
	r.ahead += d
	for _, s := range r.suppliers {
		if s.advance != nil {
			s.advance(d)
		}
	}
	r.tell(event{})
}

// Expire makes everything of a supplier that has a deadline expire now: unpaid holds
// (Regionbilet, Ticketscloud), the results of searches (Smartway), sessions
// (Biblio-Globus).
func (r *Run) Expire(supplier string) error {
	s, err := r.supplier(supplier)
	if err != nil {
		return err
	}
	if s.expire == nil {
		return fmt.Errorf("nothing expires at %s", supplier)
	}
	s.expire()
	r.changed()
	return nil
}

// SetSoldOut sets whether a supplier is sold out. A sold-out supplier answers as if
// everything that is left were sold.
func (r *Run) SetSoldOut(supplier string, soldOut bool) error {
	s, err := r.supplier(supplier)
	if err != nil {
		return err
	}
	if s.soldOut == nil {
		return fmt.Errorf("%s shows what %s sells: name that supplier", supplier, Ticketscloud)
	}
	s.soldOut(soldOut)
	r.changed()
	return nil
}

// Quirks returns the quirks of a supplier: they choose how its fake answers where the
// manual leaves this open. The value is a map. Its keys are the names of the fields of
// the type Quirks of the fake's package, and durations are texts.
func (r *Run) Quirks(supplier string) (any, error) {
	s, err := r.supplier(supplier)
	if err != nil {
		return nil, err
	}
	return s.quirks(), nil
}

// SetQuirks replaces the quirks of a supplier. The text is a JSON object. Its members
// have the names of the fields of the type Quirks of the fake's package. Quirks that are
// not in the object get their defaults. Durations are texts: "2s".
func (r *Run) SetQuirks(supplier string, text []byte) error {
	s, err := r.supplier(supplier)
	if err != nil {
		return err
	}
	if err = s.setQuirks(text); err != nil {
		return err
	}
	r.changed()
	return nil
}

// seedJSON is a seed: the clock, and the seed of each supplier's fake.
type seedJSON struct {
	Clock        *time.Time      `json:"clock"`
	Regionbilet  json.RawMessage `json:"regionbilet"`
	Multitour    json.RawMessage `json:"multitour"`
	Bgoperator   json.RawMessage `json:"bgoperator"`
	Ticketscloud json.RawMessage `json:"ticketscloud"`
	Smartway     json.RawMessage `json:"smartway"`
}

// Seed replaces what is for sale. The text is a JSON object with a member for each
// supplier that is changed. The method Seed of the supplier's fake describes the value
// of the member. The member clock is the time at which the clock starts.
//
//	{
//		"clock": "2030-05-01T09:00:00+03:00",
//		"regionbilet": {"Settlements": […], "Trips": […]},
//		"multitour": {"Hotels": […]},
//		"bgoperator": {"Offers": […], "Exports": {…}},
//		"ticketscloud": {"Events": […]},
//		"smartway": {"Flights": […], "Employees": […], "Trips": […]}
//	}
//
// With an error nothing is changed.
func (r *Run) Seed(text []byte) error {
	var seed seedJSON
	if err := strict(text, &seed); err != nil {
		return err
	}
	if seed.Clock != nil && time.Until(*seed.Clock).Abs() > longest {
		return errors.New("clock: must be within ten years of now")
	}
	parts := map[string]json.RawMessage{
		Regionbilet: seed.Regionbilet, Multitour: seed.Multitour, Bgoperator: seed.Bgoperator, Ticketscloud: seed.Ticketscloud,
		Smartway: seed.Smartway,
	}
	trial := newFakes().suppliers()
	for _, on := range []map[string]*supplier{trial, r.suppliers} {
		for name, part := range parts {
			if part == nil {
				continue
			}
			if err := on[name].seed(part); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if seed.Clock != nil {
		r.advance(time.Until(*seed.Clock) - r.ahead)
	}
	r.tell(event{})
	return nil
}

// Reset returns the run to its first state: with the stock of [Config].Seed and the
// machine's clock, and without bookings, calls, faults and quirks.
func (r *Run) Reset() error {
	for _, s := range r.suppliers {
		s.reset()
	}
	r.mu.Lock()
	r.ahead, r.calls, r.size = 0, nil, 0
	r.tell(event{cleared: true})
	r.mu.Unlock()
	if len(r.cfg.Seed) == 0 {
		return nil
	}
	return r.Seed(r.cfg.Seed)
}
