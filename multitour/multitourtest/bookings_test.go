package multitourtest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// A quota is booked up once, however many want it; the others' bookings are on
// request.
func TestQuotaIsSoldOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		offer := offers(t, c, "6596", today)[0]
		require.True(t, offer.Guaranteed)
		var mu sync.Mutex
		var got []multitour.BookingCode
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				code, err := c.Book(t.Context(), request(offer.ID))
				if assert.NoError(t, err) {
					mu.Lock()
					defer mu.Unlock()
					got = append(got, code)
				}
			})
		}
		wg.Wait()
		slices.Sort(got)
		assert.Len(t, slices.Compact(got), 50)
		certain, err := c.BookingsPage(t.Context(), multitour.BookingQuery{Status: multitour.StatusOK})
		require.NoError(t, err)
		assert.Equal(t, new(2), certain.BookingCount)
		asked, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{Status: multitour.StatusNotPaid}))
		require.NoError(t, err)
		assert.Len(t, asked, 48)
		assert.NotContains(t, codes(asked), certain.Bookings[0].Code)
		assert.NotContains(t, codes(asked), certain.Bookings[1].Code)
	})
}

// The tourists must be those that the offer was made for.
func TestParty(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		q := multitour.OfferQuery{Hotel: "6596", Stay: stay(today)}
		q.ChildAges = []int{0, 5}
		all, err := c.Offers(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, all, 1, "a room for two is too small")
		assert.Equal(t, "14306.25", all[0].Price.StringFixed(2))
		b := request(all[0].ID)
		_, err = c.Book(t.Context(), b)
		assert.ErrorIs(t, err, rutravel.ErrRejected, "two are missing")
		grown := b.Tourists[1]
		b.Tourists = append(b.Tourists, grown, grown)
		_, err = c.Book(t.Context(), b)
		assert.ErrorIs(t, err, rutravel.ErrRejected, "they are children")
		b.Tourists[2].Sex, b.Tourists[3].Sex = multitour.FemaleChild, multitour.MaleInfant
		booking, err := c.BookFull(t.Context(), b)
		require.NoError(t, err)
		assert.Len(t, booking.Tourists, 4)
	})
}

func TestBookingFilters(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		first := book(t, c, "6596", today.AddDays(5))
		second, err := c.Book(t.Context(), request(offers(t, c, "6596", today.AddDays(6))[1].ID)) // on request
		require.NoError(t, err)
		fake.Advance(366 * 24 * time.Hour)
		b := request(offers(t, c, "4952", today.AddDays(400))[3].ID)
		b.BookingDate = today.AddDays(366)
		b.Tourists[0].Surname, b.Tourists[0].MiddleName = "Сидоров", ""
		third, err := c.Book(t.Context(), b)
		require.NoError(t, err)
		assert.EqualValues(t, "X0000001", first)
		assert.EqualValues(t, "X0000002", second)
		assert.EqualValues(t, "X0100003", third)

		for name, test := range map[string]struct {
			query multitour.BookingQuery
			want  []multitour.BookingCode
		}{
			"none":         {multitour.BookingQuery{}, []multitour.BookingCode{first, second, third}},
			"code":         {multitour.BookingQuery{Code: second}, []multitour.BookingCode{second}},
			"no such code": {multitour.BookingQuery{Code: "X0000009"}, nil},
			"year":         {multitour.BookingQuery{Year: 2001}, []multitour.BookingCode{third}},
			"created from": {multitour.BookingQuery{CreatedFrom: today.AddDays(366)}, []multitour.BookingCode{third}},
			"created to":   {multitour.BookingQuery{CreatedTo: today.AddDays(365)}, []multitour.BookingCode{first, second}},
			"created":      {multitour.BookingQuery{CreatedFrom: today, CreatedTo: today}, []multitour.BookingCode{first, second}},
			"tour from":    {multitour.BookingQuery{TourFrom: today.AddDays(6)}, []multitour.BookingCode{second, third}},
			"tour to":      {multitour.BookingQuery{TourTo: today.AddDays(5)}, []multitour.BookingCode{first}},
			"tour date":    {multitour.BookingQuery{TourDate: today.AddDays(6)}, []multitour.BookingCode{second}},
			"tour name":    {multitour.BookingQuery{TourName: "антар"}, []multitour.BookingCode{first, second}},
			"tourist":      {multitour.BookingQuery{TouristName: "иванов петр с"}, []multitour.BookingCode{first, second}},
			"any tourist":  {multitour.BookingQuery{TouristName: "ПЕТРОВА", Year: 2001}, []multitour.BookingCode{third}},
			"ok":           {multitour.BookingQuery{Status: multitour.StatusOK}, []multitour.BookingCode{first, third}},
			"not paid":     {multitour.BookingQuery{Status: multitour.StatusNotPaid}, []multitour.BookingCode{second}},
		} {
			page, err := c.BookingsPage(t.Context(), test.query)
			require.NoError(t, err, name)
			assert.Equal(t, test.want, codes(page.Bookings), name)
			assert.Equal(t, new(len(test.want)), page.BookingCount, name)
			assert.Equal(t, new(2*len(test.want)), page.TouristCount, name)
		}
		page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{PageSize: 2, Page: 2})
		require.NoError(t, err)
		assert.Equal(t, []multitour.BookingCode{third}, codes(page.Bookings))
		assert.Equal(t, "Сидоров Петр", page.Bookings[0].MainTourist)
		assert.Equal(t, new(3), page.BookingCount, "totals are those of all pages")
		assert.Equal(t, "53165", page.TotalPrice.Decimal.String())

		// Another user of the agency sees none of them.
		cfg := fake.Config()
		cfg.UserKey = "112"
		other, err := multitour.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		page, err = other.BookingsPage(t.Context(), multitour.BookingQuery{})
		require.NoError(t, err)
		assert.Equal(t, new(0), page.BookingCount)
		_, err = other.BookingInfo(t.Context(), first)
		assert.ErrorIs(t, err, rutravel.ErrRejected)
	})
}

