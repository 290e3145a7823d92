package smartway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// PurchaseRequest says which variant to buy, and for whom.
type PurchaseRequest struct {
	Search     SearchID    // item.search_id
	Variant    VariantID   // item.trip_id
	Fare       FareID      // item.fare_id: always that of the fare that was chosen; "" if it has none
	Passengers []Passenger // employees: 1 to [MaxTravellers], as many as were searched for
}

// Passenger is an employee for whom a ticket is bought.
type Passenger struct {
	ID            ExternalID       // id
	Phone         string           // phone: +7XXXXXXXXXX
	Surname       string           // surname
	FirstName     string           // name
	MiddleName    string           // patronymic; empty if there is none
	SurnameEng    string           // surname_e: in Latin letters
	FirstNameEng  string           // name_e
	MiddleNameEng string           // patronymic_e; required if MiddleName is set
	Email         string           // email
	Citizenship   string           // citizenship: two letters
	BirthDate     civil.Date       `json:",omitzero"` // birthday; not needed by [Trips.Lost]
	Sex           Sex              // sex
	Cards         []LoyaltyCard    // airline_bonuses; may be empty
	Passports     []TravelDocument // passports

	// The company to which the ticket is billed: INN or Company. Company counts
	// if both are set.
	INN     INN       // companies_inn
	Company CompanyID // company_id
}

// LoyaltyCard is an airline's loyalty card.
type LoyaltyCard struct {
	Airline string // iata
	Number  string // number
}

// TravelDocument is a document of a passenger. The manual shows it in a sample
// alone, with one selected: which one counts if none is, or several are,
// it does not say, so select one.
type TravelDocument struct {
	Type     DocumentType // type
	Number   string       // number
	Expiry   civil.Date   `json:",omitzero"` // due_date; zero: none
	Selected bool         // selected: to fly with this one
}

// The members stand in the order of the manual's sample.
type bookQuery struct {
	Item struct {
		SearchID string      `json:"search_id"`
		TripID   json.Number `json:"trip_id"`
		FareID   string      `json:"fare_id,omitempty"`
	} `json:"item"`
	Employees []bookEmployee `json:"employees"`
}

type bookEmployee struct {
	ID             string         `json:"id"`
	Phone          string         `json:"phone"`
	Surname        string         `json:"surname"`
	Name           string         `json:"name"`
	Patronymic     string         `json:"patronymic"` // required, unlike patronymic_e
	SurnameE       string         `json:"surname_e"`
	NameE          string         `json:"name_e"`
	PatronymicE    string         `json:"patronymic_e,omitempty"`
	Email          string         `json:"email"`
	Citizenship    string         `json:"citizenship"`
	Birthday       string         `json:"birthday"`
	Sex            string         `json:"sex"`
	AirlineBonuses []airlineBonus `json:"airline_bonuses,omitempty"`
	Passports      []passport     `json:"passports"`
	CompaniesINN   string         `json:"companies_inn,omitempty"`
	CompanyID      string         `json:"company_id,omitempty"`
}

type airlineBonus struct {
	IATA   string `json:"iata"`
	Number string `json:"number"`
}

type passport struct {
	Number   string  `json:"number"`
	DueDate  *string `json:"due_date"`
	Type     string  `json:"type"`
	Selected bool    `json:"selected"`
}

// PurchaseID identifies a purchase that is under way. Store it before anything else:
// [Airlines.Wait] needs only this id and can be called by another process.
type PurchaseID string

// Buy buys tickets at once and bills the company. There is no step to confirm, no
// price to agree to, and no method to cancel or refund. Search right before.
// Buy returns before the tickets are bought: [Airlines.Wait] waits for them.
// Then compare the amount of [Trips.Info] with the price that was shown.
//
// Any error but [rutravel.ErrNotConfirmed] means that nothing was bought: the
// request was not sent, or the supplier refused it with a code that says so.
//
// The call is sent once. Detach it from a user's request, and store the PurchaseID
// as soon as it is returned. After [rutravel.ErrNotConfirmed] the tickets may have
// been bought: see [Airlines.BuyOperation]. A PurchaseID that is returned with the
// error may be another request's. Do not buy again before [BuyPatience] has passed and
// [Trips.Lost] still finds nothing. The purchase continues after the connection is
// lost, and a trip that is not listed yet may be listed later.
//
// Smartway: POST airline.book
func (s Airlines) Buy(ctx context.Context, b PurchaseRequest, opts ...rutravel.CallOption) (PurchaseID, error) {
	b.Passengers = each(b.Passengers, Passenger.trimmed)
	var query bookQuery
	query.Item.SearchID, query.Item.TripID, query.Item.FareID = string(b.Search), json.Number(b.Variant), string(b.Fare)
	r := &request{op: opAirlineBook}
	b.check(&r.Check)
	for _, p := range b.Passengers {
		query.Employees = append(query.Employees, p.encode())
		r.private = append(r.private, p.private()...)
	}
	r.query = query
	return call(ctx, s.core, r, func(d *wire.Decoder, id *PurchaseID) error {
		err := decodeToken(d, id, "the id of a booking")
		if !isUUID(string(*id)) { // kept beside the error: it may be an id after all
			d.Fail("", "want a UUID")
		}
		if *id == notFound {
			*id = ""
		}
		return err
	}, nil, opts)
}

