package tcsimple_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
	"github.com/rutravel/rutravel-go/ticketscloud/ticketscloudtest"
)

// Every method of the fake, in memory and behind a socket, has the same answer.
func TestMethods(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	srv := fake.Start()
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL = srv.URL + "/"
	socket, err := tcsimple.New(cfg)
	require.NoError(t, err)
	counts := map[string]int{}
	again := methods(t.Context(), socket)
	for name, call := range methods(t.Context(), newClient(t, fake)) {
		got, err := collect(call)
		require.NoError(t, err, name)
		same, err := collect(again[name])
		require.NoError(t, err, name)
		assert.Equal(t, got, same, name)
		counts[name] = len(got)
	}
	assert.Equal(t, map[string]int{
		"Events": 3, "MetaEvents": 1, "Categories": 2, "Tags": 1, "Artists": 1, "Venues": 2, "Maps": 1, "Seats": 10, "Countries": 1, "Cities": 2,
	}, counts)
}

// What an order holds is no longer offered, and comes back with it.
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

// Filters choose.
func TestFilters(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.SetQuirks(tcsimpletest.Quirks{Crowd: 2}) // stopped, and copies of the play
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
	number := func(values seq) int {
		all, err := collect(values)
		require.NoError(t, err)
		return len(all)
	}
	const event = ticketscloudtest.Concert
	stalls, err := collect(c.Seats(t.Context(), event, tcsimple.SeatQuery{}))
	require.NoError(t, err)
	for name, test := range map[string]struct {
		values seq
		want   int
	}{
		"Maps.IDs":            {one(c.Maps(t.Context(), tcsimple.MapQuery{IDs: []tcsimple.MapID{"another"}})), 0},
		"Maps.Venue":          {one(c.Maps(t.Context(), tcsimple.MapQuery{Venue: concert.Venue})), 1},
		"Maps.Venue, another": {one(c.Maps(t.Context(), tcsimple.MapQuery{Venue: all[0].Venue})), 0},
		"Seats.Sector":        {one(c.Seats(t.Context(), event, tcsimple.SeatQuery{Sector: stalls[0].Sector})), 10},
		"Seats.Sector, other": {one(c.Seats(t.Context(), event, tcsimple.SeatQuery{Sector: "another"})), 0},
		"Seats.Row":           {one(c.Seats(t.Context(), event, tcsimple.SeatQuery{Row: "2"})), 5},
		"Seats.Number":        {one(c.Seats(t.Context(), event, tcsimple.SeatQuery{Number: "3"})), 2},
		"Seats.Row, Number":   {one(c.Seats(t.Context(), event, tcsimple.SeatQuery{Row: "2", Number: "3"})), 1},
		"Seats.Sets":          {one(c.Seats(t.Context(), event, tcsimple.SeatQuery{Sets: []ticketscloud.SetID{ticketscloudtest.Stalls}})), 10},
		"Seats.Sets, another": {one(c.Seats(t.Context(), event, tcsimple.SeatQuery{Sets: []ticketscloud.SetID{ticketscloudtest.FanZone}})), 0},
		"Seats.Tickets":       {one(c.Seats(t.Context(), event, tcsimple.SeatQuery{Tickets: []ticketscloud.TicketID{stalls[1].Ticket, stalls[7].Ticket}})), 2},
		"Seats.Status":        {one(c.Seats(t.Context(), event, tcsimple.SeatQuery{Status: ticketscloud.TicketSold})), 0},
		"Seats, another":      {one(c.Seats(t.Context(), "another", tcsimple.SeatQuery{})), 0},
		"Cities.IDs":          {one(c.Cities(t.Context(), tcsimple.CityQuery{IDs: []ticketscloud.CityID{"1486209"}})), 1},
		"Cities.Name":         {one(c.Cities(t.Context(), tcsimple.CityQuery{Name: "Москва"})), 1},
		"Cities.Name, a part": {one(c.Cities(t.Context(), tcsimple.CityQuery{Name: "Моск"})), 0},
		"Cities.Country":      {one(c.Cities(t.Context(), tcsimple.CityQuery{Country: "RU"})), 2},
		"Cities.Country, not": {one(c.Cities(t.Context(), tcsimple.CityQuery{Country: "BY"})), 0},
		"Countries.IDs":       {one(c.Countries(t.Context(), tcsimple.CountryQuery{IDs: []ticketscloud.CountryID{"BY", "RU"}})), 1},
		"Countries.IDs, not":  {one(c.Countries(t.Context(), tcsimple.CountryQuery{IDs: []ticketscloud.CountryID{"BY"}})), 0},
		"MetaEvents.IDs":      {one(c.MetaEvents(t.Context(), tcsimple.MetaEventQuery{IDs: []tcsimple.MetaEventID{tcsimpletest.Plays}})), 1},
		"MetaEvents.IDs, not": {one(c.MetaEvents(t.Context(), tcsimple.MetaEventQuery{IDs: []tcsimple.MetaEventID{"another"}})), 0},
		"Venues.IDs":          {one(c.Venues(t.Context(), tcsimple.VenueQuery{IDs: []ticketscloud.VenueID{concert.Venue}})), 1},
		"Categories.IDs":      {one(c.Categories(t.Context(), tcsimple.CategoryQuery{IDs: []tcsimple.CategoryID{tcsimpletest.Theatre}})), 1},
		"Artists.IDs":         {one(c.Artists(t.Context(), tcsimple.ArtistQuery{IDs: []tcsimple.ArtistID{"another"}})), 0},
	} {
		assert.Equal(t, test.want, number(test.values), name)
	}
	cities, err := collect(c.Cities(t.Context(), tcsimple.CityQuery{Suggest: "екат"}))
	require.NoError(t, err)
	require.Len(t, cities, 1)
	local, err := cities[0].Local(concert.Start)
	require.NoError(t, err)
	assert.Equal(t, "19:00 +05", local.Format("15:04 MST"))
	_, err = tcsimple.City{}.Local(concert.Start)
	require.Error(t, err)
}

