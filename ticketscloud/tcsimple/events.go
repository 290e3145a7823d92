package tcsimple

import (
	"context"
	"iter"
	"time"

	"github.com/shopspring/decimal"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// MetaEventID identifies a group of recurring events.
type MetaEventID string

// MapID identifies a scheme of a hall.
type MapID string

// DealID identifies the agreement between distributor and organiser.
type DealID string

// SellerID identifies a legal person.
type SellerID string

// EventStandBy means that the sales of an event are stopped. An event on sale is
// [ticketscloud.EventPublic].
const EventStandBy ticketscloud.EventStatus = "stand_by"

// Event is an event of the catalogue.
type Event struct {
	ID              ticketscloud.EventID     // id
	Meta            MetaEventID              // meta; "" if it does not belong to a group
	Name            string                   // name
	Description     string                   // description
	Status          ticketscloud.EventStatus // status
	Org             ticketscloud.PartnerID   // org: the organiser
	Venue           ticketscloud.VenueID     // venue
	Map             MapID                    // map; "" if there is none
	Start           time.Time                // lifetime.start; zero if it is not known
	Finish          time.Time                // lifetime.finish; zero if it is not known
	OpenDate        bool                     // open_date: the start is open
	Category        CategoryID               // category: the kind of event
	Tags            []TagID                  // tags
	Artists         []ArtistID               // artists
	AgeRating       string                   // age_rating
	Media           Media                    // media
	Deal            *Deal                    // deal; nil if it is not shown
	OrgExtraPercent decimal.NullDecimal      // org_extra: the organiser's service fee, instead of deal if the organiser asks for it
	Seller          *Seller                  // legal_ru: the seller that a ticket must name; nil if it is not known
	Sets            []Set                    // sets: the categories of tickets
	Tickets         int                      // tickets_amount
	VacantTickets   int                      // tickets_amount_vacant
	SmartTickets    SmartTickets             // smart_tickets
	Mods            []Mod                    // mods
	UpdatedAt       time.Time                // updated_at; it does not cover changes of Vacant; zero if it is not known, as from [ServiceV2]
}

// Media has the addresses of pictures.
type Media struct {
	Cover    string // cover
	Small    string // cover_small
	Original string // cover_original
}

// Deal is the agreement between distributor and organiser.
type Deal struct {
	ID           DealID              // id
	OrgPercent   decimal.NullDecimal // org: the organiser's share
	AgentPercent decimal.NullDecimal // agent: the distributor's share of the face price
	ExtraPercent decimal.NullDecimal // extra: the distributor's service fee, added to the face price
}

// Seller is the seller of the tickets. A ticket must name it.
type Seller struct {
	ID      SellerID   // id
	Type    SellerType // type
	Name    string     // name
	INN     string     // inn
	Address string     // address
	OGRN    string     // ogrn: of a company
	OGRNIP  string     // ogrnip: of a sole proprietor
	Tax     Taxation   // ltd, ip; "" if it is not known
	VAT     *bool      // nds: whether VAT is paid; nil if it is not known
	VATRate VATRate    // vat_rate; "" if it is not known
}

// SellerType is the legal form of a seller. A new legal form is its number.
type SellerType string

// The legal forms.
const (
	SellerCompany      SellerType = "ltd"
	SellerProprietor   SellerType = "ip"
	SellerSelfEmployed SellerType = "se"
)

// Taxation is the tax system of a seller. A new tax system is its number.
type Taxation string

// The tax systems, of companies (LTD) and of sole proprietors (IP).
const (
	TaxCompanyUSN    Taxation = "ltd_usn"
	TaxCompanyOSN    Taxation = "ltd_osn"
	TaxProprietorUSN Taxation = "ip_usn"
	TaxProprietorOSN Taxation = "ip_osn"
	TaxProprietorNPD Taxation = "ip_npd"
	TaxProprietorPSN Taxation = "ip_psn"
)

// VATRate is a rate of VAT. A new rate is the number of its enumerator, not the rate.
type VATRate string

// The rates of VAT, in per cent.
const (
	VAT0  VATRate = "vat_0"
	VAT5  VATRate = "vat_5"
	VAT7  VATRate = "vat_7"
	VAT20 VATRate = "vat_20"
	VAT22 VATRate = "vat_22"
)

// SmartTickets says which kinds of tickets an event has. A new value is its number.
type SmartTickets string

// The kinds of tickets of an event.
const (
	SmartTicketsNone SmartTickets = "none"
	SmartTicketsOnly SmartTickets = "only"
	SmartTicketsAny  SmartTickets = "any" // both kinds
)

// Set is a category of tickets. Order tickets without seats by number (Random of
// [ticketscloud.NewOrder]), and tickets with seats by the ids of [Client.Seats].
type Set struct {
	ID          ticketscloud.SetID    // id
	Name        string                // name
	Description string                // description
	Position    int                   // pos: the order of categories
	Sector      ticketscloud.SectorID // sector; "" if there is none
	WithSeats   bool                  // with_seats
	Tickets     int                   // amount
	Vacant      int                   // amount_vacant
	Rules       []Rule                // rules: prices by time
}

// Price returns the face price of a ticket at an instant, in roubles and without any fee. It
// is the price of the rule that applies at that time. If several apply, it is the one that
// began last. If several began at the same time, it is the first one in Rules with a price.
//
// Price is not valid if no rule applies, or if the rule that began last has no price, because
// an older price may no longer apply. It is not valid between two rules either: the
// supplier's rules end at 20:59:00, and the next ones begin at 21:00:00. For the next price,
// use the Start of the next rule.
func (s Set) Price(at time.Time) decimal.NullDecimal {
	var price decimal.NullDecimal
	var since time.Time
	for _, r := range s.Rules {
		in := !at.Before(r.Start) && (r.Finish.IsZero() || at.Before(r.Finish))
		if in && (r.Start.After(since) || r.Start.Equal(since) && !price.Valid) {
			price, since = r.Price, r.Start
		}
	}
	return price
}

// Rule is the price in a period.
type Rule struct {
	ID     ticketscloud.RuleID // id
	Start  time.Time           // lifetime.start; zero if it is open
	Finish time.Time           // lifetime.finish; zero if it is open
	// Price is simple.price: the face price, in roubles. It is not valid if the kind of the
	// rule is new or its time cannot be read.
	Price decimal.NullDecimal
}

// EventQuery filters the list of events. Only the fields that are set are sent.
type EventQuery struct {
	IDs         []ticketscloud.EventID   // ids
	Meta        MetaEventID              // meta: events of this group
	WithoutMeta bool                     // without_meta: events that do not belong to a group; it excludes Meta
	Org         ticketscloud.PartnerID   // org
	Status      ticketscloud.EventStatus // status: [ticketscloud.EventPublic] or [EventStandBy]
	Start       TimeFilter               // lifetime.start
	Finish      TimeFilter               // lifetime.finish
}

func (q EventQuery) message(v *valid.Check) *simple.EventsRequest {
	m := &simple.EventsRequest{Ids: texts(v, "IDs", q.IDs), Org: text(v, "Org", q.Org)}
	v.That(q.Meta == "" || !q.WithoutMeta, "WithoutMeta", "must not be set together with Meta")
	switch {
	case q.WithoutMeta:
		m.MetaEvent = &simple.EventsRequest_WithoutMeta{WithoutMeta: true}
	case q.Meta != "":
		m.MetaEvent = &simple.EventsRequest_Meta{Meta: text(v, "Meta", q.Meta)}
	}
	switch q.Status {
	case "":
	case EventStandBy:
		m.Status = simple.EventsRequest_STAND_BY
	case ticketscloud.EventPublic:
		m.Status = simple.EventsRequest_PUBLIC
	default:
		v.That(false, "Status", "must be EventPublic or EventStandBy")
	}
	if start, finish := q.Start.message(v, "Start"), q.Finish.message(v, "Finish"); start != nil || finish != nil {
		m.Lifetime = &simple.LiftimeFilter{Start: start, Finish: finish}
	}
	return m
}

// Events iterates over the events for which you have a deal with the organiser. Without a
// filter, these are thousands. An event that cannot be read is left out with a warning: see
// "Values that cannot be read" in the package comment.
//
// Ticketscloud: gRPC Events
func (c *Client) Events(ctx context.Context, q EventQuery, opts ...rutravel.CallOption) iter.Seq2[Event, error] {
	r := &request[simple.EventsRequest]{op: opEvents}
	r.message = q.message(&r.Check)
	return stream(ctx, c, r, decodeEvent, opts)
}

func decodeEvent(r *reading, m *simple.Event) Event {
	return Event{
		ID:          essentialID[ticketscloud.EventID](r, "id", m.GetId()),
		Meta:        optID[MetaEventID](r, "meta", m.GetMeta()),
		Name:        m.GetName(),
		Description: m.GetDescription(),
		// The filter has other numbers for the same statuses.
		Status:          name(m.GetStatus(), EventStandBy, ticketscloud.EventPublic),
		Org:             optID[ticketscloud.PartnerID](r, "org", m.GetOrg()),
		Venue:           optID[ticketscloud.VenueID](r, "venue", m.GetVenue()),
		Map:             optID[MapID](r, "map", m.GetMap()),
		Start:           r.instant("lifetime.start", m.GetLifetime().GetStart()),
		Finish:          r.instant("lifetime.finish", m.GetLifetime().GetFinish()),
		OpenDate:        m.GetOpenDate(),
		Category:        optID[CategoryID](r, "category", m.GetCategory()),
		Tags:            ids[TagID](r, "tags", m.GetTags()),
		Artists:         ids[ArtistID](r, "artists", m.GetArtists()),
		AgeRating:       m.GetAgeRating(),
		Media:           decodeMedia(m.GetMedia()),
		Deal:            decodeDeal(r, m.GetDeal()),
		OrgExtraPercent: r.percent("org_extra", m.GetOrgExtra()),
		Seller:          decodeSeller(r, m.GetLegalRu()),
		Sets:            list(r, "sets", m.GetSets(), decodeSet),
		Tickets:         r.number("tickets_amount", m.GetTicketsAmount()),
		VacantTickets:   r.number("tickets_amount_vacant", m.GetTicketsAmountVacant()),
		SmartTickets:    name(m.GetSmartTickets(), SmartTicketsNone, SmartTicketsOnly, SmartTicketsAny),
		Mods:            list(r, "mods", m.GetMods(), decodeMod),
		UpdatedAt:       r.instant("updated_at", m.GetUpdatedAt()),
	}
}

func decodeMedia(m *simple.Media) Media {
	return Media{Cover: m.GetCover(), Small: m.GetCoverSmall(), Original: m.GetCoverOriginal()}
}

func decodeDeal(r *reading, m *simple.Event_Deal) *Deal {
	if m == nil {
		return nil
	}
	return &Deal{
		ID: optID[DealID](r, "deal.id", m.GetId()), OrgPercent: r.percent("deal.org", m.GetOrg()),
		AgentPercent: r.percent("deal.agent", m.GetAgent()), ExtraPercent: r.percent("deal.extra", m.GetExtra()),
	}
}

func decodeSeller(r *reading, m *simple.Event_LegalRu) *Seller {
	if m == nil {
		return nil
	}
	s := &Seller{
		ID:      optID[SellerID](r, "legal_ru.id", m.GetId()),
		Type:    name(m.GetType(), SellerCompany, SellerProprietor, SellerSelfEmployed),
		Name:    m.GetName(),
		INN:     m.GetInn(),
		Address: m.GetAddress(),
		OGRN:    m.GetOgrn(),
		OGRNIP:  m.GetOgrnip(),
		VAT:     m.Nds,
	}
	switch tax := m.GetTaxes().(type) {
	case *simple.Event_LegalRu_Ltd:
		s.Tax = name(tax.Ltd, TaxCompanyUSN, TaxCompanyOSN)
	case *simple.Event_LegalRu_Ip:
		s.Tax = name(tax.Ip, TaxProprietorUSN, TaxProprietorOSN, TaxProprietorNPD, TaxProprietorPSN)
	}
	if m.VatRate != nil {
		s.VATRate = name(m.GetVatRate(), VAT0, VAT5, VAT7, VAT20, VAT22)
	}
	return s
}

func decodeSet(r *reading, m *simple.Event_TicketSet) Set {
	return Set{
		ID:          essentialID[ticketscloud.SetID](r, "id", m.GetId()),
		Name:        m.GetName(),
		Description: m.GetDescription(),
		Position:    int(m.GetPos()),
		Sector:      optID[ticketscloud.SectorID](r, "sector", m.GetSector()),
		WithSeats:   m.GetWithSeats(),
		Tickets:     r.number("amount", m.GetAmount()),
		Vacant:      r.number("amount_vacant", m.GetAmountVacant()),
		Rules:       list(r, "rules", m.GetRules(), decodeRule),
	}
}

func decodeRule(r *reading, m *simple.Event_TicketSet_Rule) Rule {
	start, finish, known := r.lifetime("lifetime", m.GetLifetime())
	rule := Rule{ID: optID[ticketscloud.RuleID](r, "id", m.GetId()), Start: start, Finish: finish}
	if price := m.GetSimple(); price != nil && known {
		rule.Price = r.amount("simple.price", price.GetPrice())
	}
	return rule
}

// MetaEvent is a group of recurring events.
type MetaEvent struct {
	ID          MetaEventID            // id
	Name        string                 // name
	Description string                 // description
	Org         ticketscloud.PartnerID // org: the organiser
	AgeRating   string                 // age_rating
	Media       Media                  // media
	FirstStart  time.Time              // first_start; zero if it is not known
	LastFinish  time.Time              // last_finish; zero if it is not known
}

// MetaEventQuery filters the list of groups. Only the fields that are set are sent.
type MetaEventQuery struct {
	IDs []MetaEventID // ids
}

// MetaEvents iterates over the groups of recurring events that [Event].Meta names.
//
// Ticketscloud: gRPC MetaEvents
func (c *Client) MetaEvents(ctx context.Context, q MetaEventQuery, opts ...rutravel.CallOption) iter.Seq2[MetaEvent, error] {
	r := &request[simple.MetaEventsRequest]{op: opMetaEvents}
	r.message = &simple.MetaEventsRequest{Ids: texts(&r.Check, "IDs", q.IDs)}
	return stream(ctx, c, r, decodeMetaEvent, opts)
}

func decodeMetaEvent(r *reading, m *simple.MetaEvent) MetaEvent {
	return MetaEvent{
		ID:          essentialID[MetaEventID](r, "id", m.GetId()),
		Name:        m.GetName(),
		Description: m.GetDescription(),
		Org:         optID[ticketscloud.PartnerID](r, "org", m.GetOrg()),
		AgeRating:   m.GetAgeRating(),
		Media:       decodeMedia(m.GetMedia()),
		FirstStart:  r.instant("first_start", m.GetFirstStart()),
		LastFinish:  r.instant("last_finish", m.GetLastFinish()),
	}
}
