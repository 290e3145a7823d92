package tcsimple_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// Tickets that an order holds are not vacant, and are vacant again when it ends.
func TestSameState(t *testing.T) {
	t.Parallel()
	shop := ticketscloudtest.New()
	catalogue := newClient(t, tcsimpletest.New(shop))
	orders, err := ticketscloud.New(shop.Config(), rutravel.WithHTTPClient(shop.HTTPClient()))
	require.NoError(t, err)
	concert := func() tcsimple.Event {
		all, err := collect(catalogue.Events(t.Context(), tcsimple.EventQuery{IDs: []ticketscloud.EventID{ticketscloudtest.Concert}}))
		require.NoError(t, err)
		require.Len(t, all, 1)
		return all[0]
	}
	with := func(status ticketscloud.TicketStatus) []tcsimple.Seat {
		all, err := collect(catalogue.Seats(t.Context(), ticketscloudtest.Concert, tcsimple.SeatQuery{Status: status}))
		require.NoError(t, err)
		return all
	}
	require.Equal(t, 110, concert().VacantTickets)
	seat := with(ticketscloud.TicketVacant)[3]
	order, err := orders.CreateOrder(t.Context(), ticketscloud.NewOrder{Event: seat.Event, Tickets: []ticketscloud.TicketID{seat.Ticket}})
	require.NoError(t, err)
	assert.Equal(t, 109, concert().VacantTickets)
	reserved := with(ticketscloud.TicketReserved)
	require.Len(t, reserved, 1)
	assert.Equal(t, seat.Ticket, reserved[0].Ticket)
	assert.Equal(t, seat.Seat, *order.Tickets[0].Seat)
	assert.Equal(t, order.ExpiredAfter, reserved[0].ReservedTill)
	assert.Len(t, with(ticketscloud.TicketVacant), 9)
	fee := order.Tickets[0].Price.Mul(concert().Deal.ExtraPercent.Decimal).Shift(-2)
	assert.True(t, order.Tickets[0].Extra.Equal(fee), "the fee of the deal")
	assert.Equal(t, "95 5", concert().Deal.OrgPercent.Decimal.String()+" "+concert().Deal.AgentPercent.Decimal.String())
	price := concert().Sets[1].Price(time.Now())
	assert.True(t, price.Valid && price.Decimal.Equal(order.Tickets[0].Price), "a face price")
	_, err = orders.PayOrder(t.Context(), order.Key())
	require.NoError(t, err)
	assert.Len(t, with(ticketscloud.TicketSold), 1)
	_, err = orders.CreateOrder(t.Context(), ticketscloud.NewOrder{
		Event: seat.Event, Random: []ticketscloud.SetCount{{Set: concert().Sets[0].ID, Count: 5}},
	})
	require.NoError(t, err)
	assert.Equal(t, 95, concert().Sets[0].Vacant)
	shop.Advance(ticketscloudtest.OrderLifetime)
	assert.Equal(t, 100, concert().Sets[0].Vacant)
	assert.Len(t, with(""), 10)
}

