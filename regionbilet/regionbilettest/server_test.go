package regionbilettest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

// inBubble runs a test on a clock that starts at midnight UTC, 3 o'clock in
// Moscow, on 1 January 2000.
func inBubble(t *testing.T, f func(*testing.T, *regionbilettest.Server, *regionbilet.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := regionbilettest.New()
		c, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		f(t, fake, c)
	})
}

var today = civil.Date{Year: 2000, Month: 1, Day: 1}

// search returns the first trip of a day between the first two settlements.
func search(t *testing.T, c *regionbilet.Client, day civil.Date) regionbilet.Trip {
	t.Helper()
	trips, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: day})
	require.NoError(t, err)
	require.NotEmpty(t, trips)
	return trips[0]
}

func request(trip regionbilet.Trip, seats ...regionbilet.Seat) regionbilet.BookRequest {
	b := regionbilet.BookRequest{Trip: trip.Key(), Phone: "9187557788"}
	for _, s := range seats {
		b.Passengers = append(b.Passengers, regionbilet.Passenger{
			Surname: "ИВАНОВ", FirstName: "ИВАН", Sex: regionbilet.Male, Category: regionbilet.Adult,
			BirthDate: civil.Date{Year: 1977, Month: 1, Day: 1}, Nationality: "643", DocumentType: "1",
			Document: "0701 755756", Seat: s, Price: trip.Adult.Price,
		})
	}
	return b
}

func buy(t *testing.T, c *regionbilet.Client, b regionbilet.BookRequest) (regionbilet.BookingID, []regionbilet.IssuedTicket) {
	t.Helper()
	hold, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	tickets, err := c.Pay(t.Context(), hold.Booking)
	require.NoError(t, err)
	return hold.Booking, tickets
}

// flow goes from search to refund and cancellation.
func flow(t *testing.T, c *regionbilet.Client, today civil.Date) {
	t.Helper()
	segments, err := c.Segments(t.Context())
	require.NoError(t, err)
	departures, err := c.Departures(t.Context())
	require.NoError(t, err)
	arrivals, err := c.Arrivals(t.Context())
	require.NoError(t, err)
	for _, s := range segments {
		assert.True(t, slices.ContainsFunc(departures, func(p regionbilet.Settlement) bool { return p.ID == s.From }))
		assert.True(t, slices.ContainsFunc(arrivals, func(p regionbilet.Settlement) bool { return p.ID == s.To }))
	}
	trip := search(t, c, today.AddDays(1))
	assert.True(t, trip.Adult.Base.Add(trip.Adult.Fee).Equal(trip.Adult.Total))
	assert.Len(t, trip.Carriers, 1)
	stops, err := c.TripStops(t.Context(), trip.Key())
	require.NoError(t, err)
	assert.NotEmpty(t, stops)
	nationalities, err := c.Nationalities(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, nationalities)
	documents, err := c.DocumentTypes(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, documents)

	free, err := c.FreeSeats(t.Context(), trip.Key())
	require.NoError(t, err)
	assert.Len(t, free, trip.AvailableSeats)
	b := request(trip, free[0], free[1])
	b.Passengers[1].Category, b.Passengers[1].Price = regionbilet.Child, trip.Child.Price
	id, tickets := buy(t, c, b)
	require.Len(t, tickets, 2)
	assert.Equal(t, free[0], tickets[0].Seat)

	refund, err := c.Refund(t.Context(), regionbilet.TicketRef{Booking: id, Ticket: tickets[0].Number})
	require.NoError(t, err)
	assert.Equal(t, "5", refund.WithheldPercent.String())
	states, err := c.BookingTickets(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, states, 2)
	assert.Equal(t, regionbilet.TicketRefunded, states[0].Status)
	assert.True(t, states[0].RefundAmount.Decimal.Equal(refund.Amount))
	assert.Equal(t, regionbilet.TicketPaid, states[1].Status)
	assert.False(t, states[1].RefundAmount.Valid)

	hold, err := c.Book(t.Context(), request(trip, free[0]))
	require.NoError(t, err, "a refunded seat is free again")
	require.NoError(t, c.Cancel(t.Context(), hold.Booking))

	days := regionbilet.DateRange{From: today.AddDays(-1), To: today.AddDays(1)}
	sales, err := rutravel.Collect(c.AllSales(t.Context(), days))
	require.NoError(t, err)
	require.Len(t, sales, 2)
	assert.Equal(t, tickets[1].Number, sales[1].Number)
	assert.Equal(t, regionbilet.Child, sales[1].Category)
	assert.True(t, sales[1].Base.Equal(trip.Child.Base))
	refunds, err := rutravel.Collect(c.AllRefunds(t.Context(), days))
	require.NoError(t, err)
	require.Len(t, refunds, 1)
	assert.True(t, refunds[0].Amount.Equal(refund.Amount))
}

