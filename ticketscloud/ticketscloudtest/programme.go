package ticketscloudtest

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// What the fake sells.
const (
	SoldOut = "5e0000000000000000000001" // an event of which nothing is left
	Concert = "5e0000000000000000000002" // an event with and without seats
	Play    = "5e0000000000000000000003" // an event without seats

	FanZone = "5e00000000000000000000a1" // a category of the concert without seats
	Stalls  = "5e00000000000000000000a2" // a category of the concert with seats
	Gallery = "5e00000000000000000000a3" // a category of the play

	Percent10 = "summer10" // a promocode for the concert and the play
	Fix100    = "fix100"   // a promocode for two or more tickets of the fan zone

	soldOutSet = "5e00000000000000000000a4"
	sector     = "5e00000000000000000000b1"
	organiser  = "5e00000000000000000000c1"
	vendor     = "5e00000000000000000000c2"
)

// event is something that one can go to.
type event struct {
	id, title, desc string
	start, finish   time.Time
	age             int
	venue           venue
	sets            []*set
}

type venue struct {
	id, name, address string
	city              int
	cityRu, cityEn    string
	timezone          string
	mosbilet          bool // buyers must be named
}

type set struct {
	id, name string
	price    int64 // kopecks, without the fee
	seats    bool
	tickets  []*ticket
}

type ticket struct {
	id      string
	number  int
	set     *set
	row     int
	seat    int    // 0: none
	holder  *order // who holds or has it; nil: vacant
	blocked bool   // sold elsewhere
	gone    bool   // counts as sold: see SetSoldOut
}

// promocode is a discount.
type promocode struct {
	id, code string
	percent  int64
	fix      int64 // kopecks
	events   []string
	sets     []string // none: all
	min      int      // tickets
}

var promocodes = []promocode{
	{id: "5e00000000000000000000d1", code: Percent10, percent: 10, events: []string{Concert, Play}},
	{id: "5e00000000000000000000d2", code: Fix100, fix: 100_00, events: []string{Concert}, sets: []string{FanZone}, min: 2},
}

// The terms with the organiser, per cent.
const (
	shareOrg   = 95
	shareAgent = 5
	shareExtra = 10
)

// extra is the service fee.
func extra(nominal int64) int64 { return nominal * shareExtra / 100 }

// programme is the events, of days counted from now.
func programme(now time.Time) []*event {
	day := now.UTC().Truncate(24 * time.Hour)
	moscow := venue{
		id: "5e00000000000000000000e1", name: "Малая сцена", address: "ул. Сценическая, 5",
		city: 524901, cityRu: "Москва", cityEn: "Moscow", timezone: "Europe/Moscow", mosbilet: true,
	}
	urals := venue{
		id: "5e00000000000000000000e2", name: "Зелёный театр", address: "ул. Летняя, 9",
		city: 1486209, cityRu: "Екатеринбург", cityEn: "Yekaterinburg", timezone: "Asia/Yekaterinburg",
	}
	on := func(days, utcHour int) time.Time {
		return day.AddDate(0, 0, days).Add(time.Duration(utcHour) * time.Hour)
	}
	soldOut := &set{id: soldOutSet, name: "Входной", price: 300_00}
	soldOut.stock(1, 5)
	for _, t := range soldOut.tickets {
		t.blocked = true
	}
	fanZone := &set{id: FanZone, name: "Фан-зона", price: 1000_00}
	fanZone.stock(101, 100)
	stalls := &set{id: Stalls, name: "Партер", price: 2500_00}
	stalls.stock(301, 10)
	stalls.seat(5)
	gallery := &set{id: Gallery, name: "Галёрка", price: 500_00}
	gallery.stock(401, 20)
	saturday := 60
	for on(saturday, 0).Weekday() != time.Saturday {
		saturday++
	}
	return []*event{
		{id: SoldOut, title: "Распродано", desc: "Билетов нет", start: on(10, 16), finish: on(10, 18), age: 6, venue: moscow, sets: []*set{soldOut}},
		{id: Concert, title: "Летний концерт", desc: "Вечер на открытом воздухе", start: on(30, 14), finish: on(30, 17), age: 12, venue: urals, sets: []*set{fanZone, stalls}},
		{id: Play, title: "Чайка", desc: "Комедия в четырёх действиях", start: on(saturday, 16), finish: on(saturday, 19), age: 16, venue: moscow, sets: []*set{gallery}},
	}
}

// stock fills a category with tickets, numbered from first.
func (s *set) stock(first, n int) {
	for i := range n {
		s.tickets = append(s.tickets, &ticket{id: fmt.Sprintf("5e0000000000000000%06d", first+i), number: 150000 + first + i, set: s})
	}
}

// seat gives the tickets of a category seats, so many in a row.
func (s *set) seat(inRow int) {
	s.seats = true
	for i, t := range s.tickets {
		t.row, t.seat = i/inRow+1, i%inRow+1
	}
}

func (t *ticket) vacant() bool { return t.holder == nil && !t.blocked && !t.gone }

// status is a ticket's, as v1 has it.
func (t *ticket) status() string {
	switch {
	case t.blocked, t.holder != nil && t.holder.status == "done":
		return "sold"
	case t.holder != nil:
		return "reserved"
	case t.gone:
		return "sold"
	default:
		return "vacant"
	}
}

func (s *set) vacant() int {
	var n int
	for _, t := range s.tickets {
		if t.vacant() {
			n++
		}
	}
	return n
}

func (s *Server) event(id string) *event {
	i := slices.IndexFunc(s.events, func(e *event) bool { return e.id == id })
	if i < 0 {
		return nil
	}
	return s.events[i]
}

func (e *event) set(id string) *set {
	i := slices.IndexFunc(e.sets, func(s *set) bool { return s.id == id })
	if i < 0 {
		return nil
	}
	return e.sets[i]
}

func (e *event) ticket(id string) *ticket {
	for _, s := range e.sets {
		for _, t := range s.tickets {
			if t.id == id {
				return t
			}
		}
	}
	return nil
}

// amount counts the tickets of an event.
func (e *event) amount(count func(*set) int) int {
	var n int
	for _, s := range e.sets {
		n += count(s)
	}
	return n
}

func money(kopecks int64) string {
	const hundred = 100
	return strconv.FormatInt(kopecks/hundred, 10) + fmt.Sprintf(".%02d", kopecks%hundred)
}
