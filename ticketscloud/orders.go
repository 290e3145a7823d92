package ticketscloud

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// OrderID identifies an order (заказ).
type OrderID string

// TicketID identifies a ticket of an event, on sale or sold.
type TicketID string

// OrderStatus is the state of an order.
type OrderStatus string

// The statuses of the manual.
const (
	OrderHeld       OrderStatus = "executed"    // not paid: it holds its tickets until ExpiredAfter; the only status in which it can be changed
	OrderInProgress OrderStatus = "in_progress" // not explained in the manual
	OrderDone       OrderStatus = "done"        // paid; final
	OrderCancelled  OrderStatus = "cancelled"   // cancelled before it was paid
	OrderExpired    OrderStatus = "expired"     // not paid in time; its tickets are on sale again
)

// Origin says where an order was made.
type Origin string

// The origins of the manual.
const (
	OriginAPI          Origin = "api"
	OriginSalespoint   Origin = "salespoint"
	OriginWidget       Origin = "widget"
	OriginControlPanel Origin = "control_panel"
)

// Order is an order. Its event, organiser, promocodes and categories are filled in
// from the answer's refs.
type Order struct {
	ID        OrderID     // id
	Number    int         // number
	Code      string      // code: not documented; appears once the order is done
	Status    OrderStatus // status
	Origin    Origin      // origin
	CreatedAt time.Time   // created_at
	DoneAt    time.Time   // done_at; zero until then
	// ExpiredAfter is expired_after: when the order stops holding its tickets. The
	// manual's text says 10 minutes and its samples say 15. Use this time only.
	ExpiredAfter time.Time
	Event        Event       // event
	Org          Partner     // org: the organiser
	Vendor       Partner     // vendor: the distributor
	Settings     Settings    // settings
	Promocodes   []Promocode // promocodes: the applied ones
	Tickets      []Ticket    // tickets: what the order holds
	Totals       Totals      // values
	VendorData   VendorData  // vendor_data

	// Problems is errors: promocodes that could not be applied. The rest of the
	// request was carried out.
	Problems Problems
	// Missing is what the request asked for and the order does not hold. The supplier
	// leaves out what it cannot reserve and reports no error.
	Missing Missing
}

// Key returns the key for look-ups of the order, for example after a lost answer.
// Store it before you change the order.
func (o Order) Key() OrderKey {
	return OrderKey{ID: o.ID, Event: o.Event.ID, CreatedAt: o.CreatedAt}
}

// Settings are the settings of an order.
type Settings struct {
	Customer       Customer // customer: empty until it is set
	SendTickets    bool     // send_tickets: the platform mails the tickets to the customer
	Invitation     bool     // invitation
	Courier        bool     // courier
	SubscribeAgree bool     // subscribe_agree: not documented
}

// Customer is the buyer.
type Customer struct {
	Name  string   // name
	Email string   // email; can be changed while the order is [OrderHeld]
	Phone string   // phone
	Lang  Language // lang
}

// Language is the language of a customer.
type Language string

// The languages of the manual.
const (
	LanguageRussian Language = "ru"
	LanguageEnglish Language = "en"
)

// VendorData is the distributor's own data about an order.
type VendorData struct {
	OrderID string        // order_id: the order's number in the distributor's system, at most 64 characters
	Raw     []VendorField // raw: at most 20
}

// VendorField is one of the distributor's own fields.
type VendorField struct {
	Name string // at most 40 characters
	// Value has at most 128 characters. The manual accepts only strings, but shows other
	// values in answers. Such a value is its JSON text here.
	Value string
}

// Amounts are the prices of a ticket or an order, in roubles. The older catalogue
// uses other names: its Face is Price here, and its Total is Full.
type Amounts struct {
	Price    decimal.Decimal // price: the face price without discount
	Discount decimal.Decimal // discount
	Nominal  decimal.Decimal // nominal: Price minus Discount
	Extra    decimal.Decimal // extra: the service fee
	Full     decimal.Decimal // full: the amount to pay, Nominal plus Extra
}

