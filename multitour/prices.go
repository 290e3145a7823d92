package multitour

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// MaxVariants is how many dates, and how many numbers of nights, one request
// for prices may have (manual, "Цены").
const MaxVariants = 3

type (
	// OfferID identifies an offer of a hotel's stay at a price. [Client.Offers]
	// names it price_id, [Client.Book] takes it as price_key.
	OfferID string
	// HotelTypeID identifies a type of hotel: hotel, sanatorium.
	HotelTypeID string
	// AccommodationID identifies an accommodation (размещение): who sleeps where.
	AccommodationID string
	// TariffID identifies a tariff (тариф).
	TariffID string
	// RoomID identifies a room (номер).
	RoomID string
	// RoomCategoryID identifies a category of rooms (категория номера).
	RoomCategoryID string
	// MealPlanID identifies a meal tariff (тариф питания); it is no [MealTypeID].
	MealPlanID string
)

// Stay says when, for how long and for whom one looks for a tour. Every date is
// combined with every number of nights.
type Stay struct {
	Dates     []civil.Date // dates: of check-in, one to three
	Nights    []int        // nights: one to three numbers
	Adults    int          // adult
	ChildAges []int        // ages: in years; an infant's is 0
}

// HotelQuery asks for the hotels of an area that have places for a stay. Empty
// filters do not count. A hotel passes a filter if any of its ids fits, only
// Amenities must fit all.
type HotelQuery struct {
	Stay
	Area
	Hotels []HotelID // hotel_id

	Highways     []HighwayID     // highway: works only in the country "Россия"
	Categories   []CategoryID    // category
	SeaDistances []SeaDistanceID // sea_distance
	BeachTypes   []BeachTypeID   // beach_type
	Treatments   []TreatmentID   // treatment
	MealTypes    []MealTypeID    // pansion
	Amenities    []AmenityID     // options
	TourTypes    []TourTypeID    // tour_type

	PriceMin       int  // price_min: roubles; 0: any
	PriceMax       int  // price_max: roubles; 0: any
	OnlyGuaranteed bool // quote: only places that need no confirmation
}

// HotelPrices is a hotel with its lowest prices. Names come with the answer;
// directories need not be asked for them.
type HotelPrices struct {
	Hotel       Hotel
	CountryName string              // of Hotel.Country
	ResortName  string              // of Hotel.Resort
	CityName    string              // of Hotel.City
	Type        Entry[HotelTypeID]  // type_id
	MealTypes   []Entry[MealTypeID] // pansions: all that the hotel has

	Cheapest      CheapestStay
	HasGuaranteed bool        // quote: some of the places need no confirmation
	Prices        []StayPrice // price: by date and nights
}

// CheapestStay is the stay in a hotel that costs least.
type CheapestStay struct {
	Price         decimal.Decimal        // price_min
	Date          civil.Date             // date_min: of check-in
	Nights        int                    // days_min
	Accommodation Entry[AccommodationID] // accomodation_min
	TourType      Entry[TourTypeID]      // tour_type_min
	MealType      Entry[MealTypeID]      // pansion_min
}

// StayPrice is what a stay in a hotel costs at least. Each price is missing if
// there are no such places.
type StayPrice struct {
	Date            civil.Date          // of check-in
	Nights          int                 // how many
	GuaranteedPrice decimal.NullDecimal // quote: of places that need no confirmation
	OnRequestPrice  decimal.NullDecimal // request: of places that the supplier must confirm
}

// OfferQuery asks for the offers of a hotel.
type OfferQuery struct {
	Hotel HotelID // hotel_id: the manual calls it optional, yet the method is about one hotel
	Stay
}

// Offer is a stay in a hotel that can be booked by its ID.
type Offer struct {
	ID         OfferID         // price_id
	Hotel      HotelID         // hotel_id
	Date       civil.Date      // date: of check-in
	Nights     int             // night
	Price      decimal.Decimal // price: roubles
	Guaranteed bool            // quote: at the moment of the answer there are places that need no confirmation

	TourType      Entry[TourTypeID]      // tour_id
	Tariff        Entry[TariffID]        // tarif_id
	Room          Entry[RoomID]          // room_id
	RoomCategory  Entry[RoomCategoryID]  // room_category_id
	MealPlan      Entry[MealPlanID]      // pansion_id: the meal tariff
	MealType      Entry[MealTypeID]      // pansion_type_id
	Accommodation Entry[AccommodationID] // accomodation_id
}

