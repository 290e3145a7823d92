package multitour_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

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
	conformance.Resolutions[*supplier, *caller]{
		Supplier:   "multitour",
		Operations: multitour.Operations,
		GoldenDir:  "../testdata/multitour",
		NewFake: func() *supplier {
			f := multitourtest.New()
			f.SetQuirks(multitourtest.Quirks{MainLast: true})
			return f
		},
		NewClient: func(f *supplier, h *http.Client) (*caller, error) {
			return multitour.New(f.Config(), rutravel.WithHTTPClient(h))
		},
		Inject: func(f *supplier, fault fake.Fault) { f.Inject(multitourtest.Fault(fault)) },
		Arrived: func(f *supplier) (all []string) {
			for _, r := range f.Requests() {
				all = append(all, r.Op)
			}
			return all
		},
		Cases: []conformance.ResolutionCase[*supplier, *caller]{
			conformance.Resolution[*supplier, *caller, multitour.OfferBooking, multitour.BookingCode]{
				Op: "booking_set", Operation: (*caller).BookOperation, Prepare: chosen,
				Done: conformance.WantCandidates, NotDone: conformance.WantUndecidable,
				Unread: unreadCode, Check: checkBooking,
			}.Case(),
			conformance.Resolution[*supplier, *caller, multitour.OfferBooking, multitour.Booking]{
				Op: "booking_set+full", Operation: (*caller).BookFullOperation, Prepare: chosen,
				Done: conformance.WantCandidates, NotDone: conformance.WantUndecidable,
				Unread: unreadCode,
				Check: func(t *testing.T, f *supplier, c *caller, b multitour.OfferBooking, v multitour.Booking, done bool) {
					t.Helper()
					checkBooking(t, f, c, b, v.Code, done)
					assert.Len(t, v.Tourists, map[bool]int{true: len(b.Request.Tourists), false: 0}[done])
				},
			}.Case(),
		},
	}.Run(t)
}

// unreadCode breaks the codes in an answer.
func unreadCode(answer string) string { return strings.ReplaceAll(answer, `"code":`, `"other":`) }

