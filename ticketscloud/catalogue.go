package ticketscloud

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// MediaID identifies a picture or another file.
type MediaID string

// RuleID identifies a price rule.
type RuleID string

// ListedEvent is an event of the older catalogue.
type ListedEvent struct {
	ID             EventID          // id
	Status         EventStatus      // status
	Title          string           // title.text
	Description    string           // title.desc
	Start          time.Time        // lifetime: DTSTART; zero if it is not known
	Finish         time.Time        // lifetime: DTEND; zero if it is not known
	AgeRating      int              // age_rating: years; 0 if there is none
	Tags           []string         // tags
	Tickets        int              // tickets_amount
	VacantTickets  int              // tickets_amount_vacant
	Deal           Deal             // deal
	Org            Organisation     // org: the organiser
	Partner        Organisation     // partner: the distributor
	LegalDetail    LegalDetail      // legal_detail
	Venue          ListedVenue      // venue
	Sets           []ListedSet      // sets: the categories
	Media          map[string]Media // media: cover, cover_small, cover_original
	CreatedAt      time.Time        // created_at
	UpdatedAt      time.Time        // updated_at
	AllowOtherPS   bool             // allow_other_ps: not documented
	TicketTemplate TicketTemplate   // ticket_template: not documented
	// Map is map, the scheme of the hall, exactly as it arrived. The manual says only
	// "ids and links to svg". It is nil if there is none.
	Map json.RawMessage
}

// Local converts an instant, for example Start, to the local time of the venue. It
// fails if the instant is zero, if the answer has no time zone, or if this system does
// not know the zone.
func (e ListedEvent) Local(t time.Time) (time.Time, error) { return inZone(t, e.Venue.City.Timezone) }

// Deal is the agreement between distributor and organiser.
type Deal struct {
	OrgPercent   decimal.NullDecimal // org: the organiser's share
	AgentPercent decimal.NullDecimal // agent: the distributor's share
	ExtraPercent decimal.NullDecimal // extra: the distributor's service fee
	Media        []string            // media: links
}

// Organisation is an organiser or a distributor in the older catalogue. Orders and
// refund requests have a [Partner].
type Organisation struct {
	ID          PartnerID        // id
	Name        string           // name
	Description string           // desc
	Contact     Contact          // contact
	Tags        []string         // tags
	Media       map[string]Media // media: logo, logo_small, logo_original
}

// Contact is the contact details of an organisation.
type Contact struct {
	Name    string   // name
	Address string   // address
	Email   string   // email
	Phones  []string // phones
	Site    string   // www
}

// LegalDetail is the seller that a ticket must name.
type LegalDetail struct {
	Name    string // name
	INN     string // inn
	OGRN    string // ogrn: of a company
	OGRNIP  string // ogrnip: of a sole proprietor
	Address string // address
}

// ListedVenue is a place of events and its location.
type ListedVenue struct {
	Venue
	Point *Point // point; nil if it is not known
}

// Point is a location, in degrees.
type Point struct {
	Longitude decimal.Decimal // coordinates[0]
	Latitude  decimal.Decimal // coordinates[1]
}

// Media is a file.
type Media struct {
	ID          MediaID   // id
	Author      PartnerID // author
	ContentType string    // content_type: "image/jpeg"
	Length      int       // length: bytes
	MD5         string    // md5hash
	URL         string    // url
}

// TicketTemplate is the design of a ticket.
type TicketTemplate struct {
	Name        string // name
	TextColor   string // text_color
	FanCoverURL string // fan_cover_url
}

// ListedPrices are the prices of a ticket in the older catalogue, in roubles. An order
// uses other names: its Price is Face here, and its Full is Total.
type ListedPrices struct {
	Face  decimal.Decimal // price_org: the face price
	Fee   decimal.Decimal // price_extra: the service fee
	Total decimal.Decimal // price: the amount to pay
}

// ListedSet is a category of tickets of an event.
type ListedSet struct {
	ID          SetID  // id
	Name        string // name
	Description string // desc
	Position    int    // pos: the order of categories
	Tickets     int    // amount
	Vacant      int    // amount_vacant
	ListedPrices
	WithSeats bool     // with_seats
	Seats     []Row    // seats
	Sector    SectorID // sector
	Rules     []Rule   // rules: prices by time
}