// stayDates and stayParty are the parts of a stay; other members stand between
// them in one of the requests.
type stayDates struct {
	Dates  []string `json:"dates"`
	Nights []int    `json:"nights"`
}

type stayParty struct {
	Adult int   `json:"adult"`
	Ages  []int `json:"ages,omitempty"`
}

func (s Stay) dates() stayDates {
	var dates []string
	for _, d := range s.Dates {
		dates = append(dates, wire.FormatDate(wire.DMY, d))
	}
	return stayDates{dates, s.Nights}
}

func (s Stay) party() stayParty { return stayParty{s.Adults, s.ChildAges} }

// check checks a stay but for the numbers of its variants.
func (s Stay) check(v *valid.Check) {
	v.That(len(s.Dates) > 0, "Dates", "must not be empty")
	for i, d := range s.Dates {
		field := fmt.Sprintf("Dates[%d]", i)
		v.Date(field, d)
		v.That(!slices.Contains(s.Dates[:i], d), field, "must not be given twice")
	}
	v.That(len(s.Nights) > 0, "Nights", "must not be empty")
	for i, n := range s.Nights {
		field := fmt.Sprintf("Nights[%d]", i)
		v.That(n >= 0, field, "must not be negative")
		v.That(!slices.Contains(s.Nights[:i], n), field, "must not be given twice")
	}
	v.That(s.Adults > 0, "Adults", "must be positive")
	for i, age := range s.ChildAges {
		v.That(age >= 0, fmt.Sprintf("ChildAges[%d]", i), "must not be negative")
	}
}

// checkVariants checks that a stay goes into one request.
func (s Stay) checkVariants(v *valid.Check) {
	const problem = "must be at most three in one request (see AllHotelPrices and AllOffers)"
	v.That(len(s.Dates) <= MaxVariants, "Dates", problem)
	v.That(len(s.Nights) <= MaxVariants, "Nights", problem)
}

// split cuts a stay into ones that go into one request each.
func (s Stay) split() (all []Stay) {
	for dates := range slices.Chunk(s.Dates, MaxVariants) {
		for nights := range slices.Chunk(s.Nights, MaxVariants) {
			part := s
			part.Dates, part.Nights = dates, nights
			all = append(all, part)
		}
	}
	return all
}

// The members stand in the order of the manual's sample.
type searchRequest struct {
	areaRequest
	HotelID []json.Number `json:"hotel_id,omitempty"`
	stayDates
	Highway     []json.Number `json:"highway,omitempty"`
	Category    []json.Number `json:"category,omitempty"`
	BeachType   []json.Number `json:"beach_type,omitempty"`
	SeaDistance []json.Number `json:"sea_distance,omitempty"`
	Treatment   []json.Number `json:"treatment,omitempty"`
	Pansion     []json.Number `json:"pansion,omitempty"`
	Options     []json.Number `json:"options,omitempty"`
	TourType    []json.Number `json:"tour_type,omitempty"`
	PriceMin    int           `json:"price_min,omitempty"`
	PriceMax    int           `json:"price_max,omitempty"`
	Quote       int           `json:"quote,omitempty"`
	stayParty
}

func (s HotelQuery) request() searchRequest {
	r := searchRequest{
		areaRequest: s.Area.request(),
		HotelID:     wire.Numbers(s.Hotels),
		stayDates:   s.dates(),
		Highway:     wire.Numbers(s.Highways),
		Category:    wire.Numbers(s.Categories),
		BeachType:   wire.Numbers(s.BeachTypes),
		SeaDistance: wire.Numbers(s.SeaDistances),
		Treatment:   wire.Numbers(s.Treatments),
		Pansion:     wire.Numbers(s.MealTypes),
		Options:     wire.Numbers(s.Amenities),
		TourType:    wire.Numbers(s.TourTypes),
		PriceMin:    s.PriceMin,
		PriceMax:    s.PriceMax,
		stayParty:   s.party(),
	}
	if s.OnlyGuaranteed {
		r.Quote = 1
	}
	return r
}