// Names come in the language that was asked for.
func TestLanguage(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	for language, want := range map[ticketscloud.Language]string{"": "Россия", ticketscloud.LanguageRussian: "Россия", ticketscloud.LanguageEnglish: "Russia"} {
		t.Run(string(language), func(t *testing.T) {
			t.Parallel()
			cfg := fake.Config()
			cfg.Language = language
			c, err := tcsimple.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
			require.NoError(t, err)
			all, err := collect(c.Countries(t.Context(), tcsimple.CountryQuery{}))
			require.NoError(t, err)
			assert.Equal(t, want, all[0].Name)
		})
	}
}

// Fields and values that are not known yet do no harm.
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

// The name of the service: v3 is tried first, v2 where that is not there, and
// what is there is remembered as long as it is.
func TestServiceNames(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake, rutravel.WithMaxAttempts(1), rutravel.WithRetryBudget(0))
	ask := func() []string {
		before := len(fake.Requests())
		all, err := collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
		require.NoError(t, err)
		require.Len(t, all, 1)
		var asked []string
		for _, r := range fake.Requests()[before:] {
			asked = append(asked, r.Service)
		}
		return asked
	}
	assert.Equal(t, []string{"v3.Simple"}, ask())
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	assert.Equal(t, []string{"v3.Simple", "v2.Simple"}, ask())
	assert.Equal(t, []string{"v2.Simple"}, ask())
	events, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	assert.Zero(t, events[1].UpdatedAt)
	fake.SetQuirks(tcsimpletest.Quirks{})
	assert.Equal(t, []string{"v2.Simple", "v3.Simple"}, ask())
	assert.Equal(t, []string{"v3.Simple"}, ask())

	// An answer with nothing in it is one, and what is gone for good is an error.
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{IDs: []tcsimple.TagID{"none"}}))
	require.NoError(t, err)
	assert.Equal(t, []string{"v2.Simple"}, ask())
	fake.SetQuirks(tcsimpletest.Quirks{Service: "v4.Simple"})
	_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
	require.ErrorIs(t, err, tcsimple.CodeUnimplemented)
	require.ErrorIs(t, err, rutravel.ErrProtocol)
	assert.Equal(t, "unknown service v2.Simple", failure(t, err).Message, "which was there last")
	_, err = collect(newClient(t, fake).Tags(t.Context(), tcsimple.TagQuery{}))
	assert.Equal(t, "unknown service v3.Simple", failure(t, err).Message)

	// One value is enough to know, of its method.
	other := newClient(t, fake)
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	for range other.Events(t.Context(), tcsimple.EventQuery{}) {
		break
	}
	sent := len(fake.Requests())
	_, err = collect(other.Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	assert.Len(t, fake.Requests(), sent+1)
	_, err = collect(other.Tags(t.Context(), tcsimple.TagQuery{}))
	require.NoError(t, err)
	assert.Len(t, fake.Requests(), sent+3)

	// A name that is given is the only one.
	cfg := fake.Config()
	cfg.Service = "v4.Simple"
	c, err = tcsimple.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	fake.SetQuirks(tcsimpletest.Quirks{Service: "v4.Simple"})
	assert.Equal(t, []string{"v4.Simple"}, ask())
	fake.SetQuirks(tcsimpletest.Quirks{})
	before := len(fake.Requests())
	_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
	require.ErrorIs(t, err, tcsimple.CodeUnimplemented)
	assert.Len(t, fake.Requests(), before+1)
}

// A gateway that knows no such path says so in its own way. That may be true for
// a moment, and is not remembered.
func TestServiceNamesBehindGateway(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	fake.Inject(tcsimpletest.Fault{Status: http.StatusNotFound, Body: "<html>"})
	c := newClient(t, fake)
	all, err := collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
	require.NoError(t, err)
	assert.Len(t, all, 1)
	fake.SetQuirks(tcsimpletest.Quirks{})
	_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
	require.NoError(t, err)
	var asked []string
	for _, r := range fake.Requests() {
		asked = append(asked, r.Service)
	}
	assert.Equal(t, []string{"v3.Simple", "v2.Simple", "v3.Simple"}, asked)
}