// Ticket is a ticket of an order.
type Ticket struct {
	ID     TicketID // id
	Serial string   // serial: "OOX"
	Number int      // number
	// Barcode is "" until the order is done, and sometimes for a while after that:
	// see [Client.WaitForBarcodes].
	Barcode string
	Set     Set          // set: the category
	Seat    *Seat        // seat; nil if the category has no seats
	Status  TicketStatus // status: "reserved" even in a done order; use the order's status to see what is sold
	Amounts
}

// Seat is a place in a hall. Rows and numbers may have letters.
type Seat struct {
	Row    string   // row
	Number string   // number
	Sector SectorID // sector
}

// TicketStatus is the state of a ticket.
type TicketStatus string

// The statuses of the manual.
const (
	TicketVacant   TicketStatus = "vacant"
	TicketReserved TicketStatus = "reserved"
	TicketSold     TicketStatus = "sold"
	TicketPending  TicketStatus = "pending"
)

// Totals are the sums of an order.
type Totals struct {
	Amounts
	// Sets is sets_values: the current prices of all categories of the event, also of
	// those that are not in the order. Do not add them up.
	Sets            []SetPrices
	ViralPromocodes []Promocode // viral_promocodes: not explained in the manual
}

// SetPrices are the prices of a ticket of a category within an order, in roubles.
type SetPrices struct {
	Set       SetID           // id
	Price     decimal.Decimal // price: without discount
	Discount  decimal.Decimal // discount
	Nominal   decimal.Decimal // nominal: with discount
	Promocode Promocode       // promocode: the one that gives the discount; empty if there is none
}

// Missing is what could not be reserved.
type Missing struct {
	Tickets []TicketID // the requested tickets that the order does not hold
	Random  []SetCount // the requested categories: how many tickets the order lacks
}

// Any reports whether anything is missing.
func (m Missing) Any() bool { return len(m.Tickets) > 0 || len(m.Random) > 0 }

// SetCount is a number of tickets of a category.
type SetCount struct {
	Set   SetID
	Count int
}

// NewOrder is the request for an order. Set Tickets or Random, not both. Without
// either, the order is empty. The manual has a sample of an empty order, and also an
// error text that forbids it.
type NewOrder struct {
	Event   EventID    // event
	Tickets []TicketID // tickets: tickets with seats
	Random  []SetCount // random: any tickets of these categories, which have no seats
}

// CreateOrder creates an order, which holds its tickets until its ExpiredAfter.
// Nothing is charged. Then call [Client.PayOrder] to keep the tickets, or
// [Client.CancelOrder] to release them early.
//
// Check the order's Missing: tickets that cannot be reserved are left out without an
// error. Check its Problems as well: the supplier can report problems together with an
// order.
//
// CreateOrder is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] the order may exist, and the manual has no key to find it
// by: see [Client.CreateOrderOperation]. If you do nothing, the order expires and its
// tickets are on sale again.
//
// An answer with tickets that were not requested is [rutravel.ErrNotConfirmed] as well,
// because it may be the answer to another call. If an Order with an ID is returned with
// an error, it is the order in the answer. Check that its Event, Status and Tickets are
// the requested ones.
//
// Ticketscloud: POST /v2/resources/orders
func (c *Client) CreateOrder(ctx context.Context, n NewOrder, opts ...rutravel.CallOption) (Order, error) {
	want := wanted{tickets: n.Tickets, random: n.Random}
	r := &request{op: opCreate, method: http.MethodPost, path: ordersPath, Check: want.check()}
	checkID(&r.Check, "Event", n.Event)
	r.body = newOrderBody{Event: n.Event, Tickets: n.Tickets, Random: n.Random}
	return only(call(ctx, c, r, listOf((*Order).decodeWhole), func(answer *reply, orders *[]Order, err error) error {
		return answer.checkOrder(orders, err, func(o *Order) error {
			o.Missing = want.missing(*o)
			switch {
			case o.Event.ID != "" && o.Event.ID != n.Event:
				return &wire.Error{Path: "data.event", Problem: "want the event of the request"}
			case !(LostOrder{Order: n}).holdsNothingElse(o):
				return &wire.Error{Path: "data.tickets", Problem: "want only tickets of the request"}
			case o.Status != OrderHeld:
				return &wire.Error{Path: "data.status", Problem: "want " + string(OrderHeld)}
			}
			return nil
		})
	}, opts))
}

