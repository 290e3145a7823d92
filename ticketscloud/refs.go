package ticketscloud

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/internal/wire"
)

// EventID identifies an event (мероприятие). Like all ids of the manual it has 24
// letters and digits and is unique among objects of its kind.
type EventID string

// PartnerID identifies an organiser or a distributor.
type PartnerID string

// VenueID identifies a place of events (площадка).
type VenueID string

// SetID identifies a category of tickets (категория, билетный сет).
type SetID string

// SectorID identifies a part of a hall.
type SectorID string

// PromocodeID identifies a promocode. To apply a promocode, use its code.
type PromocodeID string

// CityID identifies a city: "524901".
type CityID string

// CountryID identifies a country: "RU".
type CountryID string

// EventStatus is the state of an event.
type EventStatus string

// EventPublic means that the event is on sale (manual, list of events).
const EventPublic EventStatus = "public"

// Event is the event of an order or refund request, from refs.events. If the answer does
// not describe it, only ID is set.
type Event struct {
	ID          EventID     // id
	Status      EventStatus // status
	Title       string      // title.text
	Description string      // title.desc
	Start       time.Time   // lifetime.start; zero if it is not known
	Finish      time.Time   // lifetime.finish; zero if it is not known
	Timezone    string      // timezone: "Europe/Moscow"
	AgeRating   int         // age_rating: years; 0 if there is none
	Org         Partner     // org: the organiser
	Venue       Venue       // venue
}

// Local converts an instant, for example Start, to the local time of the event. A ticket
// must show this time (manual, sending tickets). Local fails if the instant is zero, if
// the answer has no time zone, or if this system does not know the zone.
func (e Event) Local(t time.Time) (time.Time, error) {
	zone := e.Timezone
	if zone == "" {
		zone = e.Venue.City.Timezone
	}
	return inZone(t, zone)
}

// Partner is an organiser or a distributor, from refs.partners. If the answer does not
// describe it, only ID is set.
type Partner struct {
	ID   PartnerID // id
	Name string    // name
}

// Set is a category of tickets, from refs.sets.
type Set struct {
	ID        SetID           // id
	Name      string          // name
	Price     decimal.Decimal // price: the face price of a ticket, in roubles
	WithSeats bool            // with_seats; missing in the check of a promocode
}

// Promocode is a promocode, from refs.promocodes. If the answer does not describe it,
// only ID is set.
type Promocode struct {
	ID       PromocodeID // id
	Code     string      // code, in lower case
	Discount Discount    // discount
	Start    time.Time   // lifetime.start; zero if there is none
	Finish   time.Time   // lifetime.finish; zero if there is none
	Viral    bool        // viral
}

// Is reports whether the promocode has the code. Upper and lower case are the same
// (manual, adding promocodes).
func (p Promocode) Is(code string) bool { return p.Code != "" && strings.EqualFold(p.Code, code) }

// Discount is a discount. The manual says that exactly one of the two is set.
type Discount struct {
	Percent decimal.NullDecimal // percentage: 5 for "5%"
	Amount  decimal.NullDecimal // fix: roubles
}

// Venue is a place of events. If the answer does not describe it, only ID is set.
type Venue struct {
	ID          VenueID // id
	Name        string  // name
	Description string  // desc
	Address     string  // address
	City        City    // city
	Country     Country // country
}

// City is a city.
type City struct {
	ID       CityID    // id, or _id
	Name     Names     // name
	Country  CountryID // country: in v1
	Timezone string    // timezone: "Europe/Moscow"
}

// Country is a country.
type Country struct {
	ID   CountryID // id, or _id
	Name Names     // name
}

// Names is a name in several languages. Its keys are "ru", "en", "default" and the like.
type Names map[string]string

// In returns the name in the first of the given languages that has one. After them it
// tries ru, en and default, and then all other languages in alphabetical order.
func (n Names) In(languages ...string) string {
	for _, language := range slices.Concat(languages, []string{"ru", "en", "default"}) {
		if name := n[language]; name != "" {
			return name
		}
	}
	var first string
	for language, name := range n {
		if name != "" && (first == "" || language < first) {
			first = language
		}
	}
	return n[first]
}

