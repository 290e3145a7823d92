package suppliers

import (
	"context"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/rutravel/rutravel-go/examples/backend/shop"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/multitour"
)

// tour sells package tours of Multitour. Its API has no method to pay or cancel: a tour
// is paid to the shop and given back through the supplier's manager.
type tour struct {
	*multitour.Client
	countries directory[[]multitour.Entry[multitour.CountryID]]
}

// stay names an offer.
type stay struct {
	Hotel  multitour.HotelID
	Name   string // of the hotel
	Offer  multitour.OfferID
	Day    civil.Date
	Nights int
	Adults int
}

// NewTour returns the supplier of package tours.
func NewTour(c *multitour.Client, keep Keep, j *journal.Journal, t Tuning) *Supplier {
	s := tour{c, kept(keep, "multitour:country:1", func(ctx context.Context) ([]multitour.Entry[multitour.CountryID], error) {
		return c.Countries(ctx, "")
	})}
	return &Supplier{s, map[shop.StepName]step{
		shop.Book: call[multitour.OfferBooking, multitour.BookingCode]{
			Call: add(j, t, c.BookOperation()), request: s.booking,
			value: func(_ shop.Order, _ int, code multitour.BookingCode) shop.Result {
				return shop.Result{Number: string(code), Reference: reference(code)}
			},
			found: func(_ context.Context, _ shop.Order, _ int, number string) (multitour.BookingCode, error) {
				return multitour.BookingCode(number), nil
			},
		},
	}}
}

func (t tour) Places(ctx context.Context) (from, to []shop.Place, err error) {
	all, err := t.countries(ctx)
	for _, c := range all {
		to = append(to, shop.Place{ID: string(c.ID), Name: c.Name})
	}
	return nil, to, err
}

// mostHotels is how many hotels are asked for their offers in one search.
const mostHotels = 6

func (t tour) Search(ctx context.Context, q shop.Query) (all []shop.Offer, err error) {
	when := multitour.Stay{Dates: []civil.Date{q.Date}, Nights: []int{q.Nights}, Adults: q.Adults}
	hotels, err := t.HotelPrices(ctx, multitour.HotelQuery{
		Area: multitour.Area{Country: multitour.CountryID(q.To)}, Stay: when, OnlyGuaranteed: true,
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(hotels, func(a, b multitour.HotelPrices) int { return a.Cheapest.Price.Cmp(b.Cheapest.Price) })
	for _, h := range hotels[:min(len(hotels), mostHotels)] {
		id := stay{Hotel: h.Hotel.ID, Name: h.Hotel.Name + ", " + h.CityName, Day: q.Date, Nights: q.Nights, Adults: q.Adults}
		offers, err := t.offers(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, offers...)
	}
	return all, nil
}

// offers lists the offers of a hotel that need no confirmation.
func (t tour) offers(ctx context.Context, id stay) (all []shop.Offer, err error) {
	found, err := t.Offers(ctx, multitour.OfferQuery{
		Hotel: id.Hotel, Stay: multitour.Stay{Dates: []civil.Date{id.Day}, Nights: []int{id.Nights}, Adults: id.Adults},
	})
	for _, o := range found {
		if !o.Guaranteed {
			continue
		}
		name := id
		name.Offer = o.ID
		hotel, city, _ := strings.Cut(id.Name, ", ")
		all = append(all, shop.Offer{
			Kind: shop.Tour, ID: token(name), Title: hotel, Venue: city, Detail: o.Room.Name + ", " + o.MealType.Name,
			Starts: civil.DateTime{Date: o.CheckIn}, Nights: o.Nights, Price: shop.Rubles(o.Price), Left: 1, People: id.Adults, Named: true,
		})
	}
	return all, err
}

func (t tour) Offer(ctx context.Context, id string) (shop.Offer, error) {
	var name stay
	if err := fromToken(id, &name); err != nil {
		return shop.Offer{}, err
	}
	all, err := t.offers(ctx, name)
	if err != nil {
		return shop.Offer{}, err
	}
	i := slices.IndexFunc(all, func(o shop.Offer) bool { return o.ID == id })
	if i < 0 {
		return shop.Offer{}, &shop.Refusal{Reason: shop.SoldOut}
	}
	return all[i], nil
}

func (t tour) booking(_ context.Context, o shop.Order, _ int) (r multitour.OfferBooking, err error) {
	var name stay
	if err = fromToken(o.Basket.Offer, &name); err != nil {
		return r, err
	}
	r = multitour.OfferBooking{CheckIn: name.Day, Price: o.Total.Amount}
	r.Request = multitour.BookRequest{Offer: name.Offer, BookingDate: multitour.Today()}
	for _, p := range o.Basket.Travellers {
		sex := multitour.Male
		if p.Female {
			sex = multitour.Female
		}
		series, number := passport(p.Document)
		r.Request.Tourists = append(r.Request.Tourists, multitour.Tourist{
			Sex: sex, Surname: p.Surname, FirstName: p.Name, MiddleName: p.Patronymic, BirthDate: p.Birth,
			PassportSeries: series, PassportNumber: number, Citizenship: "Россия", Phone: o.Basket.Buyer.Phone,
		})
	}
	return r, nil
}

// passport splits a document into its series and number.
func passport(document string) (series, number string) {
	parts := strings.Fields(document)
	if len(parts) < 2 {
		return "", document
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ""), parts[last]
}

func (t tour) QuoteRefund(context.Context, shop.Order, int) (shop.RefundQuote, error) {
	return shop.RefundQuote{}, &shop.Refusal{Reason: shop.AskUs}
}

// passportTill is how long the foreign passports of the example's tourists are valid.
const passportTill = 5 * 365 * 24 * time.Hour
