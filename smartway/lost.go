package smartway

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// LostQuery says what to look for after a purchase whose answer was lost. All of it
// is known before the call: store it before the call.
type LostQuery struct {
	Passengers []Passenger // of the [PurchaseRequest]
	// After is a cursor from before the call. A cursor of 0 is before the first trip;
	// nil means that Day is given.
	After *Cursor
	// Day, in place of After, is the day of the call, for an application without a
	// cursor: trips from the day before to the day after are looked at.
	Day civil.Date `json:",omitzero"`
}

// Lost lists the trips that an [Airlines.Buy] whose answer was lost may have bought:
// those with flights for any of its passengers, bought after the cursor or in these
// days. Passengers are compared by their ids in the caller's system and by surname
// and first name, in either alphabet and whatever the spelling.
//
// The trips are candidates. Even a single one can be the result of another call for
// the same people, because the manual has no field that marks a purchase. Compare
// the passengers, the flights and the amount. Pass ids of the own system as
// [Passenger].ID: the supplier returns them. Keep a unique index on the trip's
// id, and wait for other calls for the same people that are still running. The
// manual does not say that a purchase becomes a single trip.
//
// Finding none proves nothing before [BuyPatience] has passed. Ask again until then
// and do not buy again before.
//
// A trip that may be one of them and that could not be read completely is returned
// as far as it was read, together with an error that has [*rutravel.RowsError] in its
// chain.
//
// Smartway: POST trip.get_after_change, or trip.get_by_range with a Day
func (s Trips) Lost(ctx context.Context, q LostQuery, opts ...rutravel.CallOption) ([]Trip, error) {
	if err := s.checkLost(ctx, q); err != nil {
		return nil, err
	}
	if q.After == nil {
		days := DateRange{q.Day.AddDays(-1), q.Day.AddDays(1)}
		list, err := s.allBetween(ctx, days, opts)
		return candidates(transport.Each(list.Trips, err), err, func(t Trip) bool {
			return t.mayCarry(q.Passengers, func(i TripItem) bool { return i.Booked.IsZero() || days.has(i.Booked.Date) })
		})
	}
	return candidates(s.AfterChange(ctx, *q.After, opts...).All(), nil, func(t Trip) bool {
		return t.mayCarry(q.Passengers, func(i TripItem) bool { return !i.existed(*q.After) })
	})
}

func (s Trips) checkLost(ctx context.Context, q LostQuery) error {
	var v valid.Check
	v.That(len(q.Passengers) > 0, "Passengers", "must not be empty")
	for i, p := range q.Passengers {
		v.That(wire.Fold(p.Surname) != "", fmt.Sprintf("Passengers[%d].Surname", i), "must not be empty")
		v.That(wire.Fold(p.FirstName) != "", fmt.Sprintf("Passengers[%d].FirstName", i), "must not be empty")
	}
	v.That(q.After != nil || !q.Day.IsZero(), "After", "must be set, unless Day is")
	v.That(q.After == nil || *q.After >= 0, "After", "must not be negative")
	v.That(q.After == nil || q.Day.IsZero(), "Day", "must not be set together with After")
	checkOptDate(&v, "Day", q.Day)
	if v.Err() != nil {
		return s.core.engine.Invalid(ctx, &operations[opTripGetAfterChange], v.Err())
	}
	return nil
}

func (r DateRange) has(day civil.Date) bool { return !day.Before(r.From) && !day.After(r.To) }

// candidates collects the rows that may be what is looked for. Those that could not
// be read completely are among them, and the error names them. end is the error of
// the list, if there is one.
func candidates[T any](rows iter.Seq2[T, error], end error, may func(T) bool) ([]T, error) {
	var found []T
	var unread []rutravel.RowError
	var last *rutravel.Error // of an unread row
	for v, err := range rows {
		if err != nil && !ofRow(err) {
			return found, err
		}
		if !may(v) {
			continue
		}
		if row, ok := errors.AsType[*rutravel.RowError](err); ok {
			unread = append(unread, rutravel.RowError{Index: len(found), ID: row.ID, Problem: row.Problem})
			last, _ = errors.AsType[*rutravel.Error](err)
		}
		found = append(found, v)
	}
	switch {
	case end != nil && !ofRows(end):
		return found, end
	case last != nil:
		e := *last
		e.Err = &rutravel.RowsError{Rows: unread}
		return found, &e
	}
	return found, nil
}

