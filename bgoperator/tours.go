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

// CountryID identifies a country, of travel or of citizenship: "100410000050". The
// directory of countries is one of the supplier's export pages ([Client.Export]),
// which the manual does not describe.
type CountryID string

// TemplateID is id_price of the price list: "121178311485".
type TemplateID string

// CommissionID is ic of the price list.
type CommissionID string

// RoomMealID identifies a type of room and meal: "104623691678".
type RoomMealID string

// BookingID identifies a booking (заявка): "104400000842366804". It is what all
// later calls ask by.
type BookingID string

// BookingNumber is a booking's number for people: "214150198".
type BookingNumber string

// Currency is a code of a currency, as the supplier writes it.
type Currency string

// The currencies of the manual's samples. RUR is the rouble's old code.
const (
	USD Currency = "USD"
	EUR Currency = "EUR"
	RUR Currency = "RUR"
)

// Sex is a tourist's sex.
type Sex string

// The sexes of the manual.
const (
	Male   Sex = "m"
	Female Sex = "f"
)

var sexWords = map[Sex]string{Male: "male", Female: "female"}

// String returns the English word, or the wire value if the manual does not
// list it.
func (s Sex) String() string { return cmp.Or(sexWords[s], string(s)) }

// Offer is what the price list says of one start date and set of stays. The
// price list in XML is not part of this manual. [Client.Export] gets it, and the
// caller's own import fills an Offer from the tags that are named below. All
// texts are taken over unchanged, after XML's entities were resolved, and go
// back byte for byte; nothing is trimmed or converted. An Offer survives being
// stored as JSON.
type Offer struct {
	Prx     string    // prx: of the price list, not percent-encoded
	Country CountryID // countryId: the country of travel, by the supplier's id

	// Either of the two: CommissionID if the price list has the tag ic, and
	// TemplateID if it has not.
	TemplateID   TemplateID   // id_price
	CommissionID CommissionID // ic

	StartDate string // dt: when the main stay begins, DD.MM.YYYY

	// Insurance is a value of the section insurance of the price list with
	// &xml=21. The supplier adds an insurance of its own to a booking that names
	// none, so leaving it out must be asked for.
	Insurance        string // value: "0-100000-USD-0"; not with DefaultInsurance
	DefaultInsurance bool   // take the insurance that the supplier adds

	// The stays. There is always a main one; the others are zero if the price list
	// has no such tags.
	Before      Stay // id_ns_b, b_duration: the first extra stay before the main one
	AfterBefore Stay // id_ns_ab, ab_duration: the second extra stay before the main one
	Main        Stay // id_ns, o_duration
	BeforeAfter Stay // id_ns_ba, ba_duration: the second extra stay after the main one
	After       Stay // id_ns_a, a_duration: the first extra stay after the main one

	SR string // sr
}

// Stay is a type of room and meal for some nights.
type Stay struct {
	RoomMeal RoomMealID
	Nights   int
}

// Tour is what is quoted and booked: to book at a price that was quoted, give
// [Client.Book] the value that [Client.Quote] was given, perhaps stored as JSON
// in between.
type Tour struct {
	// ClientTourID is the caller's own name of the tour, which answers repeat;
	// "" is none. Tours of one request must have different ones.
	ClientTourID string

	// Groups have the same Prx, Country, TemplateID and CommissionID.
	Groups []Group
}

// Group is the tourists who have the same start date and stays.
type Group struct {
	Offer    Offer
	Tourists []Tourist
}

// Tourist is one who travels, as the foreign passport (заграничный паспорт) has
// it.
type Tourist struct {
	BirthDate      civil.Date // birthday
	FirstName      string     // firstName: upper-case Latin, as in the passport; nothing is transliterated
	Surname        string     // lastName: the same
	Citizenship    CountryID  // citizenship
	PassportSeries string     // passportSeries
	PassportNumber string     // passportNumber
	PassportExpiry civil.Date // passportTill: valid until
	Sex            Sex        // gender
}

// Price is what a tour costs, in one currency.
type Price struct {
	Currency   Currency        // currency: of the three amounts
	Full       decimal.Decimal // fullamount: of the tour
	Commission decimal.Decimal // comission: what the agency keeps
	Amount     decimal.Decimal // amount: to be paid to the supplier
}

// Quote is what a tour would cost.
type Quote struct {
	ClientTourID string  // clientTourId: of the tour
	Prices       []Price // sum: the same price in one currency or several
}

// Booking is a tour that was booked.
type Booking struct {
	ClientTourID string        // clientTourId: of the tour
	ID           BookingID     // id: what all other calls ask by
	Number       BookingNumber // number
}

// Quote asks what a tour costs. Nothing is booked and no price is held: the
// answer to [Client.Book] names no price, so what is charged may have moved
// since.
//
// With [rutravel.ErrProtocol] the Quote is returned as far as it could be read.
//
// Bgoperator: POST createtour
func (c *Client) Quote(ctx context.Context, tour Tour, opts ...rutravel.CallOption) (Quote, error) {
	return only(c.QuoteAll(ctx, []Tour{tour}, opts...))
}

// QuoteAll asks what several tours of one price list cost, in one request. The
// quotes are in the order of the tours. If anything is wrong with one tour there
// are none: the supplier stops at the first error, and [RefusalError] names the
// tour.
//
// Bgoperator: POST createtour
func (c *Client) QuoteAll(ctx context.Context, tours []Tour, opts ...rutravel.CallOption) ([]Quote, error) {
	return call(ctx, c, tourRequest(opQuote, tours), decodeQuotes(tours), opts)
}

