package tcsimple

import (
	"context"
	"iter"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/valid"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/internal/simple"
)

// Seat is a ticket with a seat. Order it by Ticket.
type Seat struct {
	Ticket            ticketscloud.TicketID     // ticket
	Event             ticketscloud.EventID      // event
	Set               ticketscloud.SetID        // set: the category, which has the price
	ticketscloud.Seat                           // sector, row, number
	Status            ticketscloud.TicketStatus // status
	ReservedTill      time.Time                 // ticket_reserved_till; zero if the ticket is not reserved, or the time is not known
}

// SeatQuery filters the list of an event's seats. Only the fields that are set are sent.
type SeatQuery struct {
	Sector  ticketscloud.SectorID     // sector
	Row     string                    // row
	Number  string                    // number
	Sets    []ticketscloud.SetID      // sets
	Tickets []ticketscloud.TicketID   // tickets
	Status  ticketscloud.TicketStatus // status: vacant, reserved or sold
}

func (q SeatQuery) message(v *valid.Check, event ticketscloud.EventID) *simple.SeatsRequest {
	v.ID("event", string(event))
	m := &simple.SeatsRequest{
		Event:  string(event),
		Sector: text(v, "Sector", q.Sector), Row: q.Row, Number: q.Number,
		Sets: texts(v, "Sets", q.Sets), Tickets: texts(v, "Tickets", q.Tickets),
	}
	v.OptText("Row", q.Row)
	v.OptText("Number", q.Number)
	switch q.Status {
	case "":
	case ticketscloud.TicketVacant:
		m.Status = simple.SeatsRequest_VACANT
	case ticketscloud.TicketReserved:
		m.Status = simple.SeatsRequest_RESERVED
	case ticketscloud.TicketSold:
		m.Status = simple.SeatsRequest_SOLD
	default:
		v.That(false, "Status", "must be TicketVacant, TicketReserved or TicketSold")
	}
	return m
}

// Seats iterates over the seats of an event. Categories without seats have none: their
// number of tickets is in [Event].Sets. A seat that cannot be read is left out with a
// warning: see "Values that cannot be read" in the package comment.
//
// Ticketscloud: gRPC Seats
func (c *Client) Seats(ctx context.Context, event ticketscloud.EventID, q SeatQuery, opts ...rutravel.CallOption) iter.Seq2[Seat, error] {
	r := &request[simple.SeatsRequest]{op: opSeats}
	r.message = q.message(&r.Check, event)
	return stream(ctx, c, r, decodeSeat, opts)
}

func decodeSeat(r *reading, m *simple.Seat) Seat {
	return Seat{
		Ticket: essentialID[ticketscloud.TicketID](r, "ticket", m.GetTicket()),
		Event:  essentialID[ticketscloud.EventID](r, "event", m.GetEvent()),
		Set:    essentialID[ticketscloud.SetID](r, "set", m.GetSet()),
		Seat:   decodePlace(r, m.GetSector(), m.GetRow(), m.GetNumber()),
		// The filter has other numbers for the same statuses.
		Status:       name(m.GetStatus(), ticketscloud.TicketVacant, ticketscloud.TicketReserved, ticketscloud.TicketSold),
		ReservedTill: r.instant("ticket_reserved_till", m.GetTicketReservedTill()),
	}
}

func decodePlace(r *reading, sector, row, number string) ticketscloud.Seat {
	return ticketscloud.Seat{
		Sector: essentialID[ticketscloud.SectorID](r, "sector", sector),
		Row:    essentialID[string](r, "row", row), Number: essentialID[string](r, "number", number),
	}
}
