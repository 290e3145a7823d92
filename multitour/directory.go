package multitour

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// The ids of directories are whole numbers; "0" is an id like others.
type (
	// CountryID identifies a country (страна) for one kind of tours: excursions
	// to it may have another id, and a part of Russia is a country.
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
	// MealTypeID identifies a type of meals (тип питания): "0" is none.
	MealTypeID string
	// HighwayID identifies a highway (шоссе).
	HighwayID string
	// BeachTypeID identifies a type of beach (тип пляжа).
	BeachTypeID string
	// SeaDistanceID identifies a distance from the sea (удаленность от моря).
	SeaDistanceID string
	// AmenityID identifies something that hotels offer (особенность отеля).
	AmenityID string
	// TourTypeID identifies a type of tour (тип тура).
	TourTypeID string
)

// Tours is a kind of tours that countries are listed for.
type Tours string

// The kinds of tours of the manual; "" asks for all of them.
const (
	AllTours       Tours = "all"
	OrdinaryTours  Tours = "tour"
	ExcursionTours Tours = "excurs"
)

// Entry is an entry of a directory: an id and what it stands for. A Name has no
// spaces or line breaks around it, whatever the supplier has sent.
type Entry[K ~string] struct {
	ID   K      // id
	Name string // name
}

// Feature is something that hotels have in common: a category, a type of
// meals, a beach.
type Feature[K ~string] struct {
	ID     K         // id
	Name   string    // name
	Hotels []HotelID // hotel_id: the hotels that have it
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
	MinAge  *int      // min_age: of a child, in years; nil: any
	Image   string    // img_src: address of a picture; may be empty

	Latitude  decimal.NullDecimal // x: degrees, north
	Longitude decimal.NullDecimal // y: degrees, east
}

// Area is a country or a part of it: empty Resorts and Cities mean all.
type Area struct {
	Country CountryID  // country_id
	Resorts []ResortID // resort_id
	Cities  []CityID   // city_id
}

type areaRequest struct {
	CountryID json.Number   `json:"country_id"`
	ResortID  []json.Number `json:"resort_id,omitempty"`
	CityID    []json.Number `json:"city_id,omitempty"`
}

func (a Area) request() areaRequest {
	return areaRequest{json.Number(a.Country), wire.Numbers(a.Resorts), wire.Numbers(a.Cities)}
}

func (a Area) check() (v valid.Check) {
	v.Number("Country", string(a.Country))
	numbers(&v, "Resorts", a.Resorts)
	numbers(&v, "Cities", a.Cities)
	return v
}

// numbers checks a list of ids that may be empty.
func numbers[K ~string](v *valid.Check, field string, ids []K) {
	for i, id := range ids {
		v.Number(fmt.Sprintf("%s[%d]", field, i), string(id))
	}
}

// ofCountry checks the country of a method that takes it alone.
func ofCountry(country CountryID) (v valid.Check) {
	v.Number("country", string(country))
	return v
}

// Countries lists the countries that there are tours of a kind to; "" is all.
//
// Multitour: POST map.country
func (c *Client) Countries(ctx context.Context, tours Tours, opts ...rutravel.CallOption) ([]Entry[CountryID], error) {
	var v valid.Check
	v.OptText("tours", string(tours))
	request := struct {
		Type string `json:"type,omitempty"`
	}{string(tours)}
	return directory(ctx, c, opCountry, request, v, (*Entry[CountryID]).decode, opts, "country")
}

// Resorts lists the resorts of a country.
//
// Multitour: POST map.resort
func (c *Client) Resorts(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Resort, error) {
	return directory(ctx, c, opResort, Area{Country: country}.request(), ofCountry(country), (*Resort).decode, opts, "resort")
}

// Cities lists the cities and regions of a country or, if any are named, of some
// of its resorts.
//
// Multitour: POST map.city
func (c *Client) Cities(ctx context.Context, country CountryID, resorts []ResortID, opts ...rutravel.CallOption) ([]City, error) {
	v := ofCountry(country)
	numbers(&v, "resorts", resorts)
	return directory(ctx, c, opCity, Area{Country: country, Resorts: resorts}.request(), v, (*City).decode, opts, "city")
}

// Hotels lists the hotels of an area.
//
// Multitour: POST map.hotel
func (c *Client) Hotels(ctx context.Context, a Area, opts ...rutravel.CallOption) ([]Hotel, error) {
	return directory(ctx, c, opHotel, a.request(), a.check(), (*Hotel).decode, opts, "hotel")
}

// Categories lists the categories of a country's hotels.
//
// Multitour: POST map.category
func (c *Client) Categories(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[CategoryID], error) {
	return features[CategoryID](ctx, c, opCategory, country, opts)
}

// Treatments lists the profiles of medical treatment that a country's hotels
// offer.
//
// Multitour: POST map.treatment
func (c *Client) Treatments(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[TreatmentID], error) {
	return features[TreatmentID](ctx, c, opTreatment, country, opts)
}

// MealTypes lists the types of meals (питание) in a country's hotels.
//
// Multitour: POST map.pansion
func (c *Client) MealTypes(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[MealTypeID], error) {
	return features[MealTypeID](ctx, c, opPansion, country, opts)
}