// Book books a tour: the request of [Client.Quote] with <confirm/> in it. The
// booking then has the status "Тур подобран. Просим забронировать" and is seen
// in the agency's account on the supplier's site. The supplier confirms it
// later; the manual has no call that tells when.
//
// Detach the call from a user's request, and store the Tour before it. It is sent
// again only if nothing was done: the request never left this machine, or the
// supplier refused the session. With [rutravel.ErrNotConfirmed] the booking may have
// been made, and the manual offers nothing to find it by. If the returned Booking has
// an ID in spite of the error, it was made; if its ClientTourID is not the tour's, it
// may be another call's. Otherwise look into the agency's account on the supplier's
// site before anything else. [Client.BookOperation] says the same.
//
// The supplier reports a duplicate as [CodeDuplicate] with the id of the booking
// that exists ([RefusalError].DuplicateOf), so that a second Book of the same Tour
// may find the booking whose answer was lost. Do not rely on it: the manual does
// not say what a duplicate is, so the tour may be booked a second time. The booking
// that is named may be an older one, or one of another call that is under way: keep
// a unique index on the BookingID, and a ClientTourID for each call.
//
// [CodeGeneral] is not a refusal here, because it does not say what was done: the
// error is [rutravel.ErrNotConfirmed].
//
// Bgoperator: POST createtour
func (c *Client) Book(ctx context.Context, tour Tour, opts ...rutravel.CallOption) (Booking, error) {
	return only(c.BookAll(ctx, []Tour{tour}, opts...))
}

// BookAll books several tours of one price list in one request. Prefer a
// [Client.Book] for each: the supplier stops at the first error, answers with
// that error alone, and the manual does not say what became of the tours before
// it. So any refusal is [rutravel.ErrNotConfirmed] here, for every tour but the
// one that [RefusalError] names may have been booked; only one that concerns the
// request as a whole ([CodeAccessDenied] that names no tour, HTTP 429) is a
// refusal of all.
//
// The bookings are in the order of the tours. Next to an error they are returned
// as far as they arrived: those with an ID were made. What is said about a lost
// answer at Book applies to each of the others. [Client.BookAllOperation] says what
// became of the call.
//
// Bgoperator: POST createtour
func (c *Client) BookAll(ctx context.Context, tours []Tour, opts ...rutravel.CallOption) ([]Booking, error) {
	return call(ctx, c, tourRequest(opBook, tours), decodeBookings(tours), opts)
}

// tourRequest makes the request of a quote or a booking. They differ in
// <confirm/> alone.
func tourRequest(op int, tours []Tour) *request {
	r := &request{op: op, body: new(writer), roots: []string{"tours"}, tours: tours}
	r.That(len(tours) > 0, "tours", "must not be empty")
	if len(tours) > 0 && len(tours[0].Groups) > 0 {
		// Before action: the supplier does not process it otherwise.
		r.query.Add("prx", tours[0].Groups[0].Offer.Prx)
	}
	r.addAction()
	r.body.open("tours")
	for i, t := range tours {
		field := "" // for the usual request with one tour
		if len(tours) > 1 {
			field = fmt.Sprintf("tours[%d].", i)
			id := strings.TrimSpace(t.ClientTourID)
			r.That(id != "", field+"ClientTourID", "must not be empty: it tells the tours apart")
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
			"must be that of the first group: a request is about one price list")
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
		"or DefaultInsurance must be set, and not both: the supplier adds its own if there is none")
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
	r.body.leaf("passportSeries", series) // not private: it identifies nobody without the number
	r.writePrivate("passportNumber", number, series+" "+number, series+number)
	r.writeDate(field+"PassportExpiry", "passportTill", t.PassportExpiry)
	r.That(t.Sex == Male || t.Sex == Female, field+"Sex", "must be Male or Female")
	r.body.leaf("gender", string(t.Sex))
	r.body.close("person")
}

// writeID writes an element that holds an id.
func (r *request) writeID(field, name, value string) {
	r.ID(field, value)
	r.body.leaf(name, value)
}

// writePrivate writes an element that holds a passenger's data. others are other
// forms of the same value.
func (r *request) writePrivate(name, value string, others ...string) {
	r.body.leaf(name, value)
	r.private = append(append(r.private, value), others...)
}

// writeDate writes an element that holds a date of a passenger.
func (r *request) writeDate(field, name string, d civil.Date) {
	r.Date(field, d)
	r.writePrivate(name, wire.FormatDate(wire.DMY, d), d.String())
}

// isPassportName reports whether a name is written as in the machine-readable part
// of a passport: upper-case Latin letters, with spaces, hyphens and apostrophes
// between them.
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

// Everything in it is essential: it decides about money.
func (t *tourAnswer) decode(r *reader, e *element) {
	r.fields(e, func(name string, v value) {
		switch name {
		case "@clientTourId":
			t.clientTourID = r.text(v)
		case "id":
			if isNumber(r.text(v)) { // a word in its place does not prove that a booking was made
				id(r, v, &t.id)
			} else {
				r.fail(v.path(), "want digits")
			}
		case "number":
			id(r, v, &t.number)
		case "ticket": // the manual's sample has it in sum, its list next to the amounts
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
		case "fullamout": // as the manual's list spells it
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

// decodeTours decodes <tours>, in which each tour of the request stands once, in
// any order. The result is in the order of the request; missing tours are zero.
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
			r.fail(e.valuePath("clientTourId"), "is not what was asked for")
			if len(asked) == 1 && !found[0] && all[0].id == "" {
				all[0] = t // its id is returned next to the error, unless the tour itself follows
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
