package multitourtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/multitour"
)

// Hotel is a hotel that is for sale.
type Hotel struct {
	ID    multitour.HotelID
	Name  string
	City  multitour.CityID // one that [multitour.Client.Cities] lists
	Tour  string           // the name of its tours, which bookings have; "" is Name
	Rates []Rate           // up to ten
}

// Rate is a room with meals for some price. Children below 3 years cost nothing.
type Rate struct {
	Room   string
	Places int // for people who need one: one to four
	Quota  int // rooms for each night that need no confirmation; rates with the same Room share the first one's

	Tariff   string
	TourType multitour.TourTypeID // one that [multitour.Client.TourTypes] lists; "" is "17", leisure
	MealType multitour.MealTypeID // "4", "3", "2" or "0"; "" is "0", [multitour.NoMeals]

	Adult, Child decimal.Decimal // roubles for a night
}

// AddHotel adds a hotel to what the fake sells. It panics if the hotel cannot be sold:
// its ID must be a number that no other hotel has, and its city must be there.
func (s *Server) AddHotel(h Hotel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := stock(s.hotels, h)
	if err != nil {
		panic("multitourtest: " + err.Error())
	}
	s.hotels = all
}

// Seed replaces the hotels that the fake sells by those of a JSON object, whose
// elements are those of [Hotel]:
//
//	{
//		"Hotels": [{
//			"ID": "10", "Name": "Прибой", "City": "1440",
//			"Rates": [{"Room": "2-х местный", "Places": 2, "Quota": 1, "Tariff": "Завтрак", "MealType": "2", "Adult": "1500", "Child": "900"}]
//		}]
//	}
//
// Bookings stay as they are. With an error nothing is replaced.
func (s *Server) Seed(seed []byte) error {
	var to struct{ Hotels []Hotel }
	d := json.NewDecoder(bytes.NewReader(seed))
	d.DisallowUnknownFields()
	if err := d.Decode(&to); err != nil {
		return err
	}
	all, err := stock(nil, to.Hotels...)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hotels, s.taken = all, map[roomNight]int{}
	return nil
}

// Reset makes the fake what [New] returns: with the default stock, without bookings,
// faults, quirks and recorded requests, and with the machine's clock.
func (s *Server) Reset() {
	s.gateway.Reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead, s.quirks, s.soldOut, s.requests, s.bookings = 0, Quirks{}, false, nil, nil
	s.hotels, s.taken = defaultHotels, map[roomNight]int{}
}

// stock returns the hotels with some more, or what keeps one of them from being sold.
func stock(all []hotel, more ...Hotel) ([]hotel, error) {
	all = slices.Clone(all)
	for _, m := range more {
		h, err := m.hotel()
		if err == nil && slices.ContainsFunc(all, func(o hotel) bool { return o.id == h.id }) {
			err = errors.New("there is another with this ID")
		}
		if err != nil {
			return nil, fmt.Errorf("hotel %s: %w", m.ID, err)
		}
		all = append(all, h)
	}
	return all, nil
}

// The ids of rooms and tariffs that are added are counted.
const (
	firstRoom   = 9000
	firstTariff = 119000
)

// hotel checks a hotel and gives its parts ids.
func (h Hotel) hotel() (hotel, error) {
	const mostRates = 10
	id, err := strconv.Atoi(string(h.ID))
	city := slices.IndexFunc(cities, func(c city) bool { return text(c.id) == string(h.City) })
	switch {
	case err != nil || id <= 0:
		return hotel{}, errors.New("its ID must be a positive number")
	case city < 0:
		return hotel{}, errors.New("its city must be there")
	case len(h.Rates) > mostRates:
		return hotel{}, errors.New("it has too many rates")
	}
	to := hotel{entry: entry{id, h.Name}, city: cities[city], kind: guestHouse, tour: entry{id, cmp.Or(h.Tour, h.Name)}}
	for n, r := range h.Rates {
		first := slices.IndexFunc(h.Rates, func(o Rate) bool { return o.Room == r.Room })
		one := rate{
			room:   room{entry{firstRoom + first, r.Room}, standard, r.Places, h.Rates[first].Quota},
			tariff: entry{firstTariff + n, r.Tariff}, adult: r.Adult, child: r.Child,
		}
		plan := slices.IndexFunc(plans, func(p mealPlan) bool { return text(p.kind.id) == cmp.Or(string(r.MealType), string(multitour.NoMeals)) })
		tour := slices.IndexFunc(tourTypes, func(e entry) bool { return text(e.id) == cmp.Or(string(r.TourType), text(leisure.id)) })
		if plan < 0 || tour < 0 || r.Places < 1 || r.Places > len(accommodations[0]) || r.Quota < 0 || !r.Adult.IsPositive() || r.Child.IsNegative() {
			return hotel{}, fmt.Errorf("its rate %d cannot be sold", n)
		}
		one.meals, one.tourType = plans[plan], tourTypes[tour]
		to.rates = append(to.rates, one)
	}
	return to, nil
}

// plans has a meal tariff of each type.
var plans = []mealPlan{everyMeal, ordered, mornings, unfed}

// hotel returns the hotel with an id, or nil.
func (s *Server) hotel(id int) *hotel {
	i := slices.IndexFunc(s.hotels, func(h hotel) bool { return h.id == id })
	if i < 0 {
		return nil
	}
	return &s.hotels[i]
}

// unknownHotel reports whether a request names a hotel that is not there.
func (s *Server) unknownHotel(q query) bool {
	ids := get[[]int](q, "hotel_id")
	if id, ok := q["hotel_id"].(int); ok {
		ids = []int{id}
	}
	return slices.ContainsFunc(ids, func(id int) bool { return s.hotel(id) == nil })
}