func TestPages(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		var want []multitour.BookingCode
		for range 35 {
			want = append(want, book(t, c, "6596", today))
		}
		page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
		require.NoError(t, err)
		assert.Equal(t, want[:30], codes(page.Bookings))
		for limit := range 12 {
			fake.SetQuirks(multitourtest.Quirks{PageLimit: limit})
			all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
			require.NoError(t, err, limit)
			assert.Equal(t, want, codes(all), limit)
		}
		fake.SetQuirks(multitourtest.Quirks{IgnorePage: true})
		all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
		assert.ErrorContains(t, err, "repeats")
		assert.Equal(t, want[:30], codes(all))
	})
}

func TestPay(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		code, err := c.Book(t.Context(), request(offers(t, c, "6596", today)[1].ID)) // on request, 15260
		require.NoError(t, err)
		see := func() multitour.BookingSummary {
			page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{Code: code})
			require.NoError(t, err)
			require.Len(t, page.Bookings, 1)
			assert.True(t, page.TotalPaid.Decimal.Equal(page.Bookings[0].Paid.Decimal))
			return page.Bookings[0]
		}
		assert.EqualValues(t, "4", see().StatusID)
		require.NoError(t, fake.Pay(code, decimal.RequireFromString("5000.50")))
		assert.Equal(t, "5000.50", see().Paid.Decimal.StringFixed(2))
		assert.Equal(t, "Не оплачено", see().StatusName)
		require.NoError(t, fake.Pay(code, decimal.RequireFromString("10259.50")))
		assert.Equal(t, "15260", see().Paid.Decimal.String())
		assert.EqualValues(t, "1", see().StatusID)
		assert.Error(t, fake.Pay("X0000009", decimal.NewFromInt(1)))
	})
}

// A booking that is carried out late is not there at once.
func TestLateBooking(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		b := request(offers(t, c, "8562", today)[0].ID)
		fake.Inject(multitourtest.Fault{Op: "booking_set", Delay: time.Minute, Late: true})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Book(ctx, b)
		require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
		found, err := c.LostBookings(t.Context(), multitour.OfferBooking{Request: b})
		require.NoError(t, err)
		assert.Empty(t, found)
		time.Sleep(time.Minute) // of the bubble's clock
		found, err = c.LostBookings(t.Context(), multitour.OfferBooking{Request: b})
		require.NoError(t, err)
		assert.Len(t, found, 1)
	})
}