const ordersPath = "/v2/resources/orders"

type newOrderBody struct {
	Event   EventID    `json:"event"`
	Tickets []TicketID `json:"tickets,omitempty"`
	Random  counts     `json:"random,omitempty"`
}

// counts is an object of numbers by category, in the order given.
type counts []SetCount

// MarshalJSON writes {"category": number}.
func (c counts) MarshalJSON() ([]byte, error) {
	return marshalObject(c, func(s SetCount) (string, any) { return string(s.Set), s.Count }), nil
}

// fields is an object of texts by name, in the order given.
type fields []VendorField

// MarshalJSON writes {"name": "value"}.
func (f fields) MarshalJSON() ([]byte, error) {
	return marshalObject(f, func(v VendorField) (string, any) { return v.Name, v.Value }), nil
}

func marshalObject[T any](members []T, member func(T) (name string, value any)) []byte {
	text := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			text = append(text, ',')
		}
		name, value := member(m)
		text = append(append(append(text, wire.JSON(name)...), ':'), wire.JSON(value)...)
	}
	return append(text, '}')
}

// checkOrder returns the error of an answer that must be one order. Several orders are
// an error because the requested one is not known. compare checks the order also if err
// is not nil.
func (r *reply) checkOrder(orders *[]Order, err error, compare func(*Order) error) error {
	err = r.checkArrived(err, len(*orders) > 0 && (*orders)[0].ID != "")
	if len(*orders) != 1 {
		err = cmp.Or(err, notOneObject(len(*orders)))
		*orders = nil
		return err
	}
	o := &(*orders)[0]
	err = cmp.Or(err, o.link(&r.refs))
	if o.ID != "" {
		o.Problems = r.problems
	}
	return cmp.Or(err, compare(o))
}

// notOneObject is the error of data that is not one object.
func notOneObject(objects int) error {
	if objects == 0 {
		return &wire.Error{Path: "data", Problem: "empty"}
	}
	return &wire.Error{Path: "data", Problem: "more than one object"}
}

// link replaces ids by the objects of refs. It returns the error of the first object
// that could not be read.
func (o *Order) link(r *refs) error {
	err := cmp.Or(
		resolve(r.events, o.Event.ID, &o.Event),
		resolve(r.partners, o.Org.ID, &o.Org),
		resolve(r.partners, o.Vendor.ID, &o.Vendor),
		linkPromocodes(r, o.Promocodes),
		linkPromocodes(r, o.Totals.ViralPromocodes),
	)
	for i := range o.Totals.Sets {
		p := &o.Totals.Sets[i].Promocode
		err = cmp.Or(err, resolve(r.promocodes, p.ID, p))
	}
	for i := range o.Tickets {
		set := &o.Tickets[i].Set
		err = cmp.Or(err, resolve(r.sets, set.ID, set))
	}
	return err
}

func linkPromocodes(r *refs, all []Promocode) (err error) {
	for i := range all {
		err = cmp.Or(err, resolve(r.promocodes, all[i].ID, &all[i]))
	}
	return err
}

// maxEssential is more than the essential fields of any type: a list of them that has
// room for so many is not moved to the heap.
const maxEssential = 16

// decode reads an order of a list.
func (o *Order) decode(d *wire.Decoder) error {
	return o.decodeWith(d, nil, "id", "status", "tickets?", "values?")
}

