package regionbilet_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
	"github.com/rutravel/rutravel-go/regionbilet/regionbilettest"
)

const (
	bookingID = regionbilet.BookingID("stv-11012019093231-cf98d1c42482e16519190fe0dc8a59ac")
	ticketNo  = regionbilet.TicketNumber("T1610201812495766804-815")
)

var ticket = regionbilet.TicketRef{Booking: bookingID, Ticket: ticketNo}

var tripQuery = regionbilet.TripQuery{From: "124", To: "463", Date: civil.Date{Year: 2021, Month: 2, Day: 25}}

// RB-T02, RB-T38: a space is %20 and a plus is %2B wherever they stand.
// RB-T21: a passenger without a patronymic sends an empty one.
func TestSpacesPlusesAndEmptyPatronymic(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, conformance.Awkward(t, "regionbilet", "booking-error-number"))
	b := bookRequest("10")
	b.Phone = "+7 918 755"
	_, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	assert.Contains(t, (*asked)[0], "&user_phone=%2B7%20918%20755&")
	assert.Contains(t, (*asked)[0], "&middle_name1=&sex1=1&")
	assert.Contains(t, (*asked)[0], "&value_doc1=0701%20755756&")
	assert.NotContains(t, (*asked)[0], "+")
}

// RB-T20: blocks are numbered from 1 without gaps; one to four of them.
func TestPassengersAreNumbered(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, conformance.Awkward(t, "regionbilet", "booking-error-number"))
	_, err := c.Book(t.Context(), bookRequest("1", "2", "3", "4"))
	require.NoError(t, err)
	var seats []string
	for param := range strings.SplitSeq((*asked)[0], "&") {
		if strings.HasPrefix(param, "seat") {
			seats = append(seats, param)
		}
	}
	assert.Equal(t, []string{"seat1=1", "seat2=2", "seat3=3", "seat4=4"}, seats)
}

// RB-T06: "0" is no error, and so is 0. An empty, null or missing error is
// none as long as what was asked for is there.
func TestErrorCodes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"booking-error-number", "booking-error-empty", "booking-error-null", "booking-error-absent"} {
		c, _ := answering(t, conformance.Awkward(t, "regionbilet", name))
		hold, err := c.Book(t.Context(), bookRequest("10"))
		require.NoError(t, err, name)
		assert.Equal(t, bookingID, hold.Booking, name)
	}
	for _, code := range []string{`"5"`, `5`, `"E-12"`, `"00"`} {
		c, _ := answering(t, `{"error":`+code+`,"error_description":"Место занято"}`)
		_, err := c.Book(t.Context(), bookRequest("10"))
		e := conformance.Failure(t, err, rutravel.ErrRejected)
		assert.Equal(t, strings.Trim(code, `"`), e.Code)
		assert.Equal(t, "Место занято", e.Message)
	}
}

