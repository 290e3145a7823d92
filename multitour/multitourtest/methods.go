package multitourtest

import (
	"slices"
	"time"
)

// method is the implementation of one method of the manual. run returns an object, a list of
// objects, or a text of refusal.
type method struct {
	key    string // the answer's name in the manual's samples
	own    string // the answer's name after the method, if it differs from key
	params []param
	run    func(s *Server, q query, now time.Time) (result any, problem string)
}

var (
	inCountry = []param{need("country_id", id(countries))}
	inArea    = []param{need("country_id", id(countries)), may("resort_id", ids(resorts)), may("city_id", ids(cities))}
	stay      = []param{
		need("dates", variants[time.Time](dayOrUnix)), need("nights", variants[int](integer(0))),
		need("adult", integer(1)), may("ages", each[int](age)),
	}
)

var methods = map[string]method{
	"map.country": {"country", "", []param{may("type", oneOf("all", "tour", "excurs"))}, mapCountry},
	"map.resort":  {"resort", "", inCountry, mapResort},
	"map.city":    {"city", "", inArea[:2], mapCity},
	"map.hotel":   {"hotel", "", inArea, mapHotel},
	"map.category": {"category", "", inCountry, features(withNumberID, categories, func(h *hotel) []entry {
		return []entry{h.category}
	})},
	"map.treatment": {"category", "treatment", inCountry, features(withTextID, treatments, func(h *hotel) []entry {
		return h.treatments
	})},
	"map.pansion": {"category", "pansion", inCountry, features(withNumberID, mealTypes, (*hotel).mealTypes)},
	"map.highway": {"category", "highway", inCountry, features(withNumberID, highways, func(h *hotel) []entry {
		return []entry{h.highway}
	})},
	"map.beach.type": {"category", "beach_type", inCountry, features(withNumberID, beachTypes, func(h *hotel) []entry {
		return []entry{h.beach}
	})},
	"map.sea.distance": {"category", "sea_distance", inCountry, features(withNumberID, seaDistances, func(h *hotel) []entry {
		return []entry{h.sea}
	})},
	"map.options": {"options", "", inArea, features(withTextID, amenities, func(h *hotel) []entry {
		return h.amenities
	})},
	"map.tour.type": {"tourtype", "tour_type", inArea, mapTourType},
	"list.price": {"list_price", "", slices.Concat(inArea, stay, []param{
		may("hotel_id", each[int](integer(1))), may("highway", ids(highways)), may("category", ids(categories)),
		may("sea_distance", ids(seaDistances)), may("beach_type", ids(beachTypes)), may("treatment", ids(treatments)),
		may("pansion", ids(mealTypes)), may("options", ids(amenities)), may("tour_type", ids(tourTypes)),
		may("price_min", integer(0)), may("price_max", integer(0)), may("quote", flag),
	}), listPrice},
	"hotel.price": {"hotel_price", "", slices.Concat([]param{need("hotel_id", integer(1))}, stay), hotelPrice},
	"booking_set": {"booking_info", "booking_set", []param{
		need("us_key", digits), need("price_key", digits), need("date", day), need("persons", objects),
		may("view", oneOf("full", "")),
	}, bookingSet},
	"booking_list": {"booking_list", "", []param{
		need("us_key", digits), may("code", name), may("year", integer(1)),
		may("create_date_begin", day), may("create_date_end", day),
		may("tour_date_begin", day), may("tour_date_end", day), may("tour_date", day),
		may("tour_name", name), may("tourist_name", name), may("status", oneOf("ok", "not_pay", "")),
		may("count", integer(1)), may("page", integer(1)),
	}, bookingList},
	"booking_info": {"booking_info", "", []param{need("us_key", digits), need("code", name)}, bookingInfo},
}

func mapCountry(_ *Server, q query, _ time.Time) (any, string) {
	kind := get[string](q, "type")
	var list []object
	for _, c := range countries {
		if c.excursions && kind != "tour" || !c.excursions && kind != "excurs" {
			list = append(list, withTextID(c.entry))
		}
	}
	return list, ""
}

func mapResort(_ *Server, q query, _ time.Time) (any, string) {
	var list []object
	for _, r := range resorts {
		if r.country == get[int](q, "country_id") {
			list = append(list, append(withTextID(r.entry), member{"country_id", text(r.country)}))
		}
	}
	return list, ""
}

func mapCity(_ *Server, q query, _ time.Time) (any, string) {
	var list []object
	for _, c := range cities {
		if c.in(q) {
			list = append(list, append(withTextID(c.entry), member{"country_id", text(c.country)}, member{"resort_id", text(c.resort)}))
		}
	}
	return list, ""
}

func mapHotel(s *Server, q query, _ time.Time) (any, string) {
	var list []object
	for i := range s.hotels {
		if h := &s.hotels[i]; h.city.in(q) {
			o := h.address()
			o = append(o, member{"min_age", nil})
			if h.minAge != "" {
				o[len(o)-1].value = h.minAge
			}
			list = append(list, append(o, h.picture()...))
		}
	}
	return s.unreadable(list, "id"), ""
}

// address returns the members that hotels have in directories and in prices.
func (h *hotel) address() object {
	return append(withTextID(h.entry), object{
		{"country_id", text(h.city.country)}, {"resort_id", text(h.city.resort)}, {"city_id", text(h.city.id)},
	}...)
}

func (h *hotel) picture() object {
	return object{{"img_src", h.image}, {"x", h.x}, {"y", h.y}}
}

// features returns a method that lists features of the hotels of an area. A feature that no
// hotel has is not listed.
func features(write func(entry) object, all []entry, of func(*hotel) []entry) func(*Server, query, time.Time) (any, string) {
	return func(s *Server, q query, _ time.Time) (any, string) {
		var list []object
		for _, e := range all {
			var have []string
			for i := range s.hotels {
				if h := &s.hotels[i]; h.city.in(q) && slices.Contains(of(h), e) {
					have = append(have, text(h.id))
				}
			}
			if have != nil {
				list = append(list, append(write(e), member{"hotel_id", have}))
			}
		}
		return list, ""
	}
}

func mapTourType(s *Server, q query, _ time.Time) (any, string) {
	var list []object
	for _, e := range tourTypes {
		if slices.ContainsFunc(s.hotels, func(h hotel) bool { return h.city.in(q) && slices.Contains(h.tourTypes(), e) }) {
			list = append(list, withTextID(e))
		}
	}
	return list, ""
}

// in reports whether a city is in the requested area.
func (c city) in(q query) bool {
	return c.country == get[int](q, "country_id") && fits(q, "resort_id", c.resort) && fits(q, "city_id", c.id)
}

// fits reports whether one of the ids fits a filter. An empty filter fits all.
func fits(q query, filter string, ids ...int) bool {
	want := get[[]int](q, filter)
	return len(want) == 0 || slices.ContainsFunc(want, func(id int) bool { return slices.Contains(ids, id) })
}

// keys returns the ids of entries, without those of zero entries.
func keys(entries ...entry) (all []int) {
	for _, e := range entries {
		if e != (entry{}) {
			all = append(all, e.id)
		}
	}
	return all
}

// withNumberID and withTextID return an entry with its id as a number or as a string. The
// samples have both.
func withNumberID(e entry) object { return object{{"id", whole(e.id)}, {"name", e.name}} }

func withTextID(e entry) object { return object{{"id", text(e.id)}, {"name", e.name}} }

// list returns the entries of a map.
func list(write func(entry) object, entries []entry) []object {
	var all []object
	for _, e := range entries {
		all = append(all, write(e))
	}
	return all
}
