package regionbilet_test

import (
	"net/http"
	"os"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// RB-T28: a report must lie in one calendar month.
func TestInvalidReportDays(t *testing.T) {
	t.Parallel()
	day := func(month time.Month, day int) civil.Date { return civil.Date{Year: 2021, Month: month, Day: day} }
	for name, report := range map[string]func(*regionbilet.Client, regionbilet.DateRange) error{
		"sales": func(c *regionbilet.Client, r regionbilet.DateRange) error {
			_, err := c.SalesReport(t.Context(), r)
			return err
		},
		"refunds": func(c *regionbilet.Client, r regionbilet.DateRange) error {
			_, err := c.RefundsReport(t.Context(), r)
			return err
		},
	} {
		of := func(r regionbilet.DateRange) func(*regionbilet.Client) error {
			return func(c *regionbilet.Client) error { return report(c, r) }
		}
		checkInvalid(t,
			invalidCall{name + " without a beginning", "From", of(regionbilet.DateRange{To: day(2, 1)})},
			invalidCall{name + " with the end before the beginning", "To", of(regionbilet.DateRange{From: day(2, 2), To: day(2, 1)})},
			invalidCall{name + " of two months", "To", of(regionbilet.DateRange{From: day(2, 2), To: day(3, 1)})},
			invalidCall{name + " of two years", "To", of(regionbilet.DateRange{From: day(2, 2), To: civil.Date{Year: 2022, Month: 2, Day: 3}})},
		)
	}
}

// RB-T28: AllSales splits a longer range into calendar months.
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
	assert.Empty(t, asked, "nothing is sent before the first value is requested")
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
	assert.Len(t, asked, 1, "break stops fetching")
}

// An error ends the sequence.
func TestReportsEndAtError(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, `{"error":"1","error_description":"Для тестового пользователя данный запрос недоступен"}`)
	all, err := rutravel.Collect(c.AllRefunds(t.Context(), regionbilet.DateRange{
		From: civil.Date{Year: 2021, Month: 1, Day: 1}, To: civil.Date{Year: 2021, Month: 9, Day: 1},
	}))
	assert.ErrorIs(t, err, rutravel.ErrRejected)
	assert.Empty(t, all)
	assert.Len(t, *asked, 1)
	_, err = rutravel.Collect(c.AllRefunds(t.Context(), regionbilet.DateRange{}))
	assert.ErrorIs(t, err, rutravel.ErrInvalid)
	assert.Len(t, *asked, 1)
}

// RB-T27: seat is in the template of report_sale only, and may be missing.
func TestSaleWithoutSeat(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, without(goldenAnswer(t, "report_sale"), "seat"))
	sales, err := c.SalesReport(t.Context(), regionbilet.DateRange{From: tripQuery.Date, To: tripQuery.Date})
	require.NoError(t, err)
	assert.Empty(t, sales[0].Seat)
}