// In the middle of a stream the status UNIMPLEMENTED is a failure like any
// other: what was handed out would come again.
func TestUnimplementedTooLate(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.Inject(tcsimpletest.Fault{After: 1, Code: tcsimple.CodeUnimplemented})
	all, err := collect(newClient(t, fake).Events(t.Context(), tcsimple.EventQuery{}))
	require.ErrorIs(t, err, tcsimple.CodeUnimplemented)
	assert.Len(t, all, 1)
	assert.Len(t, fake.Requests(), 1)

	// Nor is it the first name's fault when the second ends so.
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	fake.Inject(tcsimpletest.Fault{}, tcsimpletest.Fault{After: 2, Code: tcsimple.CodeUnimplemented, Message: "in the middle"})
	all, err = collect(newClient(t, fake).Events(t.Context(), tcsimple.EventQuery{}))
	assert.Equal(t, "in the middle", failure(t, err).Message)
	assert.Len(t, all, 2)
	assert.Len(t, fake.Requests(), 3)
}

// Before anything was handed out a call is made again; after that a stream that
// breaks off is an error and never a short list. Both without a socket and
// through one.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  tcsimpletest.Fault
		kind   rutravel.Kind
		again  bool
		always bool // it happens before anything is sent
	}{
		"refused":            {fault: tcsimpletest.Fault{Refuse: true}, kind: rutravel.ErrUnavailable, again: true, always: true},
		"broken":             {fault: tcsimpletest.Fault{Drop: true}, kind: rutravel.ErrUnavailable, again: true},
		"cut":                {fault: tcsimpletest.Fault{Cut: true}, kind: rutravel.ErrUnavailable, again: true},
		"out of order":       {fault: tcsimpletest.Fault{Code: tcsimple.CodeUnavailable, Message: "later"}, kind: rutravel.ErrUnavailable, again: true},
		"no message":         {fault: tcsimpletest.Fault{Garbage: true}, kind: rutravel.ErrProtocol},
		"not allowed":        {fault: tcsimpletest.Fault{Code: tcsimple.CodePermissionDenied}, kind: rutravel.ErrForbidden},
		"gateway's 502":      {fault: tcsimpletest.Fault{Status: 502, Body: "<html>"}, kind: rutravel.ErrUnavailable, again: true, always: true},
		"gateway's 401":      {fault: tcsimpletest.Fault{Status: 401}, kind: rutravel.ErrAuth, always: true},
		"gateway's 403":      {fault: tcsimpletest.Fault{Status: 403}, kind: rutravel.ErrForbidden, always: true},
		"gateway's 429":      {fault: tcsimpletest.Fault{Status: 429}, kind: rutravel.ErrRateLimited, again: true, always: true},
		"gateway's page":     {fault: tcsimpletest.Fault{Status: 200, Body: "<html>"}, kind: rutravel.ErrProtocol, always: true},
		"gateway's redirect": {fault: tcsimpletest.Fault{Status: 302, Header: http.Header{"Location": {"https://example.org/"}}}, kind: rutravel.ErrProtocol, always: true},
	} {
		for _, after := range []int{0, 2, 3} {
			for _, socket := range []bool{false, true} {
				if test.always && after > 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s after %d, socket %t", name, after, socket), func(t *testing.T) {
					t.Parallel()
					fake := tcsimpletest.New(nil)
					c := newClient(t, fake, rutravel.WithMaxAttempts(2))
					if socket {
						srv := fake.Start()
						t.Cleanup(srv.Close)
						cfg := fake.Config()
						cfg.BaseURL = srv.URL
						var err error
						c, err = tcsimple.New(cfg, rutravel.WithMaxAttempts(2))
						require.NoError(t, err)
					}
					fault := test.fault
					fault.After = after
					fake.Inject(fault)
					all, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}))
					if test.again && after == 0 {
						require.NoError(t, err)
						assert.Len(t, all, 3)
						return
					}
					e := failure(t, err)
					assert.Equal(t, test.kind, e.Kind, "%v", err)
					assert.Equal(t, 1, e.Attempts)
					assert.Equal(t, "Events", e.Op)
					assert.Len(t, all, after, "what was handed out before")
					assert.NotContains(t, err.Error(), "http:")
				})
			}
		}
	}
}

// A fault befalls a method that there is, and is pending until then.
func TestPendingFaults(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake)
	for op := range methods(t.Context(), c) {
		fake.Inject(tcsimpletest.Fault{Op: op, Code: tcsimple.CodeNotFound})
	}
	assert.PanicsWithValue(t, "no such operation: events", func() { fake.Inject(tcsimpletest.Fault{Op: "events", Drop: true}) })
	want := len(methods(t.Context(), c))
	assert.Equal(t, want, fake.Pending())
	for op, stream := range methods(t.Context(), c) {
		_, err := collect(stream)
		require.ErrorIs(t, err, rutravel.ErrNotFound, op)
		want--
		assert.Equal(t, want, fake.Pending(), op)
	}
}

