package smartway

import (
	"context"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// Trains finds railway stations. It is the manual's chapter "Ж/Д билеты", which has
// nothing else. Train tickets are requested with [Requests.Save] and bought by people.
type Trains struct{ core *core }

// Hotels finds the names of hotels. It is the manual's chapter "Отели", which has nothing
// else.
type Hotels struct{ core *core }

// StationCode is the code of a railway station in the system "Экспресс".
type StationCode string

// Station is a railway station.
type Station struct {
	Code StationCode // code
	Name string      // name
}

// Stations lists the railway stations whose name begins with prefix. A station without a
// readable code is left out with a [rutravel.Warning].
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

// PlaceID identifies a hotel or a region. Hotels and regions are numbered separately.
type PlaceID string

// HotelPlace is a hotel, or a region or town with hotels.
type HotelPlace struct {
	ID       PlaceID // id: no method of the manual uses it
	Region   bool    // is_region: a region or town
	Name     string  // name
	Location string  // location: the country of a region, the town of a hotel
}

// Find lists hotels, regions and towns whose name contains a text. It returns at most 4
// regions or towns and 10 hotels, the best matches. A place without a readable id is left
// out with a [rutravel.Warning].
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