// check checks a search but for the numbers of its variants.
func (s HotelQuery) check() valid.Check {
	v := s.Area.check()
	numbers(&v, "Hotels", s.Hotels)
	s.Stay.check(&v)
	numbers(&v, "Highways", s.Highways)
	numbers(&v, "Categories", s.Categories)
	numbers(&v, "SeaDistances", s.SeaDistances)
	numbers(&v, "BeachTypes", s.BeachTypes)
	numbers(&v, "Treatments", s.Treatments)
	numbers(&v, "MealTypes", s.MealTypes)
	numbers(&v, "Amenities", s.Amenities)
	numbers(&v, "TourTypes", s.TourTypes)
	v.That(s.PriceMin >= 0, "PriceMin", "must not be negative")
	v.That(s.PriceMax >= 0, "PriceMax", "must not be negative")
	v.That(s.PriceMax == 0 || s.PriceMin <= s.PriceMax, "PriceMax", "must not be below PriceMin")
	return v
}

// HotelPrices searches hotels and their lowest prices. The prices are ordered by
// date and nights, the hotels as the supplier orders them. To book, ask
// [Client.Offers] of a hotel for its offers.
//
// One request may have three dates and three numbers of nights; see
// [Client.AllHotelPrices] for more.
//
// Multitour: POST list.price
func (c *Client) HotelPrices(ctx context.Context, s HotelQuery, opts ...rutravel.CallOption) ([]HotelPrices, error) {
	v := s.check()
	s.checkVariants(&v)
	return call(ctx, c, opListPrice, s.request(), nil, v, (*reply).readHotelPrices, opts)
}

// AllHotelPrices is [Client.HotelPrices] for any number of dates and nights, and
// returns them all at once. It sends as many requests as that takes, one after
// another, and puts their answers together: each hotel is there once, with all
// its prices. If one of them fails, its error is all that is returned.
//
// Multitour: POST list.price
func (c *Client) AllHotelPrices(ctx context.Context, s HotelQuery, opts ...rutravel.CallOption) ([]HotelPrices, error) {
	if v := s.check(); v.Err() != nil {
		return nil, c.line.Invalid(&operations[opListPrice], v.Err())
	}
	var all []HotelPrices
	places := map[HotelID]int{}
	for _, part := range s.split() {
		s.Stay = part
		found, err := c.HotelPrices(ctx, s, opts...)
		if err != nil {
			return nil, err
		}
		for _, h := range found {
			if i, ok := places[h.Hotel.ID]; ok {
				all[i].merge(h)
				continue
			}
			places[h.Hotel.ID] = len(all)
			all = append(all, h)
		}
	}
	return all, nil
}

// merge adds what another request has found about the same hotel.
func (h *HotelPrices) merge(other HotelPrices) {
	if other.Cheapest.Price.LessThan(h.Cheapest.Price) {
		h.Cheapest = other.Cheapest
	}
	h.HasGuaranteed = h.HasGuaranteed || other.HasGuaranteed
	h.Prices = append(h.Prices, other.Prices...)
	slices.SortStableFunc(h.Prices, StayPrice.compare)
}

func (p StayPrice) compare(q StayPrice) int {
	return cmp.Or(p.Date.Compare(q.Date), cmp.Compare(p.Nights, q.Nights))
}

// Offers lists a hotel's offers for a stay, with what each costs and consists
// of. An offer is booked by its ID; how long it stays valid is not said.
//
// One request may have three dates and three numbers of nights; see
// [Client.AllOffers] for more.
//
// Multitour: POST hotel.price
func (c *Client) Offers(ctx context.Context, q OfferQuery, opts ...rutravel.CallOption) ([]Offer, error) {
	v := q.check()
	q.checkVariants(&v)
	request := struct {
		HotelID json.Number `json:"hotel_id"`
		stayDates
		stayParty
	}{json.Number(q.Hotel), q.dates(), q.party()}
	return call(ctx, c, opHotelPrice, request, nil, v, func(r *reply, all *[]Offer) error { return r.readOffers(all, q) }, opts)
}

