package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
	"github.com/rutravel/rutravel-go/smartway"
	"github.com/rutravel/rutravel-go/smartway/smartwaytest"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// timeout is the Timeout of all operations. A process that is stopped stops for longer.
const timeout = 3 * time.Second

// patience is the Patience of the operations. Where only an expired hold decides, it is
// longer than a run.
var patience = map[string]time.Duration{
	"regionbilet.book":          25 * time.Second, // a hold lasts 20 seconds
	"regionbilet.pay":           10 * time.Minute,
	"regionbilet.cancel":        10 * time.Minute,
	"regionbilet.refund":        5 * time.Second,
	"multitour.book":            5 * time.Second,
	"ticketscloud.create_order": 5 * time.Second,
	"ticketscloud.pay_order":    10 * time.Minute,
	"ticketscloud.cancel_order": 5 * time.Second,
	"smartway.buy":              5 * time.Second,
}

var raceOrder = ticketscloud.NewOrder{Event: race, Random: []ticketscloud.SetCount{{Set: raceSet, Count: 1}}}

// shop serves orders. It can serve an order again at any time, also after a crash.
type shop struct {
	db database

	coaches *regionbilet.Client
	tours   *multitour.Client
	flights *smartway.Client

	bookCoach   *journal.Call[regionbilet.BookRequest, regionbilet.Hold]
	payCoach    *journal.Call[regionbilet.Hold, []regionbilet.IssuedTicket]
	cancelCoach *journal.Call[regionbilet.Hold, struct{}]
	refundCoach *journal.Call[regionbilet.TicketRef, regionbilet.Refund]
	bookTour    *journal.Call[multitour.OfferBooking, multitour.BookingCode]
	orderTicket *journal.Call[ticketscloud.NewOrder, ticketscloud.Order]
	payTicket   *journal.Call[ticketscloud.OrderKey, ticketscloud.Order]
	cancelOrder *journal.Call[ticketscloud.OrderKey, ticketscloud.Order]
	buyFlight   *journal.Call[smartway.PurchaseRequest, smartway.Purchase]
}

func newShop(db database, j *journal.Journal, urls map[string]string, bug string) (*shop, error) {
	options := []rutravel.Option{
		rutravel.WithAttemptTimeout(2 * time.Second),
		rutravel.WithTransport(func(next http.RoundTripper) http.RoundTripper { return keyed{next} }),
	}
	coach := regionbilettest.New().Config()
	coach.BaseURL = urls["regionbilet"]
	coaches, err1 := regionbilet.New(coach, options...)
	tour := multitourtest.New().Config()
	tour.BaseURL = urls["multitour"] + "/"
	tours, err2 := multitour.New(tour, options...)
	ticket := ticketscloudtest.New().Config()
	ticket.BaseURL = urls["ticketscloud"]
	tickets, err3 := ticketscloud.New(ticket, options...)
	flight := smartwaytest.New().Config()
	flight.BaseURL = urls["smartway"] + "/v2"
	flights, err4 := smartway.New(flight, options...)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	return &shop{
		db: db, coaches: coaches, tours: tours, flights: flights,
		bookCoach:   add(j, coaches.BookOperation(), bug),
		payCoach:    add(j, coaches.PayOperation(), bug),
		cancelCoach: add(j, coaches.CancelOperation(), bug),
		refundCoach: add(j, coaches.RefundOperation(), bug),
		bookTour:    add(j, tours.BookOperation(), bug),
		orderTicket: add(j, tickets.CreateOrderOperation(), bug),
		payTicket:   add(j, tickets.PayOrderOperation(), bug),
		cancelOrder: add(j, tickets.CancelOrderOperation(), bug),
		buyFlight:   add(j, flights.Airlines.BuyOperation(), bug),
	}, nil
}

// The bugs that can be planted, to show that the test finds them.
const (
	bugSend  = "send"  // a look-up sends the call again
	bugFence = "fence" // nothing bounds when a process sends
	bugClaim = "claim" // two keys may have one result
)

// add adds an operation whose times are seconds. Its process may die after the intent
// was stored and before the call is sent.
func add[R, V any](j *journal.Journal, op rutravel.Operation[R, V], bug string) *journal.Call[R, V] {
	op.Timeout, op.Grace, op.Patience = timeout, 500*time.Millisecond, patience[op.Name]
	send := op.Send
	op.Send = func(ctx context.Context, r R) (V, error) {
		time.Sleep(rand.N(4 * maxDelay))
		return send(ctx, r)
	}
	switch bug {
	case bugSend:
		op.Look = func(ctx context.Context, in rutravel.Intent[R, V]) (rutravel.Resolution[V], error) {
			v, err := send(ctx, in.Request)
			return rutravel.Resolution[V]{Outcome: rutravel.OutcomeDone, Value: v}, err
		}
	case bugFence:
		op.Timeout, op.Grace = time.Hour, timeout-time.Hour
	case bugClaim:
		op.ID = nil
	}
	return journal.Add(j, op)
}

