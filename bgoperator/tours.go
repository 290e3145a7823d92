package bgoperator

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// CountryID identifies a country of travel or of citizenship: "100410000050". The directory
// of countries is one of the supplier's export pages ([Client.Export]), which the manual
// does not describe.
type CountryID string

// TemplateID is id_price of the price list: "121178311485".
type TemplateID string

// CommissionID is ic of the price list.
type CommissionID string

// RoomMealID identifies a type of room and meal: "104623691678".
type RoomMealID string

// BookingID identifies a booking (заявка): "104400000842366804". All calls about a booking
// take it.
type BookingID string

// BookingNumber is a booking's number for people: "214150198".
type BookingNumber string

// Currency is the supplier's code of a currency.
type Currency string

// The currencies of the manual's samples. RUR is the old code of the rouble.
const (
	USD Currency = "USD"
	EUR Currency = "EUR"
	RUR Currency = "RUR"
)

// Sex is a tourist's sex.
type Sex string

// The manual's values of [Sex].
const (
	Male   Sex = "m"
	Female Sex = "f"
)

var sexWords = map[Sex]string{Male: "male", Female: "female"}

// String returns the English word, or the wire value if the manual does not list it.
func (s Sex) String() string { return cmp.Or(sexWords[s], string(s)) }

// Offer has the values of the price list for one start date and set of stays. The price
// list in XML is not part of the manual. [Client.Export] gets it, and your own import fills
// an Offer from the tags below.
//
// Resolve the XML entities, and otherwise leave the texts unchanged: do not trim or convert
// them. They go back to the supplier byte for byte. An Offer may be stored as JSON.
type Offer struct {
	Prx     string    // prx: the price list; not percent-encoded
	Country CountryID // countryId: the country of travel

	// Exactly one of the two must be set: CommissionID if the price list has the tag ic,
	// otherwise TemplateID.
	TemplateID   TemplateID   // id_price
	CommissionID CommissionID // ic

	StartDate string // dt: the start of the main stay, DD.MM.YYYY

	// Insurance is a value from the section insurance of the price list with &xml=21.
	// The supplier adds its own insurance to a booking without one. So exactly one of
	// Insurance and DefaultInsurance must be set.
	Insurance        string // value: "0-100000-USD-0"
	DefaultInsurance bool   // take the insurance that the supplier adds

	// The stays. Main is required. The others are zero if the price list does not have
	// their tags.
	Before      Stay // id_ns_b, b_duration: the first extra stay before the main one
	AfterBefore Stay // id_ns_ab, ab_duration: the second extra stay before the main one
	Main        Stay // id_ns, o_duration
	BeforeAfter Stay // id_ns_ba, ba_duration: the second extra stay after the main one
	After       Stay // id_ns_a, a_duration: the first extra stay after the main one

	SR string // sr
}

// Stay is a type of room and meal for a number of nights.
type Stay struct {
	RoomMeal RoomMealID
	Nights   int
}

// Tour is the request of [Client.Quote] and [Client.Book]. Book the same value that was
// quoted. It may be stored as JSON in between.
type Tour struct {
	// ClientTourID is your name of the tour; "" means none. Answers contain it. Tours of
	// one request must have different ones.
	ClientTourID string

	// Groups have the same Prx, Country, TemplateID and CommissionID.
	Groups []Group
}

// Group has the tourists with the same start date and stays.
type Group struct {
	Offer    Offer
	Tourists []Tourist
}

// Tourist is a person who travels, with the data of the foreign passport (заграничный
// паспорт).
type Tourist struct {
	BirthDate      civil.Date // birthday
	FirstName      string     // firstName: upper-case Latin, as in the passport; nothing is transliterated
	Surname        string     // lastName: as FirstName
	Citizenship    CountryID  // citizenship
	PassportSeries string     // passportSeries
	PassportNumber string     // passportNumber
	PassportExpiry civil.Date // passportTill: valid until
	Sex            Sex        // gender
}

