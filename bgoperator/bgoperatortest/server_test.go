package bgoperatortest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/bgoperator"
	"github.com/rutravel/rutravel-go/bgoperator/bgoperatortest"
)

func start(t *testing.T) (*bgoperatortest.Server, *bgoperator.Client) {
	t.Helper()
	fake := bgoperatortest.New()
	c, err := bgoperator.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	return fake, c
}

func tourist(passport string) bgoperator.Tourist {
	return bgoperator.Tourist{
		BirthDate: civil.Date{Year: 1982, Month: 6, Day: 11}, FirstName: "IVAN", Surname: "IVANOV", Citizenship: "100410000050",
		PassportSeries: "62", PassportNumber: passport, PassportExpiry: civil.Date{Year: 2036, Month: 11, Day: 11}, Sex: bgoperator.Male,
	}
}

func tour(o bgoperator.Offer, passports ...string) bgoperator.Tour {
	g := bgoperator.Group{Offer: o}
	for _, p := range passports {
		g.Tourists = append(g.Tourists, tourist(p))
	}
	return bgoperator.Tour{ClientTourID: "1", Groups: []bgoperator.Group{g}}
}

// flow goes from the price to the cancellation.
func flow(t *testing.T, fake *bgoperatortest.Server, c *bgoperator.Client) {
	t.Helper()
	ctx := t.Context()
	request := tour(fake.Offers()[0], "12345678", "12345679")
	quote, err := c.Quote(ctx, request)
	require.NoError(t, err)
	require.Len(t, quote.Prices, 2)
	assert.Equal(t, "2386", quote.Prices[0].Full.String())
	assert.Empty(t, fake.Bookings(), "a quote books nothing")

	booking, err := c.Book(ctx, request)
	require.NoError(t, err)
	require.Len(t, fake.Bookings(), 1)
	if fake.Bookings()[0].Status == bgoperatortest.StatusRequested {
		_, err = c.QuoteCancel(ctx, booking.ID)
		require.ErrorIs(t, err, bgoperator.CodeCannotCancel)
		require.True(t, fake.Confirm(booking.ID))
	}
	tourists, err := c.TouristTransfers(ctx, booking.ID)
	require.NoError(t, err)
	require.Len(t, tourists, 2)
	var all []bgoperator.ChosenTransfers
	for _, p := range tourists {
		chosen := bgoperator.ChosenTransfers{Tourist: p.ID}
		for _, slot := range p.Slots {
			transfer, ok := slot.Choose(slot.Variants[len(chosen.Transfers)%len(slot.Variants)].ID)
			require.True(t, ok)
			if transfer.Airport != "" {
				flights, err := c.Flights(ctx, transfer)
				require.NoError(t, err)
				require.NotEmpty(t, flights)
				transfer.Flight = flights[len(flights)-1]
			}
			chosen.Transfers = append(chosen.Transfers, transfer)
		}
		all = append(all, chosen)
	}
	changed, err := c.SetTransfers(ctx, booking.ID, all)
	require.NoError(t, err)
	if len(changed.Prices) > 0 {
		assert.True(t, changed.Prices[0].Full.GreaterThan(quote.Prices[0].Full))
	}
	assert.Len(t, fake.Bookings()[0].Chosen, 2)
	_, err = c.SetTransfers(ctx, booking.ID, all[:1])
	require.NoError(t, err)
	assert.Len(t, fake.Bookings()[0].Chosen, 1, "what is not in the request is gone")

	contact := bgoperator.Contact{Tourist: tourists[0].ID, Email: "test@mail.ru", Phone: "+7 916 1234567"}
	require.NoError(t, c.SetContacts(ctx, booking.ID, []bgoperator.Contact{contact}))
	assert.Equal(t, []bgoperator.Contact{contact}, fake.Bookings()[0].Contacts)

	cost, err := c.QuoteCancel(ctx, booking.ID)
	require.NoError(t, err)
	assert.Equal(t, "20", cost.Costs[0].Amount.String())
	require.ErrorIs(t, c.Cancel(ctx, booking.ID, "another"), bgoperator.CodeCannotCancel)
	require.NoError(t, c.Cancel(ctx, booking.ID, cost.Ticket))
	assert.Equal(t, bgoperatortest.StatusCancelled, fake.Bookings()[0].Status)
	_, err = c.QuoteCancel(ctx, booking.ID)
	assert.ErrorIs(t, err, bgoperator.CodeAlreadyCancelled)
}

