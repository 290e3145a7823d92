package ticketscloud

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
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
// request. With [rutravel.ErrNotConfirmed] see [Client.ChangeOrderOperation].
//
// [OrderDone] is refused beside Tickets, Random or Promocodes: the order
// would be paid for with the tickets that it held before if the new ones cannot
// be reserved, and at the full price if a code cannot be applied. Change the
// order, look at Missing, Problems and Totals.Full, then complete it.
//
// An order that is no longer [OrderHeld] cannot be changed:
// [rutravel.ErrExpired] if it is out of time, else [rutravel.ErrConflict].
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) ChangeOrder(ctx context.Context, key OrderKey, change OrderChange, opts ...rutravel.CallOption) (Order, error) {
	change.Customer = change.Customer.trimmed()
	op := opChange
	switch { // the most dangerous first
	case change.Status == OrderCancelled:
		op = opCancel
	case change.Status != "":
		op = opDone
	case change.Promocodes != nil:
		op = opPromocodes
	}
	r := &request{op: op, Check: change.check()}
	key.check(&r.Check, "key")
	return inTurn(ctx, c, r, key.ID, func(ctx context.Context) (Order, error) {
		return c.patch(ctx, r, key.ID, change, opts)
	})
}

// PayOrder pays for an order from the distributor's account (status done).
// It is final: a done order cannot be changed; its tickets are given back by
// [Client.CreateRefund].
//
// The call is sent once; detach it from a user's request. It succeeds only if
// the answer says that the order is done. With [rutravel.ErrNotConfirmed] the
// order may have been paid for: see [Client.PayOrderOperation]. Do not pay again to
// find out: the refusal "Incorrect status done for this operation" names the status
// that was asked for, so an expired order is refused in the same words as a paid one.
//
// A venue that sells through Mosbilet wants its buyers first
// ([Client.SetMosbiletBuyers]). How the supplier refuses otherwise is not known: a
// refusal in unknown words names this method.
//
// Barcodes may come later than the answer; see [Client.WaitForBarcodes].
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) PayOrder(ctx context.Context, key OrderKey, opts ...rutravel.CallOption) (Order, error) {
	return c.ChangeOrder(ctx, key, OrderChange{Status: OrderDone}, opts...)
}

// CancelOrder gives up an order that is not paid for yet. Its tickets are on
// sale again.
//
// The call is sent once; detach it from a user's request. With
// [rutravel.ErrNotConfirmed] see [Client.CancelOrderOperation]. Left alone, the order
// expires by itself.
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) CancelOrder(ctx context.Context, key OrderKey, opts ...rutravel.CallOption) (Order, error) {
	return c.ChangeOrder(ctx, key, OrderChange{Status: OrderCancelled}, opts...)
}

// patch sends a change. The caller holds the lock of the order.
func (c *Client) patch(ctx context.Context, r *request, id OrderID, change OrderChange, opts []rutravel.CallOption) (Order, error) {
	r.method, r.path, r.body, r.private = http.MethodPatch, objectPath(ordersPath, id), change.body(), change.private()
	want := change.wanted()
	return only(call(ctx, c, r, listOf((*Order).decodeWhole), func(answer *reply, orders *[]Order, err error) error {
		return answer.judgeOrder(orders, err, func(o *Order) error {
			if o.ID != id {
				*orders = nil // it might be taken for the one of the request
				return &wire.Error{Path: "data.id", Problem: "another order's"}
			}
			o.Missing = want.missing(*o)
			if change.Status != "" && o.Status != change.Status {
				return &wire.Error{Path: "data.status", Problem: "want " + string(change.Status)}
			}
			return nil
		})
	}, opts))
}

// trimmed returns a customer without spaces around the texts.
func (c Customer) trimmed() Customer {
	c.Name, c.Email, c.Phone = valid.Trim(c.Name), valid.Trim(c.Email), valid.Trim(c.Phone)
	return c
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
