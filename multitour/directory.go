package multitour

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// The ids of directories are whole numbers. "0" is an id like others.
type (
	// CountryID identifies a country (страна) for one kind of tours. Excursions to the same
	// country may have another id. A part of Russia can be a country.
	CountryID string
	// ResortID identifies a resort (курорт).
	ResortID string
	// CityID identifies a city or region (город / регион).
	CityID string
	// HotelID identifies a hotel (отель).
	HotelID string
	// CategoryID identifies a category of hotels (категория): economy, middle.
	CategoryID string
	// TreatmentID identifies a profile of medical treatment (профиль лечения).
	TreatmentID string
	// MealTypeID identifies a type of meals (тип питания).
	MealTypeID string
	// HighwayID identifies a highway (шоссе).
	HighwayID string
	// BeachTypeID identifies a type of beach (тип пляжа).
	BeachTypeID string
	// SeaDistanceID identifies a distance from the sea (удаленность от моря).
	SeaDistanceID string
	// AmenityID identifies an amenity of hotels (особенность отеля).
	AmenityID string
	// TourTypeID identifies a type of tour (тип тура).
	TourTypeID string
)

// NoMeals is the meal type of stays without meals (без питания).
const NoMeals MealTypeID = "0"

// TourKind is a kind of tours, by which countries can be filtered.
type TourKind string

// The kinds of tours of the manual. "" means all kinds.
const (
	AllTours       TourKind = "all"
	OrdinaryTours  TourKind = "tour"
	ExcursionTours TourKind = "excurs"
)

var tourKindWords = map[TourKind]string{
	AllTours:       "all",
	OrdinaryTours:  "ordinary",
	ExcursionTours: "excursions",
}

// String returns the English word, or the wire value if the manual does not list it.
func (k TourKind) String() string { return cmp.Or(tourKindWords[k], string(k)) }

// Entry is an entry of a directory. Spaces and line breaks around its Name are removed.
type Entry[K ~string] struct {
	ID   K      // id
	Name string // name
}

// Feature is a feature of hotels: a category, a type of meals, a beach.
type Feature[K ~string] struct {
	ID     K         // id
	Name   string    // name
	Hotels []HotelID // hotel_id: the hotels that have the feature
}

// Resort is a resort of a country.
type Resort struct {
	ID      ResortID  // id
	Name    string    // name
	Country CountryID // country_id
}

// City is a city or region of a resort.
type City struct {
	ID      CityID    // id
	Name    string    // name
	Country CountryID // country_id
	Resort  ResortID  // resort_id
}

// Hotel is a hotel.
type Hotel struct {
	ID      HotelID   // id
	Name    string    // name
	Country CountryID // country_id
	Resort  ResortID  // resort_id
	City    CityID    // city_id
	MinAge  *int      // min_age: of a child, in years; nil means no limit
	Image   string    // img_src: address of a picture; may be empty

	Latitude  decimal.NullDecimal // x: degrees, north
	Longitude decimal.NullDecimal // y: degrees, east
}

// Area is a country or a part of it. Empty Resorts and Cities mean all.
type Area struct {
	Country CountryID  // country_id
	Resorts []ResortID // resort_id
	Cities  []CityID   // city_id
}

type areaSection struct {
	CountryID json.Number   `json:"country_id"`
	ResortID  []json.Number `json:"resort_id,omitempty"`
	CityID    []json.Number `json:"city_id,omitempty"`
}

func (a Area) section() areaSection {
	return areaSection{json.Number(a.Country), wire.Numbers(a.Resorts), wire.Numbers(a.Cities)}
}

func (a Area) check(v *valid.Check) {
	v.Number("Country", string(a.Country))
	checkNumbers(v, "Resorts", a.Resorts)
	checkNumbers(v, "Cities", a.Cities)
}

// checkNumbers checks a list of ids that may be empty.
func checkNumbers[K ~string](v *valid.Check, field string, ids []K) {
	for i, id := range ids {
		v.Number(fmt.Sprintf("%s[%d]", field, i), string(id))
	}
}

// areaRequest returns the request of a method for an area.
func areaRequest(op int, a Area) *request {
	r := &request{op: op, body: a.section()}
	a.check(&r.Check)
	return r
}

