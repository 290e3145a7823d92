package ticketscloud

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
)

// The limits of vendor_data, in characters (manual, adding one's own fields).
const (
	MaxVendorOrderID    = 64
	MaxVendorFields     = 20
	MaxVendorFieldName  = 40
	MaxVendorFieldValue = 128
)

// OrderChange is what one request changes of an order. Only what is set is
// sent; the supplier leaves the rest as it is.
type OrderChange struct {
	// Tickets is all tickets that the order is to hold, those too that it holds
	// already: what is left out is given back. An empty list that is not nil
	// gives back all. It excludes Random.
	Tickets []TicketID
	// Random is how many tickets the order is to hold of each category. It is
	// the whole state, like Tickets, and may exchange a seat that is held for
	// another; [Client.AdjustTickets] takes care of that.
	Random []SetCount
	// AllOrNothing: if one of the tickets cannot be reserved, none is, and what
	// the order held it holds. Without it, they are left out without an error,
	// and the order's Missing tells which.
	AllOrNothing bool

	Customer    Customer    // settings.customer, if not empty; only its fields that are set. Whether the others are kept is not said
	SendTickets *bool       // settings.send_tickets: the platform mails the tickets to the customer; set it before the order is done
	VendorData  VendorData  // vendor_data, if not empty
	Promocodes  []string    // promocodes: codes, in any case. Whether they replace those applied before is not said
	Status      OrderStatus // status: [OrderDone] or [OrderCancelled]. OrderDone excludes Tickets, Random and Promocodes
}

// ChangeOrder makes several changes of an order with one request and returns
// the order as it is then. Changes of one order wait for each other within a
// client, as long as ctx allows; other orders do not wait. Look at the order's
// Missing and, after promocodes, at its Problems: neither is an error.
//
// What is not a change of status or promocodes is a desired state. It is sent
// again if need be, also when the supplier is busy with a change from
// elsewhere; that is [rutravel.ErrConflict] in the end.
//
// With Status or Promocodes the call is sent once; detach it from a user's
// request. With [rutravel.ErrNotConfirmed] ask [Client.FindOrder]: its Status
// and Promocodes tell the truth. See [Client.CompleteOrder] too.
//
// [OrderDone] is refused beside Tickets, Random or Promocodes: the order
// would be paid for with the tickets that it held before if the new ones cannot
// be reserved, and at the full price if a code cannot be applied. Change the
// order, look at Missing, Problems and Values.Full, then complete it.
//
// An order that is no longer [OrderExecuted] cannot be changed:
// [rutravel.ErrExpired] if it is out of time, else [rutravel.ErrConflict].
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) ChangeOrder(ctx context.Context, id OrderID, change OrderChange, opts ...rutravel.CallOption) (Order, error) {
	op := opChange
	switch { // the most dangerous first
	case change.Status == OrderCancelled:
		op = opCancel
	case change.Status != "":
		op = opDone
	case change.Promocodes != nil:
		op = opPromocodes
	}
	v := change.check()
	checkID(&v, "id", id)
	if v.Err() == nil {
		release, err := c.locks.acquire(ctx, id)
		if err != nil {
			return Order{}, c.line.NotSent(&operations[op], rutravel.ErrCanceled, err)
		}
		defer release()
	}
	return c.patch(ctx, op, id, change, v, opts)
}

// CompleteOrder pays for an order from the distributor's account (status done).
// It is final: a done order cannot be changed; its tickets are given back by
// [Client.CreateRefund].
//
// The call is sent once; detach it from a user's request. It succeeds only if
// the answer says that the order is done. With [rutravel.ErrNotConfirmed] the
// order may have been paid for: ask [Client.FindOrder] with the key that was
// stored before. [OrderDone] proves that it was. [OrderExecuted] proves nothing
// while the supplier may still be at work: ask again for some minutes, until it
// is done, cancelled or expired. Do not complete it again to find out: the
// refusal "Incorrect status done for this operation" names the status that was
// asked for, so an expired order is refused in the same words as a paid one.
//
// Barcodes may come later than the answer; see [Client.WaitForBarcodes].
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) CompleteOrder(ctx context.Context, id OrderID, opts ...rutravel.CallOption) (Order, error) {
	return c.ChangeOrder(ctx, id, OrderChange{Status: OrderDone}, opts...)
}