// refs is the objects that an answer describes and its data names by ids.
type refs struct {
	events     map[EventID]ref[Event]
	partners   map[PartnerID]ref[Partner]
	promocodes map[PromocodeID]ref[Promocode]
	sets       map[SetID]ref[Set]
	venues     map[VenueID]ref[Venue]
	orders     map[OrderID]ref[Order]
	tickets    map[TicketID]ref[Ticket]
}

// ref is an object of refs. If it cannot be read, only the objects that name it have an
// error.
type ref[T any] struct {
	value T
	err   error
}

// decode reads the objects. A value that is not an object is an empty list of objects, and
// not an error.
func (r *refs) decode(d *wire.Decoder) error {
	return optMap(d, func(name []byte) error {
		switch string(name) {
		case "events":
			return describeRefs(d, &r.events, (*Event).decode, func(e *Event) *EventID { return &e.ID })
		case "partners":
			return describeRefs(d, &r.partners, (*Partner).decode, func(p *Partner) *PartnerID { return &p.ID })
		case "promocodes":
			return decodeRefs(d, &r.promocodes, (*Promocode).decode, func(p *Promocode) *PromocodeID { return &p.ID })
		case "sets":
			return decodeRefs(d, &r.sets, (*Set).decode, func(s *Set) *SetID { return &s.ID })
		case "venues":
			return describeRefs(d, &r.venues, (*Venue).decode, func(v *Venue) *VenueID { return &v.ID })
		case "orders":
			return decodeRefs(d, &r.orders, (*Order).decodeRef, func(o *Order) *OrderID { return &o.ID })
		case "tickets":
			return decodeRefs(d, &r.tickets, (*Ticket).decodeRef, func(t *Ticket) *TicketID { return &t.ID })
		default:
			return d.Skip()
		}
	})
}

// optMap is [wire.Decoder.Map] of a minor object.
func optMap(d *wire.Decoder, value func(name []byte) error) error {
	if d.AtObject() {
		return d.Map(value)
	}
	return d.Minor(func(d *wire.Decoder) error { return d.Map(func([]byte) error { return d.Skip() }) })
}

// decodeRefs reads the objects of one kind by their ids.
func decodeRefs[ID ~string, T any](d *wire.Decoder, p *map[ID]ref[T], decode func(*T, *wire.Decoder) error, id func(*T) *ID) error {
	return readRefs(d, p, decode, id, func(d *wire.Decoder, one *ref[T], read func(*T, *wire.Decoder) error) (err error) {
		one.err, err = d.Apart(func(d *wire.Decoder) error { return read(&one.value, d) })
		return err
	})
}

// describeRefs is [decodeRefs] of minor objects: of an object that cannot be read, only
// the id is set.
func describeRefs[ID ~string, T any](d *wire.Decoder, p *map[ID]ref[T], decode func(*T, *wire.Decoder) error, id func(*T) *ID) error {
	return readRefs(d, p, decode, id, func(d *wire.Decoder, one *ref[T], read func(*T, *wire.Decoder) error) error {
		return wire.Part(d, &one.value, read)
	})
}

func readRefs[ID ~string, T any](d *wire.Decoder, p *map[ID]ref[T], decode func(*T, *wire.Decoder) error, id func(*T) *ID,
	readOne func(d *wire.Decoder, one *ref[T], read func(*T, *wire.Decoder) error) error,
) error {
	*p = map[ID]ref[T]{}
	return optMap(d, func(name []byte) error {
		key := ID(name)
		var one ref[T]
		err := readOne(d, &one, func(v *T, d *wire.Decoder) error {
			*id(v) = key
			err := decode(v, d)
			if *id(v) != key {
				d.Fail("id", "want the key of the object")
			}
			return err
		})
		*id(&one.value) = key
		(*p)[key] = one
		return cmp.Or(err, wire.Take[ref[T]](d, 1))
	})
}

// link links the objects with each other.
func (r *refs) link() {
	for id, e := range r.events {
		e.err = cmp.Or(e.err, resolve(r.partners, e.value.Org.ID, &e.value.Org), resolve(r.venues, e.value.Venue.ID, &e.value.Venue))
		r.events[id] = e
	}
	for id, t := range r.tickets {
		t.err = cmp.Or(t.err, resolve(r.sets, t.value.Set.ID, &t.value.Set))
		r.tickets[id] = t
	}
	for id, o := range r.orders {
		o.err = cmp.Or(o.err, o.value.link(r))
		r.orders[id] = o
	}
}