// The same story in every shape that the manual leaves open. BG-T08, T12, T18,
// T19, T38.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]bgoperatortest.Quirks{
		"as the samples":        {},
		"old cookies":           {OldCookies: true, LoginOK: true},
		"unpacked":              {Unpacked: true},
		"misprints":             {RoomMeal: true, Fullamout: true},
		"spaces":                {Spaces: true, RoomMeal: true, TicketInTour: true},
		"airport slots":         {AirportSlots: true, Unconfirmed: true},
		"without a flight":      {NoPID: true, TransfersDone: "status"},
		"id and number instead": {TransfersDone: "id", SameBooking: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, c := start(t)
			fake.SetQuirks(q)
			flow(t, fake, c)
			var logins int
			for _, r := range fake.Requests() {
				if r.Op == "login" {
					logins++
				}
			}
			assert.Equal(t, 1, logins)
		})
	}
}

// What becomes of the transfers of tourists who are not in a request, the manual
// does not say.
func TestTransfersOfOthers(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{false, true} {
		fake, c := start(t)
		fake.SetQuirks(bgoperatortest.Quirks{OthersKeep: keep})
		booking, err := c.Book(t.Context(), tour(fake.Offers()[0], "1", "2"))
		require.NoError(t, err)
		tourists, err := c.TouristTransfers(t.Context(), booking.ID)
		require.NoError(t, err)
		set := func(p bgoperator.BookedTourist, slot int) bgoperator.VariantID {
			bus, ok := p.Slots[slot].Choose(p.Slots[slot].Variants[1].ID)
			require.True(t, ok)
			changed, err := c.SetTransfers(t.Context(), booking.ID, []bgoperator.ChosenTransfers{{Tourist: p.ID, Transfers: []bgoperator.Transfer{bus}}})
			require.NoError(t, err)
			want := map[int]string{0: "2411.5", 1: "2405"}[slot]
			if p.ID == tourists[1].ID && keep {
				want = "2430.5"
			}
			assert.Equal(t, want, changed.Prices[0].Full.String())
			return bus.Variant
		}
		set(tourists[0], 1)
		first := set(tourists[0], 0)
		assert.Equal(t, map[bgoperator.TouristID][]bgoperator.VariantID{tourists[0].ID: {first}}, fake.Bookings()[0].Chosen, "replaced")
		second := set(tourists[1], 1)
		want := map[bgoperator.TouristID][]bgoperator.VariantID{tourists[1].ID: {second}}
		if keep {
			want[tourists[0].ID] = []bgoperator.VariantID{first}
		}
		assert.Equal(t, want, fake.Bookings()[0].Chosen)
	}
}

// Through a socket everything is the same.
func TestOverSocket(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL, cfg.LoginURL = srv.URL+"/zayavkaapi", srv.URL+"/auth"
	c, err := bgoperator.New(cfg)
	require.NoError(t, err)
	flow(t, fake, c)
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	request := tour(fake.Offers()[1], "1")
	booking, err := c.Book(t.Context(), request)
	require.NoError(t, err)
	_, err = c.Book(t.Context(), request)
	require.ErrorIs(t, err, bgoperator.CodeDuplicate)
	assert.ErrorIs(t, err, rutravel.ErrConflict)
	assert.ErrorContains(t, err, string(booking.ID))

	other := tour(fake.Offers()[1], "2")
	_, err = c.Book(t.Context(), other)
	require.NoError(t, err, "of another passport")
	cost, err := c.QuoteCancel(t.Context(), booking.ID)
	require.NoError(t, err)
	require.NoError(t, c.Cancel(t.Context(), booking.ID, cost.Ticket))
	_, err = c.Book(t.Context(), request)
	require.NoError(t, err, "the first was cancelled")
	fake.SetQuirks(bgoperatortest.Quirks{SameBooking: true})
	_, err = c.Book(t.Context(), request)
	require.NoError(t, err)
	assert.Len(t, fake.Bookings(), 4)
}

