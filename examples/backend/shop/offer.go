// Package shop is what the backend knows about selling: offers, orders, the states of
// an order, and the books. It makes no network call and knows no supplier.
package shop

import (
	"errors"
	"net/mail"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"
)

// Kind is what is sold. Each kind has one supplier.
type Kind string

// The kinds.
const (
	Coach   Kind = "coach"   // coach tickets, Regionbilet
	Event   Kind = "event"   // event tickets, Ticketscloud
	Tour    Kind = "tour"    // package tours, Multitour
	Package Kind = "package" // one tour that is not searched, Biblio-Globus
)

// Kinds are all kinds in the order of the menu.
var Kinds = []Kind{Coach, Event, Tour, Package}

// Query is a search. Each kind uses some of the fields.
type Query struct {
	From, To string // IDs of places
	Date     civil.Date
	Nights   int
	Adults   int
	Text     string
}

// Place is where one can go.
type Place struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Offer is something that can be ordered.
type Offer struct {
	Kind    Kind           `json:"kind"`
	ID      string         `json:"id"` // made by the supplier's adapter
	Title   string         `json:"title"`
	Detail  string         `json:"detail,omitempty"`
	Venue   string         `json:"venue,omitempty"`
	Starts  civil.DateTime `json:"starts,omitzero"` // by the clocks on the spot
	Ends    civil.DateTime `json:"ends,omitzero"`
	Nights  int            `json:"nights,omitempty"`
	Price   Money          `json:"price"` // of the cheapest choice, or of the whole tour
	Left    int            `json:"left"`
	Choices []Choice       `json:"choices,omitempty"` // seats or categories of which the customer takes some; a tour has none
	People  int            `json:"people,omitempty"`  // of a tour; otherwise the number of choices
	Named   bool           `json:"named,omitempty"`   // the supplier wants the travellers' names
}

// Choice is a seat or a category of tickets.
type Choice struct {
	ID    string `json:"id"`
	Group string `json:"group,omitempty"` // seats are shown by group: a row, a category
	Label string `json:"label"`
	Price Money  `json:"price"`
	Left  int    `json:"left"` // 1 for a seat
}

// Money is an amount in a currency.
type Money struct {
	Amount   decimal.Decimal `json:"amount"`
	Currency string          `json:"currency"`
}

// Rubles returns an amount of roubles.
func Rubles(d decimal.Decimal) Money { return Money{d, "RUB"} }

// Add adds an amount of the same currency.
func (m Money) Add(n Money) Money {
	if m.Currency == "" {
		return n
	}
	return Money{m.Amount.Add(n.Amount), m.Currency}
}

// within returns the amount, but at least zero and at most what was paid.
func (m Money) within(paid Money) Money {
	m.Amount = decimal.Max(decimal.Zero, decimal.Min(m.Amount, paid.Amount))
	return m
}

// Neg returns the amount with the other sign.
func (m Money) Neg() Money { return Money{m.Amount.Neg(), m.Currency} }

// Equal reports whether both are the same amount.
func (m Money) Equal(n Money) bool { return m.Currency == n.Currency && m.Amount.Equal(n.Amount) }

// Basket is what a customer orders.
type Basket struct {
	Kind       Kind        `json:"kind"`
	Offer      string      `json:"offer"`
	Choices    []string    `json:"choices,omitempty"`
	Travellers []Traveller `json:"travellers,omitempty"`
	Buyer      Buyer       `json:"buyer"`
	Seen       Money       `json:"seen"` // the total that the customer was shown
	Lang       string      `json:"lang,omitempty"`
}

// Buyer is whom the shop can reach.
type Buyer struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// Traveller is a passenger or tourist.
type Traveller struct {
	Surname    string     `json:"surname"`
	Name       string     `json:"name"`
	Patronymic string     `json:"patronymic,omitempty"`
	Female     bool       `json:"female,omitempty"`
	Birth      civil.Date `json:"birth"`
	Document   string     `json:"document"`
}

// Most is how many tickets or people an order has at most.
const Most = 4

