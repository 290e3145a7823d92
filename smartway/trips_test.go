package smartway_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T44, SW-T45, SW-T46, SW-T52: odd values of TripInfo are decoded.
func TestTripInfoShapes(t *testing.T) {
	t.Parallel()
	info := func(name string) smartway.TripInfo {
		got, err := awkwardly(t, name).Trips.Info(t.Context(), "7949")
		require.NoError(t, err, name)
		return got
	}
	assert.Equal(t, smartway.TripCancelled, info("trip.info-status-cancelled").Status)
	assert.Equal(t, "90071992547409.93", info("trip.info-amount-digits").Amount.String(), "SW-T59")
	assert.Equal(t, "4449", info("trip.info-amount-exponent").Amount.String())
	assert.Equal(t, "2017-05-08T20:15:00", info("trip.info-dates-minutes").Booked.String())
	assert.Equal(t, "2017-05-08T20:15:18.950000000", info("trip.info-dates-zone").Booked.String(), "the zone is ignored")
	assert.Zero(t, info("trip.info-dates-zero").Booked)
	assert.Zero(t, info("trip.info-dates-null").Items[0].CheckIn)
	_, err := awkwardly(t, "trip.info-strings").Trips.Info(t.Context(), "7950")
	conformance.Failure(t, err, rutravel.ErrProtocol) // of another trip
}

// SW-T51, SW-T56: unset filters are not sent, and a range has both ends.
func TestTripQueries(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, "[]")
	_, err := c.Trips.Versions(t.Context(), smartway.VersionQuery{})
	require.NoError(t, err)
	_, err = c.ClosingDocuments.List(t.Context(), smartway.ClosingQuery{INN: "7799555550"})
	require.NoError(t, err)
	assert.Equal(t, []string{`{"inn_companies":[],"document_numbers":[]}`, `{"inn":"7799555550"}`}, *queries)
	first := civil.Date{Year: 2019, Month: 6, Day: 1}
	_, err = c.Trips.Between(t.Context(), smartway.DateRange{From: first})
	conformance.Invalid(t, err, "To")
	_, err = c.Trips.Between(t.Context(), smartway.DateRange{From: first, To: first.AddDays(-1)})
	conformance.Invalid(t, err, "To")
	_, err = c.Trips.Versions(t.Context(), smartway.VersionQuery{Documents: []string{"1", ""}})
	conformance.Invalid(t, err, "Documents[1]")
	_, err = c.Trips.Versions(t.Context(), smartway.VersionQuery{To: civil.Date{Year: 2019, Month: 2, Day: 30}})
	conformance.Invalid(t, err, "To")
	_, err = c.Trips.OfRequest(t.Context(), " ")
	conformance.Invalid(t, err, "id")
	_, err = with(t, `{"trips":[]}`).Trips.Between(t.Context(), smartway.DateRange{From: first, To: first})
	require.NoError(t, err, "a range of one day")
	noDay := civil.Date{Year: 2019, Month: 2, Day: 30}
	_, err = c.ClosingDocuments.List(t.Context(), smartway.ClosingQuery{INN: "1", From: noDay})
	conformance.Invalid(t, err, "From")
	_, err = c.ClosingDocuments.List(t.Context(), smartway.ClosingQuery{INN: "1", To: noDay})
	conformance.Invalid(t, err, "To")
	_, err = c.ClosingDocuments.List(t.Context(), smartway.ClosingQuery{})
	conformance.Invalid(t, err, "INN")
}

// SW-T58: a voucher is a PDF in base64 with any line breaks.
func TestVoucherShapes(t *testing.T) {
	t.Parallel()
	plain, err := awkwardly(t, "trip.item_voucher-padding").Trips.ItemVoucher(t.Context(), "1234")
	require.NoError(t, err)
	for _, name := range []string{"line-feeds", "crlf", "spaces"} {
		got, err := awkwardly(t, "trip.item_voucher-"+name).Trips.ItemVoucher(t.Context(), "1234")
		require.NoError(t, err, name)
		assert.Equal(t, "%PDF-1.4", string(got[:8]), name)
		assert.True(t, strings.HasSuffix(string(got), "%%EOF\n"), name)
	}
	assert.Equal(t, "%PDF-1.4", string(plain[:8]))
	got, err := awkwardly(t, "trip.item_voucher-html").Trips.ItemVoucher(t.Context(), "1234")
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Nil(t, got)
	_, err = with(t, "null").Trips.ItemVoucher(t.Context(), "x")
	conformance.Invalid(t, err, "id")
	_, err = with(t, "null").Trips.VersionVoucher(t.Context(), 0)
	conformance.Invalid(t, err, "id")
}

