package tcsimple

import (
	"context"
	"iter"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// Venue is a place of events.
type Venue struct {
	ID          ticketscloud.VenueID // id
	Name        string               // name
	Description string               // description
	City        ticketscloud.CityID  // city; [City] has the time zone
	Address     string               // address
	Point       *ticketscloud.Point  // coordinates; nil if they are not known
	// WithMosbilet is with_mosbilet: the buyers must be set before the payment
	// ([ticketscloud.Client.SetMosbiletBuyers]).
	WithMosbilet bool
}

// VenueQuery filters the list of venues. Only the fields that are set are sent.
type VenueQuery struct {
	IDs []ticketscloud.VenueID // ids
}

// Venues iterates over places of events.
//
// Ticketscloud: gRPC Venues
func (c *Client) Venues(ctx context.Context, q VenueQuery, opts ...rutravel.CallOption) iter.Seq2[Venue, error] {
	r := &request[simple.VenuesRequest]{op: opVenues}
	r.message = &simple.VenuesRequest{Ids: texts(&r.Check, "IDs", q.IDs)}
	return stream(ctx, c, r, decodeVenue, opts)
}

func decodeVenue(r *reading, m *simple.Venue) Venue {
	return Venue{
		ID:           essentialID[ticketscloud.VenueID](r, "id", m.GetId()),
		Name:         m.GetName(),
		Description:  m.GetDescription(),
		City:         ticketscloud.CityID(cityID(m.GetCity())),
		Address:      m.GetAddress(),
		Point:        r.point("coordinates", m.GetCoordinates()),
		WithMosbilet: m.GetWithMosbilet(),
	}
}

// Map is a scheme of a hall.
type Map struct {
	ID          MapID                // id
	Name        string               // name
	Description string               // description
	Venue       ticketscloud.VenueID // venue
	Sectors     []Sector             // sectors
	Seats       []MapSeat            // seats
	SVG         map[string]string    // svg
}

// Sector is a part of a hall.
type Sector struct {
	ID          ticketscloud.SectorID // id
	Name        string                // name
	Description string                // description
	WithSeats   bool                  // with_seats
}

// MapSeat is a seat of a hall. A [Seat] on sale has the same sector, row and
// number.
type MapSeat struct {
	ticketscloud.Seat           // sector, row, number
	Point             *MapPoint // point; nil if it is not known
}

// MapPoint is the position of a seat in the drawing.
type MapPoint struct {
	X, Y   int // x, y
	Radius int // r
}

// MapQuery filters the list of schemes. Only the fields that are set are sent.
type MapQuery struct {
	IDs   []MapID              // ids
	Venue ticketscloud.VenueID // venue
}

// Maps iterates over schemes of halls.
//
// Ticketscloud: gRPC Maps
func (c *Client) Maps(ctx context.Context, q MapQuery, opts ...rutravel.CallOption) iter.Seq2[Map, error] {
	r := &request[simple.MapsRequest]{op: opMaps}
	r.message = &simple.MapsRequest{Ids: texts(&r.Check, "IDs", q.IDs), Venue: text(&r.Check, "Venue", q.Venue)}
	return stream(ctx, c, r, decodeMap, opts)
}

func decodeMap(r *reading, m *simple.Map) Map {
	return Map{
		ID:          essentialID[MapID](r, "id", m.GetId()),
		Name:        m.GetName(),
		Description: m.GetDescription(),
		Venue:       optID[ticketscloud.VenueID](r, "venue", m.GetVenue()),
		Sectors:     list(r, "sectors", m.GetSectors(), decodeSector),
		Seats:       list(r, "seats", m.GetSeats(), decodeMapSeat),
		SVG:         m.GetSvg(),
	}
}

func decodeSector(r *reading, m *simple.Map_Sector) Sector {
	return Sector{
		ID: essentialID[ticketscloud.SectorID](r, "id", m.GetId()), Name: m.GetName(), Description: m.GetDescription(), WithSeats: m.GetWithSeats(),
	}
}

func decodeMapSeat(r *reading, m *simple.Map_Seat) MapSeat {
	seat := MapSeat{Seat: decodePlace(r, m.GetSector(), m.GetRow(), m.GetNumber())}
	if p := m.GetPoint(); p != nil {
		seat.Point = &MapPoint{X: int(p.GetX()), Y: int(p.GetY()), Radius: int(p.GetR())}
	}
	return seat
}