// CancelOrder gives up an order that is not paid for yet. Its tickets are on
// sale again.
//
// The call is sent once; detach it from a user's request. With
// [rutravel.ErrNotConfirmed] ask [Client.FindOrder]. Left alone, an order
// expires by itself.
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) CancelOrder(ctx context.Context, id OrderID, opts ...rutravel.CallOption) (Order, error) {
	return c.ChangeOrder(ctx, id, OrderChange{Status: OrderCancelled}, opts...)
}

// patch sends a change, without waiting for others.
func (c *Client) patch(ctx context.Context, op int, id OrderID, change OrderChange, v valid.Check, opts []rutravel.CallOption) (Order, error) {
	req := c.send(http.MethodPatch, sub(ordersPath, id), change.body(), v, change.private()...)
	want := change.wanted()
	return call(ctx, c, op, req, func(r *reply, o *Order) error {
		err := r.readChanged(o, id, change.Status)
		o.Missing = want.missing(*o)
		return err
	}, opts)
}

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
// Values were looked at.
//
// While random is at work, a seat that is held already may be exchanged for
// another of its category, and the seat be lost to somebody else before it is
// asked for again: reserve tickets without seats first.
//
// An order that is no longer [OrderExecuted] is refused as by
// [Client.ChangeOrder].
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) AdjustTickets(ctx context.Context, key OrderKey, a Adjustment, opts ...rutravel.CallOption) (Order, error) {
	v := a.check()
	checkKey(&v, "key", key.ID, key.Event)
	if err := v.Err(); err != nil {
		return Order{}, c.line.Invalid(&operations[opChange], err)
	}
	release, err := c.locks.acquire(ctx, key.ID)
	if err != nil {
		return Order{}, c.line.NotSent(&operations[opChange], rutravel.ErrCanceled, err)
	}
	defer release()

	held, err := c.FindOrder(ctx, key, opts...)
	if err != nil {
		return held, err
	}
	random, more, err := c.plan(a, held)
	if err != nil {
		return held, err
	}
	last := held
	change := func(change OrderChange) error {
		o, failed := c.patch(ctx, opChange, key.ID, change, v, opts)
		if o.ID != "" {
			last = o
		}
		return failed
	}
	keep := a.keep(held)
	if more {
		if err = change(OrderChange{Random: random, AllOrNothing: true}); err != nil {
			return last, err
		}
		drawn, short := a.drawn(held, last)
		if len(short) > 0 {
			if before := held.ids(); !last.holdsExactly(before) {
				err = change(OrderChange{Tickets: before, AllOrNothing: true})
			}
			last.Missing = wanted{tickets: slices.Concat(keep, a.Add)}.missing(last)
			last.Missing.Random = short
			return last, err
		}
		keep = append(keep, drawn...)
	}
	tickets := []TicketID{} // not nil: to hold nothing is a state, too
	for _, id := range append(keep, a.Add...) {
		if !slices.Contains(tickets, id) {
			tickets = append(tickets, id)
		}
	}
	if !last.holdsExactly(tickets) {
		if err = change(OrderChange{Tickets: tickets, AllOrNothing: true}); err != nil {
			return last, err
		}
	}
	last.Missing = wanted{tickets: tickets, random: a.Random}.missing(last)
	return last, nil
}

