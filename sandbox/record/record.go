// Package record has the types in which every fake supplier shows what it has,
// what it has sold, and which calls it has answered. They are the same for all
// suppliers, so that one console, one report or one assertion works with each.
//
// Fields that are named Personal hold personal data: names, contacts and
// documents. Credentials are in none of these types.
package record

import (
	"time"

	"github.com/shopspring/decimal"
)

// State is what a supplier has and what it has sold.
type State struct {
	Now       time.Time `json:"now"`       // by the supplier's clock
	SoldOut   bool      `json:"sold_out"`  // everything that is left counts as sold
	Stock     []Item    `json:"stock"`     // what is for sale
	Bookings  []Booking `json:"bookings"`  // in the order in which they were made
	Employees []Person  `json:"employees"` // of business travel
	Money     []Money   `json:"money"`     // one element for each currency
}

// Item is something that is for sale: a trip, an event, a room, an offer.
type Item struct {
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Detail string  `json:"detail,omitempty"`
	When   string  `json:"when,omitempty"` // a date or a time, as the supplier writes it
	Prices []Price `json:"prices"`
	Free   int     `json:"free"`  // places that can be bought
	Total  int     `json:"total"` // places in all; 0 if the supplier does not count them
	Seats  []Seat  `json:"seats,omitempty"`
}

// Price is what one place costs.
type Price struct {
	Name     string          `json:"name"` // the category or fare
	Amount   decimal.Decimal `json:"amount"`
	Currency string          `json:"currency"`
}

// Seat is a place that has a name.
type Seat struct {
	Name   string `json:"name"`
	Row    string `json:"row,omitempty"`
	Status Status `json:"status"` // Free, Held or Paid
}

// Status is what became of a booking, a ticket or a seat.
type Status string

// The statuses of all suppliers.
const (
	Free      Status = "free"      // a seat that can be bought
	Held      Status = "held"      // waits for its payment
	Pending   Status = "pending"   // the supplier is still at work
	Requested Status = "requested" // waits for the supplier's confirmation
	Confirmed Status = "confirmed" // sold; the supplier's interface has no payment
	Paid      Status = "paid"
	Refunded  Status = "refunded"
	Cancelled Status = "cancelled"
	Expired   Status = "expired" // was not paid in time
	Failed    Status = "failed"  // could not be sold
)

// Booking is a booking, an order or a purchase.
type Booking struct {
	ID       string          `json:"id"`
	Number   string          `json:"number,omitempty"` // for people
	Title    string          `json:"title"`
	When     string          `json:"when,omitempty"` // when the trip or event begins
	Status   Status          `json:"status"`
	Made     time.Time       `json:"made"`
	Deadline *time.Time      `json:"deadline"` // when an unpaid hold expires; nil if it does not
	Currency string          `json:"currency"`
	Price    decimal.Decimal `json:"price"`
	Paid     decimal.Decimal `json:"paid"`
	Refunded decimal.Decimal `json:"refunded"`
	Tickets  []Ticket        `json:"tickets"`
	Refunds  []Refund        `json:"refunds,omitempty"` // requests for refunds
	Personal []Person        `json:"personal"`          // who travels, or the buyer
}

// Ticket is a place of a booking.
type Ticket struct {
	ID       string          `json:"id"` // "" if the supplier has not issued it
	Name     string          `json:"name,omitempty"`
	Seat     string          `json:"seat,omitempty"`
	Status   Status          `json:"status"`
	Price    decimal.Decimal `json:"price"`
	Refunded decimal.Decimal `json:"refunded"`
}

// Refund is a request for a refund.
type Refund struct {
	ID     string          `json:"id"`
	Status string          `json:"status"` // as the supplier writes it
	Amount decimal.Decimal `json:"amount"`
}

// Person is a traveller, a buyer or an employee. All of it is personal data.
type Person struct {
	ID      string `json:"id,omitempty"`
	Name    string `json:"name"`
	Contact string `json:"contact,omitempty"`
}

// Money is the sum of all bookings in one currency.
type Money struct {
	Currency string              `json:"currency"`
	Paid     decimal.Decimal     `json:"paid"`
	Refunded decimal.Decimal     `json:"refunded"`
	Balance  decimal.NullDecimal `json:"balance"` // what the account can still spend, if the supplier keeps one
}

// Add adds a booking and its amounts.
func (s *State) Add(b Booking) {
	s.Bookings = append(s.Bookings, b)
	for i := range s.Money {
		if m := &s.Money[i]; m.Currency == b.Currency {
			m.Paid, m.Refunded = m.Paid.Add(b.Paid), m.Refunded.Add(b.Refunded)
			return
		}
	}
	s.Money = append(s.Money, Money{Currency: b.Currency, Paid: b.Paid, Refunded: b.Refunded})
}

// Outcome is what the caller of a supplier received.
type Outcome string

// The outcomes of calls.
const (
	Answered Outcome = "answered" // the supplier's answer
	Replaced Outcome = "replaced" // another answer in place of the supplier's
	Rejected Outcome = "rejected" // a refusal that was ordered
	Lost     Outcome = "lost"     // no answer: the connection broke
	Cut      Outcome = "cut"      // the beginning of an answer
	Refused  Outcome = "refused"  // no connection
	Left     Outcome = "left"     // nothing: the caller went before the answer
)

// Call is a request that arrived at a supplier, and its answer.
type Call struct {
	ID        int       `json:"id"` // counted by the sandbox
	Time      time.Time `json:"time"`
	Supplier  string    `json:"supplier"`
	Op        string    `json:"op"` // as errors name it; "" if the supplier has no such operation
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Request   Document  `json:"request"`
	Answer    Document  `json:"answer"` // what the supplier answered, also if the caller did not receive it
	Status    int       `json:"status"` // of HTTP; 0 without an answer
	Outcome   Outcome   `json:"outcome"`
	Processed bool      `json:"processed"` // the supplier carried the request out or refused it by itself
}

// Document is a request or an answer, printed for people, without credentials.
type Document struct {
	Text     string `json:"text"`
	Personal []int  `json:"personal"` // the lines of Text that hold personal data, counted from 0
	Bytes    int    `json:"bytes"`    // how long it was on the wire
}