// decodeHeld reads an order whose tickets will be kept by listing all of them. A missing
// list is an error, because it is not an empty list.
func (o *Order) decodeHeld(d *wire.Decoder) error {
	return o.decodeWith(d, (*wire.Decoder).Nested, "id", "status", "tickets", "values?")
}

// decodeWhole reads an order that was created or changed. It requires values: without
// them the order would seem to cost nothing.
func (o *Order) decodeWhole(d *wire.Decoder) error {
	return o.decodeWith(d, nil, "id", "status", "tickets", "values")
}

// decodeRef reads an order of refs, which has its id as its key.
func (o *Order) decodeRef(d *wire.Decoder) error {
	return o.decodeWith(d, nil, "id?", "status", "tickets?", "values?")
}

// decodeWith reads an order. isList, if not nil, checks that tickets is a list, and
// essential names the required fields. Promocodes are essential, because an order without
// a code proves that the code was not applied.
func (o *Order) decodeWith(d *wire.Decoder, isList func(*wire.Decoder) bool, essential ...string) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &o.ID)
		case "number":
			return d.Int(&o.Number)
		case "code":
			return wire.OptID(d, &o.Code)
		case "status":
			return wire.ID(d, &o.Status)
		case "origin":
			return wire.String(d, &o.Origin)
		case "created_at":
			return instant(d, &o.CreatedAt)
		case "done_at":
			return instant(d, &o.DoneAt)
		case "expired_after":
			return instant(d, &o.ExpiredAfter)
		case "event":
			return wire.OptID(d, &o.Event.ID)
		case "org":
			return wire.OptID(d, &o.Org.ID)
		case "vendor":
			return wire.OptID(d, &o.Vendor.ID)
		case "settings":
			return o.Settings.decode(d)
		case "promocodes":
			return decodePromocodeIDs(d, &o.Promocodes)
		case "tickets":
			if isList != nil && !isList(d) {
				d.Fail("", "want a list")
				return d.Skip()
			}
			return wire.List(d, &o.Tickets, (*Ticket).decode)
		case "values":
			return o.Totals.decode(d)
		case "vendor_data":
			return o.VendorData.decode(d)
		default:
			return d.Skip()
		}
	}, append(append(make([]string, 0, maxEssential), essential...), "expired_after?", "event?", "settings?", "promocodes?")...)
}

// decodePromocodeIDs reads promocodes by their ids.
func decodePromocodeIDs(d *wire.Decoder, p *[]Promocode) error {
	return wire.List(d, p, func(one *Promocode, d *wire.Decoder) error { return wire.ID(d, &one.ID) })
}

func (s *Settings) decode(d *wire.Decoder) error {
	return optFields(d, func(name []byte) error {
		switch string(name) {
		case "customer":
			return s.Customer.decode(d)
		case "send_tickets":
			return d.OptFlag(&s.SendTickets)
		case "invitation":
			return d.OptFlag(&s.Invitation)
		case "courier":
			return d.OptFlag(&s.Courier)
		case "subscribe_agree":
			return d.OptFlag(&s.SubscribeAgree)
		default:
			return d.Skip()
		}
	}, "send_tickets?")
}

func (c *Customer) decode(d *wire.Decoder) error {
	return optFields(d, func(name []byte) error {
		switch string(name) {
		case "name":
			return wire.String(d, &c.Name)
		case "email":
			return wire.String(d, &c.Email)
		case "phone":
			return wire.String(d, &c.Phone)
		case "lang":
			return wire.String(d, &c.Lang)
		default:
			return d.Skip()
		}
	})
}

func (t *Ticket) decode(d *wire.Decoder) error { return t.decodeWith(d, "id", "full") }

// decodeRef reads a ticket of refs, which has its id as its key.
func (t *Ticket) decodeRef(d *wire.Decoder) error { return t.decodeWith(d, "id?", "full") }