// A supplier that asks for time is given it.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := tcsimpletest.New(nil)
		fake.Inject(
			tcsimpletest.Fault{Status: 503, Header: http.Header{"Retry-After": {"7"}}},
			tcsimpletest.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}},
		)
		begun := time.Now()
		_, err := collect(newClient(t, fake).Tags(t.Context(), tcsimple.TagQuery{}))
		e := failure(t, err)
		assert.Equal(t, rutravel.ErrRateLimited, e.Kind)
		assert.Equal(t, time.Hour, e.RetryAfter)
		assert.Equal(t, 429, e.HTTPStatus)
		assert.Equal(t, 7*time.Second, time.Since(begun))
	})
}

// The supplier's silence is bounded, the whole stream and the time that the
// caller takes are not.
func TestSilence(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts []rutravel.Option
		want time.Duration
	}{
		"default": {nil, 2 * time.Minute},
		"option":  {[]rutravel.Option{rutravel.WithAttemptTimeout(5 * time.Second)}, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := tcsimpletest.New(nil)
				fake.Inject(tcsimpletest.Fault{After: 2, Silence: true})
				client := fake.HTTPClient()
				client.Timeout = time.Second // of the whole: not for streams
				c, err := tcsimple.New(fake.Config(), append(test.opts, rutravel.WithHTTPClient(client))...)
				require.NoError(t, err)
				var n int
				var last time.Time
				for _, err = range c.Events(t.Context(), tcsimple.EventQuery{}) {
					if err != nil {
						break
					}
					n++
					time.Sleep(time.Hour) // of the caller's
					last = time.Now()
				}
				e := failure(t, err)
				assert.Equal(t, 2, n)
				assert.Equal(t, test.want, time.Since(last))
				assert.Equal(t, rutravel.ErrUnavailable, e.Kind)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Empty(t, fake.Requests()[0].Timeout, "no deadline was set, so none is told")
			})
		})
	}
}