// AllOffers is [Client.Offers] for any number of dates and nights: it iterates
// over the offers, sending a request for each three dates and three numbers of
// nights when its offers are asked for. An error ends the sequence.
//
// Multitour: POST hotel.price
func (c *Client) AllOffers(ctx context.Context, q OfferQuery, opts ...rutravel.CallOption) iter.Seq2[Offer, error] {
	return func(yield func(Offer, error) bool) {
		if v := q.check(); v.Err() != nil {
			yield(Offer{}, c.line.Invalid(&operations[opHotelPrice], v.Err()))
			return
		}
		for _, part := range q.split() {
			offers, err := c.Offers(ctx, OfferQuery{q.Hotel, part}, opts...)
			if err != nil {
				yield(Offer{}, err)
				return
			}
			for _, o := range offers {
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

func (q OfferQuery) check() (v valid.Check) {
	v.Number("Hotel", string(q.Hotel))
	q.Stay.check(&v)
	return v
}

// names is the map of an answer: of each list, the names by id.
type names map[string]map[string]string

// list reads one list of a map.
func (n names) list(d *wire.Decoder, list []byte) error {
	byID := map[string]string{}
	n[string(list)] = byID
	var entries []Entry[string]
	err := wire.List(d, &entries, (*Entry[string]).decode)
	for _, e := range entries {
		byID[e.ID] = e.Name
	}
	return err
}

// nameOf finds the name of an entry.
func nameOf[K ~string](n names, list string, e *Entry[K]) { e.Name = n[list][string(e.ID)] }

// mapped is a hotel of an answer's map.
type mapped struct {
	Hotel
	kind  HotelTypeID
	meals []MealTypeID
}

func (m *mapped) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "type_id":
			return wire.ID(d, &m.kind)
		case "pansions":
			return ids(d, &m.meals)
		default:
			return m.field(d, name)
		}
	}, "id")
}

// prices reads the member of the response that has data and a map of lists.
func prices(d *wire.Decoder, section string, data func() error, list func(name []byte) error) error {
	return under(d, func() error {
		return container(d, func(name []byte) error {
			switch string(name) {
			case "data":
				return data()
			case "map":
				return d.Map(list)
			default:
				return d.Skip()
			}
		})
	}, nil, section)
}

// readHotelPrices reads the hotels of data and what map says about them, in
// whatever order the two stand.
func (r *reply) readHotelPrices(all *[]HotelPrices) error {
	n, hotels := names{}, []mapped(nil)
	err := r.read(func(d *wire.Decoder) error {
		return prices(d, "list_price", func() error {
			*all = nil
			var places wire.Places
			return d.Map(func(id []byte) error {
				if !wholeNumber(string(id)) {
					d.Fail("", "want a hotel's id for a name")
				}
				h := HotelPrices{Hotel: Hotel{ID: HotelID(id)}}
				err := h.decode(d)
				return cmp.Or(err, wire.Keep(d, all, &places, string(h.Hotel.ID), h))
			})
		}, func(list []byte) error {
			if string(list) == "hotel" {
				return wire.List(d, &hotels, (*mapped).decode)
			}
			return n.list(d, list)
		})
	})
	byID := map[HotelID]mapped{}
	for _, m := range hotels {
		byID[m.ID] = m
	}
	for i := range *all {
		h := &(*all)[i]
		if m, ok := byID[h.Hotel.ID]; ok {
			h.Hotel, h.Type.ID = m.Hotel, m.kind
			for _, id := range m.meals {
				h.MealTypes = append(h.MealTypes, Entry[MealTypeID]{ID: id, Name: n["pansion_type"][string(id)]})
			}
		}
		h.CountryName = n["country"][string(h.Hotel.Country)]
		h.ResortName = n["resort"][string(h.Hotel.Resort)]
		h.CityName = n["city"][string(h.Hotel.City)]
		nameOf(n, "hotel_type", &h.Type)
		nameOf(n, "accomodation", &h.Cheapest.Accommodation)
		nameOf(n, "tour_type", &h.Cheapest.TourType)
		nameOf(n, "pansion_type", &h.Cheapest.MealType)
	}
	return err
}

func (h *HotelPrices) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "price_min":
			return price(d, &h.Cheapest.Price)
		case "accomodation_min":
			return wire.ID(d, &h.Cheapest.Accommodation.ID)
		case "tour_type_min":
			return wire.ID(d, &h.Cheapest.TourType.ID)
		case "pansion_min":
			return wire.ID(d, &h.Cheapest.MealType.ID)
		case "date_min":
			return d.MoscowDate(&h.Cheapest.Date)
		case "days_min": // the manual's days are nights here
			return d.Int(&h.Cheapest.Nights)
		case "quote": // a flag here, a price below
			return d.Flag(&h.HasGuaranteed)
		case "price":
			return h.decodePrices(d)
		default:
			return d.Skip()
		}
	}, "price_min", "date_min", "days_min", "quote", "price")
}

