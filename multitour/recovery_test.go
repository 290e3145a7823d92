package multitour_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

type (
	supplier = multitourtest.Server
	caller   = multitour.Client
)

// MT-T44: whatever fails, a booking is sent once. It is found by its request, or
// made if there is none. In the end there is one booking.
func TestRecovery(t *testing.T) {
	t.Parallel()
	conformance.RecoverySuite[*supplier, *caller]{
		Operations: multitour.Operations,
		GoldenDir:  "../testdata/multitour",
		NewFake: func() *supplier {
			f := multitourtest.New()
			f.SetQuirks(multitourtest.Quirks{MainLast: true})
			return f
		},
		NewClient: func(f *supplier) (*caller, error) {
			return multitour.New(f.Config(), rutravel.WithHTTPClient(f.HTTPClient()))
		},
		Inject: func(f *supplier, fault fake.Fault) { f.Inject(multitourtest.Fault(fault)) },
		Arrived: func(f *supplier) (all []string) {
			for _, r := range f.Requests() {
				all = append(all, r.Op)
			}
			return all
		},
		Cases: []conformance.RecoveryCase[*supplier, *caller]{
			conformance.Recovery("booking_set", "", chosen, func(ctx context.Context, c *caller, w multitour.LostBooking) error {
				_, err := c.Book(ctx, w.Request)
				return err
			}, lostBooking),
			conformance.Recovery("booking_set+full", "", chosen, func(ctx context.Context, c *caller, w multitour.LostBooking) error {
				_, err := c.BookFull(ctx, w.Request)
				return err
			}, lostBooking),
		},
	}.Run(t)
}

// chosen asks for an offer for the tourists of the samples, beside bookings of
// theirs and of others that are not looked for.
func chosen(t *testing.T, _ *supplier, c *caller) multitour.LostBooking {
	t.Helper()
	w := multitour.LostBooking{Request: bookRequest(), CheckIn: multitour.Today().AddDays(10)}
	w.Request.BookingDate = multitour.Today()
	w.Request.Tourists[1].Surname = "Петрова" // any of them may be the main one
	offer := func(hotel multitour.HotelID) multitour.Offer {
		offers, err := c.Offers(t.Context(), multitour.OfferQuery{
			Hotel: hotel, Stay: multitour.Stay{Dates: []civil.Date{w.CheckIn}, Nights: []int{7}, Adults: 2},
		})
		require.NoError(t, err)
		require.NotEmpty(t, offers)
		return offers[0]
	}
	other := w.Request
	other.Offer = offer("4952").ID
	_, err := c.Book(t.Context(), other)
	require.NoError(t, err)
	wanted := offer("9044")
	w.Request.Offer, w.Price = wanted.ID, wanted.Price
	return w
}

// lostBooking finds the booking among its tourists' others.
func lostBooking(t *testing.T, _ *supplier, c *caller, w multitour.LostBooking, done bool) {
	t.Helper()
	find := func() (codes []multitour.BookingCode) {
		all, err := c.LostBookings(t.Context(), multitour.LostBooking{Request: w.Request})
		require.NoError(t, err)
		candidates, err := c.LostBookings(t.Context(), w)
		require.NoError(t, err)
		assert.Len(t, all, 1+len(candidates), "the other booking has another price")
		for _, b := range candidates {
			codes = append(codes, b.Code)
		}
		return codes
	}
	found := conformance.AskAgain(func() bool { return len(find()) > 0 })
	require.Equal(t, done, found)
	if !found {
		_, err := c.Book(t.Context(), w.Request)
		require.NoError(t, err)
	}
	codes := find()
	require.Len(t, codes, 1)
	booking, err := c.BookingInfo(t.Context(), codes[0])
	require.NoError(t, err)
	assert.Equal(t, w.CheckIn, booking.TourDate)
	require.Len(t, booking.Tourists, 2)
	all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
	require.NoError(t, err)
	assert.Len(t, all, 2)
}

// MT-T44: after a lost answer, the bookings of those days and names are the
// candidates; names are compared however they are typed.
func TestLostBookings(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, response(`{"booking_list":{"count":5,"data":[`+strings.Join([]string{
		row("X1", "Иванов Петр Сергеевич"), row("X2", "ПЕТРОВА  Татьяна"), row("X3", "Сидоров Петр"), row("X4", ""), row("X5", "Сергеевич Петр Иванов"),
	}, ",")+`]}}`))
	b := bookRequest()
	b.Tourists[1].Surname = "Петрова" // any of them may be the main one
	found, err := c.LostBookings(t.Context(), multitour.LostBooking{Request: b})
	require.NoError(t, err)
	var codes []multitour.BookingCode
	for _, b := range found {
		codes = append(codes, b.Code)
	}
	assert.Equal(t, []multitour.BookingCode{"X1", "X2", "X4", "X5"}, codes, "one whose name is not there yet, too")
	assert.JSONEq(t, `{"us_key":111,"create_date_begin":"27.06.2018","create_date_end":"29.06.2018","page":1}`, (*asked)[0].text)

	b.Tourists = b.Tourists[:1]
	b.Tourists[0].Surname = "Семёнов-Тян Шанский"
	c, _ = answering(t, response(`{"booking_list":{"count":1,"data":[`+row("X1", "СЕМЕНОВ–ТЯН-ШАНСКИЙ П. С.")+`]}}`))
	found, err = c.LostBookings(t.Context(), multitour.LostBooking{Request: b})
	require.NoError(t, err)
	assert.Len(t, found, 1)
}

// Fields that are missing in a list, and a row that cannot be read, hide no
// other booking.
func TestLostBookingsInBrokenLists(t *testing.T) {
	t.Parallel()
	const bare = `{"code":"X1","main_tourist":"Иванов Петр","create_date":null,"tour_date":"","price":null,"payed":"","days":null,"count_tourist":"","status_key":null,"tour_key":null}`
	c, _ := answering(t, response(`{"booking_list":{"data":[`+bare+`]}}`))
	found, err := c.LostBookings(t.Context(), multitour.LostBooking{Request: bookRequest()})
	require.NoError(t, err)
	assert.Equal(t, []multitour.BookingSummary{{Code: "X1", MainTourist: "Иванов Петр"}}, found)

	for _, broken := range []string{`{"code":"X2","price":"много"}`, `{"code":"X2","status_key":[1]}`, `{"code":null}`, `7`} {
		for name, rows := range map[string]string{"before ": bare + "," + broken, "after ": broken + "," + bare} {
			t.Run(name+broken, func(t *testing.T) {
				t.Parallel()
				c, _ := answering(t, response(`{"booking_list":{"data":[`+rows+`]}}`))
				found, err := c.LostBookings(t.Context(), multitour.LostBooking{Request: bookRequest()})
				conformance.Failure(t, err, rutravel.ErrProtocol)
				assert.True(t, slices.ContainsFunc(found, func(b multitour.BookingSummary) bool { return b.Code == "X1" }))
				assert.False(t, slices.ContainsFunc(found, func(b multitour.BookingSummary) bool { return b.Code == "" }))
			})
		}
	}
}
