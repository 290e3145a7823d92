package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// tourist is a caller's view of Multitour.
type tourist struct {
	*caller
	*multitour.Client
}

func openMultitour(r *run, callers int) error {
	fake := multitourtest.New()
	s := &shop{name: "multitour", fake: fake, did: multitourDid, refusal: multitourRefusal}
	transports := r.open(s)
	// Every caller books on behalf of an own user, who sees only these bookings.
	var clients []*multitour.Client
	for n := range callers {
		cfg := fake.Config()
		cfg.BaseURL, cfg.UserKey = s.url+"/", userKey(n)
		client, err := multitour.New(cfg, r.options(transports[n%2])...)
		if err != nil {
			return err
		}
		clients = append(clients, client)
	}
	r.clients = append(r.clients, clients)
	s.serve = func(c *caller, who customer) { tourist{c, clients[c.n]}.serve(who) }
	s.audit = func(ctx context.Context) ([]holding, error) { return auditMultitour(ctx, fake, callers) }
	return nil
}

func userKey(n int) multitour.UserKey { return multitour.UserKey(strconv.Itoa(1000 + n)) }

var tourCode = regexp.MustCompile(`"code":"(X[0-9]+)"`)

func multitourDid(_ *http.Request, body []byte, a answer) (deed, bool) {
	code := tourCode.FindStringSubmatch(a.Body.String())
	if code == nil || !strings.Contains(string(body), `"booking_set"`) {
		return deed{}, false
	}
	return deed{book, code[1]}, true
}

func multitourRefusal(_ []byte, said string) (int, string) {
	return http.StatusOK, fmt.Sprintf(`{"response": null, "error": [%s]}`, quote(said))
}

func (c tourist) serve(who customer) {
	hotels := []multitour.HotelID{"6596", "9044", "8562", "4952", "5556"}
	const days = 200
	stay := multitour.Stay{
		Dates: []civil.Date{multitour.Today().AddDays(3 + c.rng.IntN(days))}, Nights: []int{1 + c.rng.IntN(14)}, Adults: 1,
	}
	offers, ok := ask(c.caller, func(ctx context.Context) ([]multitour.Offer, error) {
		return c.Offers(ctx, multitour.OfferQuery{Hotel: hotels[c.rng.IntN(len(hotels))], Stay: stay})
	})
	if !ok || len(offers) == 0 {
		return
	}
	offer := offers[c.rng.IntN(len(offers))]
	request := multitour.BookRequest{Offer: offer.ID, BookingDate: multitour.Today(), Tourists: []multitour.Tourist{{
		Sex: multitour.Male, Surname: who.surname, FirstName: who.first, BirthDate: born,
		PassportSeries: "62", PassportNumber: who.passport, Citizenship: "Россия", Phone: who.phone,
	}}}
	full := c.chance(50)
	object, v := c.persist(who, book, func(ctx context.Context) (string, error) {
		if full {
			booking, err := c.BookFull(ctx, request)
			return string(booking.Code), err
		}
		code, err := c.Book(ctx, request)
		return string(code), err
	}, func(string) (string, verdict) {
		found, _, told := insist(c.caller, func(ctx context.Context) ([]multitour.BookingSummary, error) {
			return c.LostBookings(ctx, multitour.OfferBooking{Request: request, CheckIn: offer.CheckIn, Price: offer.Price}, long)
		})
		switch {
		case !told:
			return "", unresolved
		case len(found) == 0:
			return "", notMade
		}
		return string(found[0].Code), made
	})
	if v != made {
		return
	}
	c.ledger.write(c.shop, object, func(e *entry) { e.customer, e.prices = who.surname, []decimal.Decimal{offer.Price} })
	booking, _, ok := insist(c.caller, func(ctx context.Context) (multitour.Booking, error) {
		return c.BookingInfo(ctx, multitour.BookingCode(object), long)
	})
	if ok && (len(booking.Tourists) != 1 || booking.Tourists[0].Surname != who.surname) {
		c.ledger.problem(c.shop.name, rowOdd, "%s is not of %s", object, who.surname)
	}
}

func auditMultitour(ctx context.Context, fake *multitourtest.Server, users int) (held []holding, err error) {
	prices := map[string]decimal.Decimal{}
	direct := tapped(fake, func(_ *http.Request, answer []byte) error {
		var told struct {
			Response struct {
				List struct {
					Data []struct {
						Code  string
						Price decimal.Decimal
					}
				} `json:"booking_list"`
			}
		}
		err := json.Unmarshal(answer, &told)
		for _, b := range told.Response.List.Data {
			prices[b.Code] = b.Price
		}
		return err
	})
	for n := range users {
		cfg := fake.Config()
		cfg.UserKey = userKey(n)
		client, err := multitour.New(cfg, rutravel.WithHTTPClient(direct))
		if err != nil {
			return nil, err
		}
		for b, err := range client.Bookings(ctx, multitour.BookingQuery{}) {
			if err != nil {
				return nil, err
			}
			name, _, _ := strings.Cut(b.MainTourist, " ")
			held = append(held, holding{object: string(b.Code), entry: entry{
				customer: name, prices: []decimal.Decimal{prices[string(b.Code)]},
			}})
		}
	}
	return held, nil
}
