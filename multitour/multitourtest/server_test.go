package multitourtest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// The same story in every shape that the manual leaves open.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]multitourtest.Quirks{
		"as the samples":   {},
		"numbers":          {Numbers: true},
		"strings":          {Strings: true},
		"own keys":         {OwnKeys: true},
		"new edition":      {NewEdition: true, ErrorString: true},
		"empty as null":    {EmptyNull: true},
		"lists":            {ToursList: true},
		"code within info": {InfoCode: true},
		"ISO dates":        {ISODates: true},
		"all":              {Numbers: true, Strings: true, OwnKeys: true, NewEdition: true, EmptyNull: true, ToursList: true, InfoCode: true, ISODates: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
				fake.SetQuirks(q)
				flow(t, c, today)
				none, err := c.HotelPrices(t.Context(), multitour.HotelQuery{
					Area: multitour.Area{Country: "6228"}, Stay: stay(today.AddDays(-1)),
				})
				require.NoError(t, err)
				assert.Empty(t, none)
				nothing, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "8079", Stay: stay(today)})
				require.NoError(t, err)
				assert.Empty(t, nothing)
				_, err = c.BookingInfo(t.Context(), "X1800001")
				assert.ErrorIs(t, err, rutravel.ErrRejected)
				assert.ErrorContains(t, err, "Заявка не найдена")
			})
		})
	}
}

// Two fakes answer the same requests with the same bytes, and an offer can be
// booked where it was never asked for.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	answers := func() (all [][]byte) {
		inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
			for _, hotel := range []multitour.HotelID{"9044", "4952"} {
				var raw []byte
				offers, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: hotel, Stay: stay(today)}, rutravel.WithRawAnswer(&raw))
				require.NoError(t, err, hotel)
				all = append(all, raw)
				_, err = c.BookFull(t.Context(), request(offers[0].ID), rutravel.WithRawAnswer(&raw))
				require.NoError(t, err, hotel)
				all = append(all, raw)
			}
		})
		return all
	}
	first, second := answers(), answers()
	assert.Equal(t, first, second)

	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		all := offers(t, c, "8562", today.AddDays(7))
		assert.Equal(t, multitour.OfferID("301096407200"), all[0].ID)
		ids := map[multitour.OfferID]bool{}
		for _, nights := range []int{1, 2, 30} {
			for _, ages := range [][]int{nil, {2}, {0, 1}} {
				q := multitour.OfferQuery{Hotel: "8562", Stay: stay(today.AddDays(7))}
				q.Nights, q.ChildAges = []int{nights}, ages
				all, err := c.Offers(t.Context(), q)
				require.NoError(t, err, "%d nights, %v", nights, ages)
				for _, o := range all {
					assert.False(t, ids[o.ID], o.ID)
					ids[o.ID] = true
				}
			}
		}
		assert.Len(t, ids, 18)
	})
	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		booking, err := c.BookFull(t.Context(), request("301096407200"))
		require.NoError(t, err)
		assert.EqualValues(t, "8562", booking.Accommodations[0].Hotel)
		for name, id := range map[string]multitour.OfferID{
			"no such hotel":    "901096407200",
			"no such rate":     "321096407200",
			"hotel not sold":   "701096407200",
			"yesterday":        "301095607200",
			"too far":          "301125707200",
			"no nights":        "301096400200",
			"too many nights":  "301096431200",
			"nobody":           "301096407000",
			"too many people":  "301096407210",
			"too many infants": "301096407203",
			"infants too soon": "421096407201",
			"short":            "30109640720",
			"long":             "3010964072000",
			"the manual's":     "1233161591",
		} {
			_, err := c.Book(t.Context(), request(id))
			assert.ErrorIs(t, err, rutravel.ErrRejected, name)
		}
	})
}

// The public token gets prices and no bookings.
func TestPublicToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, _ *multitour.Client) {
		cfg := fake.Config()
		cfg.Token = multitour.PublicToken
		c, err := multitour.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
		require.NoError(t, err)
		directories(t, c)
		_, err = c.Book(t.Context(), request(offers(t, c, "6596", today)[0].ID))
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		assert.ErrorContains(t, err, "индивидуальный токен")
		_, err = c.BookingsPage(t.Context(), multitour.BookingQuery{})
		assert.ErrorIs(t, err, rutravel.ErrRejected)
		_, err = c.BookingInfo(t.Context(), "X0000001")
		assert.ErrorIs(t, err, rutravel.ErrRejected)
	})
}

