package smartway

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/civil"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// LostQuery says what to look for after a purchase whose answer was lost: plain
// values that were there before the call, and can be stored.
type LostQuery struct {
	Passengers []Passenger // of the [PurchaseRequest]
	// After is a cursor from before the call.
	After Cursor
	// Day, in place of After, is the day of the call: trips from the day before to
	// the day after are looked at. Whoever has no cursor yet asks by it.
	Day civil.Date `json:",omitzero"`
}

// Lost lists the trips that an [Airlines.Buy] may have bought whose answer
// was lost: those with flights for any of its passengers, who are known by their
// ids in the caller's system or by surname and first name, in either alphabet.
// They are candidates: the manual has nothing to tell a purchase by, and does not
// say that one becomes a single trip, so compare the passengers, the flights and
// the amount. Finding none proves nothing while the supplier may still be at work:
// ask again for some minutes. Do not buy again before that.
//
// Smartway: POST trip.get_after_change, or trip.get_by_range with a Day
func (s Trips) Lost(ctx context.Context, q LostQuery, opts ...rutravel.CallOption) ([]Trip, error) {
	if err := s.checkLost(q); err != nil {
		return nil, err
	}
	var found []Trip
	if !q.Day.IsZero() {
		list, err := s.Between(ctx, DateRange{q.Day.AddDays(-1), q.Day.AddDays(1)}, opts...)
		for _, t := range list.Trips {
			if t.carries(q.Passengers) {
				found = append(found, t)
			}
		}
		return found, err
	}
	for t, err := range s.AfterChange(ctx, q.After, opts...).All() {
		if err != nil {
			return found, err
		}
		if t.carries(q.Passengers) {
			found = append(found, t)
		}
	}
	return found, nil
}

func (s Trips) checkLost(q LostQuery) error {
	var v valid.Check
	v.That(len(q.Passengers) > 0, "Passengers", "must not be empty")
	for i, p := range q.Passengers {
		v.That(wire.Fold(p.Surname) != "", fmt.Sprintf("Passengers[%d].Surname", i), "must not be empty")
		v.That(firstName(p.FirstName) != "", fmt.Sprintf("Passengers[%d].FirstName", i), "must not be empty")
	}
	v.That(q.After >= 0, "After", "must not be negative")
	v.That(q.After != 0 || !q.Day.IsZero(), "After", "must be set, unless Day is")
	v.That(q.After == 0 || q.Day.IsZero(), "Day", "must not be set beside After")
	checkOptDate(&v, "Day", q.Day)
	if v.Err() != nil {
		return s.core.engine.Invalid(&operations[opTripGetAfterChange], v.Err())
	}
	return nil
}

// carries reports whether a trip has flights for any of the passengers. All of
// them need not be in one: a trip too many is seen, one too few is bought twice.
func (t Trip) carries(passengers []Passenger) bool {
	return slices.ContainsFunc(t.Items, func(i TripItem) bool {
		return i.Type == ServiceAir && slices.ContainsFunc(i.Travellers, func(t TripTraveller) bool {
			return slices.ContainsFunc(passengers, func(p Passenger) bool { return p.matches(t) })
		})
	})
}

// is compares people by id or, if only their names agree, by these: the id and
// the birthday may be those that the supplier has had before.
func (p Passenger) matches(t TripTraveller) bool {
	return t.ExternalID != "" && t.ExternalID == p.ID ||
		sameName(t, p.Surname, p.FirstName) || sameName(t, p.SurnameEng, p.FirstNameEng)
}

func sameName(t TripTraveller, surname, name string) bool {
	surname, name = wire.Fold(surname), firstName(name)
	return surname != "" && name != "" && wire.Fold(t.Surname) == surname && firstName(t.FirstName) == name
}

// firstName is the first of the names: the others, and the patronymic, may stand
// behind it, or not.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return wire.Fold(first)
}
