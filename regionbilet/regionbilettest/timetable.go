package regionbilettest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/regionbilet"
)

// moscow is the zone of the supplier's wall clocks.
var moscow = time.FixedZone("MSK", 3*60*60)

const (
	dateLayout = "02.01.2006"
	timeLayout = "15:04"
)

func money(d decimal.Decimal) string { return d.StringFixed(2) }

var (
	nationalities = []object{
		{{"id_nationality", "643"}, {"name", "РОССИЯ"}},
		{{"id_nationality", "398"}, {"name", "КАЗАХСТАН"}},
	}
	documentTypes = []object{
		{{"id_doc", "1"}, {"name", "Паспорт гражданина РФ"}},
		{{"id_doc", "2"}, {"name", "Свидетельство о рождении"}},
	}
)

// clock writes a time of day.
func clock(t civil.Time) string { return fmt.Sprintf("%02d:%02d", t.Hour, t.Minute) }

// on returns when the trip departs on a day.
func (t Trip) on(day time.Time) time.Time {
	return day.Add(time.Duration(t.Departs.Hour)*time.Hour + time.Duration(t.Departs.Minute)*time.Minute)
}

// sold reports whether tickets for a day are sold: until the trip leaves, and
// not years before.
func (t Trip) sold(day, now time.Time) bool {
	const daysAhead = 60
	return (len(t.Weekdays) == 0 || slices.Contains(t.Weekdays, day.Weekday())) &&
		t.on(day).After(now) && day.Before(now.AddDate(0, 0, daysAhead))
}

// is reports whether the trip has these values in the commands after a search.
func (t Trip) is(id, fromStop, toStop, departs string) bool {
	return string(t.ID) == id && string(t.From.ID) == fromStop && string(t.To.ID) == toStop && clock(t.Departs) == departs
}

// freeSeats lists the seats of a departure that no order has.
func (s *Server) freeSeats(t Trip, day time.Time) []string {
	var free []string
	for _, seat := range t.Seats {
		if s.seatFree(t, day, string(seat)) {
			free = append(free, string(seat))
		}
	}
	return free
}

func (s *Server) seatFree(t Trip, day time.Time, seat string) bool {
	return !s.soldOut && !slices.ContainsFunc(s.orders, func(o *order) bool {
		return o.trip.ID == t.ID && o.day.Equal(day) && slices.ContainsFunc(o.tickets, func(k *ticket) bool {
			return k.seat == seat && (k.status == booked || k.status == paid)
		})
	})
}

func (s *Server) tripObject(t Trip, day time.Time) object {
	departs := t.on(day)
	arrives := departs.Add(time.Duration(t.Minutes) * time.Minute)
	carrier := carrierObject(t.Carrier)
	if s.quirks.ShortCarrier {
		carrier = carrier[:3]
	}
	var kontr any = []object{carrier}
	if s.quirks.OneCarrier {
		kontr = carrier
	}
	return object{
		{"id_trip", string(t.ID)},
		{"name_trip", t.Name},
		{"id_from_point", string(t.From.ID)},
		{"from_name_point", t.From.Name},
		{"from_address_point", t.From.Address},
		{"id_to_point", string(t.To.ID)},
		{"to_name_point", t.To.Name},
		{"to_address_point", t.To.Address},
		{"date_trip", departs.Format(dateLayout)},
		{"time_trip", departs.Format(timeLayout)},
		{"date_arrival_trip", arrives.Format(dateLayout)},
		{"time_arrival_trip", arrives.Format(timeLayout)},
		{"time_duration_trip", fmt.Sprintf("%02d:%02d", t.Minutes/60, t.Minutes%60)},
		{"count_available_seats_trip", strconv.Itoa(len(s.freeSeats(t, day)))},
		{"full_ticket_price", s.price(t.Adult, t.Adult.Base)},
		{"child_ticket_price", s.price(t.Child, t.Child.Base)},
		{"markup_ticket_price", s.price(t.Adult, t.Adult.Fee)},
		{"markup_child_price", s.price(t.Child, t.Child.Fee)},
		{"total_full_ticket_price", s.price(t.Adult, t.Adult.total())},
		{"total_child_ticket_price", s.price(t.Child, t.Child.total())},
		{"name_ats", t.Bus},
		{"kontr", kontr},
	}
}

// price writes an amount of a fare that may not be sold.
func (s *Server) price(f Fare, amount decimal.Decimal) any {
	switch {
	case !f.total().IsZero():
		return money(amount)
	case s.quirks.NotSold != "":
		return json.RawMessage(s.quirks.NotSold)
	default:
		return ""
	}
}

func carrierObject(c regionbilet.Carrier) object {
	return object{
		{"name", c.Name}, {"inn", c.INN}, {"cash", c.Cash}, {"fio", c.ContactName}, {"phone", c.Phone},
		{"address", c.Address}, {"mode", c.WorkingHours}, {"ogrn", c.OGRN}, {"license", c.License},
		{"license_date", c.LicenseDate}, {"info", c.LicenseAuthority},
	}
}

// seatList writes seats as trip_free_seats does.
func (s *Server) seatList(seats []string) []object {
	if !s.quirks.SeatElements {
		return []object{{{"seats_trip", strings.Join(seats, "^")}}}
	}
	list := []object{}
	for _, seat := range seats {
		list = append(list, object{{"seats_trip", seat}})
	}
	return list
}
