package regionbilettest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// moscow is the zone of the supplier's wall clocks.
var moscow = time.FixedZone("MSK", 3*60*60)

const (
	dateLayout = "02.01.2006"
	timeLayout = "15:04"
)

type settlement struct{ id, name, address string }

var settlements = []settlement{
	{"124", "Ставрополь", "Ставропольский край, г. Ставрополь"},
	{"463", "Пятигорск", "Ставропольский край, г. Пятигорск"},
	{"505", "Кисловодск", "Ставропольский край, г. Кисловодск"},
}

type stop struct{ id, name, address string }

// trip runs every day.
type trip struct {
	id, name         string
	from, to         string // settlements
	fromStop, toStop stop
	departs          time.Duration // after midnight
	takes            time.Duration
	seats            int
	adult, child     fare
	bus              string
	carrier          carrier
	stops            []tripStop
}

type fare struct{ base, fee decimal.Decimal }

func (f fare) total() decimal.Decimal { return f.base.Add(f.fee) }

type carrier struct{ name, inn, cash, fio, phone, address, mode, ogrn, license, licenseDate, info string }

type tripStop struct {
	after time.Duration
	name  string
}

func kopecks(n int64) decimal.Decimal { return decimal.New(n, -2) }

func money(d decimal.Decimal) string { return d.StringFixed(2) }

var (
	stavropol  = stop{"stv815", "Автовокзал Ставрополь", "ул. Маршала Жукова, 27"}
	pyatigorsk = stop{"stv408", "Автовокзал Пятигорск", "ул. Бунимовича, 34"}
	kislovodsk = stop{"446", "Автостанция Кисловодск", "ул. Промышленная, 4"}

	someCarrier = carrier{
		name: "ООО Автолайн", inn: "2600000001", cash: "",
		fio: "Директор Перевозчика", phone: "88652000000", address: "г. Ставрополь", mode: "08:00-20:00",
		ogrn: "1020000000001", license: "АК-26-000001", licenseDate: "31.12.2030", info: "Ространснадзор",
	}

	timetable = []trip{
		{
			id: "1956", name: "Ставрополь - Пятигорск", from: "124", to: "463",
			fromStop: stavropol, toStop: pyatigorsk,
			departs: 8*time.Hour + 30*time.Minute, takes: 3*time.Hour + 40*time.Minute, seats: 20,
			adult: fare{kopecks(49754), kopecks(2000)}, child: fare{kopecks(24957), kopecks(2000)},
			bus: "Mercedes-Benz Sprinter", carrier: someCarrier,
			stops: []tripStop{{time.Hour + 30*time.Minute, "Александровское"}, {3 * time.Hour, "Минеральные Воды"}},
		},
		{
			id: "4546", name: "Ставрополь - Кисловодск", from: "124", to: "505",
			fromStop: stavropol, toStop: kislovodsk,
			departs: 21 * time.Hour, takes: 4*time.Hour + 30*time.Minute, seats: 12,
			adult: fare{kopecks(60000), kopecks(0)}, child: fare{kopecks(30000), kopecks(0)},
			bus: "ПАЗ 3205", carrier: someCarrier,
			stops: []tripStop{{3*time.Hour + 10*time.Minute, "Пятигорск"}},
		},
		{
			id: "1957", name: "Пятигорск - Ставрополь", from: "463", to: "124",
			fromStop: pyatigorsk, toStop: stavropol,
			departs: 17 * time.Hour, takes: 3*time.Hour + 40*time.Minute, seats: 20,
			adult: fare{kopecks(49754), kopecks(2000)}, child: fare{kopecks(24957), kopecks(2000)},
			bus: "Mercedes-Benz Sprinter", carrier: someCarrier,
		},
	}

	nationalities = []object{
		{{"id_nationality", "643"}, {"name", "РОССИЯ"}},
		{{"id_nationality", "398"}, {"name", "КАЗАХСТАН"}},
	}
	documentTypes = []object{
		{{"id_doc", "1"}, {"name", "Паспорт гражданина РФ"}},
		{{"id_doc", "2"}, {"name", "Свидетельство о рождении"}},
	}
)

// on returns when the trip departs on a day.
func (t trip) on(day time.Time) time.Time { return day.Add(t.departs) }

// sold reports whether tickets for a day are sold: until the trip leaves, and
// not years before.
func (t trip) sold(day, now time.Time) bool {
	const daysAhead = 60
	return t.on(day).After(now) && day.Before(now.AddDate(0, 0, daysAhead))
}

// findTrip finds a trip by what the commands after a search send.
func findTrip(id, fromStop, toStop, clock string) (trip, bool) {
	i := slices.IndexFunc(timetable, func(t trip) bool {
		return t.id == id && t.fromStop.id == fromStop && t.toStop.id == toStop &&
			t.on(time.Time{}).Format(timeLayout) == clock
	})
	if i < 0 {
		return trip{}, false
	}
	return timetable[i], true
}

// freeSeats lists the seats of a departure that no order has.
func (s *Server) freeSeats(t trip, day time.Time) []string {
	var free []string
	for n := 1; n <= t.seats; n++ {
		if seat := strconv.Itoa(n); s.seatFree(t, day, seat) {
			free = append(free, seat)
		}
	}
	return free
}

func (s *Server) seatFree(t trip, day time.Time, seat string) bool {
	return !slices.ContainsFunc(s.orders, func(o *order) bool {
		return o.trip.id == t.id && o.day.Equal(day) && slices.ContainsFunc(o.tickets, func(k *ticket) bool {
			return k.seat == seat && (k.status == booked || k.status == paid)
		})
	})
}

func (t trip) object(s *Server, day time.Time) object {
	departs := t.on(day)
	arrives := departs.Add(t.takes)
	carrier := t.carrier.object()
	if s.quirks.ShortCarrier {
		carrier = carrier[:3]
	}
	var kontr any = []object{carrier}
	if s.quirks.OneCarrier {
		kontr = carrier
	}
	return object{
		{"id_trip", t.id},
		{"name_trip", t.name},
		{"id_from_point", t.fromStop.id},
		{"from_name_point", t.fromStop.name},
		{"from_address_point", t.fromStop.address},
		{"id_to_point", t.toStop.id},
		{"to_name_point", t.toStop.name},
		{"to_address_point", t.toStop.address},
		{"date_trip", departs.Format(dateLayout)},
		{"time_trip", departs.Format(timeLayout)},
		{"date_arrival_trip", arrives.Format(dateLayout)},
		{"time_arrival_trip", arrives.Format(timeLayout)},
		{"time_duration_trip", time.Time{}.Add(t.takes).Format(timeLayout)},
		{"count_available_seats_trip", strconv.Itoa(len(s.freeSeats(t, day)))},
		{"full_ticket_price", money(t.adult.base)},
		{"child_ticket_price", money(t.child.base)},
		{"markup_ticket_price", money(t.adult.fee)},
		{"markup_child_price", money(t.child.fee)},
		{"total_full_ticket_price", money(t.adult.total())},
		{"total_child_ticket_price", money(t.child.total())},
		{"name_ats", t.bus},
		{"kontr", kontr},
	}
}

func (c carrier) object() object {
	return object{
		{"name", c.name}, {"inn", c.inn}, {"cash", c.cash}, {"fio", c.fio}, {"phone", c.phone},
		{"address", c.address}, {"mode", c.mode}, {"ogrn", c.ogrn}, {"license", c.license},
		{"license_date", c.licenseDate}, {"info", c.info},
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