// The same story in every shape that the manual leaves open.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]regionbilettest.Quirks{
		"as the tables say": {},
		"numbers":           {Numbers: true},
		"error as a number": {Success: "0"},
		"lists for objects": {BookingList: true},
		"objects for lists": {OneCarrier: true},
		"empty as null":     {Empty: "null"},
		"empty as text":     {Empty: `""`},
		"short":             {ShortCarrier: true, NoSeat: true, RefusalResult: "[]"},
		"seats in elements": {SeatElements: true, Cancelled: "0", RefusalResult: "null"},
		"empty as object":   {Empty: "{}", Numbers: true, BookingList: true, OneCarrier: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
				fake.SetQuirks(q)
				flow(t, c, today)
				trips, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "463", To: "505", Date: today})
				require.NoError(t, err)
				assert.Empty(t, trips)
			})
		})
	}
	for _, success := range []string{`""`, "null", "absent"} {
		t.Run("error as "+success, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
				fake.SetQuirks(regionbilettest.Quirks{Success: success})
				id, _ := buy(t, c, request(search(t, c, today), "1"))
				assert.NotEmpty(t, id)
				hold, err := c.Book(t.Context(), request(search(t, c, today), "2"))
				require.NoError(t, err)
				assert.ErrorIs(t, c.Cancel(t.Context(), hold.Booking), rutravel.ErrNotConfirmed)
			})
		})
	}
}

func TestHoldsExpire(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
		trip := search(t, c, today)
		hold, err := c.Book(t.Context(), request(trip, "1", "2"))
		require.NoError(t, err)
		assert.Equal(t, trip.AvailableSeats-2, search(t, c, today).AvailableSeats)

		fake.Advance(regionbilet.HoldTime - time.Second)
		assert.Equal(t, trip.AvailableSeats-2, search(t, c, today).AvailableSeats)
		time.Sleep(time.Second) // of the bubble's clock
		assert.Equal(t, trip.AvailableSeats, search(t, c, today).AvailableSeats)

		_, err = c.Pay(t.Context(), hold.Booking)
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		assert.ErrorIs(t, c.Cancel(t.Context(), hold.Booking), rutravel.ErrRejected)
		states, err := c.BookingTickets(t.Context(), hold.Booking)
		require.NoError(t, err)
		require.Len(t, states, 2)
		assert.Equal(t, regionbilet.TicketExpired, states[0].Status)
	})
}

// The percentages of the manual's chapter 13. The trip leaves at 08:30 in
// Moscow, five and a half hours after the bubble's clock began.
func TestRefundPercentages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before time.Duration // departure
		want   string
	}{
		"more than 2 hours before": {2*time.Hour + time.Second, "5"},
		"2 hours before":           {2 * time.Hour, "15"},
		"just before":              {time.Second, "15"},
		"at departure":             {0, "25"},
		"3 hours after":            {-3 * time.Hour, "25"},
		"later":                    {-3*time.Hour - time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
				trip := search(t, c, today)
				id, tickets := buy(t, c, request(trip, "1"))
				fake.Advance(5*time.Hour + 30*time.Minute - test.before)
				refund, err := c.Refund(t.Context(), regionbilet.TicketRef{Booking: id, Ticket: tickets[0].Number})
				if test.want == "" {
					require.ErrorIs(t, err, rutravel.ErrRejected)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, test.want, refund.WithheldPercent.String())
				kept := trip.Adult.Base.Sub(refund.Amount).Div(trip.Adult.Base).Shift(2).Round(0)
				assert.Equal(t, test.want, kept.String())

				_, err = c.Refund(t.Context(), regionbilet.TicketRef{Booking: id, Ticket: tickets[0].Number})
				assert.ErrorIs(t, err, rutravel.ErrRejected, "a ticket is refunded once")
			})
		})
	}
}

func TestDepartedTripsAreNotSold(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
		trip := search(t, c, today)
		fake.Advance(5*time.Hour + 30*time.Minute)
		trips, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: today})
		require.NoError(t, err)
		assert.Empty(t, trips)
		_, err = c.Book(t.Context(), request(trip, "1"))
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		_, err = c.FreeSeats(t.Context(), trip.Key())
		assert.ErrorIs(t, err, rutravel.ErrRejected)
	})
}

