package multitour

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// MaxVariants is the maximum number of dates, and of numbers of nights, in one request for
// prices (manual, "Цены").
const MaxVariants = 3

type (
	// HotelTypeID identifies a type of hotel: hotel, sanatorium.
	HotelTypeID string
	// AccommodationID identifies an accommodation (размещение): the beds for each tourist.
	AccommodationID string
)

// Stay has the dates, the nights and the tourists of a search. Each date is combined with
// each number of nights.
type Stay struct {
	Dates     []civil.Date // dates: of check-in, one to three
	Nights    []int        // nights: one to three numbers
	Adults    int          // adult
	ChildAges []int        // ages: in years; 0 for an infant
}

// HotelQuery is a search for hotels of an area that have places for a stay. Empty filters are
// not sent. For each filter, a hotel must have at least one of the ids. It must have all of
// the Amenities.
//
// Filters apply only to [Client.HotelPrices]. [Client.Offers] has no filters and lists all
// offers of a hotel. To filter its offers, compare:
//
//   - MealTypes with [Offer].MealType,
//   - TourTypes with TourType,
//   - PriceMin and PriceMax with Price,
//   - OnlyGuaranteed with Guaranteed.
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

	PriceMin       int  // price_min: roubles; 0 means no limit
	PriceMax       int  // price_max: roubles; 0 means no limit
	OnlyGuaranteed bool // quote: only places that need no confirmation
}

// HotelPrices is a hotel with its lowest prices. The answer has all names, so no directory is
// needed.
type HotelPrices struct {
	Hotel       Hotel
	CountryName string              // of Hotel.Country
	ResortName  string              // of Hotel.Resort
	CityName    string              // of Hotel.City
	Type        Entry[HotelTypeID]  // type_id
	MealTypes   []Entry[MealTypeID] // pansions: all meal types of the hotel

	Cheapest      CheapestStay
	HasGuaranteed bool        // quote: some of the places need no confirmation
	Prices        []StayPrice // price: by date and nights
}

// CheapestStay is the cheapest stay in a hotel. Its Price is for the same people and nights as
// those of [StayPrice].
type CheapestStay struct {
	Price         decimal.Decimal        // price_min
	CheckIn       civil.Date             // date_min
	Nights        int                    // days_min
	Accommodation Entry[AccommodationID] // accomodation_min
	TourType      Entry[TourTypeID]      // tour_type_min
	MealType      Entry[MealTypeID]      // pansion_min
}

// StayPrice has the lowest prices of a stay in a hotel, in roubles. A price is missing if
// there are no such places.
//
// The manual does not say how many people a price covers. By its samples it covers all Adults
// and ChildAges of the [Stay] together and all nights: 7 nights for two adults and two
// children cost 22890, and 10 nights cost 32700.
type StayPrice struct {
	CheckIn         civil.Date
	Nights          int
	GuaranteedPrice decimal.NullDecimal // quote: of places that need no confirmation
	OnRequestPrice  decimal.NullDecimal // request: of places that the supplier must confirm
}

// stayDates and stayParty are the parts of a stay. One request has other members between
// them.
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

// check checks a stay, without the limits of one request.
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

// checkVariants checks the limits of one request.
func (s Stay) checkVariants(v *valid.Check) {
	const problem = "must be at most three in one request (see AllHotelPrices and AllOffers)"
	v.That(len(s.Dates) <= MaxVariants, "Dates", problem)
	v.That(len(s.Nights) <= MaxVariants, "Nights", problem)
}

// split divides a stay into parts for one request each.
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

