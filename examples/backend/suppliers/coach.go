package suppliers

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/rutravel/rutravel-go/examples/backend/shop"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// coach sells coach tickets of Regionbilet.
type coach struct {
	*regionbilet.Client
	departures, arrivals directory[[]regionbilet.Settlement]
	nationalities        directory[[]regionbilet.Nationality]
	documents            directory[[]regionbilet.DocumentType]
}

// trip names an offer.
type trip struct {
	From, To regionbilet.SettlementID
	Key      regionbilet.TripKey
}

// NewCoach returns the supplier of coach tickets.
func NewCoach(c *regionbilet.Client, keep Keep, j *journal.Journal, t Tuning) *Supplier {
	s := coach{
		c, kept(keep, "regionbilet:from:1", variadic(c.Departures)), kept(keep, "regionbilet:to:1", variadic(c.Arrivals)),
		kept(keep, "regionbilet:nationality:1", variadic(c.Nationalities)), kept(keep, "regionbilet:document:1", variadic(c.DocumentTypes)),
	}
	return &Supplier{s, map[shop.StepName]step{
		shop.Book: call[regionbilet.BookRequest, regionbilet.Hold]{
			Call: add(j, t, c.BookOperation()), request: s.booking,
			value: func(_ shop.Order, _ int, h regionbilet.Hold) shop.Result {
				return shop.Result{Number: string(h.Booking), Reference: reference(h), PayBefore: h.PayBefore}
			},
			found: func(_ context.Context, o shop.Order, _ int, number string) (regionbilet.Hold, error) {
				return regionbilet.Hold{Booking: regionbilet.BookingID(number), Tickets: len(o.Lines), PayBefore: o.Made.Add(regionbilet.HoldTime)}, nil
			},
		},
		shop.Pay: call[regionbilet.Hold, []regionbilet.IssuedTicket]{
			Call:    add(j, t, c.PayOperation()),
			request: func(_ context.Context, o shop.Order, _ int) (regionbilet.Hold, error) { return hold(o) },
			value:   func(o shop.Order, _ int, v []regionbilet.IssuedTicket) shop.Result { return tickets(o, v) },
			found:   s.paid,
		},
		shop.Refund: call[regionbilet.TicketRef, regionbilet.Refund]{
			Call:    add(j, t, c.RefundOperation()),
			request: func(_ context.Context, o shop.Order, line int) (regionbilet.TicketRef, error) { return ticket(o, line) },
			value: func(_ shop.Order, _ int, r regionbilet.Refund) shop.Result {
				return shop.Result{Back: shop.Rubles(r.Amount)}
			},
			found: func(ctx context.Context, o shop.Order, line int, _ string) (r regionbilet.Refund, err error) {
				ref, err := ticket(o, line)
				if err != nil {
					return r, err
				}
				state, err := s.Ticket(ctx, ref)
				return regionbilet.Refund{Ticket: ref.Ticket, WithheldPercent: state.WithheldPercent.Decimal, Amount: state.RefundAmount.Decimal}, err
			},
		},
	}}
}

func (c coach) Places(ctx context.Context) (from, to []shop.Place, err error) {
	departures, err := c.departures(ctx)
	if err != nil {
		return nil, nil, err
	}
	arrivals, err := c.arrivals(ctx)
	return places(departures), places(arrivals), err
}

func places(all []regionbilet.Settlement) (places []shop.Place) {
	for _, s := range all {
		places = append(places, shop.Place{ID: string(s.ID), Name: s.Name})
	}
	return places
}

func (c coach) Search(ctx context.Context, q shop.Query) ([]shop.Offer, error) {
	found, err := c.Trips(ctx, regionbilet.TripQuery{From: regionbilet.SettlementID(q.From), To: regionbilet.SettlementID(q.To), Date: q.Date})
	if err != nil {
		return nil, err
	}
	var all []shop.Offer
	for _, t := range found {
		if t.Adult.Price != "" {
			all = append(all, coachOffer(trip{regionbilet.SettlementID(q.From), regionbilet.SettlementID(q.To), t.Key()}, t))
		}
	}
	return all, nil
}

func coachOffer(id trip, t regionbilet.Trip) shop.Offer {
	o := shop.Offer{
		Kind: shop.Coach, ID: token(id), Title: t.From.Name + " → " + t.To.Name, Detail: t.Bus,
		Starts: t.Departure, Ends: t.Arrival.DateTime(), Price: shop.Rubles(t.Adult.Total), Left: t.AvailableSeats, Named: true,
	}
	if len(t.Carriers) > 0 {
		o.Venue = t.Carriers[0].Name
	}
	return o
}