// RB-T06, RB-T07, RB-T10: cancel has no payload, so only the documented code
// counts; the description never does.
func TestCancelNeedsTheDocumentedCode(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"error":"0","error_description":"что угодно"}`,
		`{"error":0,"error_description":""}`,
		`{"error":" 0 ","error_description":" Нет ошибок","result":[]}`,
	} {
		c, _ := answering(t, body)
		assert.NoError(t, c.Cancel(t.Context(), bookingID), body)
	}
	for _, body := range []string{
		conformance.Awkward(t, "regionbilet", "cancel-error-empty"),
		`{"error":null,"error_description":"Нет ошибок"}`,
		`{"error_description":"Нет ошибок"}`,
		`{"error":false}`,
	} {
		c, asked := answering(t, body)
		assert.ErrorIs(t, c.Cancel(t.Context(), bookingID), rutravel.ErrNotConfirmed, body)
		assert.Len(t, *asked, 1)
	}
}

// A command that moves money or places is not a success without its payload.
func TestMoneyWithoutPayload(t *testing.T) {
	t.Parallel()
	for _, result := range []string{
		`,"result":null`, `,"result":""`, `,"result":[]`, `,"result":{}`, ``, `,"result":"0"`, `,"result":[{}]`,
		`,"result":{"id_booking":""}`, `,"result":{"id_booking":null}`, `,"result":[{"id_booking":"a"},{"id_booking":"b"}]`,
		`,"result":[{"seat":"10","number_ticket":""}]`, `,"result":[{"seat":"10","number_ticket":"T1"},{"seat":"11"}]`,
		`,"result":[{"proc_refund":"5","number_ticket":"another","sum_refund_ticket":"1.00"}]`,
	} {
		body := `{"error":"0","error_description":"Нет ошибок"` + result + `}`
		for name, do := range map[string]func(*regionbilet.Client) error{
			"booking": func(c *regionbilet.Client) error {
				_, err := c.Book(t.Context(), bookRequest("10"))
				return err
			},
			"pay": func(c *regionbilet.Client) error {
				_, err := c.Pay(t.Context(), bookingID)
				return err
			},
			"refund": func(c *regionbilet.Client) error {
				_, err := c.Refund(t.Context(), ticket)
				return err
			},
		} {
			c, asked := answering(t, body)
			assert.ErrorIs(t, do(c), rutravel.ErrNotConfirmed, "%s: %s", name, body)
			assert.Len(t, *asked, 1)
		}
	}
}

// A refusal beside a payload contradicts itself: the payload is handed out and
// nothing is taken for granted.
func TestRefusalBesidePayload(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"5","error_description":"Внутренняя ошибка","result":{"id_booking":"stv-1"}}`)
	hold, err := c.Book(t.Context(), bookRequest("10"))
	e := conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, "5", e.Code)
	assert.NotErrorIs(t, err, rutravel.ErrRejected)
	assert.Equal(t, regionbilet.BookingID("stv-1"), hold.Booking)
}

// RB-T09: booking's result is an object in the sample and a list in the text.
func TestBookingResultAsList(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "regionbilet", "booking-result-array"))
	hold, err := c.Book(t.Context(), bookRequest("10"))
	require.NoError(t, err)
	assert.Equal(t, bookingID, hold.Booking)
}

// RB-T11: a refusal is one whatever stands in result, of every command.
func TestRefusalHidesResult(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"absent", "null", "empty-string", "empty-array", "empty-object"} {
		c, _ := answering(t, conformance.Awkward(t, "regionbilet", "refusal-result-"+name))
		_, err := c.Trips(t.Context(), tripQuery)
		assert.Equal(t, "7", conformance.Failure(t, err, rutravel.ErrRejected).Code, name)
		_, err = c.Book(t.Context(), bookRequest("10"))
		assert.Equal(t, "7", conformance.Failure(t, err, rutravel.ErrRejected).Code, name)
		assert.Equal(t, "7", conformance.Failure(t, c.Cancel(t.Context(), bookingID), rutravel.ErrRejected).Code, name)
	}
}

// An empty list may be written in four ways; a list that is missing is no
// list.
func TestEmptyResult(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"null", "empty-string", "empty-array", "empty-object"} {
		c, _ := answering(t, conformance.Awkward(t, "regionbilet", "trip-result-"+name))
		trips, err := c.Trips(t.Context(), tripQuery)
		require.NoError(t, err, name)
		assert.Empty(t, trips, name)
	}
	c, _ := answering(t, conformance.Awkward(t, "regionbilet", "trip-result-absent"))
	_, err := c.Trips(t.Context(), tripQuery)
	assert.ErrorIs(t, err, rutravel.ErrProtocol)
}

// RB-T12: kontr is a list, an object, empty or null.
func TestCarriers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"object": 1, "empty-array": 0, "null": 0} {
		c, _ := answering(t, conformance.Awkward(t, "regionbilet", "trip-kontr-"+name))
		trips, err := c.Trips(t.Context(), tripQuery)
		require.NoError(t, err, name)
		require.NotEmpty(t, trips)
		assert.Len(t, trips[0].Carriers, want, name)
	}
}

// RB-T13, RB-T40: ids and amounts may be JSON numbers; digits are kept.
func TestNumbers(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "regionbilet", "trip-numbers"))
	trips, err := c.Trips(t.Context(), tripQuery)
	require.NoError(t, err)
	assert.Equal(t, regionbilet.TripID("4546"), trips[0].ID)
	assert.Equal(t, regionbilet.StopID("815"), trips[0].From.ID)
	i := slices.IndexFunc(trips, func(t regionbilet.Trip) bool { return t.Adult.Price == "530.00" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, int32(-2), trips[i].Adult.Total.Exponent())
}