// searchSection has its members in the order of the manual's sample.
type searchSection struct {
	areaSection
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

func (s HotelQuery) section() searchSection {
	r := searchSection{
		areaSection: s.Area.section(),
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

// check checks a search, without the limits of one request.
func (s HotelQuery) check(v *valid.Check) {
	s.Area.check(v)
	checkNumbers(v, "Hotels", s.Hotels)
	s.Stay.check(v)
	checkNumbers(v, "Highways", s.Highways)
	checkNumbers(v, "Categories", s.Categories)
	checkNumbers(v, "SeaDistances", s.SeaDistances)
	checkNumbers(v, "BeachTypes", s.BeachTypes)
	checkNumbers(v, "Treatments", s.Treatments)
	checkNumbers(v, "MealTypes", s.MealTypes)
	checkNumbers(v, "Amenities", s.Amenities)
	checkNumbers(v, "TourTypes", s.TourTypes)
	v.That(s.PriceMin >= 0, "PriceMin", "must not be negative")
	v.That(s.PriceMax >= 0, "PriceMax", "must not be negative")
	v.That(s.PriceMax == 0 || s.PriceMin <= s.PriceMax, "PriceMax", "must not be below PriceMin")
}

// HotelPrices searches for hotels and their lowest prices. The hotels are in the supplier's
// order, and the prices of a hotel are sorted by date and nights. To book, call
// [Client.Offers] for a hotel. The filters do not apply to its offers. A hotel or price that
// cannot be read is left out with a warning.
//
// A query may have three dates and three numbers of nights. [Client.AllHotelPrices] accepts
// more.
//
// Multitour: POST list.price
func (c *Client) HotelPrices(ctx context.Context, s HotelQuery, opts ...rutravel.CallOption) ([]HotelPrices, error) {
	r := &request{op: opListPrice, body: s.section()}
	s.check(&r.Check)
	s.checkVariants(&r.Check)
	return call(ctx, c, r, decodeHotelPrices, nil, opts)
}

// AllHotelPrices is [Client.HotelPrices] for any number of dates and nights. It sends the
// requests one after another and merges their answers. Each hotel is returned once with all
// its prices. If a request fails, only its error is returned.
//
// Multitour: POST list.price
func (c *Client) AllHotelPrices(ctx context.Context, s HotelQuery, opts ...rutravel.CallOption) ([]HotelPrices, error) {
	var v valid.Check
	if s.check(&v); v.Err() != nil {
		return nil, c.engine.Invalid(ctx, &operations[opListPrice], v.Err())
	}
	var all []HotelPrices
	positions := map[HotelID]int{}
	for _, part := range s.split() {
		s.Stay = part
		found, err := c.HotelPrices(ctx, s, opts...)
		if err != nil {
			return nil, err
		}
		for _, h := range found {
			if i, ok := positions[h.Hotel.ID]; ok {
				all[i].merge(h)
				continue
			}
			positions[h.Hotel.ID] = len(all)
			all = append(all, h)
		}
	}
	return all, nil
}

// merge adds the prices of the same hotel from another answer.
func (h *HotelPrices) merge(other HotelPrices) {
	if other.Cheapest.Price.LessThan(h.Cheapest.Price) {
		h.Cheapest = other.Cheapest
	}
	h.HasGuaranteed = h.HasGuaranteed || other.HasGuaranteed
	h.Prices = append(h.Prices, other.Prices...)
	slices.SortStableFunc(h.Prices, StayPrice.compare)
}

func (p StayPrice) compare(q StayPrice) int {
	return cmp.Or(p.CheckIn.Compare(q.CheckIn), cmp.Compare(p.Nights, q.Nights))
}

// namesByID has the names in an answer's map, by list and id.
type namesByID map[string]map[string]string

// decodeList decodes one list of a map.
func (n namesByID) decodeList(d *wire.Decoder, list []byte) error {
	byID := map[string]string{}
	n[string(list)] = byID
	var entries []Entry[string]
	err := wire.Found(d, &entries, (*Entry[string]).decode, (*Entry[string]).key)
	for _, e := range entries {
		byID[e.ID] = e.Name
	}
	return err
}

// setName sets the name of an entry that has an id.
func setName[K ~string](names map[string]string, e *Entry[K]) { e.Name = names[string(e.ID)] }

// mapHotel is a hotel in an answer's map.
type mapHotel struct {
	Hotel
	typeID    HotelTypeID
	mealTypes []MealTypeID
}

func (m *mapHotel) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "type_id":
			return wire.OptID(d, &m.typeID)
		case "pansions":
			return ids(d, &m.mealTypes)
		default:
			return m.field(d, name)
		}
	}, "id")
}

// decodePrices decodes the member of the response that has data and map. map has lists, which
// are minor.
func decodePrices(d *wire.Decoder, section string, data func() error, list func(name []byte) error) error {
	return decodeMember(d, func() error {
		return decodeData(d, func(name []byte) error {
			switch string(name) {
			case "data":
				return data()
			case "map":
				return d.Map(func(name []byte) error {
					name = bytes.Clone(name)
					return d.Minor(func(*wire.Decoder) error { return list(name) })
				})
			default:
				return d.Skip()
			}
		})
	}, section)
}

