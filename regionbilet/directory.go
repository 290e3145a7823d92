package regionbilet

import (
	"context"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// SettlementID identifies a settlement (населённый пункт) in a search for trips.
type SettlementID string

// NationalityID identifies a country of citizenship: "643".
type NationalityID string

// DocumentTypeID identifies a type of identity document: "1".
type DocumentTypeID string

// Settlement is a town or village that trips depart from or arrive at.
type Settlement struct {
	ID      SettlementID // id_from or id_to
	Name    string       // name
	Address string       // address
}

// Segment is a pair of settlements that trips connect.
type Segment struct {
	From SettlementID // id_from
	To   SettlementID // id_to
}

// Nationality is a country of citizenship that a passenger may have.
type Nationality struct {
	ID   NationalityID // id_nationality
	Name string        // name
}

// DocumentType is a type of identity document that a passenger may have.
type DocumentType struct {
	ID   DocumentTypeID // id_doc
	Name string         // name
}

// Departures lists all settlements from which the account can sell trips. The answer may
// be cached for up to a day (manual, chapter 2). A settlement that cannot be read is left
// out with a [rutravel.Warning].
//
// Regionbilet: GET from
func (c *Client) Departures(ctx context.Context, opts ...rutravel.CallOption) ([]Settlement, error) {
	return call(ctx, c, c.request(opFrom), foundOf(decodeSettlement("id_from"), (*Settlement).id), judgeList, opts)
}

// Arrivals lists all settlements to which the account can sell trips. The manual (chapter
// 3) says "relative to the departure settlement" but has no parameter for it.
// [Client.Segments] lists the pairs that are connected. The answer may be cached for up to
// a day. A settlement that cannot be read is left out with a [rutravel.Warning].
//
// Regionbilet: GET to
func (c *Client) Arrivals(ctx context.Context, opts ...rutravel.CallOption) ([]Settlement, error) {
	return call(ctx, c, c.request(opTo), foundOf(decodeSettlement("id_to"), (*Settlement).id), judgeList, opts)
}

func (s *Settlement) id() string { return string(s.ID) }

func decodeSettlement(id string) func(*Settlement, *wire.Decoder) error {
	return func(s *Settlement, d *wire.Decoder) error {
		return d.Fields(func(name []byte) error {
			switch string(name) {
			case id:
				return wire.ID(d, &s.ID)
			case "name":
				return wire.String(d, &s.Name)
			case "address":
				return wire.String(d, &s.Address)
			default:
				return d.Skip()
			}
		}, id)
	}
}

// Segments lists all pairs of settlements that trips connect (manual, chapter 16). The
// manual does not say whether the answer may be cached. A pair that cannot be read is left
// out with a [rutravel.Warning].
//
// Regionbilet: GET segment
func (c *Client) Segments(ctx context.Context, opts ...rutravel.CallOption) ([]Segment, error) {
	return call(ctx, c, c.request(opSegment), foundOf((*Segment).decode, (*Segment).id), judgeList, opts)
}

func (s *Segment) id() string { return string(s.From) }

func (s *Segment) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id_from":
			return wire.ID(d, &s.From)
		case "id_to":
			return wire.ID(d, &s.To)
		default:
			return d.Skip()
		}
	}, "id_from", "id_to")
}

// Nationalities lists the countries of citizenship that a passenger may have. The answer
// may be cached for up to a day (manual, chapter 6). A row that cannot be read is left out
// with a [rutravel.Warning].
//
// Regionbilet: GET nationality
func (c *Client) Nationalities(ctx context.Context, opts ...rutravel.CallOption) ([]Nationality, error) {
	return call(ctx, c, c.request(opNationality), foundOf((*Nationality).decode, (*Nationality).id), judgeList, opts)
}

func (n *Nationality) id() string { return string(n.ID) }

func (n *Nationality) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id_nationality":
			return wire.ID(d, &n.ID)
		case "name":
			return wire.String(d, &n.Name)
		default:
			return d.Skip()
		}
	}, "id_nationality")
}

// DocumentTypes lists the types of identity document that a passenger may have. The answer
// may be cached for up to a day (manual, chapter 7). A row that cannot be read is left out
// with a [rutravel.Warning].
//
// Regionbilet: GET type_doc
func (c *Client) DocumentTypes(ctx context.Context, opts ...rutravel.CallOption) ([]DocumentType, error) {
	return call(ctx, c, c.request(opTypeDoc), foundOf((*DocumentType).decode, (*DocumentType).id), judgeList, opts)
}

func (t *DocumentType) id() string { return string(t.ID) }

func (t *DocumentType) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id_doc":
			return wire.ID(d, &t.ID)
		case "name":
			return wire.String(d, &t.Name)
		default:
			return d.Skip()
		}
	}, "id_doc")
}