// Prices that are missing are not free tickets.
func TestMissingPrices(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../testdata/regionbilet/trip.answer.json")
	require.NoError(t, err)
	text := string(raw)
	without := func(names ...string) string {
		text := text
		for _, name := range names {
			before, after, _ := strings.Cut(text, `"`+name+`": "`)
			_, after, _ = strings.Cut(after, `"`)
			text = before + `"` + name + `": ""` + after
		}
		return text
	}
	c, _ := answering(t, without("child_ticket_price", "markup_child_price", "total_child_ticket_price"))
	trips, err := c.Trips(t.Context(), tripQuery)
	require.NoError(t, err)
	assert.Zero(t, trips[0].Child)
	assert.NotZero(t, trips[0].Adult)
	b := bookRequest("10")
	b.Passengers[0].Price = trips[0].Fare(regionbilet.Child).Price
	_, err = c.Book(t.Context(), b)
	assert.ErrorContains(t, err, "Passengers[0].Price")

	c, _ = answering(t, without("full_ticket_price", "markup_ticket_price", "total_full_ticket_price"))
	trips, err = c.Trips(t.Context(), tripQuery)
	require.NoError(t, err)
	assert.Zero(t, trips[0].Adult)

	for _, names := range [][]string{
		{"child_ticket_price"},
		{"markup_child_price", "total_child_ticket_price"},
		{"full_ticket_price"},
	} {
		c, _ := answering(t, without(names...))
		_, err := c.Trips(t.Context(), tripQuery)
		assert.ErrorIs(t, err, rutravel.ErrProtocol, names)
		assert.ErrorContains(t, err, "result[0].", names)
	}
}

// RB-T17: seats are one string with "^" between them; none is no seat.
func TestFreeSeatsShapes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]regionbilet.Seat{"number": {"7"}, "empty": nil} {
		c, _ := answering(t, conformance.Awkward(t, "regionbilet", "trip_free_seats-"+name))
		seats, err := c.FreeSeats(t.Context(), bookRequest().Trip)
		require.NoError(t, err, name)
		assert.Equal(t, want, seats, name)
	}
	c, _ := answering(t, conformance.Awkward(t, "regionbilet", "trip_free_seats-several"))
	several, err := c.FreeSeats(t.Context(), bookRequest().Trip)
	require.NoError(t, err)
	assert.Greater(t, len(several), 1)
	c, _ = answering(t, `{"error":"0","result":[{"seats_trip":" 1 ^^2^1^"},{"seats_trip":"2^3"}]}`)
	seats, err := c.FreeSeats(t.Context(), bookRequest().Trip)
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.Seat{"1", "2", "3"}, seats)
}

// RB-T30: statuses may be numbers and unknown ones are kept; "not found" is an
// answer.
func TestStatuses(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]regionbilet.TicketStatus{
		"not-found": regionbilet.TicketNotFound, "status-number": regionbilet.TicketPaid, "status-unknown": "9",
	} {
		c, _ := answering(t, conformance.Awkward(t, "regionbilet", "status_ticket-"+name))
		state, err := c.Ticket(t.Context(), ticket)
		require.NoError(t, err, name)
		assert.Equal(t, want, state.Status, name)
	}
	c, _ := answering(t, conformance.Awkward(t, "regionbilet", "status_ticket-not-found"))
	state, err := c.Ticket(t.Context(), ticket)
	require.NoError(t, err)
	assert.Equal(t, regionbilet.Ticket{Status: regionbilet.TicketNotFound}, state)
	assert.Equal(t, "9", regionbilet.TicketStatus("9").String())

	for _, result := range []string{`[]`, `[{"status":"3"},{"status":"4"}]`, `[{"STATUS":"3"}]`} {
		c, _ = answering(t, `{"error":"0","result":`+result+`}`)
		_, err = c.Ticket(t.Context(), ticket)
		assert.ErrorIs(t, err, rutravel.ErrProtocol, result)
	}
}