// decodeHotelPrices decodes the hotels of data and adds their values from map. Their order in
// the answer does not matter.
func decodeHotelPrices(d *wire.Decoder, all *[]HotelPrices) error {
	names, hotels := namesByID{}, []mapHotel(nil)
	err := decodePrices(d, "list_price", func() error {
		list := d.AtList() // the indexes of a list are not ids
		return wire.FoundMap(d, all, func(h *HotelPrices, id []byte, d *wire.Decoder) error {
			if list || !positiveNumber(string(id)) {
				d.Fail("", "want a hotel's id as a name")
			} else {
				h.Hotel.ID = HotelID(id)
			}
			return h.decode(d)
		}, func(h *HotelPrices) string { return h.Hotel.key() })
	}, func(list []byte) error {
		if string(list) == "hotel" {
			return wire.Found(d, &hotels, (*mapHotel).decode, func(m *mapHotel) string { return m.key() })
		}
		return names.decodeList(d, list)
	})
	byID := map[HotelID]mapHotel{}
	for _, m := range hotels {
		byID[m.ID] = m
	}
	for i := range *all {
		h := &(*all)[i]
		if m, ok := byID[h.Hotel.ID]; ok {
			h.Hotel, h.Type.ID = m.Hotel, m.typeID
			for _, id := range m.mealTypes {
				h.MealTypes = append(h.MealTypes, Entry[MealTypeID]{ID: id, Name: names["pansion_type"][string(id)]})
			}
		}
		h.CountryName = names["country"][string(h.Hotel.Country)]
		h.ResortName = names["resort"][string(h.Hotel.Resort)]
		h.CityName = names["city"][string(h.Hotel.City)]
		setName(names["hotel_type"], &h.Type)
		setName(names["accomodation"], &h.Cheapest.Accommodation)
		setName(names["tour_type"], &h.Cheapest.TourType)
		setName(names["pansion_type"], &h.Cheapest.MealType)
	}
	return err
}

func (h *HotelPrices) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "price_min":
			return price(d, &h.Cheapest.Price)
		case "accomodation_min":
			return wire.OptID(d, &h.Cheapest.Accommodation.ID)
		case "tour_type_min":
			return wire.OptID(d, &h.Cheapest.TourType.ID)
		case "pansion_min":
			return wire.OptID(d, &h.Cheapest.MealType.ID)
		case "date_min":
			return d.MoscowDate(&h.Cheapest.CheckIn)
		case "days_min": // nights, although the manual says days
			return d.Int(&h.Cheapest.Nights)
		case "quote": // a flag; in price it is a price
			return d.Flag(&h.HasGuaranteed)
		case "price":
			return h.decodePrices(d)
		default:
			return d.Skip()
		}
	}, "price_min", "date_min", "days_min", "quote", "price")
}

// decodePrices decodes an object whose names are dates as UNIX times. Its values are objects
// whose names are nights. A price that cannot be read is left out.
func (h *HotelPrices) decodePrices(d *wire.Decoder) error {
	var days [][]StayPrice
	list := d.AtList() // the indexes of a list are not dates
	err := wire.FoundMap(d, &days, func(prices *[]StayPrice, name []byte, d *wire.Decoder) error {
		day, ok := wire.ParseMoscowDate(name)
		if list || !ok {
			d.Fail("", "want a date as UNIX time as a name")
		}
		return wire.FoundMap(d, prices, func(p *StayPrice, name []byte, d *wire.Decoder) error {
			nights, err := strconv.Atoi(string(name))
			if err != nil || nights < 0 {
				d.Fail("", "want a number of nights as a name")
			}
			p.CheckIn, p.Nights = day, nights
			return p.decode(d)
		}, nil)
	}, nil)
	h.Prices = slices.Concat(days...)
	slices.SortStableFunc(h.Prices, StayPrice.compare)
	return err
}

func (p *StayPrice) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "quote":
			return optPrice(d, &p.GuaranteedPrice)
		case "request": // the price of places on request
			return optPrice(d, &p.OnRequestPrice)
		default:
			return d.Skip()
		}
	}, "quote?", "request?")
}

// positiveNumber reports whether an id is a whole number and is not 0.
func positiveNumber(id string) bool {
	var v valid.Check
	v.Number("", id)
	return v.Err() == nil && id != "0"
}

// price decodes a price that must be positive.
func price(d *wire.Decoder, p *decimal.Decimal) error {
	var v decimal.Decimal
	err := d.Amount(&v)
	if v.IsPositive() {
		*p = v
	} else {
		d.Fail("", "want a positive price")
	}
	return err
}

// optPrice decodes a price that may be missing. 0 means that it is missing.
func optPrice(d *wire.Decoder, p *decimal.NullDecimal) error {
	err := d.OptAmount(p)
	if p.Decimal.IsZero() {
		*p = decimal.NullDecimal{}
	}
	return err
}