func (t *Ticket) decodeWith(d *wire.Decoder, essential ...string) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &t.ID)
		case "serial":
			return wire.String(d, &t.Serial)
		case "number":
			return d.Int(&t.Number)
		case "barcode":
			return wire.OptID(d, &t.Barcode)
		case "set":
			return wire.OptID(d, &t.Set.ID)
		case "seat":
			return decodeSeat(d, &t.Seat)
		case "status":
			return wire.OptID(d, &t.Status)
		default:
			return t.Amounts.field(d, name)
		}
	}, append(append(make([]string, 0, maxEssential), essential...), "number?", "barcode?", "set?", "seat?", "price?", "discount?", "nominal?", "extra?")...)
}

// decodeSeat reads a seat that may be missing.
func decodeSeat(d *wire.Decoder, p **Seat) error {
	*p = nil
	return d.Map(func(name []byte) error {
		if *p == nil {
			*p = new(Seat)
		}
		switch string(name) {
		case "row": // a number in v1
			return wire.OptID(d, &(*p).Row)
		case "number":
			return wire.OptID(d, &(*p).Number)
		case "sector":
			return wire.OptID(d, &(*p).Sector)
		default:
			return d.Skip()
		}
	})
}

// field reads one of the amounts.
func (a *Amounts) field(d *wire.Decoder, name []byte) error {
	switch string(name) {
	case "price":
		return d.Amount(&a.Price)
	case "discount":
		return d.Amount(&a.Discount)
	case "nominal":
		return d.Amount(&a.Nominal)
	case "extra":
		return d.Amount(&a.Extra)
	case "full":
		return d.Amount(&a.Full)
	default:
		return d.Skip()
	}
}

func (v *Totals) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "sets_values":
			return v.decodeSets(d)
		case "viral_promocodes":
			return decodePromocodeIDs(d, &v.ViralPromocodes)
		default:
			return v.Amounts.field(d, name)
		}
	}, "full", "price?", "discount?", "nominal?", "extra?")
}

// decodeSets reads the prices of categories. It leaves out those that cannot be read.
func (v *Totals) decodeSets(d *wire.Decoder) error {
	v.Sets = nil
	var places wire.Places
	return d.Map(func(set []byte) error {
		name := string(set)
		var one SetPrices
		err := wire.Part(d, &one, func(s *SetPrices, d *wire.Decoder) error {
			if s.Set = SetID(name); strings.ContainsRune(name, unicode.ReplacementChar) {
				d.Fail("", "want an id")
			}
			return s.decode(d)
		})
		if err != nil || one.Set == "" {
			return err
		}
		return wire.Keep(d, &v.Sets, &places, name, one)
	})
}

func (s *SetPrices) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &s.Set)
		case "price":
			return d.Amount(&s.Price)
		case "discount":
			return d.Amount(&s.Discount)
		case "nominal":
			return d.Amount(&s.Nominal)
		case "promocode":
			return wire.OptID(d, &s.Promocode.ID)
		default:
			return d.Skip()
		}
	})
}

func (v *VendorData) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "order_id":
			return wire.String(d, &v.OrderID)
		case "raw":
			v.Raw = nil
			var places wire.Places
			return d.Map(func(name []byte) error {
				field := VendorField{Name: string(name)}
				err := field.decode(d)
				return cmp.Or(err, wire.Keep(d, &v.Raw, &places, field.Name, field))
			})
		default:
			return d.Skip()
		}
	})
}

func (f *VendorField) decode(d *wire.Decoder) error {
	if d.AtText() {
		return wire.String(d, &f.Value)
	}
	var raw json.RawMessage
	err := d.Raw(&raw)
	f.Value = string(raw)
	return err
}

// holds reports whether an order has a ticket.
func (o Order) holds(id TicketID) bool {
	return slices.ContainsFunc(o.Tickets, func(t Ticket) bool { return t.ID == id })
}