// Of many who want the same seat, one gets it.
func TestSeatsAreSoldOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *regionbilettest.Server, c *regionbilet.Client) {
		trip := search(t, c, today)
		var got atomic.Int32
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := c.Book(t.Context(), request(trip, "7")); err == nil {
					got.Add(1)
				} else {
					assert.ErrorIs(t, err, rutravel.ErrRejected)
				}
			})
		}
		wg.Wait()
		assert.EqualValues(t, 1, got.Load())
	})
}

func TestOrdersAndTicketsThatAreNotThere(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *regionbilettest.Server, c *regionbilet.Client) {
		id, tickets := buy(t, c, request(search(t, c, today), "1"))
		for _, ref := range []regionbilet.TicketRef{
			{Booking: "stv-0", Ticket: tickets[0].Number},
			{Booking: id, Ticket: "T0"},
		} {
			state, err := c.Ticket(t.Context(), ref)
			require.NoError(t, err)
			assert.Equal(t, regionbilet.Ticket{Status: regionbilet.TicketNotFound}, state)
			_, err = c.Refund(t.Context(), ref)
			assert.ErrorIs(t, err, rutravel.ErrRejected)
		}
		_, err := c.Pay(t.Context(), "stv-0")
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		assert.ErrorIs(t, c.Cancel(t.Context(), "stv-0"), rutravel.ErrRejected)
		_, err = c.Pay(t.Context(), id)
		assert.ErrorIs(t, err, rutravel.ErrRejected, "an order is paid once")
		assert.ErrorIs(t, c.Cancel(t.Context(), id), rutravel.ErrRejected, "a paid order cannot be cancelled")
	})
}

func TestReportsOfTheTestAccount(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, _ *regionbilet.Client) {
		c, err := regionbilet.New(regionbilet.Config{User: regionbilettest.TestUser, SecretKey: regionbilettest.TestSecretKey},
			rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		_, err = c.Segments(t.Context())
		require.NoError(t, err)
		_, err = c.SalesReport(t.Context(), regionbilet.DateRange{From: today, To: today})
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		assert.ErrorContains(t, err, "тестового пользователя")

		// Nor does it see other accounts' orders.
		agent, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		id, tickets := buy(t, agent, request(search(t, agent, today), "1"))
		state, err := c.Ticket(t.Context(), regionbilet.TicketRef{Booking: id, Ticket: tickets[0].Number})
		require.NoError(t, err)
		assert.Equal(t, regionbilet.TicketNotFound, state.Status)
	})
}

// The fake holds requests against the manual; what it refuses has no effect.
func TestStrictness(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
		trip := search(t, c, today)
		_, err := c.Book(t.Context(), request(trip, "1"))
		require.NoError(t, err)
		var good url.Values
		for _, r := range fake.Requests() {
			if r.Op == "booking" {
				good = r.Params
			}
		}
		require.NotEmpty(t, good)
		good.Set("seat1", "2")
		good.Set("user", regionbilettest.User)
		good.Set("skey", regionbilettest.SecretKey)
		good.Set("command", "booking")
		send := func(method string, change func(url.Values), encode func(string) string) string {
			q := url.Values{}
			for name, v := range good {
				q[name] = slices.Clone(v)
			}
			change(q)
			r := httptest.NewRequest(method, regionbilet.Production+"?"+encode(q.Encode()), nil)
			w := httptest.NewRecorder()
			fake.ServeHTTP(w, r)
			assert.Equal(t, http.StatusOK, w.Code)
			return w.Body.String()
		}
		manual := func(s string) string { return strings.ReplaceAll(s, "+", "%20") }
		for name, body := range map[string]string{
			"POST":                     send(http.MethodPost, func(url.Values) {}, manual),
			"plus for a space":         send(http.MethodGet, func(url.Values) {}, func(s string) string { return s }),
			"wrong key":                send(http.MethodGet, func(q url.Values) { q.Set("skey", "x") }, manual),
			"another user":             send(http.MethodGet, func(q url.Values) { q.Set("user", "test") }, manual),
			"unknown command":          send(http.MethodGet, func(q url.Values) { q.Set("command", "book") }, manual),
			"no patronymic at all":     send(http.MethodGet, func(q url.Values) { q.Del("middle_name1") }, manual),
			"unknown parameter":        send(http.MethodGet, func(q url.Values) { q.Set("seat", "2") }, manual),
			"a gap in the passengers":  send(http.MethodGet, func(q url.Values) { q.Set("seat3", "2") }, manual),
			"twice the same parameter": send(http.MethodGet, func(q url.Values) { q.Add("seat1", "3") }, manual),
			"another price":            send(http.MethodGet, func(q url.Values) { q.Set("total_ticket_price1", "517.5") }, manual),
			"taken seat":               send(http.MethodGet, func(q url.Values) { q.Set("seat1", "1") }, manual),
			"no such seat":             send(http.MethodGet, func(q url.Values) { q.Set("seat1", "99") }, manual),
			"unknown nationality":      send(http.MethodGet, func(q url.Values) { q.Set("nationality1", "1") }, manual),
			"unknown document":         send(http.MethodGet, func(q url.Values) { q.Set("type_doc1", "9") }, manual),
			"date of another kind":     send(http.MethodGet, func(q url.Values) { q.Set("date_trip", "2000-01-01") }, manual),
			"no such trip":             send(http.MethodGet, func(q url.Values) { q.Set("id_to_point", "446") }, manual),
			"a report over two months": send(http.MethodGet, func(q url.Values) {
				clear(q)
				q.Set("user", regionbilettest.User)
				q.Set("skey", regionbilettest.SecretKey)
				q.Set("command", "report_sale")
				q.Set("date_begin", "31.01.2000")
				q.Set("date_end", "01.02.2000")
			}, manual),
			"empty phone": send(http.MethodGet, func(q url.Values) { q.Set("user_phone", "") }, manual),
		} {
			assert.Contains(t, body, `"error":"1"`, name)
		}
		assert.Equal(t, trip.AvailableSeats-1, search(t, c, today).AvailableSeats)
		assert.Contains(t, send(http.MethodGet, func(url.Values) {}, manual), `"id_booking"`)
	})
}

