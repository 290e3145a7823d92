package suppliers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/examples/backend/shop"
	"github.com/rutravel/rutravel-go/journal"
	"github.com/rutravel/rutravel-go/ticketscloud"
)

// event sells event tickets of Ticketscloud.
type event struct{ *ticketscloud.Client }

// category is the prefix of choices that are a category and not a seat.
const category = "set:"

// NewEvent returns the supplier of event tickets.
func NewEvent(c *ticketscloud.Client, j *journal.Journal, t Tuning) *Supplier {
	s := event{c}
	return &Supplier{s, map[shop.StepName]step{
		shop.Book: call[ticketscloud.NewOrder, ticketscloud.Order]{
			Call: add(j, t, c.CreateOrderOperation()), request: newOrder,
			value: func(o shop.Order, _ int, v ticketscloud.Order) shop.Result {
				return shop.Result{
					Number: strconv.Itoa(v.Number), Reference: reference(v.Key()), PayBefore: v.ExpiredAfter, Refused: useless(o, v),
				}
			},
			found: func(ctx context.Context, _ shop.Order, _ int, number string) (ticketscloud.Order, error) {
				return c.FindOrder(ctx, ticketscloud.OrderKey{ID: ticketscloud.OrderID(number)})
			},
		},
		shop.Pay: call[ticketscloud.OrderKey, ticketscloud.Order]{
			Call: add(j, t, c.PayOrderOperation()), request: s.payment,
			value: func(o shop.Order, _ int, v ticketscloud.Order) shop.Result { return admissions(o, v) },
			found: s.find,
		},
		shop.Refund: call[ticketscloud.NewRefund, ticketscloud.Refund]{
			Call: add(j, t, c.CreateRefundOperation()),
			request: func(_ context.Context, o shop.Order, line int) (r ticketscloud.NewRefund, err error) {
				key, err := stored[ticketscloud.OrderKey](o.Reference)
				return ticketscloud.NewRefund{
					Order: key, Culprit: ticketscloud.CulpritUser, Tickets: []ticketscloud.TicketID{ticketscloud.TicketID(o.Lines[line].Ticket)},
				}, err
			},
			value: func(_ shop.Order, _ int, v ticketscloud.Refund) shop.Result {
				if v.Status == ticketscloud.RefundApproved {
					return shop.Result{Back: shop.Rubles(v.Amount)}
				}
				return shop.Result{Request: reference(v.Key())}
			},
			found: func(ctx context.Context, _ shop.Order, _ int, number string) (ticketscloud.Refund, error) {
				if number == "" {
					return ticketscloud.Refund{}, &shop.Refusal{Reason: shop.Invalid, Field: "number"}
				}
				return c.FindRefund(ctx, ticketscloud.RefundKey{ID: ticketscloud.RefundID(number)})
			},
		},
		shop.Approve: call[ticketscloud.RefundKey, ticketscloud.Refund]{
			Call: add(j, t, c.ApproveRefundOperation()), request: refundKey,
			value: func(_ shop.Order, _ int, v ticketscloud.Refund) shop.Result {
				return shop.Result{Back: shop.Rubles(v.Amount)}
			},
			found: func(ctx context.Context, o shop.Order, line int, _ string) (f ticketscloud.Refund, err error) {
				key, err := refundKey(ctx, o, line)
				if err != nil {
					return f, err
				}
				return c.FindRefund(ctx, key)
			},
		},
	}}
}

func (e event) Places(context.Context) (from, to []shop.Place, err error) { return nil, nil, nil }

func (e event) Search(ctx context.Context, q shop.Query) (all []shop.Offer, err error) {
	text := strings.ToLower(strings.TrimSpace(q.Text))
	for listed, err := range e.Events(ctx, ticketscloud.EventQuery{}) {
		if err != nil {
			return nil, err
		}
		if o := eventOffer(listed); listed.Status == ticketscloud.EventPublic && strings.Contains(strings.ToLower(o.Title+" "+o.Venue), text) {
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b shop.Offer) int { return a.Starts.Compare(b.Starts) })
	return all, nil
}

func eventOffer(e ticketscloud.ListedEvent) shop.Offer {
	o := shop.Offer{
		Kind: shop.Event, ID: string(e.ID), Title: e.Title, Detail: e.Description,
		Venue: e.Venue.Name + ", " + e.Venue.City.Name.In("ru", "en"), Left: e.VacantTickets,
	}
	start := e.Start
	if local, err := e.Local(e.Start); err == nil {
		start = local
	}
	if !start.IsZero() {
		o.Starts = civil.DateTimeOf(start)
	}
	for _, s := range e.Sets {
		if p := shop.Rubles(s.Total); s.Vacant > 0 && (o.Price.Currency == "" || p.Amount.LessThan(o.Price.Amount)) {
			o.Price = p
		}
	}
	return o
}

func (e event) Offer(ctx context.Context, id string) (shop.Offer, error) {
	for listed, err := range e.Events(ctx, ticketscloud.EventQuery{}) {
		if err != nil {
			return shop.Offer{}, err
		}
		if string(listed.ID) == id && listed.Status == ticketscloud.EventPublic {
			return e.withChoices(ctx, listed)
		}
	}
	return shop.Offer{}, &shop.Refusal{Reason: shop.Gone}
}