// Price is the price of a tour in one currency.
type Price struct {
	Currency   Currency        // currency: of the three amounts
	Full       decimal.Decimal // fullamount: the price of the tour
	Commission decimal.Decimal // comission: the agency's commission
	Amount     decimal.Decimal // amount: to be paid to the supplier
}

// Quote is the price of a tour that is not booked.
type Quote struct {
	ClientTourID string  // clientTourId: of the tour
	Prices       []Price // sum: the same price in one or several currencies
}

// Booking is a tour that was booked.
type Booking struct {
	ClientTourID string        // clientTourId: of the tour
	ID           BookingID     // id: for all later calls
	Number       BookingNumber // number: for people
}

// Quote returns the price of a tour. Nothing is booked, and the price is not guaranteed. The
// answer to [Client.Book] has no price, so the supplier may charge another one.
//
// With [rutravel.ErrProtocol], the Quote is returned as far as it could be read.
//
// Bgoperator: POST createtour
func (c *Client) Quote(ctx context.Context, tour Tour, opts ...rutravel.CallOption) (Quote, error) {
	return only(c.QuoteAll(ctx, []Tour{tour}, opts...))
}

// QuoteAll returns the prices of several tours of one price list, with one request. The
// quotes are in the order of the tours. If one tour has an error, there are no quotes: the
// supplier stops at the first error, and [RefusalError] names the tour.
//
// Bgoperator: POST createtour
func (c *Client) QuoteAll(ctx context.Context, tours []Tour, opts ...rutravel.CallOption) ([]Quote, error) {
	return call(ctx, c, tourRequest(opQuote, tours), decodeQuotes(tours), opts)
}

// Book books a tour. The request is the same as that of [Client.Quote], with <confirm/>.
// The booking then has the status "Тур подобран. Просим забронировать". The agency's
// account on the supplier's site shows it. The supplier confirms it later. The manual has
// no call that shows when.
//
// The call is unsafe: see "Unsafe calls" in the package documentation. Store the Tour
// before it. If the error is [rutravel.ErrNotConfirmed], the booking may have been made,
// and the manual has no call that finds it:
//
//   - If the returned Booking has an ID, this booking was made. If its ClientTourID is not
//     the tour's, it may be the booking of another call.
//   - Otherwise, look into the agency's account on the supplier's site.
//
// [Client.BookOperation] decides in the same way.
//
// A duplicate is refused with [CodeDuplicate] and the id of the booking that exists
// ([RefusalError].DuplicateOf). So a second Book of the same Tour may find a booking whose
// answer was lost. Do not rely on this: the manual does not say what a duplicate is, so the
// tour may be booked a second time. The booking that exists may also be an older one, or
// the result of another call that is running. So keep a unique index on the BookingID, and
// give each call its own ClientTourID.
//
// [CodeGeneral] is not a refusal here, because it does not say what was done. The error is
// [rutravel.ErrNotConfirmed].
//
// Bgoperator: POST createtour
func (c *Client) Book(ctx context.Context, tour Tour, opts ...rutravel.CallOption) (Booking, error) {
	return only(c.BookAll(ctx, []Tour{tour}, opts...))
}

// BookAll books several tours of one price list with one request. Prefer [Client.Book] for
// each tour: the supplier stops at the first error and answers only with this error. The
// manual does not say what became of the tours before it.
//
// So a refusal is [rutravel.ErrNotConfirmed] here: all tours except the one that
// [RefusalError] names may have been booked. Only an error of the whole request is a
// refusal of all tours: [CodeAccessDenied] without the name of a tour, or HTTP 429.
//
// The bookings are in the order of the tours. With an error, they are returned as far as
// they arrived: those with an ID were made. Treat each of the others like a lost answer to
// Book. [Client.BookAllOperation] is the call with its recovery.
//
// Bgoperator: POST createtour
func (c *Client) BookAll(ctx context.Context, tours []Tour, opts ...rutravel.CallOption) ([]Booking, error) {
	return call(ctx, c, tourRequest(opBook, tours), decodeBookings(tours), opts)
}