// RB-T22, RB-T23 and all else that is refused before anything is sent.
func TestRefusedLocally(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, `{"error":"0","result":[]}`)
	book := func(change func(*regionbilet.BookRequest)) func() error {
		return func() error {
			b := bookRequest("10", "11")
			change(&b)
			_, err := c.Book(t.Context(), b)
			return err
		}
	}
	passenger := func(change func(*regionbilet.Passenger)) func() error {
		return book(func(b *regionbilet.BookRequest) { change(&b.Passengers[1]) })
	}
	trips := func(change func(*regionbilet.TripQuery)) func() error {
		return func() error {
			q := tripQuery
			change(&q)
			_, err := c.Trips(t.Context(), q)
			return err
		}
	}
	report := func(r regionbilet.DateRange) func() error {
		return func() error {
			_, err := c.SalesReport(t.Context(), r)
			_, sameErr := c.RefundsReport(t.Context(), r)
			assert.ErrorIs(t, sameErr, rutravel.ErrInvalid)
			return err
		}
	}
	day := func(month time.Month, day int) civil.Date { return civil.Date{Year: 2021, Month: month, Day: day} }
	for i, test := range []struct {
		field string
		do    func() error
	}{
		{"From", trips(func(q *regionbilet.TripQuery) { q.From = "" })},
		{"To", trips(func(q *regionbilet.TripQuery) { q.To = "4 6" })},
		{"Date", trips(func(q *regionbilet.TripQuery) { q.Date = civil.Date{} })},
		{"Date", trips(func(q *regionbilet.TripQuery) { q.Date.Day = 30 })},
		{"ID", func() error { _, err := c.FreeSeats(t.Context(), regionbilet.TripKey{}); return err }},
		{"ID", func() error { _, err := c.TripStops(t.Context(), regionbilet.TripKey{}); return err }},
		{"Trip.From", book(func(b *regionbilet.BookRequest) { b.Trip.From = "" })},
		{"Trip.Departure.Date", book(func(b *regionbilet.BookRequest) { b.Trip.Departure.Date.Month = 13 })},
		{"Trip.Departure.Time", book(func(b *regionbilet.BookRequest) { b.Trip.Departure.Time.Hour = 24 })},
		{"Phone", book(func(b *regionbilet.BookRequest) { b.Phone = " " })},
		{"Passengers", book(func(b *regionbilet.BookRequest) { b.Passengers = nil })},
		{"Passengers", book(func(b *regionbilet.BookRequest) { *b = bookRequest("1", "2", "3", "4", "5") })},
		{"Passengers[1].Surname", passenger(func(p *regionbilet.Passenger) { p.Surname = "" })},
		{"Passengers[1].FirstName", passenger(func(p *regionbilet.Passenger) { p.FirstName = "\xff" })},
		{"Passengers[1].MiddleName", passenger(func(p *regionbilet.Passenger) { p.MiddleName = "a\nb" })},
		{"Passengers[1].Sex", passenger(func(p *regionbilet.Passenger) { p.Sex = "" })},
		{"Passengers[1].Category", passenger(func(p *regionbilet.Passenger) { p.Category = "3" })},
		{"Passengers[1].BirthDate", passenger(func(p *regionbilet.Passenger) { p.BirthDate = civil.Date{} })},
		{"Passengers[1].Nationality", passenger(func(p *regionbilet.Passenger) { p.Nationality = "" })},
		{"Passengers[1].DocumentType", passenger(func(p *regionbilet.Passenger) { p.DocumentType = "" })},
		{"Passengers[1].Document", passenger(func(p *regionbilet.Passenger) { p.Document = "" })},
		{"Passengers[1].Seat", passenger(func(p *regionbilet.Passenger) { p.Seat = "" })},
		{"Passengers[1].Seat", passenger(func(p *regionbilet.Passenger) { p.Seat = "10" })},
		{"Passengers[1].Price", passenger(func(p *regionbilet.Passenger) { p.Price = "" })},
		{"Passengers[1].Price", passenger(func(p *regionbilet.Passenger) { p.Price = "517.54 " })},
		{"Passengers[1].Price", passenger(func(p *regionbilet.Passenger) { p.Price = "517,54" })},
		{"id", func() error { _, err := c.Pay(t.Context(), ""); return err }},
		{"id", func() error { return c.Cancel(t.Context(), "stv-1 2") }},
		{"id", func() error { _, err := c.BookingTickets(t.Context(), ""); return err }},
		{"Ticket", func() error {
			_, err := c.Ticket(t.Context(), regionbilet.TicketRef{Booking: bookingID})
			return err
		}},
		{"Ticket", func() error {
			_, err := c.Refund(t.Context(), regionbilet.TicketRef{Booking: bookingID})
			return err
		}},
		{"Booking", func() error {
			_, err := c.Refund(t.Context(), regionbilet.TicketRef{Booking: " " + bookingID, Ticket: ticketNo})
			return err
		}},
		{"From", report(regionbilet.DateRange{To: day(2, 1)})},
		{"To", report(regionbilet.DateRange{From: day(2, 2), To: day(2, 1)})},
		{"To", report(regionbilet.DateRange{From: day(2, 2), To: day(3, 1)})},
		{"To", report(regionbilet.DateRange{From: day(2, 2), To: civil.Date{Year: 2022, Month: 2, Day: 3}})},
	} {
		err := test.do()
		e := conformance.Failure(t, err, rutravel.ErrInvalid)
		assert.Zero(t, e.Attempts)
		var field *rutravel.FieldError
		require.ErrorAs(t, err, &field, i)
		assert.Equal(t, test.field, field.Field, i)
	}
	assert.Empty(t, *asked)

	_, err := regionbilet.New(regionbilet.Config{User: "user", SecretKey: "[secret]"})
	require.ErrorIs(t, err, rutravel.ErrInvalid, "a Config that was stored and read back")

	for field, cfg := range map[string]regionbilet.Config{
		"User":      {SecretKey: "key"},
		"SecretKey": {User: "user"},
		"BaseURL":   {User: "user", SecretKey: "key", BaseURL: "http://regionbilet.ru/apicrm/api_v2"},
	} {
		_, err := regionbilet.New(cfg)
		require.ErrorIs(t, err, rutravel.ErrInvalid)
		assert.ErrorContains(t, err, field)
	}
}