// plan holds an adjustment against the order, and returns what random is to
// reserve first; more is false if that is nothing.
func (c *Client) plan(a Adjustment, held Order) (random []SetCount, more bool, err error) {
	switch held.Status {
	case OrderExecuted:
	case OrderExpired:
		return nil, false, c.looked(rutravel.ErrExpired, errNotExecuted)
	default:
		return nil, false, c.looked(rutravel.ErrConflict, errNotExecuted)
	}
	var v valid.Check
	for i, id := range a.Add {
		_, counted := a.count(held.setOf(id))
		v.That(!counted, at("Add", i), "must not be of a category that Random names")
	}
	if err := v.Err(); err != nil {
		return nil, false, c.looked(rutravel.ErrInvalid, err)
	}
	random, more = a.random(held)
	if more && slices.ContainsFunc(held.Tickets, func(t Ticket) bool { return t.Set.ID == "" }) {
		// The whole state could not be told, and what is left out is given back.
		return nil, false, c.looked(rutravel.ErrProtocol, errNoSet)
	}
	return random, more, nil
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
func (a Adjustment) keep(held Order) []TicketID {
	var keep []TicketID
	kept := map[SetID]int{}
	for _, t := range held.Tickets {
		n, named := a.count(t.Set.ID)
		if slices.Contains(a.Remove, t.ID) || named && kept[t.Set.ID] >= n {
			continue
		}
		kept[t.Set.ID]++
		keep = append(keep, t.ID)
	}
	return keep
}

// random returns the whole state by categories that reserves what is wanted of
// those named, and leaves the others at what they hold; more is false if
// nothing needs to be reserved that way.
func (a Adjustment) random(held Order) (random []SetCount, more bool) {
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
		more = more || stay < s.Count
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
	return random, more
}

// drawn returns the tickets that random has reserved, as many as are wanted, and
// how many too few there are.
func (a Adjustment) drawn(before, after Order) (drawn []TicketID, short []SetCount) {
	got := map[SetID]int{}
	for _, id := range a.keep(before) {
		got[before.setOf(id)]++
	}
	for _, t := range after.Tickets {
		n, named := a.count(t.Set.ID)
		if named && !before.holds(t.ID) && !slices.Contains(a.Remove, t.ID) && got[t.Set.ID] < n {
			got[t.Set.ID]++
			drawn = append(drawn, t.ID)
		}
	}
	for _, s := range a.Random {
		if n := s.Count - got[s.Set]; n > 0 {
			short = append(short, SetCount{Set: s.Set, Count: n})
		}
	}
	return drawn, short
}

// ids returns the tickets that an order holds.
func (o Order) ids() []TicketID {
	ids := []TicketID{}
	for _, t := range o.Tickets {
		ids = append(ids, t.ID)
	}
	return ids
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

// wanted is the tickets that a request asks for.
type wanted struct {
	tickets []TicketID
	random  []SetCount
	names   string // of the field of tickets in the request; "" is Tickets
}

func (w wanted) check() (v valid.Check) {
	field := w.names
	if field == "" {
		field = "Tickets"
	}
	v.That(w.tickets == nil || w.random == nil, "Random", "must not be set beside Tickets")
	for i, id := range w.tickets {
		checkID(&v, at(field, i), id)
		v.That(!slices.Contains(w.tickets[:i], id), at(field, i), "must not be given twice")
	}
	w.checkRandom(&v)
	return v
}

func (w wanted) checkRandom(v *valid.Check) {
	for i, s := range w.random {
		checkID(v, at("Random", i)+".Set", s.Set)
		v.That(s.Count >= 0, at("Random", i)+".Count", "must not be negative")
		twice := slices.ContainsFunc(w.random[:i], func(o SetCount) bool { return o.Set == s.Set })
		v.That(!twice, at("Random", i)+".Set", "must not be given twice")
	}
}

// missing compares what was asked for with what an order holds. A ticket whose
// category the answer does not name may be of any.
func (w wanted) missing(o Order) (m Missing) {
	if o.ID == "" { // no order has arrived
		return m
	}
	for _, id := range w.tickets {
		if !o.holds(id) {
			m.Tickets = append(m.Tickets, id)
		}
	}
	held := map[SetID]int{}
	for _, t := range o.Tickets {
		held[t.Set.ID]++
	}
	spare := held[""]
	for _, s := range w.random {
		short := s.Count - held[s.Set]
		used := min(max(short, 0), spare)
		if spare -= used; short > used {
			m.Random = append(m.Random, SetCount{Set: s.Set, Count: short - used})
		}
	}
	return m
}

func (ch OrderChange) wanted() wanted { return wanted{tickets: ch.Tickets, random: ch.Random} }

func (ch OrderChange) check() valid.Check {
	v := ch.wanted().check()
	reserves := ch.Tickets != nil || ch.Random != nil
	v.That(reserves || !ch.AllOrNothing, "AllOrNothing", "must not be set without Tickets or Random")
	pays := ch.Status == OrderDone
	v.That(!pays || !reserves, "Status", "must not be OrderDone beside Tickets or Random")
	v.That(!pays || ch.Promocodes == nil, "Status", "must not be OrderDone beside Promocodes")
	v.OptText("Customer.Name", ch.Customer.Name)
	v.OptText("Customer.Email", ch.Customer.Email)
	v.OptText("Customer.Phone", ch.Customer.Phone)
	v.OptText("Customer.Lang", string(ch.Customer.Lang))
	ch.VendorData.check(&v)
	for i, code := range ch.Promocodes {
		v.Text(at("Promocodes", i), code)
	}
	v.That(ch.Status == "" || ch.Status == OrderDone || ch.Status == OrderCancelled, "Status", "must be OrderDone or OrderCancelled")
	some := reserves || ch.Customer != (Customer{}) || ch.SendTickets != nil || !ch.VendorData.isZero() || ch.Promocodes != nil || ch.Status != ""
	v.That(some, "change", "must not be empty")
	return v
}

func (v *VendorData) isZero() bool { return v.OrderID == "" && len(v.Raw) == 0 }

func (v *VendorData) check(c *valid.Check) {
	limit := func(field, value string, longest int) {
		c.That(utf8.ValidString(value), field, "must be UTF-8")
		c.That(utf8.RuneCountInString(value) <= longest, field, "must not be longer than "+strconv.Itoa(longest)+" characters")
	}
	limit("VendorData.OrderID", v.OrderID, MaxVendorOrderID)
	c.That(len(v.Raw) <= MaxVendorFields, "VendorData.Raw", "must not have more than "+strconv.Itoa(MaxVendorFields)+" fields")
	for i, f := range v.Raw {
		field := at("VendorData.Raw", i)
		c.That(f.Name != "", field+".Name", "must not be empty")
		twice := slices.ContainsFunc(v.Raw[:i], func(o VendorField) bool { return o.Name == f.Name })
		c.That(!twice, field+".Name", "must not be given twice")
		limit(field+".Name", f.Name, MaxVendorFieldName)
		limit(field+".Value", f.Value, MaxVendorFieldValue)
	}
}

// private returns what a change says about people, and the codes that are worth
// money to whoever reads them.
func (ch OrderChange) private() []string {
	private := append([]string{ch.Customer.Name, ch.Customer.Email, ch.Customer.Phone, ch.VendorData.OrderID}, ch.Promocodes...)
	for _, f := range ch.VendorData.Raw {
		private = append(private, f.Value)
	}
	return slices.DeleteFunc(private, func(text string) bool { return text == "" })
}

// body leaves out what is not set. A list that is empty and not nil is sent.
func (ch OrderChange) body() changeBody {
	b := changeBody{
		Tickets: ch.Tickets, Random: ch.Random, AllOrNothing: ch.AllOrNothing,
		Promocodes: ch.Promocodes, Status: ch.Status,
	}
	if ch.Customer != (Customer{}) || ch.SendTickets != nil {
		b.Settings = &settingsBody{SendTickets: ch.SendTickets}
	}
	if c := ch.Customer; c != (Customer{}) {
		b.Settings.Customer = &customerBody{Email: c.Email, Lang: c.Lang, Name: c.Name, Phone: c.Phone}
	}
	if !ch.VendorData.isZero() {
		b.VendorData = &vendorDataBody{OrderID: ch.VendorData.OrderID, Raw: ch.VendorData.Raw}
	}
	return b
}

type changeBody struct {
	Tickets      []TicketID      `json:"tickets,omitzero"`
	Random       counts          `json:"random,omitzero"`
	AllOrNothing bool            `json:"all_or_nothing,omitempty"`
	Settings     *settingsBody   `json:"settings,omitempty"`
	VendorData   *vendorDataBody `json:"vendor_data,omitempty"`
	Promocodes   []string        `json:"promocodes,omitzero"`
	Status       OrderStatus     `json:"status,omitempty"`
}

type settingsBody struct {
	Customer    *customerBody `json:"customer,omitempty"`
	SendTickets *bool         `json:"send_tickets,omitempty"`
}

type customerBody struct {
	Email string   `json:"email,omitempty"`
	Lang  Language `json:"lang,omitempty"`
	Name  string   `json:"name,omitempty"`
	Phone string   `json:"phone,omitempty"`
}

type vendorDataBody struct {
	OrderID string `json:"order_id,omitempty"`
	Raw     fields `json:"raw,omitempty"`
}
