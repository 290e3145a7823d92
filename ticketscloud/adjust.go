package ticketscloud

import (
	"context"
	"errors"
	"slices"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
)

// Adjustment is a change of the tickets that an order holds. Tickets that it does not
// name stay.
type Adjustment struct {
	Add    []TicketID // tickets with seats to reserve, not of a category in Random
	Remove []TicketID // tickets to release
	// Random is how many tickets of each of these categories the order must hold. It is
	// meant for categories without seats.
	Random []SetCount
}

// AdjustTickets adds tickets to an order, removes tickets, and keeps the others. In a
// request, the field random reserves any tickets of a category, and the field tickets
// names single tickets. AdjustTickets follows the manual's recipe:
//
//  1. Read what the order holds, from the list of orders. The list is assumed to include
//     the last change.
//  2. If necessary, reserve more tickets of categories with random.
//  3. Send the complete list of tickets, with all_or_nothing.
//
// Other changes by this client wait until it has finished.
//
// If the order's Missing is empty, the order holds all old and new tickets. Otherwise
// nothing of Add was reserved and nothing of Remove was released:
//
//   - If Missing has Random, those tickets were not reserved either. The order holds what
//     it held before.
//   - If Missing has only Tickets, the order keeps the tickets that random has reserved.
//     To continue, make the same call without the missing tickets.
//   - Missing tickets that the order held before are lost.
//
// AdjustTickets sets a desired state: after an error you can make the same call again.
// An order that is returned with an error is the last one that arrived. Until a call
// succeeds, the order may hold too much: tickets that random has reserved and tickets
// to remove. Check its Tickets and Totals before you pay.
//
// In a request with random, the supplier may exchange a seat that the order holds for
// another seat of its category. AdjustTickets requests the old seat again, but somebody
// else may have taken it meanwhile. To avoid that, reserve tickets without seats first,
// and seats afterwards. The supplier may also exchange tickets without seats. The order
// then keeps the new ones.
//
// A ticket that is not named is released. So AdjustTickets sends no change and returns
// [rutravel.ErrProtocol] if the order's tickets are missing or one of them cannot be
// read.
//
// An order that is no longer [OrderHeld] is refused as in [Client.ChangeOrder].
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) AdjustTickets(ctx context.Context, key OrderKey, a Adjustment, opts ...rutravel.CallOption) (Order, error) {
	r := &request{op: opChange, Check: a.check()}
	key.check(&r.Check, "key")
	if err := r.Err(); err != nil {
		return Order{}, c.engine.Invalid(ctx, &operations[opChange], err)
	}
	return inTurn(ctx, c, r, key.ID, func(ctx context.Context) (Order, error) {
		return c.adjust(ctx, key, a, opts)
	})
}

// adjust looks at the order and makes the changes. The caller holds the lock of the
// order.
func (c *Client) adjust(ctx context.Context, key OrderKey, a Adjustment, opts []rutravel.CallOption) (Order, error) {
	held, err := c.findOrder(ctx, key, (*Order).decodeHeld, opts)
	if err != nil {
		return held, err
	}
	if err = c.checkAdjustment(a, held); err != nil {
		return held, err
	}
	s := adjuster{Adjustment: a, held: held, last: held, patch: func(change OrderChange) (Order, error) {
		return c.patch(ctx, &request{op: opChange}, key.ID, change, opts)
	}}
	drawn, enough, err := s.draw()
	if err == nil && enough {
		err = s.settle(drawn)
	}
	return s.last, err
}

// checkAdjustment checks an adjustment against the order.
func (c *Client) checkAdjustment(a Adjustment, held Order) error {
	switch held.Status {
	case OrderHeld:
	case OrderExpired:
		return c.listError(rutravel.ErrExpired, errNotHeld)
	default:
		return c.listError(rutravel.ErrConflict, errNotHeld)
	}
	var v valid.Check
	for i, id := range a.Add {
		_, counted := a.count(held.setOf(id))
		v.That(!counted, at("Add", i), "must not be of a category that Random names")
	}
	if err := v.Err(); err != nil {
		return c.listError(rutravel.ErrInvalid, err)
	}
	noSet := slices.ContainsFunc(held.Tickets, func(t Ticket) bool { return t.Set.ID == "" })
	if _, needed := a.random(held); needed && noSet {
		// The request must name every category: a category that is left out is released.
		return c.listError(rutravel.ErrProtocol, errNoSet)
	}
	return nil
}

var (
	errNotHeld = errors.New("the order cannot be changed any more")
	errNoSet   = errors.New("the category of a ticket that the order holds is not known")
)

// adjuster is the state of an adjustment.
type adjuster struct {
	Adjustment
	held  Order // the order before the adjustment
	last  Order // the order as it arrived last
	patch func(OrderChange) (Order, error)
}

// change sends a change and keeps the order that arrives.
func (s *adjuster) change(change OrderChange) error {
	o, err := s.patch(change)
	if o.ID != "" {
		s.last = o
	}
	return err
}

// draw reserves tickets by category and returns the tickets that random has chosen. If
// there are too few, it restores what the order held and sets its Missing.
func (s *adjuster) draw() (drawn []TicketID, enough bool, err error) {
	random, needed := s.random(s.held)
	if !needed {
		return nil, true, nil
	}
	if err = s.change(OrderChange{Random: random, AllOrNothing: true}); err != nil {
		return nil, false, err
	}
	drawn, short := s.drawn()
	if len(short) == 0 {
		return drawn, true, nil
	}
	kept := s.kept(s.keep(s.held), s.Remove)
	if before := s.kept(s.held.Tickets, nil); !s.last.holdsExactly(before) {
		err = s.change(OrderChange{Tickets: before, AllOrNothing: true})
	}
	s.last.Missing = wanted{tickets: slices.Concat(kept, s.Add)}.missing(s.last)
	s.last.Missing.Random = short
	return nil, false, err
}