// RB-T28: a report covers one calendar month; a longer range is split.
func TestReportsOverMonths(t *testing.T) {
	t.Parallel()
	var asked []string
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		q := r.URL.Query()
		asked = append(asked, q.Get("date_begin")+"-"+q.Get("date_end"))
		text, err := os.ReadFile("../testdata/regionbilet/report_sale.answer.json")
		return httpmock.NewBytesResponse(http.StatusOK, text), err
	})
	c, err := regionbilet.New(regionbilet.Config{User: "test", SecretKey: "test"}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	sales := c.AllSales(t.Context(), regionbilet.DateRange{
		From: civil.Date{Year: 2020, Month: 12, Day: 31}, To: civil.Date{Year: 2021, Month: 3, Day: 1},
	})
	assert.Empty(t, asked, "nothing is sent before the first value is asked for")
	want := []string{"31.12.2020-31.12.2020", "01.01.2021-31.01.2021", "01.02.2021-28.02.2021", "01.03.2021-01.03.2021"}
	for range 2 { // every range starts anew
		asked = nil
		all, err := rutravel.Collect(sales)
		require.NoError(t, err)
		assert.Len(t, all, 8)
		assert.Equal(t, want, asked)
	}
	asked = nil
	for range sales {
		break
	}
	assert.Len(t, asked, 1, "break stops asking")

	bad, _ := answering(t, `{"error":"1","error_description":"Для тестового пользователя данный запрос недоступен"}`)
	all, err := rutravel.Collect(bad.AllRefunds(t.Context(), regionbilet.DateRange{
		From: civil.Date{Year: 2021, Month: 1, Day: 1}, To: civil.Date{Year: 2021, Month: 9, Day: 1},
	}))
	assert.ErrorIs(t, err, rutravel.ErrRejected)
	assert.Empty(t, all)
	_, err = rutravel.Collect(bad.AllRefunds(t.Context(), regionbilet.DateRange{}))
	assert.ErrorIs(t, err, rutravel.ErrInvalid)
}

// RB-T36: the answer to booking carries no deadline; it is counted from before
// the request was sent.
func TestHoldDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		start := time.Now()
		fake.Inject(regionbilettest.Fault{Op: "booking", Delay: 10 * time.Second})
		hold, err := c.Book(t.Context(), fakeRequest(t, c, 1))
		require.NoError(t, err)
		assert.True(t, hold.PayBefore.Equal(start.Add(20*time.Minute)))
		stored, err := json.Marshal(hold)
		require.NoError(t, err)
		var read regionbilet.Hold
		require.NoError(t, json.Unmarshal(stored, &read))
		assert.True(t, hold.PayBefore.Equal(read.PayBefore))
	})
}