// chosen asks for an offer for the tourists of the samples, beside bookings of
// theirs and of others that are not looked for.
func chosen(t *testing.T, _ *supplier, c *caller) multitour.OfferBooking {
	t.Helper()
	w := multitour.OfferBooking{Request: bookRequest(), CheckIn: multitour.Today().AddDays(10)}
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

// checkBooking: the booking that was found is the one with the price that was asked
// for. There is no third one.
func checkBooking(t *testing.T, _ *supplier, c *caller, b multitour.OfferBooking, code multitour.BookingCode, done bool) {
	t.Helper()
	all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
	require.NoError(t, err)
	if !done {
		require.Len(t, all, 1)
		return
	}
	require.Len(t, all, 2)
	booking, err := c.BookingInfo(t.Context(), code)
	require.NoError(t, err)
	assert.Equal(t, b.CheckIn, booking.TourDate)
	assert.True(t, b.Price.Equal(booking.Price.Decimal))
	require.Len(t, booking.Tourists, 2)
}

// Given a code that arrived with the error, expect the booking to decide.
func TestResolveBookWithCode(t *testing.T) {
	t.Parallel()
	booking := response(`{"booking_info":{"info":{"code":"X1","price":7},"tours":[],"tickets":[],"tourists":[]}}`)
	for answer, want := range map[string]rutravel.Outcome{
		booking:                                 rutravel.OutcomeDone,
		strings.ReplaceAll(booking, "X1", "X2"): rutravel.OutcomeOpen,
		strings.ReplaceAll(booking, "code", "kode"):     rutravel.OutcomeOpen,
		`{"response":null,"error":["no such booking"]}`: rutravel.OutcomeOpen,
	} {
		c, asked := answering(t, answer)
		o := c.BookOperation()
		in := o.NewIntent(lost())
		in.Ended, in.Value, in.Err = time.Now(), "X1", &rutravel.Error{Kind: rutravel.ErrNotConfirmed}
		r, err := o.Resolve(t.Context(), in, nil)
		assert.Equal(t, want, r.Outcome, answer)
		assert.Equal(t, want == rutravel.OutcomeOpen, err != nil, answer)

		full := c.BookFullOperation()
		whole := full.NewIntent(lost())
		whole.Ended, whole.Value, whole.Err = in.Ended, multitour.Booking{Code: "X1"}, in.Err
		rest, err := full.Resolve(t.Context(), whole, nil)
		assert.Equal(t, want, rest.Outcome, answer)
		assert.Equal(t, want == rutravel.OutcomeOpen, err != nil, answer)
		if want == rutravel.OutcomeDone {
			assert.Equal(t, multitour.BookingCode("X1"), r.Value)
			assert.Equal(t, conformance.NullDec("7"), rest.Value.Price)
			assert.Equal(t, "multitour/booking/X1", o.ID("x1"))
			assert.Equal(t, o.ID("X1"), full.ID(rest.Value))
		}
		assert.Equal(t, "X1", (*asked)[0].Request["code"])
	}
}

// Given several bookings that may be it, expect those with the nearest dates first.
func TestResolveBestFirst(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, list(
		listed(t, "X1", `"tour_date":null`), listed(t, "X2", `"create_date":"29.06.2018"`),
		listed(t, "X3", `"tour_date":"10.07.2018"`), listed(t, "X4", ``), listed(t, "X5", ``)))
	o := c.BookOperation()
	in := o.NewIntent(lost())
	in.Ended, in.Err = time.Now(), &rutravel.Error{Kind: rutravel.ErrNotConfirmed}
	r, err := o.Resolve(t.Context(), in, nil)
	require.NoError(t, err)
	var found []multitour.BookingCode
	for _, c := range r.Candidates {
		found = append(found, c.Value)
	}
	assert.Equal(t, []multitour.BookingCode{"X4", "X5", "X2", "X3", "X1"}, found)
}

// lost is what is stored before the request of the samples.
func lost() multitour.OfferBooking {
	return multitour.OfferBooking{Request: bookRequest(), CheckIn: conformance.Date(12, 7, 2018), Price: conformance.Dec("54618")}
}

// listed makes a booking of a list, with some members changed or added.
func listed(t *testing.T, code string, changes string) string {
	t.Helper()
	members := map[string]any{
		"code": code, "create_date": "28.06.2018", "tour_date": "12.07.2018", "main_tourist": "Иванов Петр Сергеевич",
		"count_tourist": "2", "price": "54618", "payed": 0, "days": 7, "status_key": 1,
	}
	require.NoError(t, json.Unmarshal([]byte("{"+changes+"}"), &members))
	text, err := json.Marshal(members)
	require.NoError(t, err)
	return string(text)
}

func list(bookings ...string) string {
	return response(`{"booking_list":{"data":[` + strings.Join(bookings, ",") + `]}}`)
}

