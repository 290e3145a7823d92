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

// LostQuery describes a purchase whose answer was lost. Store it before the call.
type LostQuery struct {
	Passengers []Passenger // of the [PurchaseRequest]
	// After is a cursor from before the call. A cursor of 0 is before the first trip.
	// If After is nil, Day must be set.
	After *Cursor
	// Day is the day of the call, for an application without a cursor. Lost looks at
	// the trips from the day before to the day after.
	Day civil.Date `json:",omitzero"`
}

// Lost lists the trips that an [Airlines.Buy] with a lost answer may have bought: trips
// with flights for any of its passengers, bought after the cursor or in these days. It
// compares passengers by their ids in the caller's system, and by surname and first name
// in both alphabets and any spelling.
//
// The trips are candidates. Even a single one can be the result of another call for the
// same people, because the manual has no field that marks a purchase. So do the
// following:
//
//   - Compare the passengers, the flights and the amount.
//   - Use ids of your system as [Passenger].ID: the supplier returns them.
//   - Keep a unique index on the trip's id.
//   - Wait for other calls for the same people that are still running.
//
// The manual does not say that a purchase becomes a single trip.
//
// An empty list proves nothing before [BuyPatience] has passed. Ask again until then, and
// do not buy again earlier.
//
// A candidate that could not be read completely is returned as far as it was read. The
// error then has a [*rutravel.RowsError] in its chain.
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
			return t.mayCarry(q.Passengers, func(i TripItem) bool { return i.Booked.IsZero() || days.contains(i.Booked.Date) })
		})
	}
	return candidates(s.AfterChange(ctx, *q.After, opts...).All(), nil, func(t Trip) bool {
		return t.mayCarry(q.Passengers, func(i TripItem) bool { return !i.existedAt(*q.After) })
	})
}

func (s Trips) checkLost(ctx context.Context, q LostQuery) error {
	var v valid.Check
	v.That(len(q.Passengers) > 0, "Passengers", "must not be empty")
	for i, p := range q.Passengers {
		v.That(wire.Fold(p.Surname) != "", fmt.Sprintf("Passengers[%d].Surname", i), "must not be empty")
		v.That(wire.Fold(p.FirstName) != "", fmt.Sprintf("Passengers[%d].FirstName", i), "must not be empty")
	}
	v.That(q.After != nil || !q.Day.IsZero(), "After", "must be set, unless Day is set")
	v.That(q.After == nil || *q.After >= 0, "After", "must not be negative")
	v.That(q.After == nil || q.Day.IsZero(), "Day", "must not be set together with After")
	checkOptDate(&v, "Day", q.Day)
	if v.Err() != nil {
		return s.core.engine.Invalid(ctx, &operations[opTripGetAfterChange], v.Err())
	}
	return nil
}

func (r DateRange) contains(day civil.Date) bool { return !day.Before(r.From) && !day.After(r.To) }

// candidates returns the rows that match. Rows that could not be read completely are
// among them, and the error names them. end is the error of the list, or nil.
func candidates[T any](rows iter.Seq2[T, error], end error, matches func(T) bool) ([]T, error) {
	var found []T
	var unread []rutravel.RowError
	var last *rutravel.Error // of an unread row
	for v, err := range rows {
		if err != nil && !ofRow(err) {
			return found, err
		}
		if !matches(v) {
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

// mayCarry reports whether a trip may have flights for any of the passengers, bought in
// time. A trip need not carry all passengers. A value that is missing or unreadable counts
// as a match, because an overlooked purchase would be made twice.
func (t Trip) mayCarry(passengers []Passenger, inTime func(TripItem) bool) bool {
	return len(t.Items) == 0 || slices.ContainsFunc(t.Items, func(i TripItem) bool {
		return !i.Type.is(ServiceHotel, ServiceTrain, ServiceTransfer) && inTime(i) && i.mayCarry(passengers)
	})
}

// is reports whether a type of service is one of the given ones.
func (s ServiceType) is(types ...ServiceType) bool {
	return slices.ContainsFunc(types, func(t ServiceType) bool { return strings.EqualFold(string(s), string(t)) })
}

func (i TripItem) mayCarry(passengers []Passenger) bool {
	return len(i.Travellers) == 0 || slices.ContainsFunc(i.Travellers, func(t TripTraveller) bool {
		return slices.ContainsFunc(passengers, func(p Passenger) bool { return p.mayBe(t) })
	})
}

// existedAt reports whether a service has a version from before the cursor or at it.
func (i TripItem) existedAt(after Cursor) bool {
	return slices.ContainsFunc(i.Versions, func(v ItemVersion) bool { return v.ID > 0 && int(v.ID) <= int(after) })
}

// mayBe compares a passenger with a traveller by id and by the names in both alphabets.
// It ignores the birthday, and a different id is not a mismatch: the supplier may have
// stored other values before.
func (p Passenger) mayBe(t TripTraveller) bool {
	return t.ExternalID != "" && t.ExternalID == p.ID ||
		sameNames(t.Surname, t.FirstName, t.MiddleName, p.Surname, p.FirstName, p.MiddleName) ||
		p.hasLatinName() && sameNames(t.Surname, t.FirstName, t.MiddleName, p.SurnameEng, p.FirstNameEng, p.MiddleNameEng) ||
		!p.hasLatinName() && latin(t.Surname+t.FirstName)
}

func (p Passenger) hasLatinName() bool { return p.SurnameEng+p.FirstNameEng != "" }

// sameNames compares surname and first name, and all three names: the first name may
// contain the patronymic.
func sameNames(surname, first, middle, otherSurname, otherFirst, otherMiddle string) bool {
	return wire.SamePerson(surname+" "+first, otherSurname+" "+otherFirst) ||
		wire.SamePerson(surname+" "+first+" "+middle, otherSurname+" "+otherFirst+" "+otherMiddle)
}

// latin reports whether a name has Latin letters and no others.
func latin(name string) bool {
	return strings.ContainsFunc(name, unicode.IsLetter) &&
		!strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
}

// Lost lists the employees that an [Employees.Save] of a change without an ID may have
// created or changed, if its answer was lost: employees of the companies with the same
// birthday and the same name in any spelling. If the change has INNs, Lost searches all
// companies of the account, because employees cannot be listed by INN.
//
// The employees are candidates. Even a single one can have existed before, or be the
// result of another call for the same person. Keep a unique index on [Employee].ID, and
// wait for other calls for the same person that are still running. An [ExternalID] in the
// change makes the look-up unnecessary.
//
// An empty list proves nothing before [SaveEmployeePatience] has passed. Ask again until
// then, and do not save again earlier.
//
// A candidate that could not be read completely is returned as far as it was read. The
// error then has a [*rutravel.RowsError] in its chain.
//
// Smartway: POST employees.list
func (s Employees) Lost(ctx context.Context, change EmployeeChange, opts ...rutravel.CallOption) ([]Employee, error) {
	var v valid.Check
	v.That(change.ID == "", "change.ID", "must be empty: use List, which finds employees by their ids")
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

// mayWorkAt reports whether an employee may work at one of the companies. No companies
// means all companies.
func (e Employee) mayWorkAt(companies []CompanyID) bool {
	return len(companies) == 0 || len(e.Companies) == 0 || slices.ContainsFunc(e.Companies, func(c EmployeeCompany) bool {
		return c.ID == "" || slices.Contains(companies, c.ID)
	})
}
