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

// All fields except the code may be missing. The code must be the requested one.
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
	assert.Zero(t, b, "tourists of another booking are not returned")
	c, asked := answering(t, "")
	_, err = c.BookingInfo(t.Context(), "X1 ")
	invalid(t, err, asked, "code")
}

// An answer with two codes is not accepted. The first one is returned.
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

// MT-T40: given an answer without info, or whose amounts or tourists cannot be read, expect
// ErrProtocol.
func TestUnreadableBookingInfo(t *testing.T) {
	t.Parallel()
	for name, section := range map[string]string{
		"code alone":         `{"booking_info":{"code":"X1"}}`,
		"null":               `{"booking_info":null}`,
		"info is null":       `{"booking_info":{"info":null}}`,
		"info is empty":      `{"booking_info":{"info":{}}}`,
		"negative price":     `{"booking_info":{"info":{"code":"X1","price":-1}}}`,
		"tourists as a text": `{"booking_info":{"info":{"code":"X1"},"tourists":"Иванов"}}`,
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

// MT-T40: dates may have a time.
func TestDatesWithTimes(t *testing.T) {
	t.Parallel()
	for _, date := range []string{
		"12.07.2018", " 12.07.2018 ", "12.07.2018 00:00", "12.07.2018 00:00:00", "2018-07-12", "2018-07-12 00:00:00",
		"2018-07-12 00:00:00.000", "2018-07-12 14:00", "2018-07-12T00:00:00",
	} {
		c, warnings := watching(t, response(`{"booking_info":{"info":{"code":"X1","tour_date":"`+date+`"},"tours":{"date_begin":"`+date+`"}}}`))
		b, err := c.BookFull(t.Context(), bookRequest())
		require.NoError(t, err, date)
		assert.Equal(t, conformance.Date(12, 7, 2018), b.TourDate, date)
		assert.Equal(t, conformance.Date(12, 7, 2018), b.Accommodations[0].CheckIn, date)
		assert.Empty(t, warnings(), date)
	}
	for _, date := range []string{"", " ", "00.00.0000", "0000-00-00", "0000-00-00 00:00:00"} {
		c, warnings := watching(t, response(`{"booking_info":{"info":{"code":"X1","tour_date":"`+date+`"}}}`))
		b, err := c.BookingInfo(t.Context(), "X1")
		require.NoError(t, err, date)
		assert.Zero(t, b.TourDate, date)
		assert.Empty(t, warnings(), date)
	}
}

// Given a minor value that cannot be read, expect an empty field and a warning, also after
// a booking.
func TestMinorValuesOfBookings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ info, more, warning string }{
		{`"tour_date":"soon"`, ``, "booking_info.info.tour_date"},
		{`"tour_date":"31.06.2018"`, ``, "booking_info.info.tour_date"},
		{`"days":"week"`, ``, "booking_info.info.days"},
		{`"nights":1.5`, ``, "booking_info.info.nights"},
		{`"days":7`, `"tours":[{"key":[1]}]`, "booking_info.tours[0].key"},
		{`"days":7`, `"tours":{"date_begin":"soon"}`, "booking_info.tours.date_begin"},
		{`"days":7`, `"transfers":7`, "booking_info.transfers"},
		{`"days":7`, `"transfers":["x"]`, "booking_info.transfers[0]"},
		{`"days":7`, `"insurances":[{"days":"x"}]`, "booking_info.insurances[0].days"},
		{`"days":7`, `"tickets":[{"date":"x"}]`, "booking_info.tickets[0].date"},
		{`"days":7`, `"tourists":[{"birthday":"x"}]`, "booking_info.tourists[0].birthday"},
		{`"days":7`, `"tourists":[{"passport_num":{"a":1}}]`, "booking_info.tourists[0].passport_num"},
	} {
		t.Run(test.info+test.more, func(t *testing.T) {
			t.Parallel()
			members := `"info":{"code":"X1",` + test.info + `}`
			if test.more != "" {
				members += "," + test.more
			}
			c, warnings := watching(t, response(`{"booking_info":{`+members+`}}`))
			b, err := c.BookFull(t.Context(), bookRequest())
			require.NoError(t, err)
			assert.Equal(t, multitour.BookingCode("X1"), b.Code)
			assert.Zero(t, b.TourDate)
			require.NotEmpty(t, warnings())
			assert.Contains(t, warnings()[0], test.warning)
		})
	}
}