// settle makes the order hold exactly the kept tickets, the drawn ones and those of Add,
// and sets its Missing.
func (s *adjuster) settle(drawn []TicketID) error {
	tickets := []TicketID{} // not nil: an order can hold nothing
	for _, id := range slices.Concat(s.kept(s.keep(s.held), s.Remove), drawn, s.Add) {
		if !slices.Contains(tickets, id) {
			tickets = append(tickets, id)
		}
	}
	if !s.last.holdsExactly(tickets) {
		if err := s.change(OrderChange{Tickets: tickets, AllOrNothing: true}); err != nil {
			return err
		}
	}
	s.last.Missing = wanted{tickets: tickets, random: s.Random}.missing(s.last)
	return nil
}

func (a Adjustment) check() valid.Check {
	v := wanted{tickets: a.Add, names: "Add"}.check()
	for i, id := range a.Remove {
		checkID(&v, at("Remove", i), id)
		v.That(!slices.Contains(a.Add, id), at("Remove", i), "must not be among Add")
	}
	wanted{random: a.Random}.checkRandom(&v)
	v.That(len(a.Add)+len(a.Remove)+len(a.Random) > 0, "Add", "must not be empty if Remove and Random are")
	return v
}

// count returns how many tickets of a category are wanted. named is false if Random does
// not have the category.
func (a Adjustment) count(set SetID) (n int, named bool) {
	i := slices.IndexFunc(a.Random, func(s SetCount) bool { return s.Set == set })
	if i < 0 {
		return 0, false
	}
	return a.Random[i].Count, true
}

// keep returns the tickets that stay. It leaves out the tickets of Remove and, in a
// category that should have fewer tickets, the surplus.
func (a Adjustment) keep(held Order) []Ticket {
	var keep []Ticket
	kept := map[SetID]int{}
	for _, t := range held.Tickets {
		n, named := a.count(t.Set.ID)
		if slices.Contains(a.Remove, t.ID) || named && kept[t.Set.ID] >= n {
			continue
		}
		kept[t.Set.ID]++
		keep = append(keep, t)
	}
	return keep
}

// random returns the complete state by categories that reserves the tickets of Random
// and keeps the number of tickets of other categories. needed is false if no more
// tickets of Random must be reserved.
func (a Adjustment) random(held Order) (random []SetCount, needed bool) {
	random = slices.Clone(a.Random)
	for i, s := range random {
		var stay, all int
		for _, t := range held.Tickets {
			if t.Set.ID != s.Set {
				continue
			}
			all++
			if !slices.Contains(a.Remove, t.ID) {
				stay++
			}
		}
		needed = needed || stay < s.Count
		// The tickets of Remove are held until the list of tickets is sent.
		random[i].Count = max(all, s.Count+all-stay)
	}
	for _, t := range held.Tickets {
		i := slices.IndexFunc(random, func(s SetCount) bool { return s.Set == t.Set.ID })
		if _, named := a.count(t.Set.ID); named {
			continue
		}
		if i < 0 {
			random = append(random, SetCount{Set: t.Set.ID})
			i = len(random) - 1
		}
		random[i].Count++
	}
	return random, needed
}

// kept returns the ids of tickets that were held. If random has exchanged a ticket
// without a seat, it returns another ticket of its category, which was not held before
// and is not in remove.
func (s *adjuster) kept(tickets []Ticket, remove []TicketID) []TicketID {
	ids := make([]TicketID, len(tickets))
	for i, t := range tickets {
		if ids[i] = t.ID; !t.seatless() || s.last.holds(t.ID) {
			continue
		}
		other := slices.IndexFunc(s.last.Tickets, func(o Ticket) bool {
			return o.seatless() && o.Set.ID == t.Set.ID && !s.held.holds(o.ID) && !slices.Contains(ids[:i], o.ID) && !slices.Contains(remove, o.ID)
		})
		if other >= 0 {
			ids[i] = s.last.Tickets[other].ID
		}
	}
	return ids
}

// seatless reports whether a ticket has no seat and can be exchanged within its category.
func (t Ticket) seatless() bool { return t.Seat == nil && !t.Set.WithSeats && t.Set.ID != "" }

// drawn returns the wanted tickets that random has reserved, and how many are missing.
func (s *adjuster) drawn() (drawn []TicketID, short []SetCount) {
	got := map[SetID]int{}
	keep := s.keep(s.held)
	for _, t := range keep {
		got[t.Set.ID]++
	}
	kept := s.kept(keep, s.Remove)
	for _, t := range s.last.Tickets {
		n, named := s.count(t.Set.ID)
		old := s.held.holds(t.ID) || slices.Contains(kept, t.ID)
		if named && !old && !slices.Contains(s.Remove, t.ID) && got[t.Set.ID] < n {
			got[t.Set.ID]++
			drawn = append(drawn, t.ID)
		}
	}
	for _, r := range s.Random {
		if n := r.Count - got[r.Set]; n > 0 {
			short = append(short, SetCount{Set: r.Set, Count: n})
		}
	}
	return drawn, short
}

// setOf returns the category of a ticket that an order holds, or "".
func (o Order) setOf(id TicketID) SetID {
	i := slices.IndexFunc(o.Tickets, func(t Ticket) bool { return t.ID == id })
	if i < 0 {
		return ""
	}
	return o.Tickets[i].Set.ID
}

// holdsExactly reports whether an order has exactly these tickets.
func (o Order) holdsExactly(ids []TicketID) bool {
	return len(o.Tickets) == len(ids) && !slices.ContainsFunc(ids, func(id TicketID) bool { return !o.holds(id) })
}