// Row is the seats of one row.
type Row struct {
	Row     string
	Numbers []string
}

// Rule is the prices in a period.
type Rule struct {
	ID      RuleID    // id
	Start   time.Time // cal: DTSTART
	Finish  time.Time // cal: DTEND
	Current bool      // current: these prices apply now
	ListedPrices
}

// ViewLimit says where events are shown.
type ViewLimit string

// The values of the manual.
const (
	ViewSalespoint ViewLimit = "salespoint"
	ViewShowroom   ViewLimit = "showroom"
)

// EventQuery filters a list of events. Only the fields that are set are sent. The
// manual lists the filters, but does not say which call they belong to.
type EventQuery struct {
	Org       PartnerID     // org
	Status    []EventStatus // status
	Tags      []string      // tags
	Venue     VenueID       // venue
	City      CityID        // city
	Country   CountryID     // country: the manual says a number, but its countries are letters
	Lifetime  Period        // lifetime
	Price     *PriceRange   // price; nil means any
	ViewLimit ViewLimit     // view_limit
	Page      int           // page: the first is 1; 0 means the first
	PageSize  int           // page_size; no limit is known
}

// PriceRange is a range of prices, in roubles. The manual has no range without an
// upper or lower bound.
type PriceRange struct {
	From, To decimal.Decimal
}

// EventsPage lists the events for which you have a deal with the organiser: all of them
// or one page. [Client.Events] iterates over all pages. An event that cannot be read is
// left out with a warning. If none can be read, the error is [rutravel.ErrProtocol].
//
// Deprecated: The manual calls this service outdated. Use
// [github.com/rutravel/rutravel-go/ticketscloud/tcsimple.Client.Events].
//
// Ticketscloud: GET /v1/services/simple/events
func (c *Client) EventsPage(ctx context.Context, q EventQuery, opts ...rutravel.CallOption) ([]ListedEvent, error) {
	all, err := c.eventPage(ctx, q, opts)
	if readable := wire.Readable(all, err); len(readable) < len(all) && len(readable) > 0 {
		return readable, nil // warnings name the others
	}
	return all, err
}

// Events iterates over the events of a list, starting with page q.Page. It sends one
// request per page, of 50 events unless q says otherwise, until a page is empty. An event
// that cannot be read is left out with a warning. The sequence ends with an error if:
//
//   - no event can be read: [rutravel.ErrProtocol],
//   - a page repeats earlier events, because there may be more events,
//   - a request fails. The events before it have been yielded.
//
// Deprecated: The manual calls this service outdated. Use
// [github.com/rutravel/rutravel-go/ticketscloud/tcsimple.Client.Events].
//
// Ticketscloud: GET /v1/services/simple/events
func (c *Client) Events(ctx context.Context, q EventQuery, opts ...rutravel.CallOption) iter.Seq2[ListedEvent, error] {
	const size = 50
	if q.PageSize == 0 {
		q.PageSize = size
	}
	all := transport.Pages(c.engine, &operations[opEvents], cmp.Or(q.Page, 1), func(e *ListedEvent) EventID { return e.ID },
		func(page int) (transport.Page[ListedEvent], error) {
			q := q
			q.Page = page
			events, err := c.eventPage(ctx, q, opts)
			return transport.Page[ListedEvent]{Rows: events}, err // the size of a full page is not known
		})
	return func(yield func(ListedEvent, error) bool) {
		var some bool
		var unread error
		for e, err := range all {
			if _, ofRow := errors.AsType[*rutravel.RowError](err); ofRow {
				unread = cmp.Or(unread, err)
				continue
			}
			some = true
			if !yield(e, err) {
				return
			}
		}
		if !some && unread != nil {
			yield(ListedEvent{}, unread)
		}
	}
}

func (e *ListedEvent) id() string { return string(e.ID) }