// decodePrices reads an object by dates, as UNIX times, of objects by nights.
func (h *HotelPrices) decodePrices(d *wire.Decoder) error {
	h.Prices = nil
	var places wire.Places
	err := d.Map(func(name []byte) error {
		date := string(name)
		day, ok := wire.ParseMoscowDate(name)
		if !ok {
			d.Fail("", "want a date as UNIX time for a name")
		}
		return d.Map(func(name []byte) error {
			place := date + "," + string(name)
			nights, err := strconv.Atoi(string(name))
			if err != nil || nights < 0 {
				d.Fail("", "want a number of nights for a name")
			}
			p := StayPrice{Date: day, Nights: nights}
			err = p.decode(d)
			return cmp.Or(err, wire.Keep(d, &h.Prices, &places, place, p))
		})
	})
	slices.SortStableFunc(h.Prices, StayPrice.compare)
	return err
}

func (p *StayPrice) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "quote":
			return optPrice(d, &p.GuaranteedPrice)
		case "request": // not the request that the envelope repeats
			return optPrice(d, &p.OnRequestPrice)
		default:
			return d.Skip()
		}
	})
}

// wholeNumber reports whether an id can be sent as a number, and is not 0.
func wholeNumber(id string) bool {
	var v valid.Check
	v.Number("", id)
	return v.Err() == nil && id != "0"
}

// price reads what something costs, which is not nothing.
func price(d *wire.Decoder, p *decimal.Decimal) error {
	err := d.Decimal(p)
	if !p.IsPositive() {
		d.Fail("", "want a positive price")
	}
	return err
}

// optPrice reads a price that may be missing; 0 is none.
func optPrice(d *wire.Decoder, p *decimal.NullDecimal) error {
	err := d.OptDecimal(p)
	if p.Valid && p.Decimal.IsZero() {
		*p = decimal.NullDecimal{}
	}
	if p.Decimal.IsNegative() {
		d.Fail("", "want a positive price")
	}
	return err
}

// readOffers reads the offers of data and gives them the names of map. They must
// be what was asked for: one of them will be paid for.
func (r *reply) readOffers(all *[]Offer, q OfferQuery) error {
	n := names{}
	err := r.read(func(d *wire.Decoder) error {
		return prices(d, "hotel_price",
			func() error { return wire.List(d, all, (*Offer).decode) },
			func(list []byte) error { return n.list(d, list) })
	})
	for i := range *all {
		o := &(*all)[i]
		nameOf(n, "tour_type", &o.TourType)
		nameOf(n, "tarif", &o.Tariff)
		nameOf(n, "room", &o.Room)
		nameOf(n, "room_category", &o.RoomCategory)
		nameOf(n, "pansion", &o.MealPlan)
		nameOf(n, "pansion_type", &o.MealType)
		nameOf(n, "accomodation", &o.Accommodation)
		if err == nil && (o.Hotel != q.Hotel || !slices.Contains(q.Dates, o.Date) || !slices.Contains(q.Nights, o.Nights)) {
			err = &wire.Error{Path: fmt.Sprintf("response.hotel_price.data[%d]", i), Problem: "not what was asked for"}
		}
	}
	return err
}

func (o *Offer) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "price_id": // goes back as a number
			err := wire.ID(d, &o.ID)
			if !wholeNumber(string(o.ID)) {
				d.Fail("", "want a whole number")
			}
			return err
		case "hotel_id":
			return wire.ID(d, &o.Hotel)
		case "date":
			return d.MoscowDate(&o.Date)
		case "night":
			return d.Int(&o.Nights)
		case "price":
			return price(d, &o.Price)
		case "quote":
			return d.Flag(&o.Guaranteed)
		case "tour_id": // the manual's tour is a type of tour here
			return wire.ID(d, &o.TourType.ID)
		case "tarif_id":
			return wire.ID(d, &o.Tariff.ID)
		case "room_id":
			return wire.ID(d, &o.Room.ID)
		case "room_category_id":
			return wire.ID(d, &o.RoomCategory.ID)
		case "pansion_id":
			return wire.ID(d, &o.MealPlan.ID)
		case "pansion_type_id":
			return wire.ID(d, &o.MealType.ID)
		case "accomodation_id":
			return wire.ID(d, &o.Accommodation.ID)
		default:
			return d.Skip()
		}
	}, "price_id", "hotel_id", "date", "night", "price", "quote")
}
