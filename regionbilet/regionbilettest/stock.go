package regionbilettest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/regionbilet"
)

// Trip is a trip that is for sale.
type Trip struct {
	ID             regionbilet.TripID
	Name           string
	FromSettlement regionbilet.SettlementID
	ToSettlement   regionbilet.SettlementID
	From, To       regionbilet.Stop
	Departs        civil.Time             // in Moscow
	Minutes        int                    // of travel
	Weekdays       []time.Weekday         // on which it departs; none means every day, Sunday is 0
	Seats          []regionbilet.Seat     // of the coach
	Adult, Child   Fare                   // the zero Fare is not sold
	Stops          []regionbilet.TripStop // between From and To
	Bus            string
	Carrier        regionbilet.Carrier
}

// Fare is what a ticket of one category costs, in roubles.
type Fare struct {
	Base decimal.Decimal // the fare (тариф)
	Fee  decimal.Decimal // for the service of selling the ticket
}

func (f Fare) total() decimal.Decimal { return f.Base.Add(f.Fee) }

// stock is what the fake sells, and what a seed lists.
type stock struct {
	Settlements []regionbilet.Settlement
	Trips       []Trip
}

// AddSettlement adds a settlement for trips to depart from or arrive at. It panics
// if the fake has one with this ID.
func (s *Server) AddSettlement(p regionbilet.Settlement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replace(stock{append(slices.Clone(s.stock.Settlements), p), s.stock.Trips})
}

// AddTrip adds a trip. It panics if the trip cannot be sold: the settlements must
// be there, and no other trip may have the same ID, stops and time.
func (s *Server) AddTrip(t Trip) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replace(stock{s.stock.Settlements, append(slices.Clone(s.stock.Trips), t)})
}

// replace puts up other stock for sale.
func (s *Server) replace(to stock) {
	if err := to.check(); err != nil {
		panic("regionbilettest: " + err.Error())
	}
	s.stock = to
}

// Seed replaces what the fake sells by what a JSON object lists. Settlements has
// elements of [regionbilet.Settlement], Trips of [Trip]:
//
//	{
//		"Settlements": [{"ID": "1", "Name": "Псков"}, {"ID": "2", "Name": "Изборск"}],
//		"Trips": [{
//			"ID": "7", "FromSettlement": "1", "ToSettlement": "2", "From": {"ID": "a"}, "To": {"ID": "b"},
//			"Departs": "08:30:00", "Minutes": 45, "Seats": ["1", "2"], "Adult": {"Base": "90.00", "Fee": "10.00"}
//		}]
//	}
//
// Orders stay as they are. With an error nothing is replaced.
func (s *Server) Seed(seed []byte) error {
	var to stock
	d := json.NewDecoder(bytes.NewReader(seed))
	d.DisallowUnknownFields()
	if err := d.Decode(&to); err != nil {
		return err
	}
	if err := to.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stock = to
	return nil
}

// Reset makes the fake what [New] returns: with the default stock, without orders,
// faults, quirks and recorded requests, and with the machine's clock.
func (s *Server) Reset() {
	s.gateway.Reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead, s.quirks, s.soldOut, s.requests, s.orders, s.issued, s.stock = 0, Quirks{}, false, nil, nil, 0, defaultStock()
}

// check returns what keeps the stock from being sold.
func (s stock) check() error {
	for i, p := range s.Settlements {
		if p.ID == "" {
			return errors.New("a settlement has no ID")
		}
		if slices.ContainsFunc(s.Settlements[:i], func(o regionbilet.Settlement) bool { return o.ID == p.ID }) {
			return fmt.Errorf("there are two settlements %s", p.ID)
		}
	}
	for i, t := range s.Trips {
		if err := s.checkTrip(t); err != nil {
			return fmt.Errorf("trip %s: %w", t.ID, err)
		}
		if slices.ContainsFunc(s.Trips[:i], func(o Trip) bool {
			return o.is(string(t.ID), string(t.From.ID), string(t.To.ID), clock(t.Departs))
		}) {
			return fmt.Errorf("there are two trips %s between the same stops at the same time", t.ID)
		}
	}
	return nil
}

func (s stock) checkTrip(t Trip) error {
	listed := func(id regionbilet.SettlementID) bool {
		return slices.ContainsFunc(s.Settlements, func(p regionbilet.Settlement) bool { return p.ID == id })
	}
	switch {
	case t.ID == "" || t.From.ID == "" || t.To.ID == "":
		return errors.New("the trip and its stops must have IDs")
	case !listed(t.FromSettlement) || !listed(t.ToSettlement):
		return errors.New("its settlements must be there")
	case !t.Departs.IsValid() || t.Minutes <= 0:
		return errors.New("it must depart at a time of day and take some minutes")
	case t.Adult.Base.IsNegative() || t.Adult.Fee.IsNegative() || t.Child.Base.IsNegative() || t.Child.Fee.IsNegative():
		return errors.New("its fares must not be negative")
	}
	for i, seat := range t.Seats {
		if seat == "" || slices.Contains(t.Seats[:i], seat) {
			return errors.New("its seats must have different names")
		}
	}
	return nil
}