// All stays, and two groups with their own dates.
func TestOffers(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	for _, o := range fake.Offers() {
		_, err := c.Quote(t.Context(), tour(o, "1"))
		require.NoError(t, err)
	}
	both := tour(fake.Offers()[0], "1")
	both.Groups = append(both.Groups, tour(fake.Offers()[1], "2").Groups...)
	quote, err := c.Quote(t.Context(), both)
	require.NoError(t, err)
	assert.Equal(t, "2386", quote.Prices[0].Full.String())
}

// The fake holds requests against the manual; what it refuses has no effect.
func TestStrictness(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	offer := fake.Offers()[0]
	change := func(f func(*bgoperator.Offer, *bgoperator.Tourist)) bgoperator.Tour {
		request := tour(offer, "1")
		f(&request.Groups[0].Offer, &request.Groups[0].Tourists[0])
		return request
	}
	for code, request := range map[bgoperator.Code]bgoperator.Tour{
		"105": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.TemplateID = "1" }),
		"106": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.TemplateID, o.CommissionID = "", "1" }),
		"108": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.Country = "1" }),
		"111": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.StartDate = "02.03.2014" }),
		"113": change(func(_ *bgoperator.Offer, p *bgoperator.Tourist) { p.BirthDate.Year = 2030 }),
		"115": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.Main.RoomMeal = "1" }),
		"117": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.Main.Nights = 8 }),
		"119": change(func(o *bgoperator.Offer, _ *bgoperator.Tourist) { o.SR = strings.TrimRight(o.SR, "k") }),
		"123": change(func(_ *bgoperator.Offer, p *bgoperator.Tourist) { p.Citizenship = "RU" }),
		"124": change(func(_ *bgoperator.Offer, p *bgoperator.Tourist) { p.PassportExpiry.Year = 2013 }),
	} {
		_, err := c.Book(t.Context(), request)
		assert.ErrorIs(t, err, code)
		var refusal *bgoperator.RefusalError
		if assert.ErrorAs(t, err, &refusal) {
			assert.Equal(t, "1", refusal.ClientTourID)
		}
	}
	assert.Empty(t, fake.Bookings())

	booking, err := c.Book(t.Context(), tour(offer, "1"))
	require.NoError(t, err)
	tourists, err := c.TouristTransfers(t.Context(), booking.ID)
	require.NoError(t, err)
	slot := tourists[0].Slots[0]
	transfer, _ := slot.Choose(slot.Variants[0].ID)
	flights, err := c.Flights(t.Context(), transfer)
	require.NoError(t, err)
	transfer.Flight = flights[0]
	for code, f := range map[bgoperator.Code]func(*bgoperator.Transfer){
		"131": func(v *bgoperator.Transfer) { v.From, v.Airport = "102540003719", "102540003719" },
		"132": func(v *bgoperator.Transfer) { v.Variant = "1" },
		"133": func(v *bgoperator.Transfer) { v.Date = "01.04.2014" },
		"139": func(v *bgoperator.Transfer) { v.To = "1" },
		"143": func(v *bgoperator.Transfer) {
			v.Flight = bgoperator.Flight{ID: "1", Text: "x", XML: `<flight id="1">x</flight>`}
		},
		"144": func(v *bgoperator.Transfer) { v.Date = "2014-03-01" },
		"147": func(v *bgoperator.Transfer) {
			v.Flight.XML = strings.Replace(v.Flight.XML, ` seats="12"`, "", 1)
		},
		"149": func(v *bgoperator.Transfer) { v.PID = "" },
		"150": func(v *bgoperator.Transfer) { v.PID = "1" },
	} {
		wrong := transfer
		f(&wrong)
		_, err = c.SetTransfers(t.Context(), booking.ID, []bgoperator.ChosenTransfers{{Tourist: tourists[0].ID, Transfers: []bgoperator.Transfer{wrong}}})
		assert.ErrorIs(t, err, code)
	}
	assert.Empty(t, fake.Bookings()[0].Chosen)
	set := func(id bgoperator.BookingID, tourist bgoperator.TouristID) error {
		_, err := c.SetTransfers(t.Context(), id, []bgoperator.ChosenTransfers{{Tourist: tourist, Transfers: []bgoperator.Transfer{transfer}}})
		return err
	}
	assert.ErrorIs(t, set("1", tourists[0].ID), bgoperator.CodeBookingNotFound)
	assert.ErrorIs(t, set(booking.ID, "1"), bgoperator.CodeTouristNotFound)
	require.NoError(t, set(booking.ID, tourists[0].ID))
	fake.CloseTransfers()
	assert.ErrorIs(t, set(booking.ID, tourists[0].ID), bgoperator.CodeTooLateForTransfers)

	contact := bgoperator.Contact{Tourist: "1", Email: "nobody"}
	assert.ErrorIs(t, c.SetContacts(t.Context(), "1", []bgoperator.Contact{contact}), bgoperator.CodeBookingNotFound)
	assert.ErrorIs(t, c.SetContacts(t.Context(), booking.ID, []bgoperator.Contact{contact}), bgoperator.CodeTouristNotFound)
	contact.Tourist = tourists[0].ID
	assert.ErrorIs(t, c.SetContacts(t.Context(), booking.ID, []bgoperator.Contact{contact}), bgoperator.CodeBadEmail)
	assert.Empty(t, fake.Bookings()[0].Contacts)
	_, err = c.QuoteCancel(t.Context(), "1")
	assert.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
	assert.False(t, fake.Confirm("1"))
}

