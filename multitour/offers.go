package multitour

import (
	"context"
	"encoding/json"
	"iter"
	"slices"

	"cloud.google.com/go/civil"
	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/internal/wire"
)

type (
	// OfferID identifies an offer. It is price_id in [Client.Offers] and price_key in
	// [Client.Book].
	OfferID string
	// TariffID identifies a tariff (тариф).
	TariffID string
	// RoomID identifies a room (номер).
	RoomID string
	// RoomCategoryID identifies a category of rooms (категория номера).
	RoomCategoryID string
	// MealPlanID identifies a meal tariff (тариф питания). It is not a [MealTypeID].
	MealPlanID string
)

// OfferQuery is a search for the offers of a hotel.
type OfferQuery struct {
	Hotel HotelID // hotel_id: required here; the manual calls it optional, but the method is for one hotel
	Stay
}

// Offer is a stay in a hotel that can be booked. The manual does not say how many people
// Price covers. By its samples it covers all tourists and all nights, as in [StayPrice].
type Offer struct {
	ID         OfferID         // price_id
	Hotel      HotelID         // hotel_id
	CheckIn    civil.Date      // date
	Nights     int             // night
	Price      decimal.Decimal // price: roubles
	Guaranteed bool            // quote: at the time of the answer there are places that need no confirmation

	TourType      Entry[TourTypeID]      // tour_id
	Tariff        Entry[TariffID]        // tarif_id
	Room          Entry[RoomID]          // room_id
	RoomCategory  Entry[RoomCategoryID]  // room_category_id
	MealPlan      Entry[MealPlanID]      // pansion_id
	MealType      Entry[MealTypeID]      // pansion_type_id
	Accommodation Entry[AccommodationID] // accomodation_id
}

// Offers lists the offers of a hotel for a stay, in the supplier's order. The first offer
// need not be the cheapest. [Client.Book] books an offer by its ID. The manual does not say
// how long an offer is valid.
//
// The method has no filters. The offers include those on request and those without meals
// ([NoMeals]), also after a filtered [Client.HotelPrices]. Filter them before you choose by
// price. An offer that cannot be read, or that does not fit the query, is left out with a
// warning.
//
// A query may have three dates and three numbers of nights. [Client.AllOffers] accepts more.
//
// Multitour: POST hotel.price
func (c *Client) Offers(ctx context.Context, q OfferQuery, opts ...rutravel.CallOption) ([]Offer, error) {
	r := &request{op: opHotelPrice}
	q.check(&r.Check)
	q.checkVariants(&r.Check)
	r.body = struct {
		HotelID json.Number `json:"hotel_id"`
		stayDates
		stayParty
	}{json.Number(q.Hotel), q.dates(), q.party()}
	return call(ctx, c, r, decodeOffers(q), nil, opts)
}

// AllOffers is [Client.Offers] for any number of dates and nights. It iterates over the
// offers. It splits the query into requests of at most three dates and three numbers of
// nights. It sends each of them when the iteration reaches its offers. An error ends the
// sequence.
//
// Multitour: POST hotel.price
func (c *Client) AllOffers(ctx context.Context, q OfferQuery, opts ...rutravel.CallOption) iter.Seq2[Offer, error] {
	return func(yield func(Offer, error) bool) {
		var v valid.Check
		if q.check(&v); v.Err() != nil {
			yield(Offer{}, c.engine.Invalid(ctx, &operations[opHotelPrice], v.Err()))
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

func (q OfferQuery) check(v *valid.Check) {
	v.Number("Hotel", string(q.Hotel))
	q.Stay.check(v)
}

// matches reports whether an offer fits the query.
func (q OfferQuery) matches(o *Offer) bool {
	return o.Hotel == q.Hotel && slices.Contains(q.Dates, o.CheckIn) && slices.Contains(q.Nights, o.Nights)
}

// decodeOffers returns a function that decodes the offers of data and sets their names from
// map. Their order in the answer does not matter.
func decodeOffers(q OfferQuery) func(*wire.Decoder, *[]Offer) error {
	return func(d *wire.Decoder, all *[]Offer) error {
		names := namesByID{}
		err := decodePrices(d, "hotel_price", func() error {
			return wire.Found(d, all, func(o *Offer, d *wire.Decoder) error {
				err := o.decode(d)
				if !q.matches(o) {
					d.Fail("", "does not fit the query")
				}
				return err
			}, (*Offer).key)
		}, func(list []byte) error { return names.decodeList(d, list) })
		for i := range *all {
			o := &(*all)[i]
			setName(names["tour_type"], &o.TourType)
			setName(names["tarif"], &o.Tariff)
			setName(names["room"], &o.Room)
			setName(names["room_category"], &o.RoomCategory)
			setName(names["pansion"], &o.MealPlan)
			setName(names["pansion_type"], &o.MealType)
			setName(names["accomodation"], &o.Accommodation)
		}
		return err
	}
}

func (o *Offer) key() string { return string(o.ID) }

func (o *Offer) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "price_id": // sent as a number
			err := wire.ID(d, &o.ID)
			if !positiveNumber(string(o.ID)) {
				d.Fail("", "want a whole number")
			}
			return err
		case "hotel_id":
			return wire.ID(d, &o.Hotel)
		case "date":
			return d.MoscowDate(&o.CheckIn)
		case "night":
			return d.Int(&o.Nights)
		case "price":
			return price(d, &o.Price)
		case "quote":
			return d.Flag(&o.Guaranteed)
		case "tour_id": // a type of tour
			return wire.OptID(d, &o.TourType.ID)
		case "tarif_id":
			return wire.OptID(d, &o.Tariff.ID)
		case "room_id":
			return wire.OptID(d, &o.Room.ID)
		case "room_category_id":
			return wire.OptID(d, &o.RoomCategory.ID)
		case "pansion_id":
			return wire.OptID(d, &o.MealPlan.ID)
		case "pansion_type_id":
			return wire.OptID(d, &o.MealType.ID)
		case "accomodation_id":
			return wire.OptID(d, &o.Accommodation.ID)
		default:
			return d.Skip()
		}
	}, "price_id", "hotel_id", "date", "night", "price", "quote")
}