// isUUID reports whether a text has the shape of the ids that the manual shows.
func isUUID(text string) bool {
	const shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(text) != len(shape) {
		return false
	}
	for i, c := range []byte(text) {
		if shape[i] == '-' {
			if c != '-' {
				return false
			}
		} else if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// token reads a text without spaces; others are no ids, but words.
func decodeToken[T ~string](d *wire.Decoder, p *T, want string) error {
	const longest = 100 // bytes
	err := wire.ID(d, p)
	for _, c := range []byte(*p) {
		if c <= ' ' || c > '~' || len(*p) > longest {
			*p = ""
			d.Fail("", "want "+want)
			break
		}
	}
	return err
}

func (p Passenger) encode() bookEmployee {
	e := bookEmployee{
		ID: string(p.ID), Phone: p.Phone, Surname: p.Surname, Name: p.FirstName, Patronymic: p.MiddleName,
		SurnameE: p.SurnameEng, NameE: p.FirstNameEng, PatronymicE: p.MiddleNameEng, Email: p.Email, Citizenship: p.Citizenship,
		Birthday: date(p.BirthDate), Sex: map[Sex]string{Male: "man", Female: "woman"}[p.Sex],
		CompaniesINN: string(p.INN), CompanyID: string(p.Company),
	}
	for _, c := range p.Cards {
		e.AirlineBonuses = append(e.AirlineBonuses, airlineBonus{c.Airline, c.Number})
	}
	for _, d := range p.Passports {
		kind := string(d.Type)
		switch d.Type {
		case DomesticPassport:
			kind = "DomesticPassport"
		case ForeignPassport:
			kind = "ForeignPassport"
		}
		e.Passports = append(e.Passports, passport{d.Number, optDate(d.Expiry), kind, d.Selected})
	}
	return e
}

// trimmed is the passenger without spaces around the texts.
func (p Passenger) trimmed() Passenger {
	trim(&p.Phone, &p.Surname, &p.FirstName, &p.MiddleName, &p.SurnameEng, &p.FirstNameEng, &p.MiddleNameEng, &p.Email, &p.Citizenship)
	p.Cards = each(p.Cards, func(c LoyaltyCard) LoyaltyCard {
		trim(&c.Airline, &c.Number)
		return c
	})
	p.Passports = each(p.Passports, func(d TravelDocument) TravelDocument {
		trim(&d.Number)
		return d
	})
	return p
}

func (p Passenger) private() []string {
	private := []string{
		p.Phone, p.Surname, p.FirstName, p.MiddleName, p.SurnameEng, p.FirstNameEng, p.MiddleNameEng, p.Email, dateOrNothing(p.BirthDate),
	}
	for _, c := range p.Cards {
		private = append(private, c.Number)
	}
	for _, d := range p.Passports {
		private = append(private, d.Number, dateOrNothing(d.Expiry))
	}
	return private
}

func (b PurchaseRequest) check(v *valid.Check) {
	v.ID("Search", string(b.Search))
	v.Number("Variant", string(b.Variant))
	checkOptID(v, "Fare", string(b.Fare))
	v.That(len(b.Passengers) >= 1 && len(b.Passengers) <= MaxTravellers, "Passengers", "must be 1 to 6")
	for i, p := range b.Passengers {
		at := fmt.Sprintf("Passengers[%d].", i)
		checkID(v, at+"ID", string(p.ID))
		v.That(!slices.ContainsFunc(b.Passengers[:i], func(other Passenger) bool { return other.ID == p.ID }),
			at+"ID", "must not be another passenger's too")
		for _, f := range []struct{ name, value string }{
			{"Phone", p.Phone}, {"Surname", p.Surname}, {"FirstName", p.FirstName}, {"SurnameEng", p.SurnameEng}, {"FirstNameEng", p.FirstNameEng},
			{"Email", p.Email}, {"Citizenship", p.Citizenship},
		} {
			v.Text(at+f.name, f.value)
		}
		checkOptText(v, at+"MiddleName", p.MiddleName)
		checkOptText(v, at+"MiddleNameEng", p.MiddleNameEng)
		v.That(p.MiddleName == "" || p.MiddleNameEng != "", at+"MiddleNameEng", "must be set, because MiddleName is")
		v.Date(at+"BirthDate", p.BirthDate)
		checkSex(v, at+"Sex", p.Sex)
		for j, c := range p.Cards {
			v.Text(fmt.Sprintf("%sCards[%d].Airline", at, j), c.Airline)
			v.Text(fmt.Sprintf("%sCards[%d].Number", at, j), c.Number)
		}
		v.That(len(p.Passports) > 0, at+"Passports", "must not be empty")
		for j, d := range p.Passports {
			v.Text(fmt.Sprintf("%sPassports[%d].Number", at, j), d.Number)
			v.Text(fmt.Sprintf("%sPassports[%d].Type", at, j), string(d.Type))
			checkOptDate(v, fmt.Sprintf("%sPassports[%d].Expiry", at, j), d.Expiry)
		}
		v.That(p.INN != "" || p.Company != "", at+"INN", "must be set, unless Company is: somebody is billed")
		if p.INN != "" {
			v.ID(at+"INN", string(p.INN))
		}
		if p.Company != "" {
			v.Number(at+"Company", string(p.Company))
		}
	}
}

// PurchaseResult is how far a purchase has come.
type PurchaseResult struct {
	Status PurchaseStatus // status
	Trip   TripID         // trip_id: what was bought, if it is done; "" otherwise
	Error  string         // error: why it failed, in the supplier's words; "" otherwise
}

// PurchaseStatus is how far a purchase has come.
type PurchaseStatus string

// The statuses.
const (
	PurchaseDone    PurchaseStatus = "done"
	PurchasePending PurchaseStatus = "pending"
	PurchaseFailed  PurchaseStatus = "failed"
)

// Result says how far a purchase has come; [Airlines.Wait] asks until it is
// done or has failed. A purchase that has failed is not an error here.
//
// Smartway: POST airline.result
func (s Airlines) Result(ctx context.Context, id PurchaseID, opts ...rutravel.CallOption) (PurchaseResult, error) {
	r := &request{op: opAirlineResult, query: string(id)}
	r.ID("id", string(id))
	return call(ctx, s.core, r, resultOf((*PurchaseResult).decode), nil, opts)
}

func (p *PurchaseResult) decode(d *wire.Decoder) error {
	var said []string
	err := d.Fields(func(name []byte) error {
		switch string(name) {
		case "status":
			err := wire.ID(d, &p.Status)
			p.Status = PurchaseStatus(strings.ToLower(string(p.Status)))
			return err
		case "trip_id": // null unless it is done
			return wire.OptID(d, &p.Trip)
		case "error": // null unless it has failed
			return d.Texts(&said)
		default:
			return d.Skip()
		}
	}, "status", "trip_id?")
	p.Error = strings.Join(said, "; ")
	if p.Trip == "0" { // in place of null
		p.Trip = ""
	}
	var number valid.Check
	number.Number("", string(p.Trip))
	switch {
	case p.Trip != "" && number.Err() != nil:
		d.Fail("trip_id", "want a whole number above 0")
	case p.Status == PurchaseDone && p.Trip == "":
		d.Fail("trip_id", "missing, although it is done")
	case p.Status == PurchaseFailed && p.Trip != "":
		d.Fail("trip_id", "there, although it has failed")
	}
	return err
}

// PurchasePendingError is in the chain of the error of [Airlines.Wait] that
// ended before the purchase did. The purchase runs on: ask again.
type PurchasePendingError struct {
	Purchase PurchaseID // what to ask about
	Err      error      // why the wait ended
}

// Error returns the booking and why the wait ended.
func (p *PurchasePendingError) Error() string {
	return "purchase " + string(p.Purchase) + " is pending: " + p.Err.Error()
}

// Unwrap returns why the wait ended.
func (p *PurchasePendingError) Unwrap() error { return p.Err }

// PurchaseFailedError is in the chain of the error of [Airlines.Wait] when
// the purchase has failed: nothing was bought. No other error of it says so.
type PurchaseFailedError struct {
	Purchase PurchaseID // what was asked about
	Reason   string     // why, in the supplier's words
}

// Error returns the booking.
func (f *PurchaseFailedError) Error() string { return "purchase " + string(f.Purchase) + " has failed" }

const (
	// longestWait bounds a wait whose context has no deadline.
	longestWait = 15 * time.Minute
	firstLook   = time.Second // after the one at once
	rarestLook  = 15 * time.Second
)

// Wait asks how far a purchase has come, more and more rarely, until it is done,
// and returns the trip that was bought, for [Trips.Info]. It needs only the id, so it
// can be called again after a crash, by any process and as often as needed.
//
// If the purchase has failed, the error has [*PurchaseFailedError] in its chain,
// and its kind is [rutravel.ErrFunds] or [rutravel.ErrForbidden] for the texts that
// the manual shows, [rutravel.ErrRejected] for others: nothing was bought. If ctx
// ends before, the error is [rutravel.ErrCanceled], and if 15 minutes pass,
// [rutravel.ErrUnavailable], with [*PurchasePendingError] in its chain: tickets may
// be bought yet. Any other error is about the question alone, and says nothing
// about the purchase. A supplier that cannot be reached for a while does not end
// the wait.
//
// Smartway: POST airline.result
func (s Airlines) Wait(ctx context.Context, id PurchaseID, opts ...rutravel.CallOption) (TripID, error) {
	bounded, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	var (
		looks int
		last  error // what kept the look before from telling
	)
	for pause := firstLook; ; pause = min(2*pause, rarestLook) {
		trip, err := s.look(bounded, id, opts)
		var wait time.Duration
		e, failed := errors.AsType[*rutravel.Error](err)
		if !failed || e.Attempts > 0 {
			looks++
		}
		switch {
		case err == nil && trip != "":
			return trip, nil
		case err == nil:
			last = nil
		case errors.Is(err, rutravel.ErrCanceled) && e.Attempts == 0 && bounded.Err() != nil: // before this look
			return "", s.pending(ctx, id, looks, last)
		case errors.Is(err, rutravel.ErrUnavailable), errors.Is(err, rutravel.ErrRateLimited):
			last, wait = err, e.RetryAfter
		case errors.Is(err, rutravel.ErrCanceled):
			return "", s.pending(ctx, id, looks, err)
		default:
			return trip, err
		}
		t := time.NewTimer(max(pause, wait))
		select {
		case <-t.C:
		case <-bounded.Done():
			t.Stop()
			return "", s.pending(ctx, id, looks, last)
		}
	}
}

var errWaited = errors.New("it has not ended in 15 minutes")

// pending is the error of a wait that has ended after a number of looks. Its own
// end is not the caller's, whatever it looked like to the last of them.
func (s Airlines) pending(ctx context.Context, id PurchaseID, looks int, last error) error {
	kind, why := rutravel.ErrCanceled, ctx.Err()
	if why == nil {
		kind, why = rutravel.ErrUnavailable, errWaited
		if errors.Is(last, rutravel.ErrCanceled) {
			last = nil
		}
	}
	switch {
	case last == nil:
	case errors.Is(last, why):
		why = last
	default:
		why = fmt.Errorf("%w; %w", why, last)
	}
	err := s.core.engine.Conclude(&operations[opAirlineResult], kind, &PurchasePendingError{Purchase: id, Err: why})
	if e, ok := errors.AsType[*rutravel.Error](err); ok {
		e.Attempts = looks
	}
	return err
}

// look asks once; a failed purchase is a refusal. The trip is "" while it is
// pending.
func (s Airlines) look(ctx context.Context, id PurchaseID, opts []rutravel.CallOption) (TripID, error) {
	r := &request{op: opAirlineResult, query: string(id)}
	r.ID("id", string(id))
	p, err := call(ctx, s.core, r, resultOf((*PurchaseResult).decode), func(p PurchaseResult) error {
		if p.Status != PurchaseFailed {
			return nil
		}
		return &transport.Refusal{
			Kind: kindOfFailure(p.Error), Code: string(PurchaseFailed), Message: p.Error,
			Detail: func(conceal func(string) string) error {
				return &PurchaseFailedError{Purchase: id, Reason: conceal(p.Error)}
			},
		}
	}, opts)
	if err == nil && p.Status != PurchaseDone {
		return "", nil
	}
	return p.Trip, err
}

// kindOfFailure classifies the texts that the manual shows.
func kindOfFailure(text string) rutravel.Kind {
	switch {
	case strings.Contains(text, "Доступно:"), strings.Contains(text, "Задолженность:"): // Стоимость: {0}. Доступно: {1}
		return rutravel.ErrFunds
	case strings.Contains(text, "Доступ запрещен"), strings.Contains(text, "Превышен лимит бронирований"):
		return rutravel.ErrForbidden
	default:
		return rutravel.ErrRejected
	}
}
