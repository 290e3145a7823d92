package multitourtest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// moscow is the zone of the supplier's midnights.
var moscow = time.FixedZone("MSK", 3*60*60)

const (
	dateLayout = "02.01.2006"

	daysAhead = 300
	maxNights = 30
	infantAge = 3 // from which a child needs a place
)

// midnight is when the day of t began.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

func unix(day time.Time) string { return strconv.FormatInt(day.Unix(), 10) }

// offer is a rate for some nights and people.
type offer struct {
	hotel  *hotel
	number int // of the rate
	day    time.Time
	nights int
	party  party
}

type party struct{ adults, children, infants int }

func partyOf(q query) party {
	p := party{adults: get[int](q, "adult")}
	for _, age := range get[[]int](q, "ages") {
		if age < infantAge {
			p.infants++
		} else {
			p.children++
		}
	}
	return p
}

func (p party) seated() int { return p.adults + p.children }

func (o offer) rate() rate { return o.hotel.rates[o.number] }

// sold reports whether there is such an offer, whoever may have booked it.
func (o offer) sold(now time.Time) bool {
	today := midnight(now)
	return !o.day.Before(today) && o.day.Before(today.AddDate(0, 0, daysAhead)) &&
		o.nights >= 1 && o.nights <= maxNights &&
		o.party.adults >= 1 && o.party.seated() <= o.rate().room.places && o.party.infants < len(accommodations) &&
		(o.party.infants == 0 || o.hotel.minAge == "" || o.hotel.minAge == "0")
}

func (o offer) price() decimal.Decimal {
	r := o.rate()
	night := r.adult.Mul(decimal.NewFromInt(int64(o.party.adults))).Add(r.child.Mul(decimal.NewFromInt(int64(o.party.children))))
	return night.Mul(decimal.NewFromInt(int64(o.nights)))
}

func (o offer) accommodation() entry { return accommodations[o.party.infants][o.party.seated()-1] }

// idLength is how many digits of an offer's id follow the number of the hotel: the
// rate, the day since 1970, the nights, the adults, the children, the infants.
const idLength = 11

func (s *Server) offerID(o offer) string {
	const secondsPerDay = 24 * 60 * 60
	place := slices.IndexFunc(s.hotels, func(h hotel) bool { return h.id == o.hotel.id })
	_, zone := o.day.Zone()
	day := (o.day.Unix() + int64(zone)) / secondsPerDay
	return fmt.Sprintf("%d%d%05d%02d%d%d%d", place+1, o.number, day, o.nights, o.party.adults, o.party.children, o.party.infants)
}

// findOffer finds the offer that an id says.
func (s *Server) findOffer(id string, now time.Time) (o offer, ok bool) {
	if len(id) <= idLength || s.soldOut {
		return o, false
	}
	var day int
	place, err := strconv.Atoi(id[:len(id)-idLength])
	if err != nil || place > len(s.hotels) {
		return o, false
	}
	_, err = fmt.Sscanf(id[len(id)-idLength:], "%1d%5d%2d%1d%1d%1d",
		&o.number, &day, &o.nights, &o.party.adults, &o.party.children, &o.party.infants)
	if err != nil || o.number >= len(s.hotels[place-1].rates) {
		return o, false
	}
	o.hotel = &s.hotels[place-1]
	o.day = time.Date(1970, 1, 1+day, 0, 0, 0, 0, moscow)
	return o, o.sold(now)
}

// roomNight is a room of a quota for a night.
type roomNight struct {
	hotel, room int
	night       string
}

// takes lists what an offer takes of its room's quota.
func (o offer) takes() (all []roomNight) {
	for n := range o.nights {
		all = append(all, roomNight{o.hotel.id, o.rate().room.id, unix(o.day.AddDate(0, 0, n))})
	}
	return all
}

// guaranteed reports whether the quota has a room for every night.
func (s *Server) guaranteed(o offer) bool {
	return !slices.ContainsFunc(o.takes(), func(p roomNight) bool { return s.taken[p] >= o.rate().room.quota })
}