// tourRequest returns the request of a quote or a booking. They differ only in <confirm/>.
func tourRequest(op int, tours []Tour) *request {
	r := &request{op: op, body: new(writer), roots: []string{"tours"}, tours: tours}
	r.That(len(tours) > 0, "tours", "must not be empty")
	if len(tours) > 0 && len(tours[0].Groups) > 0 {
		// prx must be before action, otherwise the supplier does not process the request.
		r.query.Add("prx", tours[0].Groups[0].Offer.Prx)
	}
	r.addAction()
	r.body.open("tours")
	for i, t := range tours {
		field := "" // of a request with one tour
		if len(tours) > 1 {
			field = fmt.Sprintf("tours[%d].", i)
			id := strings.TrimSpace(t.ClientTourID)
			r.That(id != "", field+"ClientTourID", "must not be empty: it distinguishes the tours")
			r.That(!slices.ContainsFunc(tours[:i], func(o Tour) bool { return strings.TrimSpace(o.ClientTourID) == id }),
				field+"ClientTourID", "must not be another tour's")
		}
		r.writeTour(field, t, tours[0])
	}
	r.body.close("tours")
	return r
}

func (r *request) writeTour(field string, t, first Tour) {
	r.OptText(field+"ClientTourID", t.ClientTourID)
	r.That(strings.TrimSpace(t.ClientTourID) == t.ClientTourID, field+"ClientTourID", "must not begin or end with a space")
	r.That(len(t.Groups) > 0, field+"Groups", "must not be empty")
	var attrs []attr
	if t.ClientTourID != "" {
		attrs = []attr{{"clientTourId", t.ClientTourID}}
	}
	w := r.body
	w.open("tour", attrs...)
	if r.op == opBook {
		w.raw("<confirm/>")
	}
	for i, g := range t.Groups {
		o, group := g.Offer, fmt.Sprintf("%sGroups[%d].", field, i)
		if i == 0 {
			r.writeID(group+"Offer.Country", "countryId", string(o.Country))
			r.That((o.TemplateID == "") != (o.CommissionID == ""), group+"Offer.TemplateID",
				"or CommissionID must be set, and not both")
			if o.TemplateID != "" {
				r.writeID(group+"Offer.TemplateID", "templateId", string(o.TemplateID))
			}
			if o.CommissionID != "" {
				r.writeID(group+"Offer.CommissionID", "comissionId", string(o.CommissionID))
			}
			w.open("groups")
		}
		same := t.Groups[0].Offer
		r.That(o.Country == same.Country && o.TemplateID == same.TemplateID && o.CommissionID == same.CommissionID,
			group+"Offer", "must have the Country, TemplateID and CommissionID of the tour's first group")
		r.Text(group+"Offer.Prx", o.Prx)
		r.That(len(first.Groups) == 0 || o.Prx == first.Groups[0].Offer.Prx, group+"Offer.Prx",
			"must be that of the first group: a request has one price list")
		r.writeGroup(group, g)
	}
	w.close("groups")
	w.close("tour")
}