// eventPage reads one page. It warns about the events that its [rutravel.RowsError]
// names.
func (c *Client) eventPage(ctx context.Context, q EventQuery, opts []rutravel.CallOption) ([]ListedEvent, error) {
	r := &request{op: opEvents, method: http.MethodGet, path: "/v1/services/simple/events", v1Name: "events"}
	q.filter(r)
	r.addPage(q.Page, q.PageSize, 0)
	return call(ctx, c, r, rowsOf((*ListedEvent).decode, (*ListedEvent).id), func(answer *reply, _ *[]ListedEvent, err error) error {
		if unread, ok := errors.AsType[*rutravel.RowsError](err); ok {
			for _, row := range unread.Rows {
				answer.warn(rutravel.Warning{ID: row.ID, Problem: row.Problem})
			}
		}
		return err
	}, opts)
}

func (q EventQuery) filter(r *request) {
	r.addID("Org", "org", string(q.Org))
	checkList(&r.Check, "Status", q.Status)
	addList(&r.query, "status", q.Status)
	checkList(&r.Check, "Tags", q.Tags)
	addList(&r.query, "tags", q.Tags)
	r.addID("Venue", "venue", string(q.Venue))
	r.addID("City", "city", string(q.City))
	r.addID("Country", "country", string(q.Country))
	q.Lifetime.check(&r.Check, "Lifetime")
	if !q.Lifetime.isZero() {
		r.query.Add("lifetime", q.Lifetime.text())
	}
	if p := q.Price; p != nil {
		r.That(!p.From.IsNegative(), "Price.From", "must not be negative")
		r.That(p.To.GreaterThanOrEqual(p.From), "Price.To", "must not be less than From")
		r.query.Add("price", formatDecimal(p.From)+","+formatDecimal(p.To))
	}
	r.addID("ViewLimit", "view_limit", string(q.ViewLimit))
}

// addID checks and adds a value if it is set.
func (r *request) addID(field, name, value string) {
	if value != "" {
		checkID(&r.Check, field, value)
		r.query.Add(name, value)
	}
}

// formatDecimal writes a number with exactly its digits. The process-wide switches of
// package decimal have no effect.
func formatDecimal(v decimal.Decimal) string {
	return v.StringFixed(max(-v.Exponent(), 0))
}

// SeatQuery filters a list of tickets with seats. Only the fields that are set are sent.
type SeatQuery struct {
	Status  []TicketStatus // status; an empty list means all except [TicketPending]
	Sectors []SectorID     // sector
}

// SeatTicket is a ticket with a seat, on sale or sold.
type SeatTicket struct {
	ID     TicketID     // id
	Serial string       // serial
	Number int          // number
	Set    SetID        // set
	Seat   Seat         // seat
	Status TicketStatus // status
	// ReservedTill is reserved_till; zero if the ticket is not reserved.
	ReservedTill time.Time
}

// EventTickets lists all tickets of an event's categories with seats. Order tickets
// without seats by category, with Random. A ticket that cannot be read is left out with
// a warning. If none can be read, the error is [rutravel.ErrProtocol].
//
// Deprecated: The manual calls this service outdated. Use
// [github.com/rutravel/rutravel-go/ticketscloud/tcsimple.Client.Seats].
//
// Ticketscloud: GET /v1/resources/events/:id/tickets
func (c *Client) EventTickets(ctx context.Context, event EventID, q SeatQuery, opts ...rutravel.CallOption) ([]SeatTicket, error) {
	r := &request{op: opEventTickets, method: http.MethodGet, path: objectPath("/v1/resources/events", event, "tickets"), v1Name: "tickets"}
	checkID(&r.Check, "event", event)
	checkList(&r.Check, "Status", q.Status)
	addList(&r.query, "status", q.Status)
	checkList(&r.Check, "Sectors", q.Sectors)
	addList(&r.query, "sector", q.Sectors)
	return call(ctx, c, r, foundOf((*SeatTicket).decode, (*SeatTicket).id), nil, opts)
}

func (t *SeatTicket) id() string { return string(t.ID) }