// A connection that was refused never carried the booking: it is made when the
// next attempt gets through.
func TestRefusedConnectionIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		b := fakeRequest(t, c, 2)
		fake.Inject(regionbilettest.Fault{Op: "booking", Refuse: true}, regionbilettest.Fault{Op: "booking", Refuse: true})
		hold, err := c.Book(t.Context(), b)
		require.NoError(t, err)
		assert.NotEmpty(t, hold.Booking)
	})
}

// A caller who leaves after the request was sent has perhaps booked.
func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		b := fakeRequest(t, c, 1)
		fake.Inject(regionbilettest.Fault{Op: "booking", Delay: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := c.Book(ctx, b)
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		assert.ErrorIs(t, err, context.Canceled)
		assert.NotErrorIs(t, err, rutravel.ErrCanceled)
	})
}

func TestChooseSeats(t *testing.T) {
	t.Parallel()
	free := []regionbilet.Seat{"10", "3", "4A", "8", "1", "9"}
	for n, want := range map[int][]regionbilet.Seat{
		1: {"1"}, 2: {"8", "9"}, 3: {"8", "9", "10"}, 4: {"1", "3", "8", "9"}, 6: {"1", "3", "8", "9", "10", "4A"},
	} {
		got, err := regionbilet.ChooseSeats(free, n)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err := regionbilet.ChooseSeats(free, 7)
	assert.ErrorIs(t, err, rutravel.ErrSoldOut)
	_, err = regionbilet.ChooseSeats(nil, 1)
	assert.ErrorIs(t, err, rutravel.ErrSoldOut)
	_, err = regionbilet.ChooseSeats(free, 0)
	assert.ErrorIs(t, err, rutravel.ErrInvalid)
}

func TestFareOfUnknownCategory(t *testing.T) {
	t.Parallel()
	assert.Zero(t, regionbilet.Trip{Adult: regionbilet.Fare{Price: "1"}}.Fare("9"))
}

// The error that stays in logs shows the supplier's words without what the
// request said of passengers.
func TestRefusalIsReadable(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"3","error_description":"Место 10 занято, ИВАНОВ 0701 755756 test"}`)
	_, err := c.Book(t.Context(), bookRequest("10"))
	assert.EqualError(t, err, `regionbilet: booking: rejected by the supplier: code "3": "Место 10 занято, […] […] […]" (HTTP 200)`)
}

// A refusal beside any part of a payload settles nothing; what arrived is
// handed out, and blanks are not.
func TestRefusalBesideParts(t *testing.T) {
	t.Parallel()
	const refusal = `{"error":"5","error_description":"Внутренняя ошибка","result":`
	c, _ := answering(t, refusal+`[{"seat":"10","number_ticket":"T1"},{"seat":"11","number_ticket":""}]}`)
	tickets, err := c.Pay(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, []regionbilet.IssuedTicket{{Seat: "10", Number: "T1"}}, tickets)

	c, _ = answering(t, refusal+`[{"proc_refund":"5","sum_refund_ticket":"468.16"}]}`)
	refund, err := c.Refund(t.Context(), ticket)
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, "468.16", refund.Amount.String())

	c, _ = answering(t, refusal+`[{"id_booking":"a"},{"id_booking":"b"}]}`)
	_, err = c.Book(t.Context(), bookRequest("10"))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)

	c, _ = answering(t, refusal+`[{"seat":"","number_ticket":""}]}`)
	tickets, err = c.Pay(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrRejected)
	assert.Empty(t, tickets)
}

// An error without the documented description is a gateway's, which does not
// know what the supplier has done.
func TestGatewayErrorsAreNoRefusals(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"error":"upstream timed out"}`, `{"error":504,"message":"Gateway Timeout"}`} {
		c, _ := answering(t, body)
		_, err := c.Pay(t.Context(), bookingID)
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		conformance.Failure(t, c.Cancel(t.Context(), bookingID), rutravel.ErrNotConfirmed)
		_, err = c.Segments(t.Context())
		conformance.Failure(t, err, rutravel.ErrRejected)
	}
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusTooManyRequests, `{"error":"Too Many Requests"}`))
	c, err := regionbilet.New(regionbilet.Config{User: "test", SecretKey: "test"}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	_, err = c.Pay(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrRateLimited)
}