// countryRequest returns the request of a method for a country.
func countryRequest(op int, country CountryID) *request {
	r := &request{op: op, body: Area{Country: country}.section()}
	r.Number("country", string(country))
	return r
}

// Countries lists the countries that have tours of a kind. The kind "" means all kinds. As in
// all directories, an entry that cannot be read is left out with a warning.
//
// Multitour: POST map.country
func (c *Client) Countries(ctx context.Context, kind TourKind, opts ...rutravel.CallOption) ([]Entry[CountryID], error) {
	r := &request{op: opCountry, body: struct {
		Type string `json:"type,omitempty"`
	}{string(kind)}}
	r.OptText("kind", string(kind))
	return call(ctx, c, r, listOf((*Entry[CountryID]).decode, (*Entry[CountryID]).key, "country"), nil, opts)
}

// Resorts lists the resorts of a country.
//
// Multitour: POST map.resort
func (c *Client) Resorts(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Resort, error) {
	return call(ctx, c, countryRequest(opResort, country), listOf((*Resort).decode, (*Resort).key, "resort"), nil, opts)
}

// Cities lists the cities and regions of a country. If resorts is not empty, it lists those
// of the resorts.
//
// Multitour: POST map.city
func (c *Client) Cities(ctx context.Context, country CountryID, resorts []ResortID, opts ...rutravel.CallOption) ([]City, error) {
	r := &request{op: opCity, body: Area{Country: country, Resorts: resorts}.section()}
	r.Number("country", string(country))
	checkNumbers(&r.Check, "resorts", resorts)
	return call(ctx, c, r, listOf((*City).decode, (*City).key, "city"), nil, opts)
}

// Hotels lists the hotels of an area.
//
// Multitour: POST map.hotel
func (c *Client) Hotels(ctx context.Context, a Area, opts ...rutravel.CallOption) ([]Hotel, error) {
	return call(ctx, c, areaRequest(opHotel, a), listOf((*Hotel).decode, (*Hotel).key, "hotel"), nil, opts)
}

// Categories lists the categories of hotels in a country.
//
// Multitour: POST map.category
func (c *Client) Categories(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[CategoryID], error) {
	return features[CategoryID](ctx, c, opCategory, country, opts)
}

// Treatments lists the profiles of medical treatment of hotels in a country.
//
// Multitour: POST map.treatment
func (c *Client) Treatments(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[TreatmentID], error) {
	return features[TreatmentID](ctx, c, opTreatment, country, opts)
}

// MealTypes lists the types of meals (питание) of hotels in a country.
//
// Multitour: POST map.pansion
func (c *Client) MealTypes(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[MealTypeID], error) {
	return features[MealTypeID](ctx, c, opPansion, country, opts)
}

// Highways lists the highways of hotels in a country.
//
// Multitour: POST map.highway
func (c *Client) Highways(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[HighwayID], error) {
	return features[HighwayID](ctx, c, opHighway, country, opts)
}

// BeachTypes lists the types of beach of hotels in a country.
//
// Multitour: POST map.beach.type
func (c *Client) BeachTypes(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[BeachTypeID], error) {
	return features[BeachTypeID](ctx, c, opBeachType, country, opts)
}

// SeaDistances lists the distances from the sea of hotels in a country.
//
// Multitour: POST map.sea.distance
func (c *Client) SeaDistances(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[SeaDistanceID], error) {
	return features[SeaDistanceID](ctx, c, opSeaDistance, country, opts)
}

// Amenities lists the amenities of hotels in an area: a pool, entertainment.
//
// Multitour: POST map.options
func (c *Client) Amenities(ctx context.Context, a Area, opts ...rutravel.CallOption) ([]Feature[AmenityID], error) {
	return call(ctx, c, areaRequest(opOptions, a), listOf((*Feature[AmenityID]).decode, (*Feature[AmenityID]).key, "options"), nil, opts)
}

// TourTypes lists the types of tours in an area.
//
// Multitour: POST map.tour.type
func (c *Client) TourTypes(ctx context.Context, a Area, opts ...rutravel.CallOption) ([]Entry[TourTypeID], error) {
	return call(ctx, c, areaRequest(opTourType, a), listOf((*Entry[TourTypeID]).decode, (*Entry[TourTypeID]).key, "tourtype", "tour_type"), nil, opts)
}