func (e *ListedEvent) decode(d *wire.Decoder) error {
	var orgs, partners LegalDetail // the manual does not say which object has legal_detail
	err := d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &e.ID)
		case "status":
			return wire.String(d, &e.Status)
		case "title":
			return decodeTitle(d, &e.Title, &e.Description)
		case "lifetime":
			return eventTime(d, &e.Start, &e.Finish)
		case "age_rating":
			return age(d, &e.AgeRating)
		case "tags":
			return texts(d, &e.Tags)
		case "tickets_amount":
			return d.Int(&e.Tickets)
		case "tickets_amount_vacant":
			return d.Int(&e.VacantTickets)
		case "deal":
			return e.Deal.decode(d)
		case "org":
			return e.Org.decode(d, &orgs)
		case "partner":
			return e.Partner.decode(d, &partners)
		case "legal_detail":
			return e.LegalDetail.decode(d)
		case "venue":
			return e.Venue.decode(d)
		case "sets":
			return wire.List(d, &e.Sets, (*ListedSet).decode)
		case "media":
			return decodeMedia(d, &e.Media)
		case "created_at":
			return instant(d, &e.CreatedAt)
		case "updated_at":
			return instant(d, &e.UpdatedAt)
		case "allow_other_ps":
			return d.OptFlag(&e.AllowOtherPS)
		case "ticket_template":
			return e.TicketTemplate.decode(d)
		case "map":
			err := d.Raw(&e.Map)
			if string(e.Map) == "null" {
				e.Map = nil
			}
			return err
		default:
			return d.Skip()
		}
	}, "id", "status?", "tickets_amount_vacant?")
	if e.LegalDetail == (LegalDetail{}) {
		e.LegalDetail = orgs
	}
	return err
}

func (c *Deal) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "org":
			return percent(d, &c.OrgPercent)
		case "agent":
			return percent(d, &c.AgentPercent)
		case "extra":
			return percent(d, &c.ExtraPercent)
		case "media":
			return texts(d, &c.Media)
		default:
			return d.Skip()
		}
	})
}

func (o *Organisation) decode(d *wire.Decoder, legal *LegalDetail) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.OptID(d, &o.ID)
		case "name":
			return wire.String(d, &o.Name)
		case "desc":
			return wire.String(d, &o.Description)
		case "contact":
			return o.Contact.decode(d)
		case "tags":
			return texts(d, &o.Tags)
		case "media":
			return decodeMedia(d, &o.Media)
		case "legal_detail":
			return legal.decode(d)
		default:
			return d.Skip()
		}
	})
}

func (c *Contact) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "name":
			return wire.String(d, &c.Name)
		case "address":
			return wire.String(d, &c.Address)
		case "email":
			return wire.String(d, &c.Email)
		case "phones": // a string in the manual's table
			return texts(d, &c.Phones)
		case "www":
			return wire.String(d, &c.Site)
		default:
			return d.Skip()
		}
	})
}

func (l *LegalDetail) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "name":
			return wire.String(d, &l.Name)
		case "inn":
			return wire.String(d, &l.INN)
		case "ogrn":
			return wire.String(d, &l.OGRN)
		case "ogrnip":
			return wire.String(d, &l.OGRNIP)
		case "address":
			return wire.String(d, &l.Address)
		default:
			return d.Skip()
		}
	})
}

func (v *ListedVenue) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		if string(name) == "point" {
			return decodePoint(d, &v.Point)
		}
		return v.field(d, name)
	})
}

// decodePoint reads a GeoJSON point: the longitude is first.
func decodePoint(d *wire.Decoder, p **Point) error {
	*p = nil
	return d.Map(func(name []byte) error {
		if string(name) != "coordinates" {
			return d.Skip()
		}
		var both []decimal.Decimal
		err := wire.List(d, &both, func(v *decimal.Decimal, d *wire.Decoder) error { return d.Decimal(v) })
		switch len(both) {
		case 0:
		case 2:
			*p = &Point{Longitude: both[0], Latitude: both[1]}
		default:
			d.Fail("", "want two coordinates")
		}
		return err
	})
}

// decodeMedia reads files by their names, or a list of files.
func decodeMedia(d *wire.Decoder, p *map[string]Media) error {
	*p = nil
	return d.Map(func(name []byte) error {
		if *p == nil {
			*p = map[string]Media{}
		}
		key := string(name)
		var m Media
		err := m.decode(d)
		(*p)[key] = m
		return err
	})
}