// What is not the manual's protocol at all is not answered by codes.
func TestProtocol(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	send := func(method, target, body string, header http.Header) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+target, strings.NewReader(body))
		require.NoError(t, err)
		r.Header = header
		resp, err := http.DefaultTransport.RoundTrip(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp
	}
	gzip := func() http.Header { return http.Header{"Accept-Encoding": {"gzip"}} }
	assert.Equal(t, http.StatusNotAcceptable, send(http.MethodPost, "/auth", "", http.Header{"Accept-Encoding": {"identity"}}).StatusCode)
	form := gzip()
	form.Set("Content-Type", "application/x-www-form-urlencoded")
	wrong := send(http.MethodPost, "/auth", "login=agency&pwd=x", form)
	assert.Equal(t, http.StatusOK, wrong.StatusCode)
	assert.Empty(t, wrong.Cookies())
	assert.Equal(t, http.StatusBadRequest, send(http.MethodGet, "/auth", "", gzip()).StatusCode)

	session := gzip()
	logIn := func() {
		var all []string
		for _, c := range send(http.MethodPost, "/auth", "login=agency&pwd="+bgoperatortest.Password, form).Cookies() {
			all = append(all, c.Name+"="+c.Value)
		}
		session.Set("Cookie", strings.Join(all, "; "))
	}
	logIn()
	const order = "/zayavkaapi?action=createtour&prx=1"
	assert.Equal(t, http.StatusUnauthorized, send(http.MethodPost, order, "<tours/>", gzip()).StatusCode)
	assert.Equal(t, http.StatusBadRequest, send(http.MethodPost, order, "<tours/>", session).StatusCode)
	assert.Equal(t, http.StatusUnauthorized, send(http.MethodPost, order, "<tours/>", session).StatusCode, "the cookie was used")
	for _, test := range []struct{ method, target, body string }{
		{http.MethodPost, "/zayavkaapi?idTour=1&action=canceltour", "<x/>"},
		{http.MethodGet, "/zayavkaapi?idTour=1&action=cancelTour", ""},
		{http.MethodGet, "/zayavkaapi?idTour=1&action=canceltour&ticket=1&confirm=yes", ""},
		{http.MethodPost, "/zayavkaapi?prx=1&action=createtour", ""},
	} {
		logIn()
		assert.Equal(t, http.StatusBadRequest, send(test.method, test.target, test.body, session).StatusCode, test.target)
	}
	logIn()
	ok := send(http.MethodPost, "/zayavkaapi?prx=1&action=createtour", "<Tours/>", session)
	assert.Equal(t, http.StatusOK, ok.StatusCode)
	assert.Equal(t, "gzip", ok.Header.Get("Content-Encoding"))
	assert.Len(t, ok.Cookies(), 1, "the cookie changes")
}