// MT-T44: given a booking of the list, expect it to be a candidate unless something in
// it shows that it is another one. The supplier ignores the filters.
func TestLostBookings(t *testing.T) {
	t.Parallel()
	for changes, want := range map[string]bool{
		``: true,

		`"create_date":"27.06.2018"`: true, // the clocks differ
		`"create_date":"29.06.2018"`: true,
		`"create_date":"26.06.2018"`: false,
		`"create_date":"30.06.2018"`: false,
		`"create_date":"28.06.2019"`: false,
		`"create_date":null`:         true,
		`"create_date":"soon"`:       true,

		`"tour_date":"10.07.2018"`:          true, // the journey
		`"tour_date":"2018-07-12 00:00:00"`: true,
		`"tour_date":"08.07.2018"`:          false,
		`"tour_date":"12.08.2018"`:          false,
		`"tour_date":""`:                    true,
		`"tour_date":"in July"`:             true,

		`"price":54618`:      true,
		`"price":"54617.50"`: true,
		`"price":"54619"`:    false,
		`"price":"109236"`:   false,
		`"price":null`:       true,

		`"count_tourist":2`:      true,
		`"count_tourist":3`:      false,
		`"count_tourist":1`:      false,
		`"count_tourist":null`:   true,
		`"count_tourist":"both"`: true,

		`"main_tourist":"ПЕТРОВА  Татьяна"`:       true, // any of them may be the main one
		`"main_tourist":"Сергеевич Пётр Иванов"`:  true,
		`"main_tourist":"Иванов"`:                 true,
		`"main_tourist":"Иванов П.С."`:            true,
		`"main_tourist":"Ив\ufffdнов Петр"`:       true,
		`"main_tourist":""`:                       true,
		`"main_tourist":null`:                     true,
		`"main_tourist":["Сидоров"]`:              true, // cannot be read
		`"main_tourist":"Сидоров Петр Сергеевич"`: false,
		`"main_tourist":"Иванова Татьяна"`:        false,
		`"main_tourist":"Иванов Павел Сергеевич"`: false,
	} {
		t.Run(changes, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, list(listed(t, "X1", changes), listed(t, "X2", `"main_tourist":"Сидоров Павел"`)))
			l := lost()
			l.Request.Tourists[1].Surname = "Петрова"
			found, err := c.LostBookings(t.Context(), l)
			require.NoError(t, err)
			require.Len(t, found, map[bool]int{true: 1, false: 0}[want])
			if want {
				assert.Equal(t, multitour.BookingCode("X1"), found[0].Code)
			}
		})
	}
}

// What is sent are the day of booking and its neighbours.
func TestLostBookingsRequest(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, list())
	found, err := c.LostBookings(t.Context(), lost())
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.JSONEq(t, `{"us_key":111,"create_date_begin":"27.06.2018","create_date_end":"29.06.2018","page":1}`, (*asked)[0].text)
}

// Without the check-in and the price, bookings of any are candidates. Infants need
// not be counted.
func TestLostBookingsOfAnyStay(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, list(listed(t, "X1", `"tour_date":"12.08.2018"`), listed(t, "X2", `"price":1`), listed(t, "X3", `"count_tourist":3`)))
	found, err := c.LostBookings(t.Context(), multitour.OfferBooking{Request: bookRequest()})
	require.NoError(t, err)
	assert.Equal(t, []multitour.BookingCode{"X1", "X2"}, codes(found))

	l := lost()
	l.Request.Tourists[1].Sex = multitour.FemaleInfant
	c, _ = answering(t, list(listed(t, "X1", `"count_tourist":1`), listed(t, "X2", `"count_tourist":2`), listed(t, "X3", `"count_tourist":0`)))
	found, err = c.LostBookings(t.Context(), l)
	require.NoError(t, err)
	assert.Equal(t, []multitour.BookingCode{"X1", "X2"}, codes(found))
}

func codes(bookings []multitour.BookingSummary) (all []multitour.BookingCode) {
	for _, b := range bookings {
		all = append(all, b.Code)
	}
	return all
}

// Names are compared as whole words, however they are typed.
func TestLostBookingsNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		surname, main string
		want          bool
	}{
		{"Семёнов-Тян Шанский", "СЕМЕНОВ–ТЯН-ШАНСКИЙ П. С.", true},
		{"Майоров", "Майоров Петр Сергеевич", true},
		{"Müller", "MULLER Петр", true},
		{"Ли", "Иванов Филипп", false},
		{"Ким", "Якимова Петр", false},
	} {
		l := lost()
		l.Request.Tourists = l.Request.Tourists[:1]
		l.Request.Tourists[0].Surname = test.surname
		main, err := json.Marshal(test.main)
		require.NoError(t, err)
		c, _ := answering(t, list(listed(t, "X1", `"count_tourist":1,"main_tourist":`+string(main))))
		found, err := c.LostBookings(t.Context(), l)
		require.NoError(t, err)
		assert.Equal(t, test.want, len(found) == 1, test.main)
	}
}