// offers lists what a hotel has for the stay that was asked for.
func (s *Server) offers(h *hotel, q query, now time.Time) (all []offer) {
	if s.soldOut {
		return nil
	}
	days := slices.CompactFunc(slices.SortedFunc(slices.Values(get[[]time.Time](q, "dates")), time.Time.Compare), time.Time.Equal)
	nights := slices.Compact(slices.Sorted(slices.Values(get[[]int](q, "nights"))))
	for number := range h.rates {
		for _, n := range nights {
			for _, d := range days {
				if o := (offer{h, number, d, n, partyOf(q)}); o.sold(now) {
					all = append(all, o)
				}
			}
		}
	}
	return all
}

// search lists the offers of a hotel that pass the filters.
func (s *Server) search(h *hotel, q query, now time.Time) []offer {
	for _, id := range get[[]int](q, "options") {
		if !slices.Contains(keys(h.amenities...), id) {
			return nil
		}
	}
	if !h.city.in(q) || !fits(q, "hotel_id", h.id) || !fits(q, "highway", keys(h.highway)...) ||
		!fits(q, "category", h.category.id) || !fits(q, "sea_distance", keys(h.sea)...) ||
		!fits(q, "beach_type", keys(h.beach)...) || !fits(q, "treatment", keys(h.treatments...)...) {
		return nil
	}
	lowest, highest := int64(get[int](q, "price_min")), int64(get[int](q, "price_max"))
	return slices.DeleteFunc(s.offers(h, q, now), func(o offer) bool {
		price := o.price()
		return !fits(q, "pansion", o.rate().meals.kind.id) || !fits(q, "tour_type", o.rate().tourType.id) ||
			price.LessThan(decimal.NewFromInt(lowest)) || highest > 0 && price.GreaterThan(decimal.NewFromInt(highest)) ||
			get[bool](q, "quote") && !s.guaranteed(o)
	})
}

func cheapest(offers []offer) offer {
	return slices.MinFunc(offers, func(a, b offer) int {
		return cmp.Or(a.price().Cmp(b.price()), a.day.Compare(b.day), cmp.Compare(a.nights, b.nights))
	})
}

func listPrice(s *Server, q query, now time.Time) (any, string) {
	var data, hotelMap []object
	var hotelIDs []string
	var accommodation, country, resort, city, kinds, meals, tours []entry
	for i := range s.hotels {
		h := &s.hotels[i]
		offers := s.search(h, q, now)
		if len(offers) == 0 {
			continue
		}
		hotelIDs = append(hotelIDs, text(h.id))
		data = append(data, s.lowest(offers))
		for _, o := range offers {
			accommodation = add(accommodation, o.accommodation())
			tours = add(tours, o.rate().tourType)
		}
		country = add(country, find(countries, h.city.country).entry)
		resort = add(resort, find(resorts, h.city.resort).entry)
		city = add(city, h.city.entry)
		kinds = add(kinds, h.kind)
		for _, e := range h.mealTypes() {
			meals = add(meals, e)
		}
		hotelMap = append(hotelMap, h.mapObject())
	}
	data = s.unreadable(data, "price_min")
	if data == nil {
		return object{{"data", object{}}, {"map", object{}}}, ""
	}
	byID := object{}
	for i, o := range data {
		byID = append(byID, member{hotelIDs[i], o})
	}
	return object{
		{"data", byID},
		{"map", object{
			{"accomodation", list(withNumberID, accommodation)},
			{"country", list(withNumberID, country)},
			{"resort", list(withNumberID, resort)},
			{"city", list(withNumberID, city)},
			{"hotel_type", list(withNumberID, kinds)},
			{"pansion_type", list(withNumberID, meals)},
			{"tour_type", list(withNumberID, tours)},
			{"hotel", hotelMap},
		}},
	}, ""
}

func find[T identified](list []T, id int) T {
	return list[slices.IndexFunc(list, func(v T) bool { return v.key() == id })]
}

