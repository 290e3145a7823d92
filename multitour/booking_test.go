package multitour_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// MT-T29: the date of a booking is the day on which it is made, in Moscow. It
// must be in the request: the booking is found by it if the answer is lost.
func TestDateOfBooking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(22 * time.Hour) // it is 2000-01-02, 01:00, in Moscow
		c, asked := answering(t, response(`{"booking_info":{"code":"X0000001"}}`))
		b := bookRequest()
		b.BookingDate = civil.Date{}
		_, err := c.Book(t.Context(), b)
		invalid(t, err, asked, "BookingDate")
		b.BookingDate = multitour.Today()
		_, err = c.Book(t.Context(), b)
		require.NoError(t, err)
		assert.Contains(t, (*asked)[0].text, `"date":"02.01.2000"`)
	})
}

// MT-T03, MT-T34: the code is found in both shapes and under both names.
func TestShapesOfBooked(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]multitour.BookingCode{
		"booking_set-key": "X1800001", "booking_set-info": "X1800001", "booking_set-code-number": "1800001",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, awkward(t, name))
			code, err := c.Book(t.Context(), bookRequest())
			require.NoError(t, err)
			assert.Equal(t, want, code)
		})
	}
	// BookFull asks for the whole booking: a code alone is not enough.
	c, _ := answering(t, response(`{"booking_info":{"code":"X1800001"}}`))
	booking, err := c.BookFull(t.Context(), bookRequest())
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, multitour.BookingCode("X1800001"), booking.Code)
}

// MT-T33, MT-T45, MT-T48: the members that are sent for a tourist.
func TestTourists(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, response(`{"booking_info":{"code":"X1800001"}}`))
	b := bookRequest()
	b.Tourists[0].PassportExpiry = conformance.Date(1, 6, 2020)
	b.Tourists[1].Sex = multitour.FemaleInfant // an adult by her birthday: that is the caller's to say
	_, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	persons := (*asked)[0].Request["persons"].([]any)
	assert.Equal(t, map[string]any{
		"sex": 1., "surname": "Иванов", "firstname": "Петр", "middlename": "Сергеевич", "birthday": "15.03.1976", "passportdate": "01.06.2020",
	}, persons[0])
	assert.Equal(t, map[string]any{"sex": 6., "surname": "Иванова", "firstname": "Татьяна", "birthday": "13.05.1978"}, persons[1])
}

// Spaces around texts about people are not sent.
func TestTrimmedTourists(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, response(`{"booking_info":{"code":"X1800001"}}`))
	b := bookRequest()
	b.Tourists = []multitour.Tourist{{
		Sex: multitour.Male, Surname: " Иванов ", FirstName: "Петр\u00a0", MiddleName: " ", BirthDate: conformance.Date(15, 3, 1976),
		PassportSeries: " 1122", PassportNumber: "333 444 ", Citizenship: " Россия ", Phone: " +7 123",
	}}
	_, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{
		"sex": 1., "surname": "Иванов", "firstname": "Петр", "birthday": "15.03.1976",
		"passports": "1122", "passportn": "333 444", "citizen": "Россия", "tel": "+7 123",
	}, (*asked)[0].Request["persons"].([]any)[0])
	assert.Equal(t, " Иванов ", b.Tourists[0].Surname, "the caller's request stays as it is")

	_, err = c.BookingsPage(t.Context(), multitour.BookingQuery{TouristName: " Иванов "})
	require.Error(t, err) // the answer has no list
	assert.Equal(t, "Иванов", (*asked)[1].Request["tourist_name"])
}