// Nothing is sent before the first value is asked for, every range starts anew,
// and a wrong request is never sent.
func TestLazy(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake)
	seq := c.Events(t.Context(), tcsimple.EventQuery{})
	assert.Empty(t, fake.Requests())
	for n := 1; n <= 2; n++ {
		all, err := collect(seq)
		require.NoError(t, err)
		assert.Len(t, all, 3)
		assert.Len(t, fake.Requests(), n)
	}
	for range seq {
		break
	}
	assert.Len(t, fake.Requests(), 3)
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake)
	far, day := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), utc(2026, 5, 1, 0, 0, 0)
	for field, call := range map[string]seq{
		"IDs[1]":      one(c.Events(t.Context(), tcsimple.EventQuery{IDs: []ticketscloud.EventID{"a", ""}})),
		"Meta":        one(c.Events(t.Context(), tcsimple.EventQuery{Meta: "a b"})),
		"WithoutMeta": one(c.Events(t.Context(), tcsimple.EventQuery{Meta: "a", WithoutMeta: true})),
		"Org":         one(c.Events(t.Context(), tcsimple.EventQuery{Org: "\xff"})),
		"Status":      one(c.Events(t.Context(), tcsimple.EventQuery{Status: "7"})),
		"Start.From":  one(c.Events(t.Context(), tcsimple.EventQuery{Start: tcsimple.TimeFilter{From: far}})),
		"Finish.To":   one(c.Events(t.Context(), tcsimple.EventQuery{Finish: tcsimple.TimeFilter{To: far}})),

		"Start.After":   one(c.Events(t.Context(), tcsimple.EventQuery{Start: tcsimple.TimeFilter{From: day, After: day.Add(-1)}})),
		"Start.Before":  one(c.Events(t.Context(), tcsimple.EventQuery{Start: tcsimple.TimeFilter{To: day, Before: day.Add(1)}})),
		"Start.Before ": one(c.Events(t.Context(), tcsimple.EventQuery{Start: tcsimple.TimeFilter{From: day, Before: day}})),
		"Finish.Before": one(c.Events(t.Context(), tcsimple.EventQuery{Finish: tcsimple.TimeFilter{After: day, Before: day}})),
		"Start.To":      one(c.Events(t.Context(), tcsimple.EventQuery{Start: tcsimple.TimeFilter{From: day, To: day.Add(-1)}})),
		"Start.To ":     one(c.Events(t.Context(), tcsimple.EventQuery{Start: tcsimple.TimeFilter{After: day, To: day}})),

		"event":      one(c.Seats(t.Context(), "", tcsimple.SeatQuery{})),
		"Status ":    one(c.Seats(t.Context(), "e", tcsimple.SeatQuery{Status: ticketscloud.TicketPending})),
		"Row":        one(c.Seats(t.Context(), "e", tcsimple.SeatQuery{Row: "\xff"})),
		"Number":     one(c.Seats(t.Context(), "e", tcsimple.SeatQuery{Number: "\x00"})),
		"Sector":     one(c.Seats(t.Context(), "e", tcsimple.SeatQuery{Sector: "a b"})),
		"Sets[0]":    one(c.Seats(t.Context(), "e", tcsimple.SeatQuery{Sets: []ticketscloud.SetID{""}})),
		"Tickets[0]": one(c.Seats(t.Context(), "e", tcsimple.SeatQuery{Tickets: []ticketscloud.TicketID{""}})),
		"IDs[0]":     one(c.Cities(t.Context(), tcsimple.CityQuery{IDs: []ticketscloud.CityID{"Москва"}})),
		"IDs[0]  ":   one(c.Cities(t.Context(), tcsimple.CityQuery{IDs: []ticketscloud.CityID{"0x7"}})),
		"IDs[0] ":    one(c.Cities(t.Context(), tcsimple.CityQuery{IDs: []ticketscloud.CityID{"3000000000"}})),
		"Name":       one(c.Cities(t.Context(), tcsimple.CityQuery{Name: "\xff"})),
		"Suggest":    one(c.Cities(t.Context(), tcsimple.CityQuery{Suggest: "\xff"})),
		"Country":    one(c.Cities(t.Context(), tcsimple.CityQuery{Country: "R U"})),
		"Venue":      one(c.Maps(t.Context(), tcsimple.MapQuery{Venue: "a b"})),
		// An empty list would travel like none, and bring everything.
		"IDs":     one(c.Events(t.Context(), tcsimple.EventQuery{IDs: []ticketscloud.EventID{}})),
		"IDs ":    one(c.MetaEvents(t.Context(), tcsimple.MetaEventQuery{IDs: []tcsimple.MetaEventID{}})),
		"IDs  ":   one(c.Cities(t.Context(), tcsimple.CityQuery{IDs: []ticketscloud.CityID{}})),
		"Sets":    one(c.Seats(t.Context(), "e", tcsimple.SeatQuery{Sets: []ticketscloud.SetID{}})),
		"Tickets": one(c.Seats(t.Context(), "e", tcsimple.SeatQuery{Tickets: []ticketscloud.TicketID{}})),
	} {
		_, err := collect(call)
		e := failure(t, err)
		assert.Equal(t, rutravel.ErrInvalid, e.Kind, field)
		assert.Zero(t, e.Attempts)
		wrong, ok := errors.AsType[*rutravel.FieldError](err)
		require.True(t, ok, field)
		assert.Equal(t, strings.TrimSpace(field), wrong.Field)
	}
	assert.Empty(t, fake.Requests())
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := tcsimple.Config{Key: "k", BaseURL: tcsimple.Stage}
	for field, spoil := range map[string]func(*tcsimple.Config){
		"Key":      func(c *tcsimple.Config) { c.Key = "" },
		"Key ":     func(c *tcsimple.Config) { c.Key = "key k" },
		"Key  ":    func(c *tcsimple.Config) { c.Key = "к" },
		"Key   ":   func(c *tcsimple.Config) { c.Key = "Key 123" },
		"BaseURL":  func(c *tcsimple.Config) { c.BaseURL = "" },
		"BaseURL ": func(c *tcsimple.Config) { c.BaseURL = "http://192.0.2.1" },
		"Language": func(c *tcsimple.Config) { c.Language = "ру" },
		"Service":  func(c *tcsimple.Config) { c.Service = "/v3.Simple" },
	} {
		c := good
		spoil(&c)
		_, err := tcsimple.New(c)
		wrong, ok := errors.AsType[*rutravel.FieldError](err)
		require.True(t, ok, field)
		assert.Equal(t, strings.TrimSpace(field), wrong.Field)
	}
	_, err := tcsimple.New(good, rutravel.WithMaxAttempts(0))
	require.ErrorIs(t, err, rutravel.ErrInvalid)
	good.BaseURL = "http://192.0.2.1"
	_, err = tcsimple.New(good, rutravel.WithPlainHTTP())
	require.NoError(t, err)
}

// no refuses attempts.
type no struct{}

func (no) Wait(context.Context) error { return errors.New("enough") }