func (r *request) writeGroup(field string, g Group) {
	w, o := r.body, g.Offer
	w.open("group")
	_, ok := wire.ParseDate(wire.DMY, o.StartDate)
	r.That(ok, field+"Offer.StartDate", "must be a date, DD.MM.YYYY")
	w.leaf("startDate", o.StartDate)
	r.That((o.Insurance != "") != o.DefaultInsurance, field+"Offer.Insurance",
		"or DefaultInsurance must be set, and not both: the supplier adds its own insurance to a tour without one")
	if !o.DefaultInsurance {
		r.Text(field+"Offer.Insurance", o.Insurance)
		w.leaf("ins", o.Insurance)
	}
	for _, s := range []struct {
		field, name string
		stay        Stay
	}{
		{"Main", "roommeal", o.Main},
		{"Before", "roommealb", o.Before},
		{"AfterBefore", "roommealab", o.AfterBefore},
		{"BeforeAfter", "roommealba", o.BeforeAfter},
		{"After", "roommeala", o.After},
	} {
		if s.stay == (Stay{}) && s.field != "Main" {
			continue
		}
		r.ID(field+"Offer."+s.field+".RoomMeal", string(s.stay.RoomMeal))
		r.That(s.stay.Nights > 0, field+"Offer."+s.field+".Nights", "must be positive")
		w.leaf(s.name, string(s.stay.RoomMeal), attr{"duration", strconv.Itoa(s.stay.Nights)})
	}
	r.Text(field+"Offer.SR", o.SR)
	w.leaf("sr", o.SR)
	r.That(len(g.Tourists) > 0, field+"Tourists", "must not be empty")
	w.open("persons")
	for i, t := range g.Tourists {
		r.writeTourist(fmt.Sprintf("%sTourists[%d].", field, i), t)
	}
	w.close("persons")
	w.close("group")
}

func (r *request) writeTourist(field string, t Tourist) {
	r.body.open("person")
	r.writeDate(field+"BirthDate", "birthday", t.BirthDate)
	for _, n := range [][3]string{{"FirstName", "firstName", t.FirstName}, {"Surname", "lastName", t.Surname}} {
		r.OptText(field+n[0], n[2])
		name := strings.TrimSpace(n[2])
		r.That(isPassportName(name), field+n[0], "must be in upper-case Latin letters, as in the passport")
		r.writePrivate(n[1], name)
	}
	r.writeID(field+"Citizenship", "citizenship", string(t.Citizenship))
	r.Text(field+"PassportSeries", t.PassportSeries)
	r.Text(field+"PassportNumber", t.PassportNumber)
	series, number := strings.TrimSpace(t.PassportSeries), strings.TrimSpace(t.PassportNumber)
	r.body.leaf("passportSeries", series) // not private: without the number it identifies nobody
	r.writePrivate("passportNumber", number, series+" "+number, series+number)
	r.writeDate(field+"PassportExpiry", "passportTill", t.PassportExpiry)
	r.That(t.Sex == Male || t.Sex == Female, field+"Sex", "must be Male or Female")
	r.body.leaf("gender", string(t.Sex))
	r.body.close("person")
}

// writeID writes an element with an id.
func (r *request) writeID(field, name, value string) {
	r.ID(field, value)
	r.body.leaf(name, value)
}

// writePrivate writes an element with personal data. others are other forms of the same
// value.
func (r *request) writePrivate(name, value string, others ...string) {
	r.body.leaf(name, value)
	r.private = append(append(r.private, value), others...)
}

// writeDate writes an element with a date, which is personal data.
func (r *request) writeDate(field, name string, d civil.Date) {
	r.Date(field, d)
	r.writePrivate(name, wire.FormatDate(wire.DMY, d), d.String())
}

// isPassportName reports whether a name is written as in the machine-readable part of a
// passport: upper-case Latin letters, with spaces, hyphens and apostrophes between them.
func isPassportName(name string) bool {
	letter := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	rest := strings.TrimFunc(name, letter)
	return name != "" && letter(rune(name[0])) && letter(rune(name[len(name)-1])) &&
		!strings.ContainsFunc(rest, func(r rune) bool { return !letter(r) && !strings.ContainsRune(" -'", r) })
}

// tourAnswer is <tour> of any answer.
type tourAnswer struct {
	clientTourID string        // clientTourId
	id           BookingID     // id
	number       BookingNumber // number
	ticket       CancelTicket  // ticket
	sums         []sum         // sum
}