// The log of requests shows no credentials.
func TestRequests(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
		_, err := c.Trips(t.Context(), regionbilet.TripQuery{From: "124", To: "463", Date: today})
		require.NoError(t, err)
		assert.Equal(t, []regionbilettest.Request{{
			Op:     "trip",
			Params: url.Values{"id_from": {"124"}, "id_to": {"463"}, "date_trip": {"01.01.2000"}},
		}}, fake.Requests())
	})
}

func overSocket(t *testing.T, fake *regionbilettest.Server) *regionbilet.Client {
	t.Helper()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL = srv.URL
	c, err := regionbilet.New(cfg)
	require.NoError(t, err)
	return c
}

func TestOverSocket(t *testing.T) {
	t.Parallel()
	flow(t, overSocket(t, regionbilettest.New()), civil.DateOf(time.Now().UTC()))
}

// Each fault does what its field says, without a socket and through one.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   regionbilettest.Fault
		kind    rutravel.Kind // of the booking; "" is success
		carried bool          // out
	}{
		"none":               {regionbilettest.Fault{}, "", true},
		"of another command": {regionbilettest.Fault{Op: "pay", Drop: true}, "", true},
		"delay":              {regionbilettest.Fault{Delay: time.Millisecond}, "", true},
		"drop":               {regionbilettest.Fault{Drop: true}, rutravel.ErrNotConfirmed, false},
		"process and drop":   {regionbilettest.Fault{Drop: true, Processed: true}, rutravel.ErrNotConfirmed, true},
		"status":             {regionbilettest.Fault{Status: http.StatusBadGateway}, rutravel.ErrNotConfirmed, false},
		"body":               {regionbilettest.Fault{Body: "<html>", Processed: true}, rutravel.ErrNotConfirmed, true},
		"cut":                {regionbilettest.Fault{Cut: 10}, rutravel.ErrNotConfirmed, true},
		"too many": {regionbilettest.Fault{
			Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		}, rutravel.ErrRateLimited, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(t *testing.T, fake *regionbilettest.Server, c *regionbilet.Client) {
				t.Helper()
				trip := search(t, c, civil.DateOf(time.Now().UTC()).AddDays(2))
				fake.Inject(test.fault)
				if test.fault.Op != "" {
					fake.Inject(regionbilettest.Fault{})
				}
				_, err := c.Book(context.WithoutCancel(t.Context()), request(trip, "1"))
				if test.kind == "" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, test.kind)
				}
				free, err := c.FreeSeats(t.Context(), trip.Key())
				require.NoError(t, err)
				assert.Equal(t, test.carried, !slices.Contains(free, "1"))
			}
			fake := regionbilettest.New()
			c, err := regionbilet.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
			require.NoError(t, err)
			check(t, fake, c)

			fake = regionbilettest.New()
			check(t, fake, overSocket(t, fake))
		})
	}
}