// mapObject is a hotel as the map of list.price has it.
func (h *hotel) mapObject() object {
	o := append(h.address(), member{"type_id", text(h.kind.id)})
	if h.minAge != "" {
		o = append(o, member{"min_age", h.minAge})
	}
	var meals []string
	for _, e := range h.mealTypes() {
		meals = append(meals, text(e.id))
	}
	return append(append(o, h.picture()...), member{"pansions", meals})
}

// lowest is a hotel as the data of list.price has it.
func (s *Server) lowest(offers []offer) object {
	least := cheapest(offers)
	prices := object{}
	for _, o := range slices.SortedStableFunc(slices.Values(offers), func(a, b offer) int {
		return cmp.Or(a.day.Compare(b.day), cmp.Compare(a.nights, b.nights))
	}) {
		if i := len(prices) - 1; i < 0 || prices[i].name != unix(o.day) {
			prices = append(prices, member{unix(o.day), object{}})
		}
		day := &prices[len(prices)-1]
		nights, _ := day.value.(object)
		if i := len(nights) - 1; i < 0 || nights[i].name != text(o.nights) {
			nights = append(nights, member{text(o.nights), s.pair(offers, o)})
			day.value = nights
		}
	}
	return object{
		{"price_min", money(least.price())},
		{"accomodation_min", text(least.accommodation().id)},
		{"tour_type_min", text(least.rate().tourType.id)},
		{"pansion_min", text(least.rate().meals.kind.id)},
		{"date_min", whole(least.day.Unix())},
		{"days_min", whole(least.nights)},
		{"quote", s.quote(slices.ContainsFunc(offers, s.guaranteed))},
		{"price", prices},
	}
}

// pair has the lowest prices of a day and a number of nights: of places that
// are guaranteed and of those that are not.
func (s *Server) pair(offers []offer, like offer) object {
	var o object
	for _, p := range []struct {
		name       string
		guaranteed bool
	}{{"quote", true}, {"request", false}} {
		var of []offer
		for _, other := range offers {
			if other.day.Equal(like.day) && other.nights == like.nights && s.guaranteed(other) == p.guaranteed {
				of = append(of, other)
			}
		}
		switch {
		case of != nil:
			o = append(o, member{p.name, money(cheapest(of).price())})
		case s.quirks.EmptyNull:
			o = append(o, member{p.name, nil})
		}
	}
	return o
}

func (s *Server) quote(guaranteed bool) number {
	if guaranteed {
		return "1"
	}
	return "0"
}

func hotelPrice(s *Server, q query, now time.Time) (any, string) {
	h := s.hotel(get[int](q, "hotel_id"))
	var tours, tariffs, plans, rooms, roomCategories, meals, accommodation []entry
	var data []object
	for _, o := range s.offers(h, q, now) {
		r := o.rate()
		tours, tariffs, plans = add(tours, r.tourType), add(tariffs, r.tariff), add(plans, r.meals.entry)
		rooms, roomCategories = add(rooms, r.room.entry), add(roomCategories, r.room.category)
		meals, accommodation = add(meals, r.meals.kind), add(accommodation, o.accommodation())
		data = append(data, object{
			{"night", text(o.nights)},
			{"date", unix(o.day)},
			{"tour_id", text(r.tourType.id)},
			{"hotel_id", text(h.id)},
			{"tarif_id", text(r.tariff.id)},
			{"price_id", s.offerID(o)},
			{"price", money(o.price())},
			{"room_id", text(r.room.id)},
			{"room_category_id", text(r.room.category.id)},
			{"pansion_id", text(r.meals.id)},
			{"pansion_type_id", text(r.meals.kind.id)},
			{"accomodation_id", text(o.accommodation().id)},
			{"quote", s.quote(s.guaranteed(o))},
		})
	}
	return object{
		{"map", object{
			{"tour_type", list(withTextID, tours)},
			{"tarif", list(withTextID, tariffs)},
			{"pansion", list(withTextID, plans)},
			{"room", list(withTextID, rooms)},
			{"room_category", list(withTextID, roomCategories)},
			{"pansion_type", list(withTextID, meals)},
			{"accomodation", list(withTextID, accommodation)},
		}},
		{"data", s.unreadable(data, "price")},
	}, ""
}