// decode reads a file or only its address.
func (m *Media) decode(d *wire.Decoder) error {
	if d.AtText() {
		return wire.String(d, &m.URL)
	}
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.OptID(d, &m.ID)
		case "author":
			return wire.OptID(d, &m.Author)
		case "content_type":
			return wire.String(d, &m.ContentType)
		case "length":
			return d.Int(&m.Length)
		case "md5hash":
			return wire.String(d, &m.MD5)
		case "url":
			return wire.String(d, &m.URL)
		default:
			return d.Skip()
		}
	})
}

func (t *TicketTemplate) decode(d *wire.Decoder) error {
	return d.Map(func(name []byte) error {
		switch string(name) {
		case "name":
			return wire.String(d, &t.Name)
		case "text_color":
			return wire.String(d, &t.TextColor)
		case "fan_cover_url":
			return wire.String(d, &t.FanCoverURL)
		default:
			return d.Skip()
		}
	})
}

// field reads one of the prices.
func (p *ListedPrices) field(d *wire.Decoder, name []byte) error {
	switch string(name) {
	case "price_org":
		return d.Amount(&p.Face)
	case "price_extra":
		return d.Amount(&p.Fee)
	case "price": // v1: with the fee
		return d.Amount(&p.Total)
	default:
		return d.Skip()
	}
}

func (s *ListedSet) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &s.ID)
		case "name":
			return wire.String(d, &s.Name)
		case "desc":
			return wire.String(d, &s.Description)
		case "pos":
			return d.Int(&s.Position)
		case "amount":
			return d.Int(&s.Tickets)
		case "amount_vacant":
			return d.Int(&s.Vacant)
		case "with_seats":
			return d.OptFlag(&s.WithSeats)
		case "seats":
			return s.decodeSeats(d)
		case "sector":
			return s.decodeSector(d)
		case "rules":
			return wire.List(d, &s.Rules, (*Rule).decode)
		default:
			return s.ListedPrices.field(d, name)
		}
	}, "id", "price", "price_org?", "price_extra?", "amount_vacant?", "with_seats?")
}

// decodeSeats reads lists of numbers by row.
func (s *ListedSet) decodeSeats(d *wire.Decoder) error {
	s.Seats = nil
	var places wire.Places
	return d.Map(func(name []byte) error {
		row := Row{Row: strings.Clone(string(name))}
		err := texts(d, &row.Numbers)
		return cmp.Or(err, wire.Keep(d, &s.Seats, &places, row.Row, row))
	})
}

// decodeSector reads a sector. The manual does not say whether it is an id or an object
// with an id.
func (s *ListedSet) decodeSector(d *wire.Decoder) error {
	if !d.AtObject() {
		return wire.OptID(d, &s.Sector)
	}
	return d.Map(func(name []byte) error {
		if string(name) == "id" {
			return wire.OptID(d, &s.Sector)
		}
		return d.Skip()
	})
}

// decode reads a rule. All fields but the id are essential: a price without its times
// would apply forever.
func (r *Rule) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.OptID(d, &r.ID)
		case "cal":
			return eventTime(d, &r.Start, &r.Finish)
		case "current":
			return d.OptFlag(&r.Current)
		default:
			return r.ListedPrices.field(d, name)
		}
	}, "price", "price_org?", "price_extra?", "cal?", "current?")
}

func (t *SeatTicket) decode(d *wire.Decoder) error {
	return d.Fields(func(name []byte) error {
		switch string(name) {
		case "id":
			return wire.ID(d, &t.ID)
		case "serial":
			return wire.String(d, &t.Serial)
		case "number":
			return d.Int(&t.Number)
		case "set":
			return wire.OptID(d, &t.Set)
		case "seat":
			var seat *Seat
			err := decodeSeat(d, &seat)
			if seat != nil {
				t.Seat = *seat
			}
			return err
		case "status":
			return wire.ID(d, &t.Status)
		case "reserved_till":
			return instant(d, &t.ReservedTill)
		default:
			return d.Skip()
		}
	}, "id", "status", "set?", "seat?")
}