// An answer with a list and a failure is an error.
func TestTripsNextToFailure(t *testing.T) {
	t.Parallel()
	const list = `{"trips":[{"id":7,"amount":1,"items":[]}],"last_version_id":300,`
	for failure, kind := range map[string]rutravel.Kind{
		`"error":"no"}`: rutravel.ErrProtocol, `"success":false}`: rutravel.ErrRejected, `"error":"no","success":false}`: rutravel.ErrRejected,
	} {
		t.Run(failure, func(t *testing.T) {
			t.Parallel()
			c := with(t, list+failure)
			_, err := c.Trips.Between(t.Context(), smartway.DateRange{
				From: civil.Date{Year: 2019, Month: 6, Day: 1}, To: civil.Date{Year: 2019, Month: 6, Day: 15},
			})
			require.ErrorIs(t, err, kind, failure)
			_, err = c.Trips.OfRequest(t.Context(), "rq1")
			require.ErrorIs(t, err, kind, failure)
		})
	}
	got, err := with(t, list+`"error":null,"success":null}`).Trips.OfRequest(t.Context(), "rq1")
	require.NoError(t, err)
	assert.Len(t, got.Trips, 1)
}

// A trip has news if one of its versions is not stored or cannot be compared.
func TestHasNews(t *testing.T) {
	t.Parallel()
	trip := func(versions ...smartway.VersionID) smartway.Trip {
		item := smartway.TripItem{}
		for _, id := range versions {
			item.Versions = append(item.Versions, smartway.ItemVersion{ID: id})
		}
		return smartway.Trip{Items: []smartway.TripItem{{Versions: []smartway.ItemVersion{{ID: 1}}}, item}}
	}
	stored := []smartway.VersionID{1, 2, 3}
	assert.False(t, trip(2).HasNews(stored))
	assert.False(t, trip(3, 2).HasNews(stored))
	assert.True(t, trip(3, 4).HasNews(stored))
	assert.True(t, trip(2).HasNews(nil))
	assert.True(t, trip(2, 0).HasNews(stored), "an id that could not be read")
	assert.True(t, trip().HasNews(stored), "no versions")
	assert.True(t, smartway.Trip{}.HasNews(stored))
}

// The second row of a list of trips, versions or closing documents cannot be read. The
// others are returned.
func TestTripRows(t *testing.T) {
	t.Parallel()
	days := smartway.DateRange{From: civil.Date{Year: 2019, Month: 6, Day: 1}, To: civil.Date{Year: 2019, Month: 6, Day: 15}}
	for name, test := range map[string]struct {
		good, bad string
		call      func(*smartway.Client) (int, error)
	}{
		"trips": {`{"id":%d,"amount":1}`, `{"id":2,"amount":"x"}`, func(c *smartway.Client) (int, error) {
			list, err := c.Trips.Between(t.Context(), days)
			return len(list.Trips), err
		}},
		"trips of a request": {`{"id":%d,"amount":1}`, `{"id":2,"amount":null}`, func(c *smartway.Client) (int, error) {
			list, err := c.Trips.OfRequest(t.Context(), "rq1")
			return len(list.Trips), err
		}},
		"versions": {`{"version_id":%d,"item_id":1}`, `{"version_id":2,"item_id":{}}`, func(c *smartway.Client) (int, error) {
			all, err := c.Trips.Versions(t.Context(), smartway.VersionQuery{})
			return len(all), err
		}},
		"packages": {`{"number":"%d","documents":[]}`, `{"number":"2","documents":[{"type":"act","items":[{"amount":"x"}]}]}`, func(c *smartway.Client) (int, error) {
			all, err := c.ClosingDocuments.List(t.Context(), smartway.ClosingQuery{INN: "7799555550"})
			return len(all), err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := "[" + fmt.Sprintf(test.good, 1) + "," + test.bad + "," + fmt.Sprintf(test.good, 3) + "]"
			if strings.HasPrefix(name, "trips") {
				list = `{"trips":` + list + `,"last_version_id":5}`
			}
			n, err := test.call(with(t, list))
			assert.Equal(t, 2, n)
			conformance.Failure(t, err, rutravel.ErrProtocol)
			rows, ok := errors.AsType[*rutravel.RowsError](err)
			require.True(t, ok)
			require.Len(t, rows.Rows, 1)
			assert.Equal(t, 1, rows.Rows[0].Index)
			assert.Equal(t, "2", rows.Rows[0].ID)

			// Rows of an answer to another request are not returned.
			other, _ := bodied(t, `{"id":9,"result":`+list+`}`)
			_, err = test.call(other)
			conformance.Failure(t, err, rutravel.ErrProtocol)
			_, ok = errors.AsType[*rutravel.RowsError](err)
			assert.False(t, ok)
		})
	}
}