// Refusal is why a basket was not ordered or an order cannot be changed. Its text is a
// key of the dictionary of package web.
type Refusal struct {
	Reason string
	Field  string // what to correct, if the input is wrong
	Offer  *Offer // the offer as it is now, if it has changed
	Total  Money  // what the basket costs now
}

// Error returns the reason.
func (r *Refusal) Error() string {
	if r.Field != "" {
		return r.Reason + ": " + r.Field
	}
	return r.Reason
}

// The reasons of refusals.
const (
	Invalid      = "invalid"       // Field names what is wrong
	Gone         = "gone"          // the offer is not on sale any more
	SoldOut      = "sold_out"      // a seat or the last ticket was taken
	PriceChanged = "price_changed" // Total is the new price
	HoldExpired  = "hold_expired"
	NotPayable   = "not_payable"  // the order is in another state
	NotGivenBack = "not_refunded" // the ticket is in another state
	KeyReused    = "key_reused"   // the Idempotency-Key was used for another order
	AskUs        = "ask_us"       // only a person can give it back
	Busy         = "busy"         // the supplier cannot be asked now
)

// ErrNotFound says that there is no such order.
var ErrNotFound = errors.New("no such order")

// Check compares a basket with its offer as it is now, and returns what is ordered.
func (b *Basket) Check(o Offer) (lines []Line, total Money, err error) {
	people := o.People
	if len(o.Choices) == 0 && people == 0 {
		return nil, total, &Refusal{Reason: Gone}
	}
	if len(o.Choices) > 0 {
		people = len(b.Choices)
		if people == 0 {
			return nil, total, &Refusal{Reason: Invalid, Field: "choices"}
		}
	}
	if people > Most {
		return nil, total, &Refusal{Reason: Invalid, Field: "people"}
	}
	if o.Named && len(b.Travellers) != people {
		return nil, total, &Refusal{Reason: Invalid, Field: "travellers"}
	}
	if !o.Named {
		b.Travellers = nil
	}
	if err = b.checkPeople(); err != nil {
		return nil, total, err
	}
	if len(o.Choices) == 0 {
		if o.Left == 0 {
			return nil, total, &Refusal{Reason: SoldOut, Offer: &o}
		}
		lines, total = []Line{{Label: o.Title, Price: o.Price, State: Reserved}}, o.Price
	}
	taken := map[string]int{}
	for _, id := range b.Choices {
		c, ok := o.choice(id)
		if taken[id]++; !ok || taken[id] > c.Left {
			return nil, total, &Refusal{Reason: SoldOut, Offer: &o}
		}
		label := c.Label
		if c.Group != "" {
			label = c.Group + ", " + label
		}
		lines, total = append(lines, Line{Choice: id, Label: label, Price: c.Price, State: Reserved}), total.Add(c.Price)
	}
	if !total.Equal(b.Seen) {
		return nil, total, &Refusal{Reason: PriceChanged, Offer: &o, Total: total}
	}
	return lines, total, nil
}

func (o Offer) choice(id string) (Choice, bool) {
	for _, c := range o.Choices {
		if c.ID == id {
			return c, true
		}
	}
	return Choice{}, false
}

// checkPeople checks what people have typed.
func (b *Basket) checkPeople() error {
	text := func(field, value string) error {
		if n := len([]rune(value)); n == 0 || n > 100 {
			return &Refusal{Reason: Invalid, Field: field}
		}
		return nil
	}
	checks := []error{text("name", b.Buyer.Name), text("email", b.Buyer.Email), text("phone", b.Buyer.Phone)}
	if !validEmail(b.Buyer.Email) {
		checks = append(checks, &Refusal{Reason: Invalid, Field: "email"})
	}
	today := civil.DateOf(time.Now().UTC())
	for _, t := range b.Travellers {
		checks = append(checks, text("surname", t.Surname), text("first_name", t.Name), text("document", t.Document))
		if !t.Birth.IsValid() || t.Birth.After(today) || t.Birth.Year < 1900 {
			checks = append(checks, &Refusal{Reason: Invalid, Field: "birth"})
		}
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}