// A look-up finds the lost booking, or says that it may be overlooked, whatever the
// supplier does: it ignores filters or pages, lists bookings late, has another clock or
// a booking that cannot be read.
func TestLostBookingAtOddSuppliers(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]multitourtest.Quirks{
		"none":             {},
		"filters ignored":  {IgnoreFilters: true},
		"page ignored":     {IgnorePage: true, PageLimit: 1},
		"both ignored":     {IgnoreFilters: true, IgnorePage: true},
		"listed late":      {ListDelay: 5 * time.Minute},
		"clock ahead":      {ClockAhead: 15 * time.Minute},
		"clock behind":     {ClockAhead: -15 * time.Minute},
		"one row broken":   {UnreadableRow: true},
		"pages of one row": {PageLimit: 1},
		"main tourist":     {MainLast: true},
		"strings":          {Strings: true},
		"numbers":          {Numbers: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
				time.Sleep(21*time.Hour - 7*time.Minute) // it is 23:53 in Moscow
				fake.SetQuirks(quirks)
				for day := range 40 { // of other people, in other days, and of the same people
					b := request(offers(t, c, "8562", today.AddDays(30+day))[0].ID)
					if day < 39 {
						b.Tourists[0].Surname, b.Tourists[1].Surname = "Сидоров", "Сидорова"
						b.BookingDate = today.AddDays(-day)
					}
					_, err := c.Book(t.Context(), b)
					require.NoError(t, err)
				}
				offer := offers(t, c, "9044", today.AddDays(9))[0]
				lost := multitour.OfferBooking{Request: request(offer.ID), CheckIn: offer.CheckIn, Price: offer.Price}
				fake.Inject(multitourtest.Fault{Op: "booking_set", Delay: 3 * time.Minute, Late: true, Drop: true, Processed: true})
				_, err := c.Book(t.Context(), lost.Request)
				require.ErrorIs(t, err, rutravel.ErrNotConfirmed)
				end := time.Now().Add(multitour.BookPatience)
				var found []multitour.BookingSummary
				for time.Now().Before(end) && len(found) == 0 && err != nil {
					found, err = c.LostBookings(t.Context(), lost)
					if len(found) == 0 {
						err = rutravel.ErrNotConfirmed
						time.Sleep(time.Minute)
					}
				}
				if quirks.IgnorePage {
					_, err = c.LostBookings(t.Context(), lost)
					require.ErrorIs(t, err, rutravel.ErrProtocol, "it may be on a page that cannot be had")
					return
				}
				require.NoError(t, err)
				require.Len(t, found, 1)
				assert.EqualValues(t, "X0000041", found[0].Code)
			})
		})
	}
}

// A row that cannot be read hides no other.
func TestUnreadableRows(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		first, second := book(t, c, "6596", today), book(t, c, "6596", today)
		hotels, err := c.Hotels(t.Context(), multitour.Area{Country: "6228"})
		require.NoError(t, err)
		search := multitour.HotelQuery{Area: multitour.Area{Country: "6228"}, Stay: stay(today)}
		prices, err := c.HotelPrices(t.Context(), search)
		require.NoError(t, err)
		all := offers(t, c, "9044", today)

		fake.SetQuirks(multitourtest.Quirks{UnreadableRow: true, Times: true})
		fewer, err := c.Hotels(t.Context(), multitour.Area{Country: "6228"})
		require.NoError(t, err)
		assert.Equal(t, hotels[1:], fewer)
		rest, err := c.HotelPrices(t.Context(), search)
		require.NoError(t, err)
		assert.Equal(t, prices[1:], rest)
		assert.Equal(t, all[1:], offers(t, c, "9044", today))
		page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
		rows, ok := errors.AsType[*rutravel.RowsError](err)
		require.True(t, ok)
		assert.EqualValues(t, first, rows.Rows[0].ID)
		assert.Equal(t, []multitour.BookingCode{second}, codes(page.Bookings))
		booking, err := c.BookingInfo(t.Context(), first)
		require.NoError(t, err)
		assert.Equal(t, today, booking.TourDate)
	})
}