// A booking that may be the lost one and cannot be read is an error next to the others.
// One that cannot be the lost one is left aside.
func TestLostBookingsInBrokenLists(t *testing.T) {
	t.Parallel()
	const bare = `{"code":"X1","main_tourist":"Иванов Петр","create_date":null,"tour_date":"","price":null,"payed":"","days":null,"count_tourist":"","status_key":null,"tour_key":null}`
	c, _ := answering(t, list(bare))
	found, err := c.LostBookings(t.Context(), lost())
	require.NoError(t, err)
	assert.Equal(t, []multitour.BookingSummary{{Code: "X1", MainTourist: "Иванов Петр"}}, found)

	for broken, id := range map[string]string{
		`{"code":"X2","price":"много"}`: "X2", `{"code":"X2","payed":-1}`: "X2", `{"code":"X2","status_key":[1]}`: "X2",
		`{"code":null}`: "", `{"code":"X\ufffd"}`: "", `{"payed":1}`: "", `7`: "",
	} {
		for name, bookings := range map[string][]string{"before ": {bare, broken}, "after ": {broken, bare}} {
			t.Run(name+broken, func(t *testing.T) {
				t.Parallel()
				c, _ := replying(t, func(q request) string {
					if q.Request["page"] == 1. {
						return list(bookings...)
					}
					return list()
				})
				found, err := c.LostBookings(t.Context(), lost())
				conformance.Failure(t, err, rutravel.ErrProtocol)
				assert.Equal(t, []multitour.BookingCode{"X1"}, codes(found))
				rows, ok := errors.AsType[*rutravel.RowsError](err)
				require.True(t, ok)
				require.Len(t, rows.Rows, 1)
				assert.Equal(t, id, rows.Rows[0].ID)
				assert.Equal(t, "booking_list", err.(*rutravel.Error).Op)
			})
		}
	}
	for _, changes := range []string{
		`"status_key":[1],"create_date":"28.06.2019"`, `"payed":-1,"main_tourist":"Сидоров Павел"`, `"payed":"x","price":1`,
		`"code":null,"tour_date":"12.08.2018"`, `"code":null,"count_tourist":9`,
	} {
		t.Run("another: "+changes, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, list(listed(t, "X2", changes), bare))
			found, err := c.LostBookings(t.Context(), lost())
			require.NoError(t, err)
			assert.Equal(t, []multitour.BookingCode{"X1"}, codes(found))
		})
	}
}

// A list that may be incomplete proves nothing.
func TestLostBookingsInIncompleteLists(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]shelf{
		"the first page again and again":    {bookings: 60, still: true},
		"it is announced that there are 60": {bookings: 60, still: true, count: func(int, int) int { return 60 }},
		"the count is that of the page":     {bookings: 60, still: true, count: func(page, _ int) int { return page }},
		"pages of 20 and a total":           {bookings: 60, limit: 20, still: true},
		"no count":                          {bookings: 60, still: true, count: func(int, int) int { return 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := replying(t, s.reply)
			found, err := c.LostBookings(t.Context(), multitour.OfferBooking{Request: bookRequest()})
			conformance.Failure(t, err, rutravel.ErrProtocol)
			assert.Len(t, found, cmp.Or(s.limit, 30))
		})
	}
}

// A lost answer's error names the look-up.
func TestNotConfirmedNamesLookUp(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, "<html>")
	_, err := c.Book(t.Context(), bookRequest())
	assert.ErrorContains(t, err, "look up with Client.LostBookings")
	_, err = c.BookFull(t.Context(), bookRequest())
	assert.ErrorContains(t, err, "look up with Client.LostBookings")
}

// A bad check-in or price is refused before anything is sent.
func TestLostBookingRefusedLocally(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, list())
	l := lost()
	l.CheckIn.Month = 13
	_, err := c.LostBookings(t.Context(), l)
	invalid(t, err, asked, "CheckIn")
	l = lost()
	l.Price = conformance.Dec("-1")
	_, err = c.LostBookings(t.Context(), l)
	invalid(t, err, asked, "Price")
}