// resolve replaces an object that has only an id. It returns the error of the object,
// which is filled in as far as it could be read.
func resolve[ID ~string, T any](all map[ID]ref[T], id ID, p *T) error {
	one, ok := all[id]
	if ok {
		*p = one.value
	}
	return one.err
}

// decode reads an event of refs. Only its id is essential for orders and refund requests.
func (e *Event) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &e.ID)
		case "status":
			return wire.String(d, &e.Status)
		case "title":
			return decodeTitle(d, &e.Title, &e.Description)
		case "lifetime":
			return eventTime(d, &e.Start, &e.Finish)
		case "timezone":
			return wire.String(d, &e.Timezone)
		case "age_rating":
			return age(d, &e.AgeRating)
		case "org":
			return wire.OptID(d, &e.Org.ID)
		case "venue":
			return wire.OptID(d, &e.Venue.ID)
		default:
			return d.Skip()
		}
	}, "id?")
}

func decodeTitle(d *wire.Decoder, text, description *string) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "text":
			return wire.String(d, text)
		case "desc":
			return wire.String(d, description)
		default:
			return d.Skip()
		}
	})
}

func (p *Partner) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &p.ID)
		case "name":
			return wire.String(d, &p.Name)
		default:
			return d.Skip()
		}
	}, "id?")
}

func (s *Set) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &s.ID)
		case "name":
			return wire.String(d, &s.Name)
		case "price":
			return d.Amount(&s.Price)
		case "with_seats":
			return d.OptFlag(&s.WithSeats)
		default:
			return d.Skip()
		}
	}, "id?", "price?", "with_seats?")
}

// decode reads a promocode of refs. Its code is essential, because it shows whether the
// code was applied. Its discount is minor, because the order's amounts include it.
func (p *Promocode) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &p.ID)
		case "code":
			return wire.String(d, &p.Code)
		case "discount":
			return wire.Part(d, &p.Discount, (*Discount).decode)
		case "lifetime": // absent or null: no limit
			return lifetime(d, &p.Start, &p.Finish)
		case "viral":
			return d.OptFlag(&p.Viral)
		default:
			return d.Skip()
		}
	}, "id?", "code?")
}

func (c *Discount) decode(d *wire.Decoder) error {
	err := d.Map(func(name []byte) error {
		switch string(name) {
		case "percentage":
			return percent(d, &c.Percent)
		case "fix":
			return d.OptAmount(&c.Amount)
		default:
			return d.Skip()
		}
	})
	if err == nil && c.Percent.Valid == c.Amount.Valid {
		d.Fail("", "want either percentage or fix")
	}
	return err
}

func (v *Venue) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error { return v.field(d, name) }, "id?")
}

// field reads a field of a venue in v1 and v2.
func (v *Venue) field(d *wire.Decoder, name []byte) error {
	switch string(name) {
	case "id":
		return wire.ID(d, &v.ID)
	case "name":
		return wire.String(d, &v.Name)
	case "desc":
		return wire.String(d, &v.Description)
	case "address":
		return wire.String(d, &v.Address)
	case "city":
		return v.City.decode(d)
	case "country":
		return v.Country.decode(d)
	default:
		return d.Skip()
	}
}

func (c *City) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "id", "_id": // v1, v2
			return wire.OptID(d, &c.ID)
		case "name":
			return c.Name.decode(d)
		case "country":
			return wire.OptID(d, &c.Country)
		case "timezone":
			return wire.String(d, &c.Timezone)
		default:
			return d.Skip()
		}
	})
}

func (c *Country) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "id", "_id": // v1, v2
			return wire.OptID(d, &c.ID)
		case "name":
			return c.Name.decode(d)
		default:
			return d.Skip()
		}
	})
}

func (n *Names) decode(d *wire.Decoder) error {
	*n = nil
	if d.AtText() { // one name without a language
		var name string
		err := wire.String(d, &name)
		*n = Names{"default": name}
		return err
	}
	return d.Map(func(language []byte) error {
		if *n == nil {
			*n = Names{}
		}
		key := string(language)
		var name string
		err := wire.String(d, &name)
		(*n)[key] = name
		return err
	})
}