// What is wrong with the document as a whole.
func TestDocuments(t *testing.T) {
	t.Parallel()
	fake := multitourtest.New()
	const good = `{"header":{"token":"fake-token","method":"map.country"},"request":{}}`
	assert.NotContains(t, post(t, fake, good), `"error"`)
	assert.Contains(t, post(t, fake, strings.Replace(good, "fake-token", "x", 1)), `"error":["Неверный токен"]`)
	for name, answer := range map[string]string{
		"GET":              send(t, fake, http.MethodGet, multitour.Production, good),
		"no slash":         send(t, fake, http.MethodPost, strings.TrimSuffix(multitour.Production, "/"), good),
		"query":            send(t, fake, http.MethodPost, multitour.Production+"?a=b", good),
		"nothing":          post(t, fake, ""),
		"form":             post(t, fake, "data="+good),
		"two documents":    post(t, fake, good+good),
		"cut short":        post(t, fake, good[:len(good)-1]),
		"list":             post(t, fake, "["+good+"]"),
		"no request":       post(t, fake, `{"header":{"token":"fake-token","method":"map.country"}}`),
		"more sections":    post(t, fake, strings.TrimSuffix(good, "}")+`,"response":{}}`),
		"no token":         post(t, fake, strings.Replace(good, `"token":"fake-token",`, "", 1)),
		"token a number":   post(t, fake, strings.Replace(good, `"fake-token"`, "1", 1)),
		"more of a header": post(t, fake, strings.Replace(good, `"method"`, `"version":1,"method"`, 1)),
	} {
		assert.Contains(t, answer, `"error":["`, name)
		assert.Contains(t, answer, `null`, name)
	}
}

// The log of requests shows no token, and belongs to who asked for it.
func TestRequests(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		_, err := c.Resorts(t.Context(), "6228")
		require.NoError(t, err)
		want := []multitourtest.Request{{Op: "map.resort", Params: json.RawMessage(`{"country_id":6228}`)}}
		fake.Requests()[0].Params[0] = '['
		assert.Equal(t, want, fake.Requests())
	})
}

// Each fault does what its field says, without a socket and through one.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   multitourtest.Fault
		kind    rutravel.Kind // of the booking; "" is success
		carried int           // out
	}{
		"none":               {multitourtest.Fault{}, "", 1},
		"of another method":  {multitourtest.Fault{Op: "map.country", Drop: true}, "", 1},
		"delay":              {multitourtest.Fault{Delay: time.Millisecond}, "", 1},
		"drop":               {multitourtest.Fault{Drop: true}, rutravel.ErrNotConfirmed, 0},
		"process and drop":   {multitourtest.Fault{Drop: true, Processed: true}, rutravel.ErrNotConfirmed, 1},
		"status":             {multitourtest.Fault{Status: http.StatusBadGateway}, rutravel.ErrNotConfirmed, 0},
		"process and status": {multitourtest.Fault{Status: http.StatusBadGateway, Processed: true}, rutravel.ErrNotConfirmed, 1},
		"body":               {multitourtest.Fault{Body: "<html>", Processed: true}, rutravel.ErrNotConfirmed, 1},
		"cut":                {multitourtest.Fault{Cut: 10}, rutravel.ErrNotConfirmed, 1},
		"too many": {multitourtest.Fault{
			Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		}, rutravel.ErrRateLimited, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
				t.Helper()
				b := request(offers(t, c, "6596", multitour.Today().AddDays(2))[0].ID)
				fake.Inject(test.fault)
				if test.fault.Op != "" {
					fake.Inject(multitourtest.Fault{})
				}
				_, err := c.Book(context.WithoutCancel(t.Context()), b)
				if test.kind == "" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, test.kind)
				}
				found, err := c.LostBookings(t.Context(), multitour.OfferBooking{Request: b})
				require.NoError(t, err)
				assert.Len(t, found, test.carried)
			}
			fake := multitourtest.New()
			c, err := multitour.New(fake.Config(), rutravel.WithHTTPClient(fake.HTTPClient()))
			require.NoError(t, err)
			check(t, fake, c)

			fake = multitourtest.New()
			check(t, fake, overSocket(t, fake))
		})
	}
}

func TestOverSocket(t *testing.T) {
	t.Parallel()
	flow(t, overSocket(t, multitourtest.New()), multitour.Today())
}