// The options of clients and calls hold here as elsewhere.
func TestOptions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := tcsimpletest.New(nil)
		var log bytes.Buffer
		var attempts []rutravel.Attempt
		c := newClient(t, fake,
			rutravel.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
			rutravel.WithHook(func(_ context.Context, a rutravel.Attempt) { attempts = append(attempts, a) }))
		fake.Inject(tcsimpletest.Fault{Drop: true}, tcsimpletest.Fault{Code: tcsimple.CodeInternal})
		raw := []byte("of another call")
		all, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}, rutravel.WithRawAnswer(&raw)))
		require.NoError(t, err)
		assert.Len(t, all, 3)
		assert.Nil(t, raw)
		require.Len(t, attempts, 3)
		for i, a := range attempts {
			assert.Equal(t, "Events", a.Op)
			assert.Equal(t, "tcsimple", a.Supplier)
			assert.Equal(t, i+1, a.Number)
			assert.Equal(t, i < 2, a.Err != nil)
		}
		assert.Positive(t, attempts[2].Bytes)
		assert.Equal(t, 200, attempts[2].Status)
		assert.Equal(t, 3, strings.Count(log.String(), "operation=Events"))

		fake.Inject(tcsimpletest.Fault{Drop: true}, tcsimpletest.Fault{Drop: true})
		_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}, rutravel.WithMaxAttempts(2)))
		assert.Equal(t, 2, failure(t, err).Attempts)

		_, err = collect(newClient(t, fake, rutravel.WithLimiter(no{})).Tags(t.Context(), tcsimple.TagQuery{}))
		require.ErrorIs(t, err, rutravel.ErrRateLimited)

		before := len(fake.Requests())
		fake.Inject(tcsimpletest.Fault{Drop: true})
		_, err = collect(newClient(t, fake, rutravel.WithRetryBudget(0)).Tags(t.Context(), tcsimple.TagQuery{}))
		require.ErrorIs(t, err, rutravel.ErrUnavailable)
		assert.Len(t, fake.Requests(), before+1)

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = collect(c.Tags(ctx, tcsimple.TagQuery{}))
		require.ErrorIs(t, err, rutravel.ErrCanceled)
		assert.Zero(t, failure(t, err).Attempts)
	})
}

// A context that ends while the first message is awaited, between two, or while
// the caller works.
func TestCancelled(t *testing.T) {
	t.Parallel()
	for after := range 3 {
		synctest.Test(t, func(t *testing.T) {
			fake := tcsimpletest.New(nil)
			fake.Inject(tcsimpletest.Fault{After: after, Silence: true})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			all, err := collect(newClient(t, fake).Events(ctx, tcsimple.EventQuery{}))
			assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Len(t, all, after)
			assert.NotEmpty(t, fake.Requests()[0].Timeout)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var n int
	var last error
	for _, err := range newClient(t, tcsimpletest.New(nil)).Events(ctx, tcsimple.EventQuery{}) {
		if last = err; err == nil {
			n++
			cancel()
		}
	}
	assert.Equal(t, 1, n)
	require.ErrorIs(t, last, rutravel.ErrCanceled)
}

// A status is the supplier's own as long as the caller's time is not over, or
// says that it is.
func TestStatusBeforeDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := tcsimpletest.New(nil)
		c := newClient(t, fake)
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		fake.Inject(tcsimpletest.Fault{Code: tcsimple.CodeDeadlineExceeded})
		all, err := collect(c.Tags(ctx, tcsimple.TagQuery{}))
		require.NoError(t, err)
		assert.Len(t, all, 1)
		assert.Len(t, fake.Requests(), 2)
		assert.Less(t, time.Since(begun), time.Second, "asked again at once")

		begun = time.Now()
		ctx, cancel = context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		fake.Inject(tcsimpletest.Fault{Code: tcsimple.CodePermissionDenied})
		_, err = collect(c.Tags(ctx, tcsimple.TagQuery{}))
		assert.Equal(t, rutravel.ErrForbidden, failure(t, err).Kind)
		assert.Zero(t, time.Since(begun), "told at once")
	})
}

// An answer that is no gRPC is an error without connect's own type, which holds
// all of its metadata.
func TestNoForeignErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		frames string
	}{
		"packed in an unknown way": {http.Header{"Content-Type": {"application/grpc"}, "Grpc-Encoding": {"zstd"}}, frame(1, "\x0a\x01a")},
		"packed without a way":     {http.Header{"Content-Type": {"application/grpc"}}, frame(1, "\x0a\x01a")},
		"of another protocol":      {http.Header{"Content-Type": {"application/grpc-web"}}, frame(0, "\x0a\x01a")},
		"no message":               {http.Header{"Content-Type": {"application/grpc"}}, frame(0, "\x0a\x7fa")},
		"not UTF-8":                {http.Header{"Content-Type": {"application/grpc"}}, frame(0, "\x0a\x01\xff")},
	} {
		m := httpmock.NewMockTransport()
		m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
			header := test.header.Clone()
			header.Set("X-Internal", "header-value")
			return &http.Response{
				StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(test.frames)), Trailer: http.Header{"Grpc-Status": {"0"}},
			}, nil
		})
		c, err := tcsimple.New(tcsimpletest.New(nil).Config(), rutravel.WithHTTPClient(&http.Client{Transport: m}), rutravel.WithMaxAttempts(1))
		require.NoError(t, err)
		_, err = collect(c.Artists(t.Context(), tcsimple.ArtistQuery{}))
		assert.Equal(t, rutravel.ErrProtocol, failure(t, err).Kind, "%s: %v", name, err)
		_, foreign := errors.AsType[*connect.Error](err)
		assert.False(t, foreign, name)
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, failure(t, err).Err), "header-value", name)
	}
}

