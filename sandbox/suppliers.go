package sandbox

import (
	"net/http"
	"strconv"
	"time"

	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
	"github.com/rutravel/rutravel-go/sandbox/record"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// supplier is a fake as the sandbox needs it. Functions are nil if the fake has
// nothing like that.
type supplier struct {
	handler    http.Handler
	operations []string
	observe    func(func(record.Call))
	inject     func(Fault)
	faults     func() []Fault
	remove     func(id int) bool
	quirks     func() any
	setQuirks  func(text []byte) error

	state   func() record.State
	advance func(time.Duration)
	expire  func()
	soldOut func(bool)
	reset   func()
	seed    func([]byte) error
}

// server is what the fakes of the five suppliers have in common.
type server[F, Q any] interface {
	http.Handler
	Operations() []string
	OnCall(f func(record.Call))
	Inject(faults ...F)
	Faults() []F
	RemoveFault(id int) bool
	KeepRequests(n int)
	Quirks() Q
	SetQuirks(q Q)
	SetSoldOut(soldOut bool)
	State() record.State
	Reset()
	Seed(seed []byte) error
}

// clocked are the fakes that have a clock; the others live by the dates of the manual.
type clocked interface{ Advance(d time.Duration) }

// expiring are the fakes in which something expires.
type expiring interface{ Expire() }

// keep is how many requests a fake keeps by itself. The sandbox keeps its own.
const keep = 100

// adapt makes a supplier of a fake.
func adapt[F, Q any](name string, s server[F, Q], to func(fake.Fault) F, from func(F) fake.Fault) *supplier {
	s.KeepRequests(keep)
	a := &supplier{
		handler: s, operations: s.Operations(), observe: s.OnCall, remove: s.RemoveFault,
		state: s.State, soldOut: s.SetSoldOut, reset: s.Reset, seed: s.Seed,
	}
	a.inject = func(f Fault) { s.Inject(to(f.plain())) }
	a.faults = func() (all []Fault) {
		for _, f := range s.Faults() {
			all = append(all, publish(name, from(f)))
		}
		return all
	}
	a.quirks, a.setQuirks = quirks(s.Quirks, s.SetQuirks)
	if c, ok := s.(clocked); ok {
		a.advance = c.Advance
	}
	if e, ok := s.(expiring); ok {
		a.expire = e.Expire
	}
	return a
}

func (f Fault) plain() fake.Fault {
	return fake.Fault{
		Op: f.Op, Reject: f.Reject, Refuse: f.Refuse, Drop: f.Drop, Status: f.Status, Header: f.Header, Body: f.Body,
		Processed: f.Processed, Cut: f.Cut, Delay: f.Delay, Late: f.Late,
	}
}

func publish(name string, f fake.Fault) Fault {
	return Fault{
		ID: name + "-" + strconv.Itoa(f.ID), Supplier: name,
		Op: f.Op, Reject: f.Reject, Refuse: f.Refuse, Drop: f.Drop, Status: f.Status, Header: f.Header, Body: f.Body,
		Processed: f.Processed, Cut: f.Cut, Delay: f.Delay, Late: f.Late,
	}
}

// fakes are the suppliers of a run.
type fakes struct {
	Regionbilet  *regionbilettest.Server
	Multitour    *multitourtest.Server
	Bgoperator   *bgoperatortest.Server
	Ticketscloud *ticketscloudtest.Server
	Smartway     *smartwaytest.Server
	Catalogue    *tcsimpletest.Server
}

func newFakes() fakes {
	shop := ticketscloudtest.New()
	return fakes{
		Regionbilet: regionbilettest.New(), Multitour: multitourtest.New(), Bgoperator: bgoperatortest.New(),
		Ticketscloud: shop, Smartway: smartwaytest.New(), Catalogue: tcsimpletest.New(shop),
	}
}

func (f fakes) suppliers() map[string]*supplier {
	return map[string]*supplier{
		Regionbilet: adapt(Regionbilet, f.Regionbilet,
			func(f fake.Fault) regionbilettest.Fault { return regionbilettest.Fault(f) }, func(f regionbilettest.Fault) fake.Fault { return fake.Fault(f) }),
		Multitour: adapt(Multitour, f.Multitour,
			func(f fake.Fault) multitourtest.Fault { return multitourtest.Fault(f) }, func(f multitourtest.Fault) fake.Fault { return fake.Fault(f) }),
		Bgoperator: adapt(Bgoperator, f.Bgoperator,
			func(f fake.Fault) bgoperatortest.Fault { return bgoperatortest.Fault(f) }, func(f bgoperatortest.Fault) fake.Fault { return fake.Fault(f) }),
		Ticketscloud: adapt(Ticketscloud, f.Ticketscloud,
			func(f fake.Fault) ticketscloudtest.Fault { return ticketscloudtest.Fault(f) }, func(f ticketscloudtest.Fault) fake.Fault { return fake.Fault(f) }),
		Smartway: adapt(Smartway, f.Smartway,
			func(f fake.Fault) smartwaytest.Fault { return smartwaytest.Fault(f) }, func(f smartwaytest.Fault) fake.Fault { return fake.Fault(f) }),
		Catalogue: catalogue(f.Catalogue),
	}
}

// catalogue makes a supplier of the gRPC catalogue, which sells nothing by itself.
func catalogue(s *tcsimpletest.Server) *supplier {
	s.KeepRequests(keep)
	a := &supplier{handler: s, operations: s.Operations(), observe: s.OnCall, remove: s.RemoveFault, reset: s.Reset}
	a.quirks, a.setQuirks = quirks(s.Quirks, s.SetQuirks)
	a.inject = func(f Fault) {
		to := tcsimpletest.Fault{
			Op: f.Op, Refuse: f.Refuse, Drop: f.Drop, Status: f.Status, Header: f.Header, Body: f.Body,
			After: f.Cut, Cut: f.Cut > 0, Delay: f.Delay,
		}
		if f.Body != "" && f.Status == 0 {
			to.Status = http.StatusOK
		}
		if f.Reject {
			to.Code, to.Message = tcsimple.CodeFailedPrecondition, "The operation was rejected"
		}
		s.Inject(to)
	}
	a.faults = func() (all []Fault) {
		for _, f := range s.Faults() {
			all = append(all, publish(Catalogue, fake.Fault{
				ID: f.ID, Op: f.Op, Reject: f.Code != "", Refuse: f.Refuse, Drop: f.Drop, Status: f.Status, Header: f.Header, Body: f.Body,
				Cut: f.After, Delay: f.Delay,
			}))
		}
		return all
	}
	return a
}

// environment is how the five suppliers are reached below an address.
func environment(base string) []string {
	return []string{
		"REGIONBILET_URL=" + base + "/" + Regionbilet,
		"REGIONBILET_USER=" + regionbilettest.User,
		"REGIONBILET_SKEY=" + regionbilettest.SecretKey,
		"MULTITOUR_URL=" + base + "/" + Multitour + "/",
		"MULTITOUR_TOKEN=" + multitourtest.Token,
		"MULTITOUR_US_KEY=" + multitourtest.UserKey,
		"BGOPERATOR_URL=" + base + "/" + Bgoperator + "/zayavkaapi",
		"BGOPERATOR_LOGIN_URL=" + base + "/" + Bgoperator + "/auth",
		"BGOPERATOR_LOGIN=" + bgoperatortest.Login,
		"BGOPERATOR_PASSWORD=" + bgoperatortest.Password,
		"TICKETSCLOUD_URL=" + base + "/" + Ticketscloud,
		"TICKETSCLOUD_KEY=" + ticketscloudtest.Key,
		"SMARTWAY_URL=" + base + "/" + Smartway,
		"SMARTWAY_USERNAME=" + smartwaytest.Username,
		"SMARTWAY_PASSWORD=" + smartwaytest.Password,
	}
}
