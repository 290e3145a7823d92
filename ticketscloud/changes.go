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

// The limits of vendor_data, in characters (manual, own fields).
const (
	MaxVendorOrderID    = 64
	MaxVendorFields     = 20
	MaxVendorFieldName  = 40
	MaxVendorFieldValue = 128
)

// OrderChange is one change of an order. Only the fields that are set are sent, and the
// supplier leaves the rest as it is.
type OrderChange struct {
	// Tickets is the complete list of tickets that the order must hold, including those
	// that it already holds. Tickets that are left out are released. An empty list that is
	// not nil releases all. Set Tickets or Random, not both.
	Tickets []TicketID
	// Random is how many tickets the order must hold of each category. It is complete,
	// like Tickets. It may exchange a seat that is held for another one:
	// [Client.AdjustTickets] avoids that.
	Random []SetCount
	// AllOrNothing: if one of the tickets cannot be reserved, none is, and the order
	// keeps what it holds. Without it, such tickets are left out without an error. The
	// order's Missing names them.
	AllOrNothing bool

	Customer    Customer    // settings.customer; only its non-empty fields are sent. The manual does not say whether the supplier keeps the others
	SendTickets *bool       // settings.send_tickets: the platform mails the tickets to the customer; set it before the order is done
	VendorData  VendorData  // vendor_data, if not empty
	Promocodes  []string    // promocodes: codes, in upper or lower case. The manual does not say whether they replace those applied before
	Status      OrderStatus // status: [OrderDone] or [OrderCancelled]. OrderDone excludes Tickets, Random and Promocodes
}

// ChangeOrder makes several changes of an order with one request and returns the changed
// order. Check the order's Missing and, after Promocodes, its Problems: neither is an
// error. Changes of one order wait for each other within a client until ctx ends.
// Changes of different orders do not wait.
//
// With Status or Promocodes, ChangeOrder is an unsafe call: see "Unsafe calls" in the
// package comment. After [rutravel.ErrNotConfirmed] see [Client.ChangeOrderOperation].
//
// All other fields set a desired state: sending them twice has the same result as sending
// them once. So the client retries such a change if necessary. It also retries while the
// supplier is busy with another program's change. If the supplier stays busy, the error
// is [rutravel.ErrConflict].
//
// [OrderDone] together with Tickets, Random or Promocodes is refused. If the new tickets
// could not be reserved, you would pay for the old ones. If a code could not be applied,
// you would pay the full price. Change the order first, check Missing, Problems and
// Totals.Full, and then pay.
//
// An order that is no longer [OrderHeld] cannot be changed. The error is
// [rutravel.ErrExpired] if the order has expired, else [rutravel.ErrConflict].
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) ChangeOrder(ctx context.Context, key OrderKey, change OrderChange, opts ...rutravel.CallOption) (Order, error) {
	change.Customer = change.Customer.trimmed()
	op := opChange
	switch { // the most dangerous operation first
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

// PayOrder pays for an order from the distributor's account (status done). The payment is
// final: a done order cannot be changed. To return its tickets, call
// [Client.CreateRefund]. PayOrder succeeds only if the answer says that the order is done.
//
// PayOrder is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] the order may be paid: see [Client.PayOrderOperation]. Do not
// pay again to find out. The refusal "Incorrect status done for this operation" names the
// requested status, so it is the same for a paid order and an expired one.
//
// A venue that sells through Mosbilet requires its buyers first: see
// [Client.SetMosbiletBuyers]. The manual does not say how the supplier refuses a payment
// without them. So if the supplier refuses a payment with a text that this library does
// not know, the error mentions SetMosbiletBuyers.
//
// Barcodes can come later than the answer: see [Client.WaitForBarcodes].
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) PayOrder(ctx context.Context, key OrderKey, opts ...rutravel.CallOption) (Order, error) {
	return c.ChangeOrder(ctx, key, OrderChange{Status: OrderDone}, opts...)
}

// CancelOrder cancels an order that is not paid. Its tickets are on sale again.
//
// CancelOrder is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] see [Client.CancelOrderOperation]. An order that is not
// cancelled expires by itself.
//
// Ticketscloud: PATCH /v2/resources/orders/:id
func (c *Client) CancelOrder(ctx context.Context, key OrderKey, opts ...rutravel.CallOption) (Order, error) {
	return c.ChangeOrder(ctx, key, OrderChange{Status: OrderCancelled}, opts...)
}

// patch sends a change. The caller must hold the lock of the order.
func (c *Client) patch(ctx context.Context, r *request, id OrderID, change OrderChange, opts []rutravel.CallOption) (Order, error) {
	r.method, r.path, r.body, r.private = http.MethodPatch, objectPath(ordersPath, id), change.body(), change.private()
	want := change.wanted()
	return only(call(ctx, c, r, listOf((*Order).decodeWhole), func(answer *reply, orders *[]Order, err error) error {
		return answer.checkOrder(orders, err, func(o *Order) error {
			if o.ID != id {
				*orders = nil // the caller might take it for the requested order
				return &wire.Error{Path: "data.id", Problem: "want the order of the request"}
			}
			o.Missing = want.missing(*o)
			if change.Status != "" && o.Status != change.Status {
				return &wire.Error{Path: "data.status", Problem: "want " + string(change.Status)}
			}
			return nil
		})
	}, opts))
}

// trimmed returns a customer without spaces around the values.
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
	v.That(!pays || !reserves, "Status", "must not be OrderDone together with Tickets or Random")
	v.That(!pays || ch.Promocodes == nil, "Status", "must not be OrderDone together with Promocodes")
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

// private returns the personal data of a change, and its promocodes, which are worth
// money to anyone who reads them.
func (ch OrderChange) private() []string {
	private := append([]string{ch.Customer.Name, ch.Customer.Email, ch.Customer.Phone, ch.VendorData.OrderID}, ch.Promocodes...)
	for _, f := range ch.VendorData.Raw {
		private = append(private, f.Value)
	}
	return slices.DeleteFunc(private, func(text string) bool { return text == "" })
}

// body leaves out fields that are not set. It keeps an empty list that is not nil.
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