// The error of a status says it once.
func TestErrorText(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.Inject(tcsimpletest.Fault{Code: tcsimple.CodeNotFound, Message: "no such thing"})
	_, err := collect(newClient(t, fake).Tags(t.Context(), tcsimple.TagQuery{}))
	require.EqualError(t, err, `tcsimple: Tags: not found: code "NOT_FOUND": "no such thing" (HTTP 200)`)
	require.ErrorIs(t, err, tcsimple.CodeNotFound)
}

// spied is a body that knows whether it was closed.
type spied struct {
	io.Reader
	closed atomic.Bool
}

func (s *spied) Close() error { s.closed.Store(true); return nil }

// The fake is the RoundTripper that net/http wants: it closes the body of the
// request, whatever becomes of it. Its messages travel unpacked unless they are
// long, so that what it sends can be looked at.
func TestRoundTripper(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	for _, fault := range []tcsimpletest.Fault{{}, {Refuse: true}, {Drop: true}, {Status: http.StatusBadGateway}} {
		fake.Inject(fault)
		body := &spied{Reader: strings.NewReader(frame(0, ""))}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, tcsimple.Stage+"/v3.Simple/Tags", body)
		r.Header = http.Header{
			"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "Grpc-Accept-Encoding": {"gzip"}, "Authorization": {tcsimpletest.Key},
		}
		resp, err := fake.RoundTrip(r)
		if err == nil {
			var answer []byte
			answer, err = io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			if resp.StatusCode == http.StatusOK {
				require.NotEmpty(t, answer)
				assert.Zero(t, answer[0], "unpacked")
			}
		} else {
			assert.True(t, fault.Refuse || fault.Drop, "%v", err)
		}
		assert.True(t, body.closed.Load(), "%+v", fault)
	}
}

// Neither errors nor logs nor anything printed shows the key, though the
// supplier repeats it.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const key = "s3cr3t-key+with=signs"
	synctest.Test(t, func(t *testing.T) {
		var shown bytes.Buffer
		log := slog.New(slog.NewJSONHandler(&shown, &slog.HandlerOptions{Level: slog.LevelDebug}))
		fake := tcsimpletest.New(nil)
		c, err := tcsimple.New(tcsimple.Config{Key: key, BaseURL: tcsimple.Production}, rutravel.WithHTTPClient(fake.HTTPClient()),
			rutravel.WithLogger(log), rutravel.WithHook(func(_ context.Context, a rutravel.Attempt) { fmt.Fprintf(&shown, "%+v %#v", a, a.Err) }))
		require.NoError(t, err)
		for range 8 { // the fake does not know it
			fake.Inject(tcsimpletest.Fault{Status: 401, Header: http.Header{"X-Echo": {key}}, Body: key})
		}
		fail := func() {
			_, err := collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
			require.Error(t, err)
			fmt.Fprintf(&shown, "%v %+v %#v %#v", err, err, err, failure(t, err).Err)
			log.Info("shown", "error", err, "client", c, "config", tcsimple.Config{Key: key})
		}
		for range 8 {
			fail()
		}
		fail()
		fmt.Fprintf(&shown, "%v %+v %#v", c, c, c)
		assert.NotContains(t, shown.String(), key)
		assert.NotContains(t, shown.String(), "simple.ticketscloud.com/")
	})
}

// One client serves many callers at once.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	srv := fake.Start()
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL = srv.URL
	c, err := tcsimple.New(cfg)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for _, status := range []ticketscloud.EventStatus{ticketscloud.EventPublic, tcsimple.EventStandBy} {
				all, err := collect(c.Events(t.Context(), tcsimple.EventQuery{Status: status}))
				assert.NoError(t, err)
				assert.Equal(t, status == ticketscloud.EventPublic, len(all) == 3)
			}
		})
	}
	wg.Wait()
}

// Ten thousand events are read without being kept.
//
//nolint:paralleltest // other tests use memory, too
func TestTenThousand(t *testing.T) {
	fake := tcsimpletest.New(nil)
	fake.SetQuirks(tcsimpletest.Quirks{Crowd: 10_000})
	used := map[int]uint64{}
	last := map[ticketscloud.EventID]bool{}
	var n int
	for e, err := range newClient(t, fake).Events(t.Context(), tcsimple.EventQuery{}) {
		require.NoError(t, err)
		if n++; n == 1_000 || n == 9_000 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			used[n] = m.HeapAlloc
		}
		if n > 9_000 {
			last[e.ID] = true
		}
	}
	assert.Equal(t, 10_003, n)
	assert.Len(t, last, 1_003)
	assert.Less(t, used[9_000], used[1_000]+1<<20, "of the 8,000 events between")
}

