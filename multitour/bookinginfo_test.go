package multitour_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// MT-T39, MT-T40: booking_info in other shapes and types.
func TestShapesOfBookingInfo(t *testing.T) {
	t.Parallel()
	info := func(name string) multitour.Booking {
		c, _ := answering(t, awkward(t, name))
		b, err := c.BookingInfo(t.Context(), "X1800001")
		require.NoError(t, err, name)
		assert.Equal(t, conformance.Date(12, 7, 2018), b.TourDate, name)
		assert.Equal(t, new(7), b.Days, name)
		assert.Equal(t, "54618", b.Price.Decimal.String(), name)
		assert.Equal(t, "Иванов", b.Tourists[0].Surname, name)
		assert.Equal(t, conformance.Date(15, 3, 1976), b.Tourists[0].BirthDate, name)
		return b
	}
	b := info("booking_info-empty")
	assert.Empty(t, b.Accommodations)
	assert.Empty(t, b.Transfers)
	assert.Empty(t, b.Insurances)
	assert.Empty(t, b.Tickets)
	assert.Len(t, info("booking_info-tours-list").Accommodations, 2)
	b = info("booking_info-iso-dates")
	assert.Equal(t, conformance.Date(18, 7, 2018), b.Accommodations[0].CheckOut)
	assert.Equal(t, conformance.Date(12, 7, 2018), b.Tickets[0].Date)
	b = info("booking_info-numbers")
	assert.Equal(t, multitour.HotelID("4952"), b.Accommodations[0].Hotel)
	assert.Equal(t, "333444", b.Tourists[0].PassportNumber)
	assert.Equal(t, "1", b.Tourists[0].Sex)
}

// All fields may be missing but the code, which must be the one asked for.
func TestBookingInfoCode(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, response(`{"booking_info":{"info":{"code":"X1","tour_date":"00.00.0000","days":null,"price":"","payed":null}}}`))
	b, err := c.BookingInfo(t.Context(), "X1")
	require.NoError(t, err)
	assert.Equal(t, multitour.Booking{Code: "X1"}, b)
	_, err = c.BookingInfo(t.Context(), "x1")
	require.NoError(t, err)
	b, err = c.BookingInfo(t.Context(), "X2")
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Zero(t, b, "another booking's tourists are not for this caller")
	c, asked := answering(t, "")
	_, err = c.BookingInfo(t.Context(), "X1 ")
	invalid(t, err, asked, "code")
}

// An answer with two codes is not accepted; the first one is returned.
func TestTwoCodes(t *testing.T) {
	t.Parallel()
	for name, section := range map[string]string{
		"in info":   `{"booking_info":{"code":"X1","info":{"code":"X2"}}}`,
		"in two":    `{"booking_info":{"info":{"code":"X1"}},"booking_set":{"code":"X2"}}`,
		"0 in info": `{"booking_info":{"code":"X1","info":{"code":"0"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, response(section))
			b, err := c.BookingInfo(t.Context(), "X1")
			conformance.Failure(t, err, rutravel.ErrProtocol)
			assert.Equal(t, multitour.BookingCode("X1"), b.Code)
			code, err := c.Book(t.Context(), bookRequest())
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.Equal(t, multitour.BookingCode("X1"), code)
		})
	}
}

// MT-T40: an answer without its details, and a value that cannot be read, are
// ErrProtocol.
func TestUnreadableBookingInfo(t *testing.T) {
	t.Parallel()
	for name, section := range map[string]string{
		"code alone":         `{"booking_info":{"code":"X1"}}`,
		"null":               `{"booking_info":null}`,
		"info is null":       `{"booking_info":{"info":null}}`,
		"info is empty":      `{"booking_info":{"info":{}}}`,
		"date in words":      `{"booking_info":{"info":{"code":"X1","tour_date":"soon"}}}`,
		"price with a comma": `{"booking_info":{"info":{"code":"X1","price":"12,50"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, response(section))
			_, err := c.BookingInfo(t.Context(), "X1")
			assert.ErrorIs(t, err, rutravel.ErrProtocol)
		})
	}
}