// withChoices adds the categories without seats and the vacant seats.
func (e event) withChoices(ctx context.Context, listed ticketscloud.ListedEvent) (shop.Offer, error) {
	o := eventOffer(listed)
	sets, seats := map[ticketscloud.SetID]ticketscloud.ListedSet{}, false
	for _, s := range listed.Sets {
		sets[s.ID] = s
		if seats = seats || s.WithSeats; !s.WithSeats && s.Vacant > 0 {
			o.Choices = append(o.Choices, shop.Choice{ID: category + string(s.ID), Label: s.Name, Price: shop.Rubles(s.Total), Left: s.Vacant})
		}
	}
	if !seats {
		return o, nil
	}
	vacant, err := e.EventTickets(ctx, listed.ID, ticketscloud.SeatQuery{Status: []ticketscloud.TicketStatus{ticketscloud.TicketVacant}})
	for _, t := range vacant {
		set := sets[t.Set]
		o.Choices = append(o.Choices, shop.Choice{
			ID: string(t.ID), Group: set.Name + ", ряд " + t.Seat.Row, Label: t.Seat.Number, Price: shop.Rubles(set.Total), Left: 1,
		})
	}
	return o, err
}

func newOrder(_ context.Context, o shop.Order, _ int) (ticketscloud.NewOrder, error) {
	n := ticketscloud.NewOrder{Event: ticketscloud.EventID(o.Basket.Offer)}
	for _, l := range o.Lines {
		set, ok := strings.CutPrefix(l.Choice, category)
		if !ok {
			n.Tickets = append(n.Tickets, ticketscloud.TicketID(l.Choice))
			continue
		}
		i := slices.IndexFunc(n.Random, func(c ticketscloud.SetCount) bool { return string(c.Set) == set })
		if i < 0 {
			n.Random, i = append(n.Random, ticketscloud.SetCount{Set: ticketscloud.SetID(set)}), len(n.Random)
		}
		n.Random[i].Count++
	}
	if len(n.Tickets) > 0 && len(n.Random) > 0 {
		return n, &shop.Refusal{Reason: shop.Invalid, Field: "mixed"} // the supplier takes one or the other
	}
	return n, nil
}

// useless is why the customer does not want what the supplier has booked.
func useless(o shop.Order, v ticketscloud.Order) string {
	if v.Missing.Any() {
		return shop.SoldOut
	}
	if !v.Totals.Full.Equal(o.Total.Amount) {
		return shop.PriceChanged
	}
	return ""
}

// payment names the buyer to the supplier before the order is paid.
func (e event) payment(ctx context.Context, o shop.Order, _ int) (ticketscloud.OrderKey, error) {
	key, err := stored[ticketscloud.OrderKey](o.Reference)
	if err != nil {
		return key, err
	}
	b := o.Basket.Buyer
	_, err = e.ChangeOrder(ctx, key, ticketscloud.OrderChange{Customer: ticketscloud.Customer{
		Name: b.Name, Email: b.Email, Phone: b.Phone, Lang: ticketscloud.LanguageRussian,
	}})
	if failure, ok := errors.AsType[*rutravel.Error](err); ok && failure.Kind.Party() == rutravel.PartyUser {
		err = nil // refused, for example because the order has expired: the payment will say so
	}
	return key, err
}

func (e event) find(ctx context.Context, o shop.Order, _ int, _ string) (v ticketscloud.Order, err error) {
	key, err := stored[ticketscloud.OrderKey](o.Reference)
	if err != nil {
		return v, err
	}
	return e.FindOrder(ctx, key)
}

func refundKey(_ context.Context, o shop.Order, line int) (ticketscloud.RefundKey, error) {
	return stored[ticketscloud.RefundKey](o.Lines[line].Request)
}

// admissions brings the tickets of an order into the order of the lines.
func admissions(o shop.Order, v ticketscloud.Order) (r shop.Result) {
	left := slices.Clone(v.Tickets)
	for _, l := range o.Lines {
		set, standing := strings.CutPrefix(l.Choice, category)
		i := slices.IndexFunc(left, func(t ticketscloud.Ticket) bool {
			return string(t.ID) == l.Choice || standing && t.Seat == nil && string(t.Set.ID) == set
		})
		if i < 0 {
			r.Tickets = append(r.Tickets, shop.Ticket{})
			continue
		}
		t := left[i]
		left = slices.Delete(left, i, i+1)
		code := t.Barcode
		if code == "" {
			code = fmt.Sprintf("%s %06d", t.Serial, t.Number) // the barcode comes later
		}
		r.Tickets = append(r.Tickets, shop.Ticket{ID: string(t.ID), Code: code})
	}
	return r
}

func (e event) QuoteRefund(context.Context, shop.Order, int) (shop.RefundQuote, error) {
	return shop.RefundQuote{}, nil // the supplier says it with the refund
}