// mayCarry reports whether a trip may have flights for any of the passengers that
// were bought in time. All passengers need not be in one trip. What is missing or
// unreadable counts as a match, because a purchase that is overlooked is made twice.
func (t Trip) mayCarry(passengers []Passenger, inTime func(TripItem) bool) bool {
	return len(t.Items) == 0 || slices.ContainsFunc(t.Items, func(i TripItem) bool {
		return !i.Type.is(ServiceHotel, ServiceTrain, ServiceTransfer) && inTime(i) && i.mayCarry(passengers)
	})
}

// is reports whether a type of service is one of some. One that is missing,
// unreadable or not in the manual is none of them.
func (s ServiceType) is(some ...ServiceType) bool {
	return slices.ContainsFunc(some, func(one ServiceType) bool { return strings.EqualFold(string(s), string(one)) })
}

func (i TripItem) mayCarry(passengers []Passenger) bool {
	return len(i.Travellers) == 0 || slices.ContainsFunc(i.Travellers, func(t TripTraveller) bool {
		return slices.ContainsFunc(passengers, func(p Passenger) bool { return p.mayBe(t) })
	})
}

// existed reports whether a service has a version that is not after the cursor.
func (i TripItem) existed(after Cursor) bool {
	return slices.ContainsFunc(i.Versions, func(v ItemVersion) bool { return v.ID > 0 && int(v.ID) <= int(after) })
}

// mayBe compares people by id and by their names in either alphabet. The birthday
// and the id may be those that the supplier had before.
func (p Passenger) mayBe(t TripTraveller) bool {
	return t.ExternalID != "" && t.ExternalID == p.ID ||
		sameNames(t.Surname, t.FirstName, t.MiddleName, p.Surname, p.FirstName, p.MiddleName) ||
		p.hasLatinName() && sameNames(t.Surname, t.FirstName, t.MiddleName, p.SurnameEng, p.FirstNameEng, p.MiddleNameEng) ||
		!p.hasLatinName() && latin(t.Surname+t.FirstName)
}

func (p Passenger) hasLatinName() bool { return p.SurnameEng+p.FirstNameEng != "" }

// sameNames compares surname and first name, and all three names: a patronymic may
// stand with the first name.
func sameNames(surname, first, middle, otherSurname, otherFirst, otherMiddle string) bool {
	return wire.SamePerson(surname+" "+first, otherSurname+" "+otherFirst) ||
		wire.SamePerson(surname+" "+first+" "+middle, otherSurname+" "+otherFirst+" "+otherMiddle)
}

// latin reports whether a name has Latin letters and no others.
func latin(name string) bool {
	return strings.ContainsFunc(name, unicode.IsLetter) &&
		!strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
}

// Lost lists the employees that an [Employees.Save] of a change without an ID, whose
// answer was lost, may have created or changed: those of the companies with the same
// name, whatever its spelling, and the same birthday. If the change has INNs, the
// employees of all companies of the account are asked for, because they cannot be
// listed by INN.
//
// The employees are candidates. Even a single one can have been there before or be
// the result of another call for the same person. Keep a unique index on
// [Employee].ID, and wait for other calls for the same person that are still running.
// An [ExternalID] in the change makes the look-up unnecessary.
//
// Finding none proves nothing before [SaveEmployeePatience] has passed. Ask again
// until then and do not save again before.
//
// An employee who may be the one and who could not be read completely is returned as
// far as read, together with an error that has [*rutravel.RowsError] in its chain.
//
// Smartway: POST employees.list
func (s Employees) Lost(ctx context.Context, change EmployeeChange, opts ...rutravel.CallOption) ([]Employee, error) {
	var v valid.Check
	v.That(change.ID == "", "change.ID", "must be empty: List finds employees by their ids")
	change.check(&v, "change.")
	if v.Err() != nil {
		return nil, s.core.engine.Invalid(ctx, &operations[opEmployeesList], v.Err())
	}
	q := EmployeeQuery{Companies: change.Companies}
	if len(change.INNs) > 0 {
		q.Companies = nil
	}
	all, err := s.list(ctx, q, opts)
	return candidates(transport.Each(all, err), err, func(e Employee) bool {
		return (e.BirthDate.IsZero() || e.BirthDate == change.BirthDate) && e.mayWorkAt(q.Companies) &&
			sameNames(e.Surname, e.FirstName, e.MiddleName, change.Surname, change.FirstName, change.MiddleName)
	})
}

// mayWorkAt reports whether an employee may be one of the companies'; no companies
// are all.
func (e Employee) mayWorkAt(companies []CompanyID) bool {
	return len(companies) == 0 || len(e.Companies) == 0 || slices.ContainsFunc(e.Companies, func(c EmployeeCompany) bool {
		return c.ID == "" || slices.Contains(companies, c.ID)
	})
}