// Highways lists the highways that a country's hotels lie on.
//
// Multitour: POST map.highway
func (c *Client) Highways(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[HighwayID], error) {
	return features[HighwayID](ctx, c, opHighway, country, opts)
}

// BeachTypes lists the types of beach of a country's hotels.
//
// Multitour: POST map.beach.type
func (c *Client) BeachTypes(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[BeachTypeID], error) {
	return features[BeachTypeID](ctx, c, opBeachType, country, opts)
}

// SeaDistances lists how far a country's hotels are from the sea.
//
// Multitour: POST map.sea.distance
func (c *Client) SeaDistances(ctx context.Context, country CountryID, opts ...rutravel.CallOption) ([]Feature[SeaDistanceID], error) {
	return features[SeaDistanceID](ctx, c, opSeaDistance, country, opts)
}

// Amenities lists what the hotels of an area offer: a pool, entertainment.
//
// Multitour: POST map.options
func (c *Client) Amenities(ctx context.Context, a Area, opts ...rutravel.CallOption) ([]Feature[AmenityID], error) {
	return directory(ctx, c, opOptions, a.request(), a.check(), (*Feature[AmenityID]).decode, opts, "options")
}

// TourTypes lists the types of tours to an area.
//
// Multitour: POST map.tour.type
func (c *Client) TourTypes(ctx context.Context, a Area, opts ...rutravel.CallOption) ([]Entry[TourTypeID], error) {
	return directory(ctx, c, opTourType, a.request(), a.check(), (*Entry[TourTypeID]).decode, opts, "tourtype", "tour_type")
}

// features calls a method that lists features of a country's hotels. The
// manual's samples name the list "category" in all six answers, which is either
// so or copied from the first.
func features[K ~string](ctx context.Context, c *Client, op int, country CountryID, opts []rutravel.CallOption) ([]Feature[K], error) {
	own := strings.TrimPrefix(operations[op].Key, "map.")
	return directory(ctx, c, op, Area{Country: country}.request(), ofCountry(country), (*Feature[K]).decode, opts,
		"category", strings.ReplaceAll(own, ".", "_"), strings.ReplaceAll(own, ".", ""))
}

// directory calls a method whose answer is a list: the one with one of the
// names, or the only one there is.
func directory[T any](ctx context.Context, c *Client, op int, request any, v valid.Check, elem func(*T, *wire.Decoder) error, opts []rutravel.CallOption, names ...string) ([]T, error) {
	return call(ctx, c, op, request, nil, v, func(r *reply, all *[]T) error {
		only, err := readList(r, all, elem, names)
		if only != "" {
			*r = reply{body: r.body}
			_, err = readList(r, all, elem, []string{only})
		}
		return err
	}, opts)
}

// readList reads the list that has one of the names. If there is none, and only
// one other member can be a list, it returns that one's name.
func readList[T any](r *reply, all *[]T, elem func(*T, *wire.Decoder) error, names []string) (only string, err error) {
	var others []string
	err = r.read(func(d *wire.Decoder) error {
		return under(d, func() error { return wire.List(d, all, elem) }, func(name []byte) {
			if d.Nested() {
				others = append(others, string(name))
			}
		}, names...)
	})
	if bad, ok := errors.AsType[*wire.Error](err); ok && bad.Problem == missing && bad.Path == "response."+names[0] && len(others) == 1 {
		only = others[0]
	}
	return only, err
}

func (e *Entry[K]) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &e.ID)
		case "name":
			return trimmed(d, &e.Name)
		default:
			return d.Skip()
		}
	}, "id")
}

func (f *Feature[K]) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &f.ID)
		case "name":
			return trimmed(d, &f.Name)
		case "hotel_id":
			return ids(d, &f.Hotels)
		default:
			return d.Skip()
		}
	}, "id", "hotel_id")
}

func (r *Resort) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &r.ID)
		case "name":
			return trimmed(d, &r.Name)
		case "country_id":
			return wire.ID(d, &r.Country)
		default:
			return d.Skip()
		}
	}, "id")
}

func (c *City) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &c.ID)
		case "name":
			return trimmed(d, &c.Name)
		case "country_id":
			return wire.ID(d, &c.Country)
		case "resort_id":
			return wire.ID(d, &c.Resort)
		default:
			return d.Skip()
		}
	}, "id")
}

func (h *Hotel) decode(d *wire.Decoder) error {
	return d.Object(func(name []byte) error { return h.field(d, name) }, "id")
}

// field reads a field that hotels have in directories and in prices.
func (h *Hotel) field(d *wire.Decoder, name []byte) error {
	switch string(name) {
	case "id":
		return wire.ID(d, &h.ID)
	case "name":
		return trimmed(d, &h.Name)
	case "country_id":
		return wire.ID(d, &h.Country)
	case "resort_id":
		return wire.ID(d, &h.Resort)
	case "city_id":
		return wire.ID(d, &h.City)
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

// trimmed reads a name; some end with a line break.
func trimmed(d *wire.Decoder, p *string) error {
	err := wire.String(d, p)
	*p = strings.TrimSpace(*p)
	return err
}

// ids reads a list of ids.
func ids[K ~string](d *wire.Decoder, p *[]K) error {
	return wire.List(d, p, func(id *K, d *wire.Decoder) error { return wire.ID(d, id) })
}
