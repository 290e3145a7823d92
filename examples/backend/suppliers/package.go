package suppliers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/examples/backend/shop"
	"github.com/rutravel/rutravel-go/journal"
)

// packaged sells one tour of Biblio-Globus. Tours cannot be searched through the API:
// a shop imports the supplier's price list.
type packaged struct {
	*bgoperator.Client
	tour SeededTour
}

// SeededTour is a tour of the price list.
type SeededTour struct {
	Title, Venue, Detail string
	Offer                bgoperator.Offer
	People               int
	Citizenship          bgoperator.CountryID
}

// NewPackage returns the supplier of a tour that is not searched.
func NewPackage(c *bgoperator.Client, tour SeededTour, j *journal.Journal, t Tuning) *Supplier {
	s := packaged{c, tour}
	return &Supplier{s, map[shop.StepName]step{
		shop.Book: call[bgoperator.Tour, bgoperator.Booking]{
			Call:    add(j, t, c.BookOperation()),
			request: func(_ context.Context, o shop.Order, _ int) (bgoperator.Tour, error) { return s.booking(o), nil },
			value: func(_ shop.Order, _ int, b bgoperator.Booking) shop.Result {
				return shop.Result{Number: string(b.Number), Reference: reference(b.ID)}
			},
			found: func(_ context.Context, o shop.Order, _ int, number string) (bgoperator.Booking, error) {
				return bgoperator.Booking{ClientTourID: o.ID, ID: bgoperator.BookingID(number)}, nil
			},
		},
		shop.Refund: call[bgoperator.Cancellation, struct{}]{
			Call: add(j, t, c.CancelOperation()),
			request: func(_ context.Context, o shop.Order, line int) (bgoperator.Cancellation, error) {
				return stored[bgoperator.Cancellation](o.Lines[line].Request)
			},
			value: func(o shop.Order, line int, _ struct{}) shop.Result { return shop.Result{Back: o.Lines[line].Back} },
			found: func(context.Context, shop.Order, int, string) (struct{}, error) { return struct{}{}, nil },
		},
	}}
}

func (p packaged) Places(context.Context) (from, to []shop.Place, err error) { return nil, nil, nil }

func (p packaged) Search(ctx context.Context, _ shop.Query) ([]shop.Offer, error) {
	o, err := p.Offer(ctx, seeded)
	return []shop.Offer{o}, err
}

const seeded = "seeded"

func (p packaged) Offer(ctx context.Context, id string) (o shop.Offer, err error) {
	if id != seeded {
		return o, &shop.Refusal{Reason: shop.Gone}
	}
	prices, err := p.prices(ctx)
	if err != nil {
		return o, err
	}
	price, err := in("RUR", prices)
	if err != nil {
		return o, err
	}
	day, err := time.Parse("02.01.2006", p.tour.Offer.StartDate)
	stays := p.tour.Offer
	return shop.Offer{
		Kind: shop.Package, ID: seeded, Title: p.tour.Title, Venue: p.tour.Venue, Detail: p.tour.Detail, Starts: civil.DateTime{Date: civil.DateOf(day)},
		Nights: stays.Before.Nights + stays.AfterBefore.Nights + stays.Main.Nights + stays.BeforeAfter.Nights + stays.After.Nights,
		Price:  shop.Rubles(price), Left: 1, People: p.tour.People, Named: true,
	}, err
}

// prices asks for the tour's price in each currency.
func (p packaged) prices(ctx context.Context) ([]bgoperator.Price, error) {
	quote, err := p.Quote(ctx, p.booking(shop.Order{ID: "quote", Basket: shop.Basket{Travellers: make([]shop.Traveller, p.tour.People)}}))
	return quote.Prices, err
}

// in finds the price in a currency. The supplier calls roubles RUR.
func in(currency bgoperator.Currency, prices []bgoperator.Price) (decimal.Decimal, error) {
	for _, p := range prices {
		if p.Currency == currency && p.Full.IsPositive() {
			return p.Full, nil
		}
	}
	return decimal.Decimal{}, fmt.Errorf("bgoperator names no price in %s", currency)
}

// booking makes the tour that is quoted and booked. A quote has no names yet.
func (p packaged) booking(o shop.Order) bgoperator.Tour {
	g := bgoperator.Group{Offer: p.tour.Offer}
	for _, t := range o.Basket.Travellers {
		series, number := passport(t.Document)
		tourist := bgoperator.Tourist{
			BirthDate: t.Birth, FirstName: strings.ToUpper(t.Name), Surname: strings.ToUpper(t.Surname), Citizenship: p.tour.Citizenship,
			PassportSeries: series, PassportNumber: number, PassportExpiry: civil.DateOf(o.Made.Add(passportTill)), Sex: bgoperator.Male,
		}
		if t.Female {
			tourist.Sex = bgoperator.Female
		}
		if t.Surname == "" {
			tourist = bgoperator.Tourist{
				BirthDate: civil.Date{Year: 1990, Month: time.January, Day: 1}, FirstName: "IVAN", Surname: "IVANOV", Citizenship: p.tour.Citizenship,
				PassportSeries: "62", PassportNumber: "1234567", PassportExpiry: civil.DateOf(time.Now().UTC().Add(passportTill)), Sex: bgoperator.Male,
			}
		}
		g.Tourists = append(g.Tourists, tourist)
	}
	return bgoperator.Tour{ClientTourID: o.ID, Groups: []bgoperator.Group{g}}
}

// QuoteRefund asks what the cancellation costs, and for the supplier's permission. The
// cost may be in another currency. The two prices of the tour are the rate of exchange.
func (p packaged) QuoteRefund(ctx context.Context, o shop.Order, _ int) (q shop.RefundQuote, err error) {
	id, err := stored[bgoperator.BookingID](o.Reference)
	if err != nil {
		return q, err
	}
	quote, err := p.QuoteCancel(ctx, id)
	if err != nil {
		return q, err
	}
	q = shop.RefundQuote{Back: o.Total, Request: reference(bgoperator.Cancellation{Booking: id, Ticket: quote.Ticket})}
	prices, err := p.prices(ctx)
	if err != nil {
		return q, err
	}
	roubles, err := in("RUR", prices)
	for _, cost := range quote.Costs {
		price, unknown := in(cost.Currency, prices)
		if err != nil || unknown != nil {
			return q, &shop.Refusal{Reason: shop.AskUs}
		}
		q.Back = q.Back.Add(shop.Rubles(cost.Amount.Mul(roubles).DivRound(price, 2).Neg()))
	}
	return q, nil
}
