package ticketscloud

import (
	"context"
	"errors"
	"slices"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
)

// Adjustment is a change of the tickets that an order holds. What it does not
// name stays.
type Adjustment struct {
	Add    []TicketID // tickets with seats to reserve, of no category that Random names
	Remove []TicketID // tickets to give back
	// Random is how many tickets of each of these categories the order is to
	// hold. It is meant for categories without seats.
	Random []SetCount
}

// AdjustTickets adds tickets to an order and removes some, and keeps the others
// that it holds, by the manual's recipe: it reads what the order holds, if need
// be reserves more tickets of categories by random, and asks for the whole list
// by tickets, all or nothing. No other change of this client comes between; the
// list of orders is trusted to know of the one before.
//
// The order's Missing is empty if all that was wanted is held, old and new. If
// not, nothing of Add was reserved and nothing of Remove given back. What Missing
// has of Random was not reserved either: the order holds what it held before. If
// only tickets are missing, those that random has reserved stay, too; the same
// call without what is missing goes on from there. Tickets that the order held
// and Missing names were lost.
//
// It is a desired state: after an error the same call can be made again. The
// order that may be returned beside an error is the last that was seen. Until
// such a call succeeds, the order may hold more than is wanted: what random has
// reserved, and what was to be removed. Do not pay for it before its Tickets and
// Totals were looked at.
//
// While random is at work, a seat that is held already may be exchanged for
// another of its category, and the seat be lost to somebody else before it is
// asked for again: reserve tickets without seats first. Tickets without seats may
// be exchanged as well; then the new ones are kept in their place.
//
// The order must be read whole: with [rutravel.ErrProtocol] nothing was sent if its
// tickets are missing or one of them cannot be read, because a ticket that is not
// named is given back.
//
// An order that is no longer [OrderHeld] is refused as by
// [Client.ChangeOrder].
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
	s := adjusting{Adjustment: a, held: held, last: held, patch: func(change OrderChange) (Order, error) {
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
		// The whole state could not be told, and what is left out is given back.
		return c.listError(rutravel.ErrProtocol, errNoSet)
	}
	return nil
}

var (
	errNotHeld = errors.New("the order cannot be changed any more")
	errNoSet   = errors.New("the category of a ticket that the order holds is not known")
)

// adjusting is an adjustment at work.
type adjusting struct {
	Adjustment
	held  Order // as it was found
	last  Order // as it was seen last
	patch func(OrderChange) (Order, error)
}

// change sends a change, and keeps the order that arrives.
func (s *adjusting) change(change OrderChange) error {
	o, err := s.patch(change)
	if o.ID != "" {
		s.last = o
	}
	return err
}

// draw reserves what is wanted by category and returns the tickets that random
// has chosen. If they are not enough, it restores what the order held and sets
// its Missing.
func (s *adjusting) draw() (drawn []TicketID, enough bool, err error) {
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

// settle makes the order hold what stays, what was drawn and what is to be
// added, and nothing else, and sets its Missing.
func (s *adjusting) settle(drawn []TicketID) error {
	tickets := []TicketID{} // not nil: to hold nothing is a state, too
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

// count returns how many tickets of a category are wanted.
func (a Adjustment) count(set SetID) (n int, named bool) {
	i := slices.IndexFunc(a.Random, func(s SetCount) bool { return s.Set == set })
	if i < 0 {
		return 0, false
	}
	return a.Random[i].Count, true
}

// keep returns the tickets that stay: all but those to be removed and, of a
// category of which fewer are wanted, the surplus.
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

// random returns the whole state by categories that reserves what is wanted of
// those named, and leaves the others at what they hold; needed is false if
// nothing must be reserved that way.
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
		// Those to be removed are held until the list of tickets is sent.
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

// kept returns the tickets that stand for some that were held. Where random has
// exchanged one without a seat, that is another of its category, which was not held
// and is not to be removed.
func (s *adjusting) kept(tickets []Ticket, remove []TicketID) []TicketID {
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

// seatless reports whether a ticket is as good as any other of its category.
func (t Ticket) seatless() bool { return t.Seat == nil && !t.Set.WithSeats && t.Set.ID != "" }

// drawn returns the tickets that random has reserved, as many as are wanted, and
// how many too few there are.
func (s *adjusting) drawn() (drawn []TicketID, short []SetCount) {
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

// holdsExactly reports whether an order's tickets are these.
func (o Order) holdsExactly(ids []TicketID) bool {
	return len(o.Tickets) == len(ids) && !slices.ContainsFunc(ids, func(id TicketID) bool { return !o.holds(id) })
}
