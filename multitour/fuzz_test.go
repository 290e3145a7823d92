package multitour_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// Fuzz reads any answer of every method.
func Fuzz(f *testing.F) {
	conformance.Fuzz(f, conformance.Fuzzed{
		Seeds:          conformance.Seeds(f, "../testdata/multitour/*.json", "../testdata/multitour/awkward/*.json"),
		Numbers:        []int{http.StatusOK},
		RotatedNumbers: conformance.Failures,
		Check:          fuzzAnswers(f),
	})
}

// fuzzAnswers gives every method any answer under any status: it is a value or a *rutravel.Error, and a
// booking succeeds only with its code.
func fuzzAnswers(f *testing.F) func(*testing.T, int, []byte) {
	var status int
	var body []byte
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		return httpmock.NewBytesResponse(status, body), nil
	})
	c, err := multitour.New(multitour.Config{Token: "t", UserKey: "111"},
		rutravel.WithHTTPClient(&http.Client{Transport: m}), rutravel.WithMaxAttempts(1))
	require.NoError(f, err)
	return func(t *testing.T, number int, answer []byte) {
		status, body = conformance.Status(number), answer
		ctx := t.Context()
		check := func(err error) bool { return conformance.Succeeded(t, status, err) }
		code, err := c.Book(ctx, bookRequest())
		if check(err) {
			require.NotEmpty(t, code)
		}
		booking, err := c.BookFull(ctx, bookRequest())
		if check(err) {
			require.NotEmpty(t, booking.Code)
		}
		booking, err = c.BookingInfo(ctx, "X1800001")
		if check(err) {
			require.Equal(t, multitour.BookingCode("X1800001"), booking.Code)
		}
		offers, err := c.Offers(ctx, multitour.OfferQuery{Hotel: "4952", Stay: stay()})
		if check(err) {
			for _, o := range offers {
				require.NotEmpty(t, o.ID)
				require.True(t, o.CheckIn.IsValid())
			}
		}
		hotels, err := c.HotelPrices(ctx, search())
		if check(err) {
			for _, h := range hotels {
				require.NotEmpty(t, h.Hotel.ID)
				require.True(t, h.Cheapest.CheckIn.IsValid())
			}
		}
		hotels, err = c.AllHotelPrices(ctx, search())
		check(err)
		require.False(t, slices.ContainsFunc(hotels, func(h multitour.HotelPrices) bool { return h.Hotel.ID == "" }))
		offers, err = rutravel.Collect(c.AllOffers(ctx, multitour.OfferQuery{Hotel: "4952", Stay: stay()}))
		check(err)
		require.False(t, slices.ContainsFunc(offers, func(o multitour.Offer) bool { return o.ID == "" }))
		found, err := c.LostBookings(ctx, multitour.OfferBooking{Request: bookRequest()})
		check(err)
		require.False(t, slices.ContainsFunc(found, func(b multitour.BookingSummary) bool { return b.Code == "" }))
		page, err := c.BookingsPage(ctx, multitour.BookingQuery{})
		if check(err) {
			require.False(t, slices.ContainsFunc(page.Bookings, func(b multitour.BookingSummary) bool { return b.Code == "" }))
		}
		bookings, err := rutravel.Collect(c.Bookings(ctx, multitour.BookingQuery{}))
		check(err)
		for _, b := range bookings {
			require.NotEmpty(t, b.Code)
		}
		area := multitour.Area{Country: "6228"}
		for _, ask := range []func() error{
			func() error { _, err := c.Countries(ctx, ""); return err },
			func() error { _, err := c.Resorts(ctx, "6228"); return err },
			func() error { _, err := c.Cities(ctx, "6228", nil); return err },
			func() error { _, err := c.Hotels(ctx, area); return err },
			func() error { _, err := c.Categories(ctx, "6228"); return err },
			func() error { _, err := c.Treatments(ctx, "6228"); return err },
			func() error { _, err := c.MealTypes(ctx, "6228"); return err },
			func() error { _, err := c.Highways(ctx, "6228"); return err },
			func() error { _, err := c.BeachTypes(ctx, "6228"); return err },
			func() error { _, err := c.SeaDistances(ctx, "6228"); return err },
			func() error { _, err := c.Amenities(ctx, area); return err },
			func() error { _, err := c.TourTypes(ctx, area); return err },
		} {
			check(ask())
		}
	}
}