func (c coach) Offer(ctx context.Context, id string) (o shop.Offer, err error) {
	name, t, err := c.find(ctx, id)
	if err != nil {
		return o, err
	}
	free, err := c.FreeSeats(ctx, t.Key())
	if err != nil {
		return o, err
	}
	o = coachOffer(name, t)
	for _, seat := range free {
		o.Choices = append(o.Choices, shop.Choice{ID: string(seat), Label: string(seat), Price: o.Price, Left: 1})
	}
	o.Left = len(free)
	return o, nil
}

// find looks for the trip of an offer, as it is now.
func (c coach) find(ctx context.Context, id string) (name trip, t regionbilet.Trip, err error) {
	if err = fromToken(id, &name); err != nil {
		return name, t, err
	}
	found, err := c.Trips(ctx, regionbilet.TripQuery{From: name.From, To: name.To, Date: name.Key.Departure.Date})
	if err != nil {
		return name, t, err
	}
	i := slices.IndexFunc(found, func(t regionbilet.Trip) bool { return t.Key() == name.Key && t.Adult.Price != "" })
	if i < 0 {
		return name, t, &shop.Refusal{Reason: shop.Gone}
	}
	return name, found[i], nil
}

// booking makes the request of a booking, at the price that the supplier has now. If
// this is not the one that was ordered, nothing is booked.
func (c coach) booking(ctx context.Context, o shop.Order, _ int) (r regionbilet.BookRequest, err error) {
	_, t, err := c.find(ctx, o.Basket.Offer)
	if err != nil {
		return r, err
	}
	nationalities, err := c.nationalities(ctx)
	if err != nil {
		return r, err
	}
	documents, err := c.documents(ctx)
	if err != nil {
		return r, err
	}
	if len(nationalities) == 0 || len(documents) == 0 {
		return r, errors.New("regionbilet lists no nationalities or documents")
	}
	r = regionbilet.BookRequest{Trip: t.Key(), Phone: digits(o.Basket.Buyer.Phone)}
	for i, p := range o.Basket.Travellers {
		if !o.Lines[i].Price.Amount.Equal(t.Adult.Total) {
			return r, &shop.Refusal{Reason: shop.PriceChanged}
		}
		sex := regionbilet.Male
		if p.Female {
			sex = regionbilet.Female
		}
		r.Passengers = append(r.Passengers, regionbilet.Passenger{
			Surname: p.Surname, FirstName: p.Name, MiddleName: p.Patronymic, Sex: sex, Category: regionbilet.Adult, BirthDate: p.Birth,
			Nationality: nationalities[0].ID, DocumentType: documents[0].ID, Document: p.Document,
			Seat: regionbilet.Seat(o.Lines[i].Choice), Price: t.Adult.Price,
		})
	}
	return r, nil
}

// digits keeps the digits of a phone number.
func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
}

func hold(o shop.Order) (regionbilet.Hold, error) { return stored[regionbilet.Hold](o.Reference) }

func ticket(o shop.Order, line int) (regionbilet.TicketRef, error) {
	h, err := hold(o)
	return regionbilet.TicketRef{Booking: h.Booking, Ticket: regionbilet.TicketNumber(o.Lines[line].Ticket)}, err
}

// tickets brings issued tickets into the order of the lines.
func tickets(o shop.Order, issued []regionbilet.IssuedTicket) (r shop.Result) {
	for _, l := range o.Lines {
		var t shop.Ticket
		for _, i := range issued {
			if string(i.Seat) == l.Choice {
				t = shop.Ticket{ID: string(i.Number), Code: string(i.Number)}
			}
		}
		r.Tickets = append(r.Tickets, t)
	}
	return r
}

// paid reads the tickets of a booking that a person says is paid.
func (c coach) paid(ctx context.Context, o shop.Order, _ int, _ string) (all []regionbilet.IssuedTicket, err error) {
	h, err := hold(o)
	if err != nil {
		return nil, err
	}
	booked, err := c.BookingTickets(ctx, h.Booking)
	for _, t := range booked {
		all = append(all, regionbilet.IssuedTicket{Seat: t.Seat, Number: t.Number})
	}
	return all, err
}

func (c coach) QuoteRefund(context.Context, shop.Order, int) (shop.RefundQuote, error) {
	return shop.RefundQuote{}, nil // the supplier says it with the refund
}