// Half a refusal is no refusal, wherever it is cut.
func TestCutRefusals(t *testing.T) {
	t.Parallel()
	refusal := conformance.Awkward(t, "regionbilet", "refusal-result-null")
	whole := strings.LastIndex(refusal, "}")
	for n := range whole {
		c, _ := answering(t, refusal[:n])
		_, err := c.Pay(t.Context(), bookingID)
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		conformance.Failure(t, c.Cancel(t.Context(), bookingID), rutravel.ErrNotConfirmed)
	}
	c, _ := answering(t, refusal[:whole+1])
	_, err := c.Pay(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrRejected)
}

// Ids that a payment or refund will depend on are ids, and each is one ticket's.
func TestIDsOfMoney(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`"0"`, `0`, `"stv 1"`, `" "`, `"stv-\n1"`} {
		c, _ := answering(t, `{"error":"0","error_description":"","result":{"id_booking":`+id+`}}`)
		hold, err := c.Book(t.Context(), bookRequest("10"))
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Zero(t, hold)
	}
	for _, second := range []string{`{"seat":"11","number_ticket":"T1"}`, `{"seat":"10","number_ticket":"T2"}`} {
		c, _ := answering(t, `{"error":"0","result":[{"seat":"10","number_ticket":"T1"},`+second+`]}`)
		tickets, err := c.Pay(t.Context(), bookingID)
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Len(t, tickets, 2)
	}
}

// RB-T42: a seat is compared by its number, however it is written. A list that
// has lost an element is an object in PHP.
func TestPaySeats(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"0","result":{"1":{"seat":10,"number_ticket":" T1 "},"2":{"seat":" 11 ","number_ticket":2}}}`)
	tickets, err := c.Pay(t.Context(), bookingID)
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.IssuedTicket{{Seat: "10", Number: "T1"}, {Seat: "11", Number: "2"}}, tickets)
}

// What tells the truth after a lost answer does not stumble over what it was
// not asked for.
func TestStatusWithBrokenFields(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"0","result":[
		{"status":"3","number_ticket":"T1","seat":"10","ticket_price":"дорого","date_refund":"00.00.0000","time_trip":"08:30:00","middle_name":false},
		{"status":3}]}`)
	tickets, err := c.BookingTickets(t.Context(), bookingID)
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "result[0].ticket_price")
	require.Len(t, tickets, 2)
	assert.Equal(t, regionbilet.TicketPaid, tickets[0].Status)
	assert.Equal(t, regionbilet.TicketNumber("T1"), tickets[0].Number)
	assert.Zero(t, tickets[0].Refunded)
	assert.Zero(t, tickets[0].Departure, "a time without a date")
	assert.Equal(t, regionbilet.Ticket{Status: regionbilet.TicketPaid}, tickets[1])
}

