package smartway

import (
	"context"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Trains is the manual's chapter "Ж/Д билеты". It has the stations alone;
// tickets are requested by [Requests.Save] and bought by people.
type Trains struct{ core *core }

// Hotels is the manual's chapter "Отели". It has the names alone.
type Hotels struct{ core *core }

// StationCode is the code of a railway station in the system "Экспресс".
type StationCode string

// Station is a railway station.
type Station struct {
	Code StationCode // code
	Name string      // name
}

// Stations lists the railway stations of which the name begins with a text. A
// station without a readable code is left out with a [rutravel.Warning].
//
// Smartway: POST train.station_autocomplete
func (s Trains) Stations(ctx context.Context, prefix string, opts ...rutravel.CallOption) ([]Station, error) {
	r := &request{op: opTrainStationAutocomplete, query: prefix}
	r.Text("prefix", prefix)
	return call(ctx, s.core, r, foundOf((*Station).decode, (*Station).id), nil, opts)
}

func (s *Station) id() string { return string(s.Code) }

func (s *Station) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "code":
			return wire.ID(d, &s.Code)
		case "name":
			return wire.String(d, &s.Name)
		default:
			return d.Skip()
		}
	}, "code")
}

// PlaceID identifies a hotel or, in a numbering of its own, a region.
type PlaceID string

// HotelPlace is a hotel, or a region or town that has some.
type HotelPlace struct {
	ID       PlaceID // id: the manual has no method that takes it
	Region   bool    // is_region: a region or town, not a hotel
	Name     string  // name
	Location string  // location: the country of a region, the town of a hotel
}

// Find lists the hotels, regions and towns of which the name contains a text: the
// best 4 regions and 10 hotels. A place without a readable id is left out with a
// [rutravel.Warning].
//
// Smartway: POST hotel.autocomplete
func (s Hotels) Find(ctx context.Context, text string, opts ...rutravel.CallOption) ([]HotelPlace, error) {
	r := &request{op: opHotelAutocomplete, query: text}
	r.Text("text", text)
	return call(ctx, s.core, r, foundOf((*HotelPlace).decode, (*HotelPlace).id), nil, opts)
}

func (p *HotelPlace) id() string { return string(p.ID) }

func (p *HotelPlace) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &p.ID)
		case "is_region":
			return d.Flag(&p.Region)
		case "name":
			return wire.String(d, &p.Name)
		case "location":
			return wire.String(d, &p.Location)
		default:
			return d.Skip()
		}
	}, "id", "is_region")
}