// MT-T28, MT-T48: bad bookings are refused before anything is sent.
func TestBookRefusedLocally(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*multitour.BookRequest){
		"Offer":                      func(b *multitour.BookRequest) { b.Offer = "0" },
		"BookingDate":                func(b *multitour.BookRequest) { b.BookingDate = conformance.Date(31, 6, 2018) },
		"Tourists":                   func(b *multitour.BookRequest) { b.Tourists = nil },
		"Tourists[1].Sex":            func(b *multitour.BookRequest) { b.Tourists[1].Sex = 0 },
		"Tourists[0].Sex":            func(b *multitour.BookRequest) { b.Tourists[0].Sex = 7 },
		"Tourists[1].Surname":        func(b *multitour.BookRequest) { b.Tourists[1].Surname = " " },
		"Tourists[1].FirstName":      func(b *multitour.BookRequest) { b.Tourists[1].FirstName = "" },
		"Tourists[1].MiddleName":     func(b *multitour.BookRequest) { b.Tourists[1].MiddleName = "\n" },
		"Tourists[1].BirthDate":      func(b *multitour.BookRequest) { b.Tourists[1].BirthDate = civil.Date{} },
		"Tourists[0].PassportSeries": func(b *multitour.BookRequest) { b.Tourists[0].PassportSeries = "\xff" },
		"Tourists[0].PassportNumber": func(b *multitour.BookRequest) { b.Tourists[0].PassportNumber = "\x00" },
		"Tourists[0].PassportExpiry": func(b *multitour.BookRequest) { b.Tourists[0].PassportExpiry = conformance.Date(1, 13, 2020) },
		"Tourists[0].Citizenship":    func(b *multitour.BookRequest) { b.Tourists[0].Citizenship = "\t" },
		"Tourists[0].Phone":          func(b *multitour.BookRequest) { b.Tourists[0].Phone = "\x7f" },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			c, asked := answering(t, response(`{"booking_info":{"code":"X1800001"}}`))
			b := bookRequest()
			change(&b)
			_, err := c.Book(t.Context(), b)
			invalid(t, err, asked, field)
			_, err = c.BookFull(t.Context(), b)
			invalid(t, err, asked, field)
			_, err = c.LostBookings(t.Context(), multitour.OfferBooking{Request: b})
			invalid(t, err, asked, "Request."+field)
		})
	}
}

// MT-T35: bookings need a user.
func TestBookingsNeedUser(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, response(`{"booking_info":{"code":"X1800001"}}`))
	_, err := c.Book(t.Context(), bookRequest())
	require.NoError(t, err)
	anonymous, err := multitour.New(multitour.Config{Token: multitour.PublicToken})
	require.NoError(t, err)
	*asked = nil
	_, err = anonymous.Book(t.Context(), bookRequest())
	invalid(t, err, asked, "Config.UserKey")
	_, err = anonymous.BookingInfo(t.Context(), "X1800001")
	invalid(t, err, asked, "Config.UserKey")
	_, err = anonymous.BookingsPage(t.Context(), multitour.BookingQuery{})
	invalid(t, err, asked, "Config.UserKey")
}

// Requests that are stored before a booking, and bookings that were found after
// it, can be read again, however many fields are empty.
func TestStored(t *testing.T) {
	t.Parallel()
	again := func(v, p any) {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, p), "%s", text)
	}
	var request multitour.OfferBooking
	again(lost(), &request)
	assert.Equal(t, lost(), request)
	again(multitour.OfferBooking{Request: bookRequest()}, new(multitour.OfferBooking))
	query, got := multitour.BookingQuery{Code: "X1"}, multitour.BookingQuery{}
	again(query, &got)
	assert.Equal(t, query, got)
	c, _ := answering(t, response(`{"booking_info":{"info":{"code":"X1"},"tours":[{}],"tickets":[{}],"tourists":[{}],"transfers":[{}],"insurances":[{}]}}`))
	want, err := c.BookingInfo(t.Context(), "X1")
	require.NoError(t, err)
	var booking multitour.Booking
	again(want, &booking)
	assert.Equal(t, want, booking)
	row, read := multitour.BookingSummary{Code: "X1"}, multitour.BookingSummary{}
	again(row, &read)
	assert.Equal(t, row, read)
}

// A sex prints as English and is stored as the supplier writes it.
func TestSex(t *testing.T) {
	t.Parallel()
	for sex, want := range map[multitour.Sex]string{
		multitour.Male: "male", multitour.Female: "female", multitour.MaleChild: "male child", multitour.FemaleChild: "female child",
		multitour.MaleInfant: "male infant", multitour.FemaleInfant: "female infant", 0: "0", 7: "7",
	} {
		assert.Equal(t, want, sex.String(), int(sex))
		text, err := json.Marshal(sex)
		require.NoError(t, err, int(sex))
		assert.Equal(t, strconv.Itoa(int(sex)), string(text))
	}
}
