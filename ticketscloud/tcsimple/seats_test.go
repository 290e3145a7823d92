package tcsimple_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// Filters apply to the list of seats.
func TestSeatFilters(t *testing.T) {
	t.Parallel()
	c := newClient(t, tcsimpletest.New(nil))
	const event = ticketscloudtest.Concert
	stalls, err := collect(c.Seats(t.Context(), event, tcsimple.SeatQuery{}))
	require.NoError(t, err)
	seats := func(q tcsimple.SeatQuery) seq { return one(c.Seats(t.Context(), event, q)) }
	assertNumber(t, map[string]filtered{
		"Sector":      {seats(tcsimple.SeatQuery{Sector: stalls[0].Sector}), 10},
		"Sector, not": {seats(tcsimple.SeatQuery{Sector: "another"}), 0},
		"Row":         {seats(tcsimple.SeatQuery{Row: "2"}), 5},
		"Number":      {seats(tcsimple.SeatQuery{Number: "3"}), 2},
		"Row, Number": {seats(tcsimple.SeatQuery{Row: "2", Number: "3"}), 1},
		"Sets":        {seats(tcsimple.SeatQuery{Sets: []ticketscloud.SetID{ticketscloudtest.Stalls}}), 10},
		"Sets, not":   {seats(tcsimple.SeatQuery{Sets: []ticketscloud.SetID{ticketscloudtest.FanZone}}), 0},
		"Tickets":     {seats(tcsimple.SeatQuery{Tickets: []ticketscloud.TicketID{stalls[1].Ticket, stalls[7].Ticket}}), 2},
		"Status":      {seats(tcsimple.SeatQuery{Status: ticketscloud.TicketSold}), 0},
		"event, not":  {one(c.Seats(t.Context(), "another", tcsimple.SeatQuery{})), 0},
	})
}

// Invalid queries are refused before they are sent.
func TestInvalidSeatQueries(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake)
	seats := func(q tcsimple.SeatQuery) seq { return one(c.Seats(t.Context(), "e", q)) }
	assertInvalid(t, fake, map[string]invalid{
		"no event":    {one(c.Seats(t.Context(), "", tcsimple.SeatQuery{})), "event", "must not be empty"},
		"a status":    {seats(tcsimple.SeatQuery{Status: ticketscloud.TicketPending}), "Status", "must be TicketVacant, TicketReserved or TicketSold"},
		"a row":       {seats(tcsimple.SeatQuery{Row: "\xff"}), "Row", "must be UTF-8"},
		"a number":    {seats(tcsimple.SeatQuery{Number: "\x00"}), "Number", "must not contain control characters"},
		"a sector":    {seats(tcsimple.SeatQuery{Sector: "a b"}), "Sector", "must not contain spaces or control characters"},
		"an empty id": {seats(tcsimple.SeatQuery{Sets: []ticketscloud.SetID{""}}), "Sets[0]", "must not be empty"},
		"a ticket":    {seats(tcsimple.SeatQuery{Tickets: []ticketscloud.TicketID{"a", ""}}), "Tickets[1]", "must not be empty"},
		"no sets":     {seats(tcsimple.SeatQuery{Sets: []ticketscloud.SetID{}}), "Sets", "must not be empty; nil is no filter"},
		"no tickets":  {seats(tcsimple.SeatQuery{Tickets: []ticketscloud.TicketID{}}), "Tickets", "must not be empty; nil is no filter"},
	})
}