// New fields and values are not errors.
func TestNewer(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.SetQuirks(tcsimpletest.Quirks{Newer: true})
	all, err := collect(newClient(t, fake).Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	require.Len(t, all, 3)
	for _, e := range all {
		assert.EqualValues(t, "7", e.Status)
		assert.EqualValues(t, "8", e.SmartTickets)
		assert.True(t, e.Sets[0].Price(e.Start).Valid)
		assert.False(t, e.Sets[0].Rules[1].Price.Valid)
	}
}

// The price at a time is the one of the rule that applies then.
func TestPrice(t *testing.T) {
	t.Parallel()
	day := utc(2026, 5, 1, 0, 0, 0)
	set := tcsimple.Set{Rules: []tcsimple.Rule{
		{Price: null("100"), Finish: day.AddDate(0, 0, 2)},
		{Price: null("200"), Start: day},
		{Start: day.AddDate(0, 0, 1)}, // another kind of rule
		{Price: null("150"), Start: day.AddDate(0, 0, -5)},
	}}
	for days, want := range map[int]string{-9: "100", -5: "150", -1: "150", 0: "200"} {
		price := set.Price(day.AddDate(0, 0, days))
		assert.True(t, price.Valid, days)
		assert.Equal(t, want, price.Decimal.String(), days)
	}
	for _, days := range []int{1, 9} {
		assert.False(t, set.Price(day.AddDate(0, 0, days)).Valid, "a rule of a new kind has no known price: %d", days)
	}
	assert.False(t, tcsimple.Set{}.Price(day).Valid)
	early := tcsimple.Set{Rules: []tcsimple.Rule{{Price: null("1"), Start: day, Finish: day.AddDate(0, 0, 1)}}}
	assert.False(t, early.Price(day.Add(-1)).Valid)
	assert.True(t, early.Price(day).Valid)
	assert.False(t, early.Price(day.AddDate(0, 0, 1)).Valid)

	// The supplier's rules leave a minute between each other.
	minute := tcsimple.Set{Rules: []tcsimple.Rule{
		{Price: null("100"), Start: utc(2019, 7, 17, 21, 0, 0), Finish: utc(2019, 7, 22, 20, 59, 0)},
		{Price: null("150"), Start: utc(2019, 7, 22, 21, 0, 0), Finish: utc(2019, 8, 28, 20, 59, 0)},
	}}
	assert.True(t, minute.Price(utc(2019, 7, 22, 20, 58, 59)).Valid)
	assert.False(t, minute.Price(utc(2019, 7, 22, 20, 59, 0)).Valid)
	assert.False(t, minute.Price(utc(2019, 7, 22, 20, 59, 59)).Valid)
	assert.Equal(t, null("150"), minute.Price(minute.Rules[1].Start))

	// If rules began at the same time, the price is that of the first one in the list.
	for _, start := range []time.Time{{}, day} {
		together := tcsimple.Set{Rules: []tcsimple.Rule{
			{Start: start}, {Price: null("2"), Start: start}, {Price: null("1"), Start: start}, {Price: null("3"), Start: start},
		}}
		assert.Equal(t, null("2"), together.Price(day), start)
	}
}

// Filters apply to the list of events.
func TestEventFilters(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.SetQuirks(tcsimpletest.Quirks{Crowd: 2}) // copies of the play whose sales are stopped
	c := newClient(t, fake)
	events := func(q tcsimple.EventQuery) string {
		all, err := collect(c.Events(t.Context(), q))
		require.NoError(t, err)
		var names []string
		for _, e := range all {
			names = append(names, e.Name)
		}
		return strings.Join(names, ", ")
	}
	all, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	concert := all[1]
	for _, test := range []struct {
		q    tcsimple.EventQuery
		want string
	}{
		{tcsimple.EventQuery{}, "Распродано, Летний концерт, Чайка, Вечер № 1, Вечер № 2"},
		{tcsimple.EventQuery{Status: ticketscloud.EventPublic}, "Распродано, Летний концерт, Чайка"},
		{tcsimple.EventQuery{Status: tcsimple.EventStandBy}, "Вечер № 1, Вечер № 2"},
		{tcsimple.EventQuery{Meta: tcsimpletest.Plays, Status: ticketscloud.EventPublic}, "Чайка"},
		{tcsimple.EventQuery{WithoutMeta: true}, "Распродано, Летний концерт"},
		{tcsimple.EventQuery{Start: tcsimple.TimeFilter{Before: concert.Start}}, "Распродано"},
		{tcsimple.EventQuery{Start: tcsimple.TimeFilter{To: concert.Start}}, "Распродано, Летний концерт"},
		{tcsimple.EventQuery{Finish: tcsimple.TimeFilter{From: concert.Finish, To: concert.Finish}}, "Летний концерт"},
		{tcsimple.EventQuery{Finish: tcsimple.TimeFilter{After: concert.Finish}, Status: ticketscloud.EventPublic}, "Чайка"},
		{tcsimple.EventQuery{Org: concert.Org, IDs: []ticketscloud.EventID{concert.ID}}, "Летний концерт"},
		{tcsimple.EventQuery{Org: "another"}, ""},
	} {
		assert.Equal(t, test.want, events(test.q), "%+v", test.q)
	}
	assertNumber(t, map[string]filtered{
		"MetaEvents.IDs":      {one(c.MetaEvents(t.Context(), tcsimple.MetaEventQuery{IDs: []tcsimple.MetaEventID{tcsimpletest.Plays}})), 1},
		"MetaEvents.IDs, not": {one(c.MetaEvents(t.Context(), tcsimple.MetaEventQuery{IDs: []tcsimple.MetaEventID{"another"}})), 0},
	})
}

// Invalid queries are refused before they are sent.
func TestInvalidEventQueries(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake)
	far, day := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), utc(2026, 5, 1, 0, 0, 0)
	events := func(q tcsimple.EventQuery) seq { return one(c.Events(t.Context(), q)) }
	start := func(f tcsimple.TimeFilter) seq { return events(tcsimple.EventQuery{Start: f}) }
	finish := func(f tcsimple.TimeFilter) seq { return events(tcsimple.EventQuery{Finish: f}) }
	assertInvalid(t, fake, map[string]invalid{
		"an empty id":    {events(tcsimple.EventQuery{IDs: []ticketscloud.EventID{"a", ""}}), "IDs[1]", "must not be empty"},
		"a group":        {events(tcsimple.EventQuery{Meta: "a b"}), "Meta", "must not contain spaces or control characters"},
		"no group and a": {events(tcsimple.EventQuery{Meta: "a", WithoutMeta: true}), "WithoutMeta", "must not be set together with Meta"},
		"an organiser":   {events(tcsimple.EventQuery{Org: "\xff"}), "Org", "must be UTF-8"},
		"a status":       {events(tcsimple.EventQuery{Status: "7"}), "Status", "must be EventPublic or EventStandBy"},
		"a far start":    {start(tcsimple.TimeFilter{From: far}), "Start.From", "must be in the years 1 to 9999"},
		"a far finish":   {finish(tcsimple.TimeFilter{To: far}), "Finish.To", "must be in the years 1 to 9999"},
		"after":          {start(tcsimple.TimeFilter{After: far}), "Start.After", "must be in the years 1 to 9999"},
		"before":         {start(tcsimple.TimeFilter{Before: far}), "Start.Before", "must be in the years 1 to 9999"},

		"two beginnings":      {start(tcsimple.TimeFilter{From: day, After: day.Add(-1)}), "Start.After", "must not be set together with From"},
		"two ends":            {start(tcsimple.TimeFilter{To: day, Before: day.Add(1)}), "Start.Before", "must not be set together with To"},
		"from before an end":  {start(tcsimple.TimeFilter{From: day, Before: day}), "Start.Before", "must be after the other end"},
		"after before an end": {finish(tcsimple.TimeFilter{After: day, Before: day}), "Finish.Before", "must be after the other end"},
		"from until earlier":  {start(tcsimple.TimeFilter{From: day, To: day.Add(-1)}), "Start.To", "must not be before the other end"},
		"after until then":    {start(tcsimple.TimeFilter{After: day, To: day}), "Start.To", "must not be before the other end"},
		// An empty list would be sent like nil and would return everything.
		"no events": {events(tcsimple.EventQuery{IDs: []ticketscloud.EventID{}}), "IDs", "must not be empty; nil is no filter"},
		"no groups": {one(c.MetaEvents(t.Context(), tcsimple.MetaEventQuery{IDs: []tcsimple.MetaEventID{}})), "IDs", "must not be empty; nil is no filter"},
	})

	// Equal ends are allowed if both include the instant.
	_, err := collect(start(tcsimple.TimeFilter{From: day, To: day}))
	require.NoError(t, err)
}
