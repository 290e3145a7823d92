package smartway_test

import (
	"bytes"
	"errors"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// seed adds the golden and the awkward answers.
func seed(f *testing.F) {
	f.Helper()
	conformance.Seeds(f, func(text []byte) { f.Add(text) }, "../testdata/smartway/*.json", "../testdata/smartway/awkward/*.json")
}

// fuzzed returns a new client, whose first call has the id of the golden
// answers, that is answered with *body.
func fuzzed(t testing.TB, body []byte) *smartway.Client {
	t.Helper()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewBytesResponder(http.StatusOK, body))
	return client(t, m)
}

func check(t *testing.T, err error) bool {
	t.Helper()
	_, ok := errors.AsType[*rutravel.Error](err)
	require.Equal(t, err != nil, ok, "%v", err)
	return err == nil
}

// FuzzAnswers gives every method any answer: it is a value or a
// *rutravel.Error, and a purchase succeeds only with its id.
func FuzzAnswers(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		for name, call := range methods {
			value, err := call(t.Context(), fuzzed(t, body))
			if !check(t, err) {
				continue
			}
			switch v := value.(type) {
			case smartway.BookingID:
				require.Regexp(t, `^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, v, name)
			case smartway.FlightOffers:
				require.NotEmpty(t, v.Search)
				for _, variant := range v.Variants {
					require.NotEmpty(t, variant.ID)
				}
			case smartway.Purchase:
				require.False(t, v.Status == smartway.PurchaseDone && v.Trip == "")
			case []byte:
				require.True(t, bytes.HasPrefix(v, []byte("%PDF")))
			case smartway.TripList:
				for _, trip := range v.Trips {
					require.NotEmpty(t, trip.ID)
				}
			case smartway.Login:
				require.NotEmpty(t, v.GUID)
			}
		}
	})
}

// FuzzHistory reads any history while it arrives: what it hands out is what the
// same answer holds when it is read whole, and a cursor comes only with all of it.
func FuzzHistory(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		history := fuzzed(t, body).Trips.AfterChange(t.Context(), 0)
		streamed, err := rutravel.Collect(history.All())
		well := check(t, err)
		_, ok := history.Cursor()
		require.Equal(t, well, ok)
		if !well {
			return
		}
		whole, err := fuzzed(t, body).Trips.OfRequest(t.Context(), "rq1")
		if check(t, err) {
			require.Equal(t, whole.Trips, streamed)
		}
	})
}
