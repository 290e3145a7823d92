package multitour_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// MT-T18: an empty list may be written in four ways.
func TestNoBookings(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"data is a list": awkward(t, "booking_list-empty"),
		"data is null":   awkward(t, "booking_list-null"),
		"list":           response(`{"booking_list":[]}`),
		"null":           response(`{"booking_list":null}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, body)
			page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
			require.NoError(t, err)
			assert.Empty(t, page.Bookings)
			all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
			require.NoError(t, err)
			assert.Empty(t, all)
		})
	}
}

// MT-T05, MT-T38: numbers may be texts and texts may be numbers, unlike in the samples.
func TestBookingListTypes(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, awkward(t, "booking_list-numbers"))
	page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
	require.NoError(t, err)
	assert.Equal(t, new(99), page.BookingCount)
	assert.Equal(t, "5465164.30", page.TotalPrice.Decimal.StringFixed(2))
	assert.Equal(t, "25787.5", page.Bookings[0].Paid.Decimal.String())
	assert.Equal(t, multitour.TourID("1123"), page.Bookings[0].Tour)
}

// A list without data, and a booking without a code, are errors.
func TestBookingListRequiredFields(t *testing.T) {
	t.Parallel()
	page := func(t *testing.T, c *multitour.Client) error {
		t.Helper()
		_, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
		return err
	}
	requiredFields(t, `{"booking_list":{%s}}`, []string{`"data":[]`}, page)
	requiredFields(t, `{"booking_list":{"data":[{%s}]}}`, []string{`"code":"X1"`}, page)
}

// An invalid query fails before anything is sent.
func TestBookingQueryRefusedLocally(t *testing.T) {
	t.Parallel()
	for field, q := range map[string]multitour.BookingQuery{
		"Code":        {Code: "X 1"},
		"Year":        {Year: -1},
		"CreatedFrom": {CreatedFrom: conformance.Date(31, 4, 2018)},
		"CreatedTo":   {CreatedFrom: conformance.Date(2, 4, 2018), CreatedTo: conformance.Date(1, 4, 2018)},
		"TourFrom":    {TourFrom: conformance.Date(31, 4, 2018)},
		"TourTo":      {TourFrom: conformance.Date(2, 4, 2018), TourTo: conformance.Date(1, 4, 2018)},
		"TourDate":    {TourDate: conformance.Date(31, 4, 2018)},
		"TourName":    {TourName: "\n"},
		"TouristName": {TouristName: "\n"},
		"Status":      {Status: "\n"},
		"PageSize":    {PageSize: -1},
		"Page":        {Page: -1},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			c, asked := answering(t, "")
			_, err := c.BookingsPage(t.Context(), q)
			invalid(t, err, asked, field)
			_, err = rutravel.Collect(c.Bookings(t.Context(), q))
			invalid(t, err, asked, field)
		})
	}
}

// shelf answers booking_list with pages of its bookings.
type shelf struct {
	bookings int
	limit    int                     // the largest page; 0 means no limit
	count    func(page, all int) int // the value of count in the answer; nil means all
	clamp    bool                    // pages after the last one are the last one
	still    bool                    // all pages are the first one
}

func (s shelf) reply(q request) string {
	number := func(name string, otherwise int) int {
		if v, ok := q.Request[name].(float64); ok {
			return int(v)
		}
		return otherwise
	}
	size, page := number("count", 30), number("page", 1)
	if s.limit > 0 {
		size = min(size, s.limit)
	}
	if s.still {
		page = 1
	}
	if last := (s.bookings + size - 1) / size; s.clamp && page > last {
		page = last
	}
	var rows []string
	for i := (page - 1) * size; i < min(page*size, s.bookings); i++ {
		rows = append(rows, row("X18"+strconv.Itoa(10000+i), "Иванов Петр Сергеевич"))
	}
	count := s.bookings
	if s.count != nil {
		count = s.count(len(rows), s.bookings)
	}
	return response(fmt.Sprintf(`{"booking_list":{"data":[%s],"count":%d}}`, strings.Join(rows, ","), count))
}

func row(code, tourist string) string {
	return fmt.Sprintf(`{"code":%q,"create_date":"28.06.2018","tour_date":"12.07.2018","main_tourist":%q,"price":"1","payed":0}`, code, tourist)
}

// MT-T37: the sequence has each booking once. It does not depend on the meaning of count and
// on the length of pages.
func TestBookingsPaging(t *testing.T) {
	t.Parallel()
	pageCount := func(page, _ int) int { return page }
	none := func(int, int) int { return 0 }
	more := func(int, int) int { return 1000 }
	for name, test := range map[string]struct {
		shelf    shelf
		query    multitour.BookingQuery
		bookings int
		requests int
	}{
		"none":                               {shelf{bookings: 0}, multitour.BookingQuery{}, 0, 1},
		"one page, not full":                 {shelf{bookings: 29}, multitour.BookingQuery{}, 29, 2},
		"one full page":                      {shelf{bookings: 30}, multitour.BookingQuery{}, 30, 2},
		"three pages":                        {shelf{bookings: 65}, multitour.BookingQuery{}, 65, 4},
		"count of the page":                  {shelf{bookings: 65, count: pageCount}, multitour.BookingQuery{}, 65, 4},
		"count of 0":                         {shelf{bookings: 65, count: none}, multitour.BookingQuery{}, 65, 4},
		"count too large, last page repeats": {shelf{bookings: 65, count: more, clamp: true}, multitour.BookingQuery{}, 65, 4},
		"all on one page":                    {shelf{bookings: 65}, multitour.BookingQuery{PageSize: 100}, 65, 2},
		"limit":                              {shelf{bookings: 65, limit: 20}, multitour.BookingQuery{PageSize: 100}, 65, 5},
		"limit, count of the page":           {shelf{bookings: 65, limit: 20, count: pageCount}, multitour.BookingQuery{}, 65, 5},
		"from page 2":                        {shelf{bookings: 65}, multitour.BookingQuery{Page: 2}, 35, 3},
		"from a page after the last":         {shelf{bookings: 65}, multitour.BookingQuery{Page: 9}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, asked := replying(t, test.shelf.reply)
			seq := c.Bookings(t.Context(), test.query)
			for range 2 { // every range begins again
				*asked = nil
				all, err := rutravel.Collect(seq)
				require.NoError(t, err)
				assert.Len(t, all, test.bookings)
				assert.Len(t, *asked, test.requests)
				codes := map[multitour.BookingCode]bool{}
				for _, b := range all {
					codes[b.Code] = true
				}
				assert.Len(t, codes, test.bookings)
			}
		})
	}
}

// A full page that repeats the one before it ends the sequence with an error. A page that is
// not full ends it without an error.
func TestBookingsPageRepeats(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pageSize, bookings int
		full               bool
	}{
		"usual size, full": {0, 30, true}, "size 10, full": {10, 10, true}, "size 100, not full": {100, 65, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, asked := replying(t, shelf{bookings: 65, still: true}.reply)
			all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{PageSize: test.pageSize}))
			if test.full {
				conformance.Failure(t, err, rutravel.ErrProtocol)
			} else {
				require.NoError(t, err)
			}
			assert.Len(t, all, test.bookings)
			assert.Len(t, *asked, 2)
		})
	}
}

// Given a booking that cannot be read, expect it as far as it was read, with its error. The
// others and later pages follow. BookingsPage returns the others.
func TestBrokenBookings(t *testing.T) {
	t.Parallel()
	for broken, want := range map[string]multitour.BookingSummary{
		`{"code":"X2","price":"много","days":7}`:      {Code: "X2", Days: new(7)},
		`{"code":"X2","price":-1,"tour_name":"A"}`:    {Code: "X2", TourName: "A"},
		`{"code":"X2","payed":{"a":1}}`:               {Code: "X2"},
		`{"code":"X2","status_key":true,"price":"1"}`: {Code: "X2", Price: conformance.NullDec("1")},
		`{"code":null,"main_tourist":"Иванов"}`:       {MainTourist: "Иванов"},
		`{"code":"X\xff","main_tourist":"Иванов"}`:    {MainTourist: "Иванов"},
		`{"main_tourist":"Иванов"}`:                   {MainTourist: "Иванов"},
		`"X2"`:                                        {},
	} {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()
			c, _ := replying(t, func(q request) string {
				switch q.Request["page"] {
				case nil, 1.:
					return list(`{"code":"X1"}`, strings.ReplaceAll(broken, `\xff`, "\xff"), `{"code":"X3"}`)
				case 2.:
					return list(`{"code":"X4"}`)
				default:
					return list()
				}
			})
			page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
			conformance.Failure(t, err, rutravel.ErrProtocol)
			rows, ok := errors.AsType[*rutravel.RowsError](err)
			require.True(t, ok)
			require.Len(t, rows.Rows, 1)
			assert.Equal(t, 1, rows.Rows[0].Index)
			assert.Equal(t, string(want.Code), rows.Rows[0].ID)
			assert.Equal(t, []multitour.BookingCode{"X1", "X3"}, codes(page.Bookings))

			all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
			conformance.Failure(t, err, rutravel.ErrProtocol)
			assert.Equal(t, []multitour.BookingSummary{{Code: "X1"}, want, {Code: "X3"}, {Code: "X4"}}, all)
		})
	}
}

// Given a minor value that cannot be read, expect an empty field and a warning.
func TestMinorValuesOfBookingLists(t *testing.T) {
	t.Parallel()
	for member, path := range map[string]string{
		`"create_date":"soon"`: "create_date", `"tour_date":20180712`: "tour_date", `"tour_key":[1]`: "tour_key", `"tour_name":true`: "tour_name",
		`"count_tourist":"both"`: "count_tourist", `"main_tourist":{"a":1}`: "main_tourist", `"days":1.5`: "days",
	} {
		c, warnings := watching(t, list(`{"code":"X1",`+member+`}`))
		page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
		require.NoError(t, err, member)
		assert.Equal(t, []multitour.BookingSummary{{Code: "X1"}}, page.Bookings, member)
		require.Len(t, warnings(), 1, member)
		assert.Contains(t, warnings()[0], "booking_list.data[0]."+path+" of X1: ")
	}
	c, warnings := watching(t, response(`{"booking_list":{"data":[],"count":"many","persons":[1],"price":-1,"payed":"x"}}`))
	page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
	require.NoError(t, err)
	assert.Zero(t, page)
	assert.Len(t, warnings(), 4)
}

// Given a server that ignores the page and returns 30 of 60 bookings, expect the iteration
// to end with an error.
func TestBookingsOfOnePage(t *testing.T) {
	t.Parallel()
	c, _ := replying(t, shelf{bookings: 60, still: true}.reply)
	all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Len(t, all, 30)
	// If all 60 bookings are on two pages, a repeated last page is not an error.
	c, _ = replying(t, shelf{bookings: 60, clamp: true}.reply)
	all, err = rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
	require.NoError(t, err)
	assert.Len(t, all, 60)
}

// After break, no further page is requested.
func TestBookingsBreak(t *testing.T) {
	t.Parallel()
	c, asked := replying(t, shelf{bookings: 65}.reply)
	for range c.Bookings(t.Context(), multitour.BookingQuery{}) {
		break
	}
	assert.Len(t, *asked, 1)
}

// A booking that is made during the iteration moves the others to later pages.
func TestBookingsThatMove(t *testing.T) {
	t.Parallel()
	s := shelf{bookings: 31}
	var page int
	c, _ := replying(t, func(q request) string {
		page++
		if page == 2 {
			return response(`{"booking_list":{"data":[` + row("X1810029", "a") + "," + row("X1810030", "a") + `],"count":32}}`)
		}
		return s.reply(q)
	})
	var codes []multitour.BookingCode
	for b, err := range c.Bookings(t.Context(), multitour.BookingQuery{}) {
		require.NoError(t, err)
		codes = append(codes, b.Code)
		if len(codes) == 31 {
			break
		}
	}
	assert.Equal(t, multitour.BookingCode("X1810030"), codes[30])
}

// MT-T36: a filter prints as the English word and is stored as the wire value. A status that
// the manual does not list is kept.
func TestStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[multitour.StatusFilter]string{
		multitour.StatusOK: "OK", multitour.StatusNotPaid: "not paid", "cancelled": "cancelled",
	} {
		assert.Equal(t, want, status.String(), "%q", string(status))
		text, err := json.Marshal(status)
		require.NoError(t, err, "%q", string(status))
		assert.Equal(t, `"`+string(status)+`"`, string(text))
	}
	c, asked := answering(t, response(`{"booking_list":{"data":[{"code":"X1","status_key":"-7","status_name":"Аннулирована"}]}}`))
	page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{Status: multitour.StatusNotPaid})
	require.NoError(t, err)
	assert.Equal(t, []multitour.BookingSummary{{Code: "X1", StatusID: "-7", StatusName: "Аннулирована"}}, page.Bookings)
	assert.JSONEq(t, `{"us_key":111,"status":"not_pay"}`, (*asked)[0].text)
}