// The log of requests shows no credentials.
func TestRequests(t *testing.T) {
	t.Parallel()
	fake, c := start(t)
	_, err := c.TouristTransfers(t.Context(), "17")
	require.ErrorIs(t, err, bgoperator.CodeBookingNotFound)
	assert.Equal(t, []bgoperatortest.Request{
		{Op: "login"}, {Op: "showtransfers", Query: "idTour=17&action=showtransfers"},
	}, fake.Requests())
}

// Of many who book the same tour, one does.
func TestBookedOnce(t *testing.T) {
	t.Parallel()
	fake := bgoperatortest.New()
	cfg := fake.Config()
	cfg.Sessions = 5
	c, err := bgoperator.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	var got atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Book(t.Context(), tour(fake.Offers()[0], "1")); err == nil {
				got.Add(1)
			} else {
				assert.ErrorIs(t, err, bgoperator.CodeDuplicate)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, got.Load())
	assert.Len(t, fake.Bookings(), 1)
}

// Each fault does what its field says, without a socket and through one.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   bgoperatortest.Fault
		kind    rutravel.Kind // of the booking; "" is success
		carried bool          // out
	}{
		"none":             {bgoperatortest.Fault{}, "", true},
		"of another":       {bgoperatortest.Fault{Op: "canceltour", Drop: true}, "", true},
		"delay":            {bgoperatortest.Fault{Delay: time.Millisecond}, "", true},
		"drop":             {bgoperatortest.Fault{Drop: true}, rutravel.ErrNotConfirmed, false},
		"process and drop": {bgoperatortest.Fault{Drop: true, Processed: true}, rutravel.ErrNotConfirmed, true},
		"status":           {bgoperatortest.Fault{Status: http.StatusBadGateway}, rutravel.ErrNotConfirmed, false},
		"body":             {bgoperatortest.Fault{Body: "<html>", Processed: true}, rutravel.ErrNotConfirmed, true},
		"cut":              {bgoperatortest.Fault{Cut: 10}, rutravel.ErrNotConfirmed, true},
		"too many": {bgoperatortest.Fault{
			Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		}, rutravel.ErrRateLimited, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(t *testing.T, fake *bgoperatortest.Server, c *bgoperator.Client) {
				t.Helper()
				request := tour(fake.Offers()[0], "1")
				_, err := c.Quote(t.Context(), request)
				require.NoError(t, err)
				fake.Inject(test.fault)
				_, err = c.Book(context.WithoutCancel(t.Context()), request)
				if test.kind == "" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, test.kind)
				}
				assert.Equal(t, test.carried, len(fake.Bookings()) == 1)
			}
			fake, c := start(t)
			check(t, fake, c)

			fake = bgoperatortest.New()
			srv := httptest.NewServer(fake)
			t.Cleanup(srv.Close)
			cfg := fake.Config()
			cfg.BaseURL, cfg.LoginURL = srv.URL, srv.URL+"/auth"
			c, err := bgoperator.New(cfg)
			require.NoError(t, err)
			check(t, fake, c)
		})
	}
}
