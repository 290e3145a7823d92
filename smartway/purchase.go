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

// PurchaseRequest is a variant to buy, with its passengers.
type PurchaseRequest struct {
	Search     SearchID    // item.search_id
	Variant    VariantID   // item.trip_id
	Fare       FareID      // item.fare_id: of the chosen fare; "" only if it has none
	Passengers []Passenger // employees: 1 to [MaxTravellers], as many as in the search
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

	// INN or Company is the company that is billed. If both are set, the supplier uses
	// Company.
	INN     INN       // companies_inn
	Company CompanyID // company_id
}

// LoyaltyCard is an airline's loyalty card.
type LoyaltyCard struct {
	Airline string // iata
	Number  string // number
}

// TravelDocument is a document of a passenger. Select exactly one. The manual shows
// documents only in a sample with one selected document. It does not say which document
// is used if none or several are selected.
type TravelDocument struct {
	Type     DocumentType // type
	Number   string       // number
	Expiry   civil.Date   `json:",omitzero"` // due_date; zero: none
	Selected bool         // selected: the passenger flies with this document
}

// bookQuery has the order of the manual's sample.
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

// PurchaseID identifies a purchase. Store it at once: [Airlines.Wait] needs only this id
// and can be called by another process.
type PurchaseID string

// Buy buys tickets and bills the company. The manual has no step to confirm, no price to
// agree to, and no method to cancel or refund. So search right before the call. Buy
// returns before the tickets are bought: store the PurchaseID, and call [Airlines.Wait].
// Then compare the amount of [Trips.Info] with the price of the search.
//
// Any error except [rutravel.ErrNotConfirmed] means that nothing was bought: the request
// was not sent, or the supplier refused it with a code that shows this.
//
// Buy is an unsafe call: see "Unsafe calls" in the package comment. After
// [rutravel.ErrNotConfirmed] the tickets may have been bought: use
// [Airlines.BuyOperation], or [Airlines.Wait] and [Trips.Lost]. A PurchaseID that is
// returned with the error may belong to another request. A purchase continues after the
// connection is lost, and its trip may be listed later. Buy again only if [Trips.Lost] still
// finds nothing after [BuyPatience].
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
		err := decodeToken(d, id, "the id of a purchase")
		if !isUUID(string(*id)) { // returned with the error: it may still be an id
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

// decodeToken reads a text without spaces. A text with spaces is a message and not an id.
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

// trimmed returns the passenger without spaces around the texts.
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
			at+"ID", "must differ from the ids of other passengers")
		for _, f := range []struct{ name, value string }{
			{"Phone", p.Phone}, {"Surname", p.Surname}, {"FirstName", p.FirstName}, {"SurnameEng", p.SurnameEng}, {"FirstNameEng", p.FirstNameEng},
			{"Email", p.Email}, {"Citizenship", p.Citizenship},
		} {
			v.Text(at+f.name, f.value)
		}
		checkOptText(v, at+"MiddleName", p.MiddleName)
		checkOptText(v, at+"MiddleNameEng", p.MiddleNameEng)
		v.That(p.MiddleName == "" || p.MiddleNameEng != "", at+"MiddleNameEng", "must be set, because MiddleName is set")
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
		v.That(p.INN != "" || p.Company != "", at+"INN", "must be set, unless Company is set")
		if p.INN != "" {
			v.ID(at+"INN", string(p.INN))
		}
		if p.Company != "" {
			v.Number(at+"Company", string(p.Company))
		}
	}
}

// PurchaseResult is the state of a purchase.
type PurchaseResult struct {
	Status PurchaseStatus // status
	Trip   TripID         // trip_id: what was bought, if the purchase is done; "" otherwise
	Error  string         // error: why it failed, in the supplier's words; "" otherwise
}

// PurchaseStatus is the status of a purchase.
type PurchaseStatus string

// Statuses of a purchase.
const (
	PurchaseDone    PurchaseStatus = "done"
	PurchasePending PurchaseStatus = "pending"
	PurchaseFailed  PurchaseStatus = "failed"
)

// Result returns the state of a purchase. [Airlines.Wait] asks until the purchase is done
// or has failed. Result returns no error for a purchase that has failed.
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
		d.Fail("trip_id", "missing, although the purchase is done")
	case p.Status == PurchaseFailed && p.Trip != "":
		d.Fail("trip_id", "present, although the purchase has failed")
	}
	return err
}

// PurchasePendingError is in the chain of the error if [Airlines.Wait] ended before the
// purchase. The purchase continues: wait again.
type PurchasePendingError struct {
	Purchase PurchaseID // for [Airlines.Wait]
	Err      error      // why the wait ended
}

// Error returns the purchase and why the wait ended.
func (p *PurchasePendingError) Error() string {
	return "purchase " + string(p.Purchase) + " is pending: " + p.Err.Error()
}

// Unwrap returns why the wait ended.
func (p *PurchasePendingError) Unwrap() error { return p.Err }

// PurchaseFailedError is in the chain of the error of [Airlines.Wait] if the purchase has
// failed and nothing was bought. No other error of Wait means this.
type PurchaseFailedError struct {
	Purchase PurchaseID // of the failed purchase
	Reason   string     // in the supplier's words
}

// Error returns the purchase.
func (f *PurchaseFailedError) Error() string { return "purchase " + string(f.Purchase) + " has failed" }

const (
	longestWait  = 15 * time.Minute // also if the context has no deadline
	firstPause   = time.Second
	longestPause = 15 * time.Second
)

// Wait waits until a purchase is done, and returns the trip for [Trips.Info]. It asks at
// once, then after a second, and then at longer intervals of up to 15 seconds. It needs
// only the id, so any process can call it, also after a crash and more than once.
//
// Wait ends with an error in these cases:
//
//   - The purchase has failed, and nothing was bought. The error has a
//     [*PurchaseFailedError] in its chain. Its kind is [rutravel.ErrFunds] or
//     [rutravel.ErrForbidden] for the texts that the manual shows, and
//     [rutravel.ErrRejected] for others.
//   - ctx ends ([rutravel.ErrCanceled]), or 15 minutes pass ([rutravel.ErrUnavailable]).
//     The error has a [*PurchasePendingError] in its chain. The tickets may still be
//     bought.
//   - The supplier refuses the request, or its answer cannot be read. The error says
//     nothing about the purchase.
//
// Wait continues while the supplier cannot be reached for some time.
//
// Smartway: POST airline.result
func (s Airlines) Wait(ctx context.Context, id PurchaseID, opts ...rutravel.CallOption) (TripID, error) {
	bounded, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	var (
		looks int
		last  error // of the look before
	)
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
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

var errWaited = errors.New("the purchase did not end within 15 minutes")

// pending returns the error of a wait that ended after a number of looks. Only the end of
// ctx is ErrCanceled: the last look also fails with it if the 15 minutes end.
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

// look asks once. A failed purchase is a refusal. The trip of a pending purchase is "".
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