type keyOfCall struct{}

// keyed sends the key of a call with its requests.
type keyed struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (k keyed) RoundTrip(r *http.Request) (*http.Response, error) {
	if key, ok := r.Context().Value(keyOfCall{}).(string); ok {
		r = r.Clone(r.Context())
		r.Header.Set(keyHeader, key)
	}
	return k.next.RoundTrip(r)
}

// errLater means that the order is served again later.
var errLater = errors.New("later")

// do makes a call. The request is chosen once per key and stored.
func do[R, V any](ctx context.Context, s *shop, call *journal.Call[R, V], key string, choose func(context.Context) (R, error)) (v V, outcome rutravel.Outcome, err error) {
	var r R
	text, err := s.db.cart(ctx, key, func() (string, error) {
		chosen, choosing := choose(ctx)
		text, _ := json.Marshal(chosen) // all requests can be marshaled
		return string(text), choosing
	})
	if err != nil {
		return v, "", errors.Join(errLater, err)
	}
	if err = json.Unmarshal([]byte(text), &r); err != nil {
		return v, "", err
	}
	ctx = context.WithValue(ctx, keyOfCall{}, key)
	if rand.IntN(10) == 0 { // a caller who leaves
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, rand.N(2*maxDelay))
		defer cancel()
	}
	v, err = call.Do(ctx, key, r)
	failure, ok := errors.AsType[*journal.Error](err)
	switch {
	case err == nil:
		return v, rutravel.OutcomeDone, nil
	case ok && failure.Outcome != rutravel.OutcomeOpen:
		return v, failure.Outcome, nil
	case !ok && ctx.Err() == nil:
		log.Printf("%s: %v", key, err)
	}
	return v, rutravel.OutcomeOpen, errLater
}

// given returns a choice that was made before.
func given[R any](r R) func(context.Context) (R, error) {
	return func(context.Context) (R, error) { return r, nil }
}

// attempts is how often a customer tries to buy.
const attempts = 5

// serve serves an order. It returns errLater until nothing is left to do.
func (s *shop) serve(ctx context.Context, o order) error {
	for attempt := 1; attempt <= attempts; attempt++ {
		key := func(what string) string { return fmt.Sprintf("order %d, %s, %d", o.ID, what, attempt) }
		var outcome rutravel.Outcome
		var err error
		switch o.Supplier {
		case "regionbilet":
			outcome, err = s.coach(ctx, o, key)
		case "multitour":
			_, outcome, err = do(ctx, s, s.bookTour, key("book"), func(ctx context.Context) (multitour.OfferBooking, error) { return s.chooseTour(ctx, o) })
		case "ticketscloud":
			outcome, err = s.ticket(ctx, o, key)
		case "race":
			_, _, err = do(ctx, s, s.orderTicket, key("race"), given(raceOrder))
			return err
		default:
			_, outcome, err = do(ctx, s, s.buyFlight, key("buy"), func(ctx context.Context) (smartway.PurchaseRequest, error) { return s.chooseFlight(ctx, o) })
		}
		if err != nil || outcome != rutravel.OutcomeNotDone {
			return err
		}
	}
	return nil
}

func (s *shop) coach(ctx context.Context, o order, key func(string) string) (rutravel.Outcome, error) {
	hold, outcome, err := do(ctx, s, s.bookCoach, key("book"), func(ctx context.Context) (regionbilet.BookRequest, error) { return s.chooseSeat(ctx, o) })
	if outcome != rutravel.OutcomeDone {
		return outcome, err
	}
	if o.ID%5 == 0 {
		_, _, err = do(ctx, s, s.cancelCoach, key("cancel"), given(hold))
		return rutravel.OutcomeDone, err
	}
	tickets, outcome, err := do(ctx, s, s.payCoach, key("pay"), given(hold))
	if outcome != rutravel.OutcomeDone || o.ID%3 != 0 {
		return outcome, err
	}
	_, _, err = do(ctx, s, s.refundCoach, key("refund"), given(regionbilet.TicketRef{Booking: hold.Booking, Ticket: tickets[0].Number}))
	return rutravel.OutcomeDone, err
}

