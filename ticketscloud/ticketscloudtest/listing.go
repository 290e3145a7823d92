package ticketscloudtest

import (
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/rutravel/rutravel-go/ticketscloud"
)

// Listing is an event with all its tickets that have seats.
type Listing struct {
	ticketscloud.ListedEvent
	Seats    []ticketscloud.SeatTicket
	Mosbilet bool // the venue sells through Mosbilet
}

// Programme returns the events of the fake and their tickets. It is for fakes of other
// services that show the same events, such as tcsimpletest.
func (s *Server) Programme() []Listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(s.clock())
	var all []Listing
	for _, e := range s.events {
		all = append(all, e.listing())
	}
	return all
}

func (e *event) listing() Listing {
	since := e.start.AddDate(-1, 0, 0)
	percent := func(n int64) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.NewFromInt(n)) }
	l := Listing{Mosbilet: e.venue.mosbilet, ListedEvent: ticketscloud.ListedEvent{
		ID: ticketscloud.EventID(e.id), Status: ticketscloud.EventPublic, Title: e.title, Description: e.desc,
		Start: e.start, Finish: e.finish, AgeRating: e.age, CreatedAt: since, UpdatedAt: since,
		Tickets: e.amount(func(s *set) int { return len(s.tickets) }), VacantTickets: e.amount((*set).vacant),
		Deal: ticketscloud.Deal{OrgPercent: percent(shareOrg), AgentPercent: percent(shareAgent), ExtraPercent: percent(shareExtra)},
		Org:  ticketscloud.Organisation{ID: organiser, Name: "Летняя сцена"},
		Venue: ticketscloud.ListedVenue{Venue: ticketscloud.Venue{
			ID: ticketscloud.VenueID(e.venue.id), Name: e.venue.name, Address: e.venue.address,
			City: ticketscloud.City{
				ID: ticketscloud.CityID(strconv.Itoa(e.venue.city)), Country: "RU", Timezone: e.venue.timezone,
				Name: ticketscloud.Names{"ru": e.venue.cityRu, "en": e.venue.cityEn},
			},
			Country: ticketscloud.Country{ID: "RU", Name: ticketscloud.Names{"ru": "Россия", "en": "Russia"}},
		}},
	}}
	for i, set := range e.sets {
		prices := ticketscloud.ListedPrices{
			Face: decimal.New(set.price, -2), Fee: decimal.New(extra(set.price), -2), Total: decimal.New(set.price+extra(set.price), -2),
		}
		listed := ticketscloud.ListedSet{
			ID: ticketscloud.SetID(set.id), Name: set.name, Position: i, Tickets: len(set.tickets), Vacant: set.vacant(),
			ListedPrices: prices, WithSeats: set.seats,
			Rules: []ticketscloud.Rule{{ID: ticketscloud.RuleID(set.ruleID()), Start: since, Finish: e.finish, Current: true, ListedPrices: prices}},
		}
		if set.seats {
			listed.Sector = sector
			for _, t := range set.tickets {
				l.Seats = append(l.Seats, t.listing())
			}
		}
		l.Sets = append(l.Sets, listed)
	}
	return l
}

func (t *ticket) listing() ticketscloud.SeatTicket {
	listed := ticketscloud.SeatTicket{
		ID: ticketscloud.TicketID(t.id), Serial: "TST", Number: t.number, Set: ticketscloud.SetID(t.set.id),
		Seat:   ticketscloud.Seat{Row: strconv.Itoa(t.row), Number: strconv.Itoa(t.seat), Sector: sector},
		Status: ticketscloud.TicketStatus(t.status()),
	}
	if listed.Status == ticketscloud.TicketReserved {
		listed.ReservedTill = t.holder.expires
	}
	return listed
}