func kopecks(n int64) decimal.Decimal { return decimal.New(n, -2) }

func roubles(base, fee int64) Fare { return Fare{kopecks(base), kopecks(fee)} }

// numbered returns the seats 1 to n.
func numbered(n int) (seats []regionbilet.Seat) {
	for i := range n {
		seats = append(seats, regionbilet.Seat(strconv.Itoa(i+1)))
	}
	return seats
}

// defaultStock is what [New] sells.
func defaultStock() stock {
	at := func(hour, minute int) civil.Time { return civil.Time{Hour: hour, Minute: minute} }
	by := func(hour, minute int, name string) regionbilet.TripStop {
		clock := at(hour, minute)
		return regionbilet.TripStop{Departure: &clock, Name: name}
	}
	stavropol := regionbilet.Stop{ID: "stv815", Name: "Автовокзал Ставрополь", Address: "ул. Маршала Жукова, 27"}
	pyatigorsk := regionbilet.Stop{ID: "stv408", Name: "Автовокзал Пятигорск", Address: "ул. Бунимовича, 34"}
	kislovodsk := regionbilet.Stop{ID: "446", Name: "Автостанция Кисловодск", Address: "ул. Промышленная, 4"}
	sochi := regionbilet.Stop{ID: "soc12", Name: "Автовокзал Сочи", Address: "ул. Горького, 56А"}
	avtoline := regionbilet.Carrier{
		Name: "ООО Автолайн", INN: "2600000001",
		ContactName: "Директор Перевозчика", Phone: "88652000000", Address: "г. Ставрополь", WorkingHours: "08:00-20:00",
		OGRN: "1020000000001", License: "АК-26-000001", LicenseDate: "31.12.2030", LicenseAuthority: "Ространснадзор",
	}
	south := regionbilet.Carrier{Name: "ИП ПЕТРОВ П. П.", INN: "260000000002", Cash: "1", Phone: "88652000002", OGRN: "302260000000002"}
	return stock{
		Settlements: []regionbilet.Settlement{
			{ID: "124", Name: "Ставрополь", Address: "Ставропольский край, г. Ставрополь"},
			{ID: "463", Name: "Пятигорск", Address: "Ставропольский край, г. Пятигорск"},
			{ID: "505", Name: "Кисловодск", Address: "Ставропольский край, г. Кисловодск"},
			{ID: "617", Name: "Сочи", Address: "Краснодарский край, г. Сочи"},
		},
		Trips: []Trip{
			{
				ID: "1956", Name: "Ставрополь - Пятигорск", FromSettlement: "124", ToSettlement: "463",
				From: stavropol, To: pyatigorsk, Departs: at(8, 30), Minutes: 220, Seats: numbered(20),
				Adult: roubles(49754, 2000), Child: roubles(24957, 2000),
				Bus: "Mercedes-Benz Sprinter", Carrier: avtoline,
				Stops: []regionbilet.TripStop{by(10, 0, "Александровское"), by(11, 30, "Минеральные Воды")},
			},
			{
				ID: "4546", Name: "Ставрополь - Кисловодск", FromSettlement: "124", ToSettlement: "505",
				From: stavropol, To: kislovodsk, Departs: at(21, 0), Minutes: 270, Seats: numbered(12),
				Adult: roubles(60000, 0), Child: roubles(30000, 0),
				Bus: "ПАЗ 3205", Carrier: avtoline,
				Stops: []regionbilet.TripStop{by(0, 10, "Пятигорск")},
			},
			{
				ID: "1957", Name: "Пятигорск - Ставрополь", FromSettlement: "463", ToSettlement: "124",
				From: pyatigorsk, To: stavropol, Departs: at(17, 0), Minutes: 220, Seats: numbered(20),
				Adult: roubles(49754, 2000), Child: roubles(24957, 2000),
				Bus: "Mercedes-Benz Sprinter", Carrier: avtoline,
			},
			{
				ID: "2210", Name: "Ставрополь - Кисловодск", FromSettlement: "124", ToSettlement: "505",
				From: stavropol, To: kislovodsk, Departs: at(6, 15), Minutes: 255,
				Weekdays: []time.Weekday{time.Saturday, time.Sunday}, Seats: []regionbilet.Seat{"1", "3", "7"},
				Adult: roubles(45000, 5050), Bus: "ГАЗель Next", Carrier: south,
			},
			{
				ID: "3077", Name: "Ставрополь - Сочи", FromSettlement: "124", ToSettlement: "617",
				From: stavropol, To: sochi, Departs: at(19, 0), Minutes: 930,
				Seats: []regionbilet.Seat{"1А", "1Б", "2А", "2Б", "11", "12", "13", "14"},
				Adult: roubles(215000, 8500), Child: roubles(107500, 8500),
				Bus: "Neoplan Skyliner", Carrier: south,
				Stops: []regionbilet.TripStop{by(0, 40, "Краснодар"), {Name: "Туапсе"}},
			},
		},
	}
}
