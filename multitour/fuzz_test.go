package multitour_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// Fuzz runs fuzzedCalls with any answer. The golden and awkward answers are its seeds.
func Fuzz(f *testing.F) {
	answer := new(conformance.FuzzedAnswer)
	c, err := multitour.New(multitour.Config{Token: "t", UserKey: "111"},
		rutravel.WithHTTPClient(&http.Client{Transport: answer}), rutravel.WithMaxAttempts(1))
	require.NoError(f, err)
	conformance.Fuzz(f, answer.Calls(conformance.Fuzzed{
		Seeds:          conformance.Seeds(f, "../testdata/multitour/*.json", "../testdata/multitour/awkward/*.json"),
		Numbers:        []int{http.StatusOK},
		RotatedNumbers: conformance.Failures,
	}, fuzzedCalls(c)...)...)
}

// fuzzedCalls returns all calls. Each expects a value or a *rutravel.Error. A booking succeeds
// only with its code.
func fuzzedCalls(c *multitour.Client) []func(t *testing.T, status int) {
	calls := []func(t *testing.T, status int){
		func(t *testing.T, status int) {
			code, err := c.Book(t.Context(), bookRequest())
			if conformance.Succeeded(t, status, err) {
				require.NotEmpty(t, code)
			}
		},
		func(t *testing.T, status int) {
			booking, err := c.BookFull(t.Context(), bookRequest())
			if conformance.Succeeded(t, status, err) {
				require.NotEmpty(t, booking.Code)
			}
		},
		func(t *testing.T, status int) {
			booking, err := c.BookingInfo(t.Context(), "X1800001")
			if conformance.Succeeded(t, status, err) {
				require.Equal(t, multitour.BookingCode("X1800001"), booking.Code)
			}
		},
		func(t *testing.T, status int) {
			offers, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "4952", Stay: stay()})
			if conformance.Succeeded(t, status, err) {
				for _, o := range offers {
					require.NotEmpty(t, o.ID)
					require.True(t, o.CheckIn.IsValid())
				}
			}
		},
		func(t *testing.T, status int) {
			hotels, err := c.HotelPrices(t.Context(), search())
			if conformance.Succeeded(t, status, err) {
				for _, h := range hotels {
					require.NotEmpty(t, h.Hotel.ID)
					require.True(t, h.Cheapest.CheckIn.IsValid())
				}
			}
		},
		func(t *testing.T, status int) {
			hotels, err := c.AllHotelPrices(t.Context(), search())
			conformance.Succeeded(t, status, err)
			require.False(t, slices.ContainsFunc(hotels, func(h multitour.HotelPrices) bool { return h.Hotel.ID == "" }))
		},
		func(t *testing.T, status int) {
			offers, err := rutravel.Collect(c.AllOffers(t.Context(), multitour.OfferQuery{Hotel: "4952", Stay: stay()}))
			conformance.Succeeded(t, status, err)
			require.False(t, slices.ContainsFunc(offers, func(o multitour.Offer) bool { return o.ID == "" }))
		},
		func(t *testing.T, status int) {
			found, err := c.LostBookings(t.Context(), multitour.OfferBooking{Request: bookRequest()})
			conformance.Succeeded(t, status, err)
			require.False(t, slices.ContainsFunc(found, func(b multitour.BookingSummary) bool { return b.Code == "" }))
		},
		func(t *testing.T, status int) {
			page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
			if conformance.Succeeded(t, status, err) {
				require.False(t, slices.ContainsFunc(page.Bookings, func(b multitour.BookingSummary) bool { return b.Code == "" }))
			}
		},
		func(t *testing.T, status int) {
			bookings, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
			conformance.Succeeded(t, status, err)
			for _, b := range bookings {
				require.NotEmpty(t, b.Code)
			}
		},
	}
	area := multitour.Area{Country: "6228"}
	for _, read := range []func(context.Context) error{
		func(ctx context.Context) error { _, err := c.Countries(ctx, ""); return err },
		func(ctx context.Context) error { _, err := c.Resorts(ctx, "6228"); return err },
		func(ctx context.Context) error { _, err := c.Cities(ctx, "6228", nil); return err },
		func(ctx context.Context) error { _, err := c.Hotels(ctx, area); return err },
		func(ctx context.Context) error { _, err := c.Categories(ctx, "6228"); return err },
		func(ctx context.Context) error { _, err := c.Treatments(ctx, "6228"); return err },
		func(ctx context.Context) error { _, err := c.MealTypes(ctx, "6228"); return err },
		func(ctx context.Context) error { _, err := c.Highways(ctx, "6228"); return err },
		func(ctx context.Context) error { _, err := c.BeachTypes(ctx, "6228"); return err },
		func(ctx context.Context) error { _, err := c.SeaDistances(ctx, "6228"); return err },
		func(ctx context.Context) error { _, err := c.Amenities(ctx, area); return err },
		func(ctx context.Context) error { _, err := c.TourTypes(ctx, area); return err },
	} {
		calls = append(calls, func(t *testing.T, status int) { conformance.Succeeded(t, status, read(t.Context())) })
	}
	return calls
}