// No ticket at all is no answer to what became of an order.
func TestStatusOfNothing(t *testing.T) {
	t.Parallel()
	for _, result := range []string{`null`, `""`, `[]`, `{}`} {
		c, _ := answering(t, `{"error":"0","error_description":"Нет ошибок","result":`+result+`}`)
		_, err := c.BookingTickets(t.Context(), bookingID)
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
}

// An empty list without a code whose description complains is no empty list.
func TestComplaintWithoutCode(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"","error_description":"Неверный пароль","result":[]}`)
	_, err := c.Segments(t.Context())
	assert.Equal(t, "Неверный пароль", conformance.Failure(t, err, rutravel.ErrRejected).Message)
	for _, body := range []string{
		`{"error":"","error_description":"","result":[]}`,
		`{"error":"","error_description":" Нет ошибок","result":""}`,
		`{"error":"0","error_description":"Рейсов нет","result":[]}`,
	} {
		c, _ := answering(t, body)
		segments, err := c.Segments(t.Context())
		require.NoError(t, err, body)
		assert.Empty(t, segments)
	}
}

// RB-T19: zeros at the end of a price go back.
func TestPriceDigits(t *testing.T) {
	t.Parallel()
	for _, price := range []regionbilet.Price{"530.00", "500", "0500.10", "12345678901234567890.00"} {
		c, asked := answering(t, conformance.Awkward(t, "regionbilet", "booking-error-number"))
		b := bookRequest("10")
		b.Passengers[0].Price = price
		_, err := c.Book(t.Context(), b)
		require.NoError(t, err)
		assert.True(t, strings.HasSuffix((*asked)[0], "&total_ticket_price1="+string(price)), (*asked)[0])
	}
	for _, price := range []regionbilet.Price{"-530.00", "5e2", "1e-1", "."} {
		c, asked := answering(t, conformance.Awkward(t, "regionbilet", "booking-error-number"))
		b := bookRequest("10")
		b.Passengers[0].Price = price
		_, err := c.Book(t.Context(), b)
		assert.ErrorContains(t, err, "Passengers[0].Price")
		assert.Empty(t, *asked)
	}
}

// RB-T12, RB-T27: fields that only the sample or only the description names may
// be missing. RB-T29: a stop may have no time.
func TestFieldsThatMayBeMissing(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		text, err := os.ReadFile("../testdata/regionbilet/" + name + ".answer.json")
		require.NoError(t, err)
		return string(text)
	}
	without := func(text string, names ...string) string {
		for _, name := range names {
			text = regexp.MustCompile(`(?m)^ *"`+name+`": "[^\n]*",?\n`).ReplaceAllString(text, "")
		}
		return regexp.MustCompile(`,(\s*})`).ReplaceAllString(text, "$1")
	}
	trip := read("trip")
	for _, names := range [][]string{
		{"cash"},
		{"fio", "phone", "mode", "ogrn", "license", "license_date", "info"},
		{"name_ats", "date_arrival_trip"},
		{"time_arrival_trip", "time_duration_trip"},
	} {
		c, _ := answering(t, without(trip, names...))
		trips, err := c.Trips(t.Context(), tripQuery)
		require.NoError(t, err, names)
		assert.Len(t, trips, 2)
		assert.Equal(t, names[0] == "cash" || names[0] == "fio", !trips[0].Arrival.IsZero())
	}
	c, _ := answering(t, without(read("report_sale"), "seat"))
	sales, err := c.SalesReport(t.Context(), regionbilet.DateRange{From: tripQuery.Date, To: tripQuery.Date})
	require.NoError(t, err)
	assert.Empty(t, sales[0].Seat)

	c, _ = answering(t, `{"error":"0","result":[{"time_trip":"","name":"Воронеж"}]}`)
	stops, err := c.TripStops(t.Context(), bookRequest().Trip)
	require.NoError(t, err)
	assert.Equal(t, []regionbilet.TripStop{{Name: "Воронеж"}}, stops)
}

// A payment that the supplier carries out after the caller has given up: the
// status right after it proves nothing.
func TestLatePayment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, c := newFake(t)
		hold, err := c.Book(t.Context(), fakeRequest(t, c, 1))
		require.NoError(t, err)
		fake.Inject(regionbilettest.Fault{Op: "pay", Delay: 90 * time.Second, Late: true})
		_, err = c.Pay(t.Context(), hold.Booking)
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		state := func() regionbilet.TicketStatus {
			tickets, err := c.BookingTickets(t.Context(), hold.Booking)
			require.NoError(t, err)
			return tickets[0].Status
		}
		assert.Equal(t, regionbilet.TicketBooked, state())
		time.Sleep(time.Minute)
		assert.Equal(t, regionbilet.TicketPaid, state())
	})
}

// RB-T08: a body that is not JSON is an error, and the caller can have it for a
// dispute.
func TestRawAnswer(t *testing.T) {
	t.Parallel()
	const page = "<html>Технические работы</html>"
	c, _ := answering(t, page)
	var raw []byte
	_, err := c.Pay(t.Context(), bookingID, rutravel.WithRawAnswer(&raw))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, page, string(raw))
	assert.NotContains(t, err.Error(), "Технические")

	// What was answered before is no evidence of a call that was not sent.
	_, err = c.Pay(t.Context(), "", rutravel.WithRawAnswer(&raw))
	conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Nil(t, raw)
}