// sum is <sum>: the price of a tour or the cost of a cancellation.
type sum struct {
	currency   Currency            // currency
	full       decimal.NullDecimal // fullamount
	commission decimal.NullDecimal // comission
	amount     decimal.NullDecimal // amount
	ticket     CancelTicket        // ticket
}

// All values are essential, because they decide about money.
func (t *tourAnswer) decode(r *reader, e *element) {
	r.fields(e, func(name string, v value) {
		switch name {
		case "@clientTourId":
			t.clientTourID = r.text(v)
		case "id":
			if isNumber(r.text(v)) { // a word does not prove that a booking was made
				id(r, v, &t.id)
			} else {
				r.fail(v.path(), "want digits")
			}
		case "number":
			id(r, v, &t.number)
		case "ticket": // the manual's sample has it in sum, and its list next to the amounts
			id(r, v, &t.ticket)
		case "sum":
			if !v.e.truncated {
				var s sum
				s.decode(r, v.e)
				t.sums = append(t.sums, s)
			}
		}
	}, "@clientTourId?", "id?", "number?", "ticket?", "sum?")
}

func (s *sum) decode(r *reader, e *element) {
	var misspelt decimal.NullDecimal
	r.fields(e, func(name string, v value) {
		switch name {
		case "currency":
			id(r, v, &s.currency)
		case "fullamount":
			r.amount(v, &s.full)
		case "fullamout": // the spelling of the manual's list
			r.amount(v, &misspelt)
		case "comission":
			r.amount(v, &s.commission)
		case "amount":
			r.amount(v, &s.amount)
		case "ticket":
			id(r, v, &s.ticket)
		}
	}, "currency", "fullamount?", "fullamout?", "comission?", "amount", "ticket?")
	if !s.full.Valid {
		s.full = misspelt
	}
}

// prices returns the sums as prices. Each must have its three amounts.
func (t *tourAnswer) prices(r *reader) (all []Price) {
	for _, s := range t.sums {
		if !s.full.Valid || !s.commission.Valid {
			r.fail("tours/tour/sum", "incomplete")
		}
		all = append(all, Price{Currency: s.currency, Full: s.full.Decimal, Commission: s.commission.Decimal, Amount: s.amount.Decimal})
	}
	return all
}

// decodeTours decodes <tours>, which has each tour of the request once, in any order. The
// result is in the order of the request; missing tours are zero.
func decodeTours(r *reader, root *element, asked []Tour) []tourAnswer {
	all := make([]tourAnswer, len(asked))
	found := make([]bool, len(asked))
	for _, e := range root.children {
		if e.name != "tour" {
			continue
		}
		var t tourAnswer
		t.decode(r, e)
		i := slices.IndexFunc(asked, func(a Tour) bool { return a.ClientTourID == t.clientTourID })
		switch {
		case i < 0:
			r.fail(e.valuePath("clientTourId"), "differs from the request")
			if len(asked) == 1 && !found[0] && all[0].id == "" {
				all[0] = t // its id is returned with the error, unless the right tour follows
			}
			continue
		case found[i]:
			r.fail(e.path(), "is there twice")
			continue
		}
		all[i], found[i] = t, true
	}
	return all
}

func decodeQuotes(asked []Tour) func(*[]Quote, *reader, *element) {
	return func(quotes *[]Quote, r *reader, root *element) {
		for _, t := range decodeTours(r, root, asked) {
			if len(t.sums) == 0 {
				r.fail("tours/tour", "no sum")
			}
			*quotes = append(*quotes, Quote{ClientTourID: t.clientTourID, Prices: t.prices(r)})
		}
	}
}

func decodeBookings(asked []Tour) func(*[]Booking, *reader, *element) {
	return func(bookings *[]Booking, r *reader, root *element) {
		for _, t := range decodeTours(r, root, asked) {
			if t.id == "" || t.number == "" {
				r.fail("tours/tour", "no id or no number")
			}
			*bookings = append(*bookings, Booking{ClientTourID: t.clientTourID, ID: t.id, Number: t.number})
		}
	}
}