// Of rules that replace one another the price of the moment is taken.
func TestPrice(t *testing.T) {
	t.Parallel()
	day := utc(2026, 5, 1, 0, 0, 0)
	set := tcsimple.Set{Rules: []tcsimple.Rule{
		{Price: null("100"), Finish: day.AddDate(0, 0, 2)},
		{Price: null("200"), Start: day},
		{Start: day.AddDate(0, 0, 1)}, // of another kind
		{Price: null("150"), Start: day.AddDate(0, 0, -5)},
	}}
	for days, want := range map[int]string{-9: "100", -5: "150", -1: "150", 0: "200", 1: "200", 9: "200"} {
		price := set.Price(day.AddDate(0, 0, days))
		assert.True(t, price.Valid)
		assert.Equal(t, want, price.Decimal.String(), days)
	}
	assert.False(t, tcsimple.Set{}.Price(day).Valid)
	early := tcsimple.Set{Rules: []tcsimple.Rule{{Price: null("1"), Start: day, Finish: day.AddDate(0, 0, 1)}}}
	assert.False(t, early.Price(day.Add(-1)).Valid)
	assert.True(t, early.Price(day).Valid)
	assert.False(t, early.Price(day.AddDate(0, 0, 1)).Valid)

	// The supplier's own boundaries leave a minute between two rules.
	minute := tcsimple.Set{Rules: []tcsimple.Rule{
		{Price: null("100"), Start: utc(2019, 7, 17, 21, 0, 0), Finish: utc(2019, 7, 22, 20, 59, 0)},
		{Price: null("150"), Start: utc(2019, 7, 22, 21, 0, 0), Finish: utc(2019, 8, 28, 20, 59, 0)},
	}}
	assert.True(t, minute.Price(utc(2019, 7, 22, 20, 58, 59)).Valid)
	assert.False(t, minute.Price(utc(2019, 7, 22, 20, 59, 0)).Valid)
	assert.False(t, minute.Price(utc(2019, 7, 22, 20, 59, 59)).Valid)
	assert.Equal(t, null("150"), minute.Price(minute.Rules[1].Start))

	// Of rules that began together the first of the list.
	for _, start := range []time.Time{{}, day} {
		together := tcsimple.Set{Rules: []tcsimple.Rule{
			{Start: start}, {Price: null("2"), Start: start}, {Price: null("1"), Start: start}, {Price: null("3"), Start: start},
		}}
		assert.Equal(t, null("2"), together.Price(day))
	}
}

// What is no instant is no time of day.
func TestLocal(t *testing.T) {
	t.Parallel()
	moscow := tcsimple.City{Timezone: "Europe/Moscow"}
	_, err := moscow.Local(time.Time{})
	require.Error(t, err)
	local, err := moscow.Local(utc(2026, 5, 1, 21, 0, 0))
	require.NoError(t, err)
	assert.Equal(t, "2 May 00:00 MSK", local.Format("2 January 15:04 MST"))
}

// Only those who import the package compile gRPC.
func TestOthersDoNotPay(t *testing.T) {
	t.Parallel()
	const module = "github.com/rutravel/rutravel-go"
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, module+"/...")
	out, err := list.CombinedOutput()
	require.NoError(t, err, "%s", out)
	var paying []string
	for line := range strings.Lines(string(out)) {
		packages := strings.Fields(line)
		if slices.ContainsFunc(packages, func(p string) bool {
			return strings.HasPrefix(p, "connectrpc.com/") || strings.HasPrefix(p, "google.golang.org/")
		}) {
			paying = append(paying, strings.TrimPrefix(packages[0], module+"/"))
		}
	}
	assert.ElementsMatch(t, []string{
		"examples/ticketscloud", "ticketscloud/tcsimple", "ticketscloud/tcsimple/internal/simple", "ticketscloud/tcsimple/tcsimpletest",
	}, paying)
}

// over11 sends by HTTP/1.1, as a caller's RoundTripper may.
type over11 struct{ *http.Transport }

// What a RoundTripper of the caller's speaks is its own affair. Whatever it is,
// an answer is whole or an error.
func TestForeignProtocol(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	page := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(page.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	ask := func(address string) ([]tcsimple.Event, error) {
		c, err := tcsimple.New(tcsimple.Config{Key: tcsimpletest.Key, BaseURL: address},
			rutravel.WithHTTPClient(&http.Client{Transport: over11{transport}}), rutravel.WithMaxAttempts(1))
		require.NoError(t, err)
		return collect(c.Events(t.Context(), tcsimple.EventQuery{}))
	}
	all, err := ask(srv.URL)
	require.NoError(t, err)
	assert.Len(t, all, 3)
	fake.Inject(tcsimpletest.Fault{After: 2, Cut: true})
	all, err = ask(srv.URL)
	require.Error(t, err, "the status is missing")
	assert.Len(t, all, 2)
	_, err = ask(page.URL)
	assert.Equal(t, rutravel.ErrProtocol, failure(t, err).Kind)
}