func (s *shop) ticket(ctx context.Context, o order, key func(string) string) (rutravel.Outcome, error) {
	made, outcome, err := do(ctx, s, s.orderTicket, key("order"),
		given(ticketscloud.NewOrder{Event: event, Random: []ticketscloud.SetCount{{Set: eventSet, Count: 1}}}))
	if outcome != rutravel.OutcomeDone {
		return outcome, err
	}
	if o.ID%5 == 0 {
		_, _, err = do(ctx, s, s.cancelOrder, key("cancel"), given(made.Key()))
		return rutravel.OutcomeDone, err
	}
	_, outcome, err = do(ctx, s, s.payTicket, key("pay"), given(made.Key()))
	if o.Closing {
		outcome = rutravel.OutcomeDone // the last orders have expired on purpose
	}
	return outcome, err
}

var born = civil.Date{Year: 1977, Month: time.January, Day: 1}

// name returns a surname in which letters stand for the digits of an order.
func name(o order) string {
	return "QK" + strings.Map(func(d rune) rune { return 'A' + d - '0' }, fmt.Sprintf("%05d", o.ID))
}

func (s *shop) chooseSeat(ctx context.Context, o order) (r regionbilet.BookRequest, err error) {
	trips, err := s.coaches.Trips(ctx, regionbilet.TripQuery{From: "124", To: "463", Date: civil.DateOf(time.Now().UTC()).AddDays(5 + o.ID%40)})
	if err != nil || len(trips) == 0 {
		return r, errors.Join(err, errors.New("no trip"))
	}
	free, err := s.coaches.FreeSeats(ctx, trips[0].Key())
	if err != nil || len(free) == 0 {
		return r, errors.Join(err, errors.New("no seat"))
	}
	return regionbilet.BookRequest{Trip: trips[0].Key(), Phone: "9187557788", Passengers: []regionbilet.Passenger{{
		Surname: name(o), FirstName: "IVAN", Sex: regionbilet.Male, Category: regionbilet.Adult, BirthDate: born,
		Nationality: "643", DocumentType: "1", Document: "0701 755756", Seat: free[rand.IntN(len(free))], Price: trips[0].Adult.Price,
	}}}, nil
}

func (s *shop) chooseTour(ctx context.Context, o order) (b multitour.OfferBooking, err error) {
	offers, err := s.tours.Offers(ctx, multitour.OfferQuery{Hotel: "9044", Stay: multitour.Stay{
		Dates: []civil.Date{multitour.Today().AddDays(3 + o.ID%200)}, Nights: []int{7}, Adults: 1,
	}})
	if err != nil || len(offers) == 0 {
		return b, errors.Join(err, errors.New("no offer"))
	}
	offer := offers[0]
	return multitour.OfferBooking{CheckIn: offer.CheckIn, Price: offer.Price, Request: multitour.BookRequest{
		Offer: offer.ID, BookingDate: multitour.Today(), Tourists: []multitour.Tourist{{
			Sex: multitour.Male, Surname: name(o), FirstName: "IVAN", BirthDate: born,
			PassportSeries: "62", PassportNumber: "755756", Citizenship: "Россия", Phone: "9187557788",
		}},
	}}, nil
}

func (s *shop) chooseFlight(ctx context.Context, o order) (p smartway.PurchaseRequest, err error) {
	offers, err := s.flights.Airlines.Search(ctx, smartway.FlightQuery{
		Class: smartway.CabinEconomy, Baggage: smartway.AnyBaggage, Travellers: 1,
		Routes: []smartway.RouteQuery{{From: "LED", To: "MOW", Date: civil.DateOf(time.Now().UTC()).AddDays(5 + o.ID%100)}},
	})
	if err != nil || len(offers.Variants) == 0 {
		return p, errors.Join(err, errors.New("no flight"))
	}
	variant := offers.Variants[0]
	return smartway.PurchaseRequest{Search: offers.Search, Variant: variant.ID, Fare: variant.Fares[0].ID, Passengers: []smartway.Passenger{{
		ID: smartway.ExternalID(fmt.Sprint(o.ID)), Phone: "9187557788", Surname: name(o), FirstName: "IVAN", SurnameEng: name(o), FirstNameEng: "IVAN",
		Email: "ivan@example.com", Citizenship: "RU", BirthDate: born, Sex: smartway.Male, INN: "7799555550",
		Passports: []smartway.TravelDocument{{Type: smartway.DomesticPassport, Number: fmt.Sprintf("0701%06d", o.ID), Selected: true}},
	}}}, nil
}