// features calls a method that lists features of hotels in a country. In the manual's
// samples, the list is named "category" in all six answers. That may be copied from the first
// one.
func features[K ~string](ctx context.Context, c *Client, op int, country CountryID, opts []rutravel.CallOption) ([]Feature[K], error) {
	own := strings.TrimPrefix(operations[op].Key, "map.")
	names := []string{"category", strings.ReplaceAll(own, ".", "_"), strings.ReplaceAll(own, ".", "")}
	return call(ctx, c, countryRequest(op, country), listOf((*Feature[K]).decode, (*Feature[K]).key, names...), nil, opts)
}

// listOf decodes a response that has a directory under one of the names. elem decodes one
// entry. If no member has such a name and only one other member can be a list, that one is
// decoded. All of its entries must be readable.
func listOf[T any](elem func(*T, *wire.Decoder) error, id func(*T) string, names ...string) func(*wire.Decoder, *[]T) error {
	return func(d *wire.Decoder, all *[]T) error {
		var found bool
		var others int
		var other []T
		var otherBad error
		err := d.Object(func(name []byte) error {
			switch {
			case slices.Contains(names, string(name)):
				found = true
				return wire.Found(d, all, elem, id)
			case d.Nested():
				others++
				bad, err := d.Apart(func(d *wire.Decoder) error { return wire.List(d, &other, elem) })
				otherBad = bad
				return err
			default:
				return d.Skip()
			}
		})
		if err != nil || found {
			return err
		}
		if others != 1 {
			d.Fail(names[0], missing)
			return nil
		}
		*all = other
		if bad, ok := errors.AsType[*wire.Error](otherBad); ok {
			d.Fail(strings.TrimPrefix(bad.Path, "response."), bad.Problem)
		}
		return nil
	}
}

func (e *Entry[K]) key() string { return string(e.ID) }

func (e *Entry[K]) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &e.ID)
		case "name":
			return trimmedText(d, &e.Name)
		default:
			return d.Skip()
		}
	}, "id")
}

func (f *Feature[K]) key() string { return string(f.ID) }

func (f *Feature[K]) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &f.ID)
		case "name":
			return trimmedText(d, &f.Name)
		case "hotel_id":
			return ids(d, &f.Hotels)
		default:
			return d.Skip()
		}
	}, "id", "hotel_id")
}

func (r *Resort) key() string { return string(r.ID) }

func (r *Resort) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &r.ID)
		case "name":
			return trimmedText(d, &r.Name)
		case "country_id":
			return wire.OptID(d, &r.Country)
		default:
			return d.Skip()
		}
	}, "id")
}

func (c *City) key() string { return string(c.ID) }

func (c *City) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &c.ID)
		case "name":
			return trimmedText(d, &c.Name)
		case "country_id":
			return wire.OptID(d, &c.Country)
		case "resort_id":
			return wire.OptID(d, &c.Resort)
		default:
			return d.Skip()
		}
	}, "id")
}

func (h *Hotel) key() string { return string(h.ID) }

func (h *Hotel) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error { return h.field(d, name) }, "id")
}

// field decodes a field that hotels have in directories and in prices.
func (h *Hotel) field(d *wire.Decoder, name []byte) error {
	switch string(name) {
	case "id":
		return wire.ID(d, &h.ID)
	case "name":
		return trimmedText(d, &h.Name)
	case "country_id":
		return wire.OptID(d, &h.Country)
	case "resort_id":
		return wire.OptID(d, &h.Resort)
	case "city_id":
		return wire.OptID(d, &h.City)
	case "min_age": // null or absent: no limit
		return d.OptInt(&h.MinAge)
	case "img_src":
		return wire.String(d, &h.Image)
	case "x": // the manual's x is the latitude
		return d.OptDecimal(&h.Latitude)
	case "y":
		return d.OptDecimal(&h.Longitude)
	default:
		return d.Skip()
	}
}

// trimmedText decodes a name. Some names end with a line break.
func trimmedText(d *wire.Decoder, p *string) error {
	err := wire.String(d, p)
	*p = strings.TrimSpace(*p)
	return err
}

// ids decodes a list of ids. Those that cannot be read are left out.
func ids[K ~string](d *wire.Decoder, p *[]K) error {
	return wire.Found(d, p, func(id *K, d *wire.Decoder) error { return wire.ID(d, id) }, nil)
}
