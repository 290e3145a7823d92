package regionbilet_test

import (
	"errors"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// RB-T28: the days of a report must be in one calendar month.
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
	for range 2 { // every range begins again
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

// Given a row that cannot be read, expect all other rows and later months. The row is
// yielded as far as it was read.
func TestUnreadableReportRow(t *testing.T) {
	t.Parallel()
	row := func(n, fields string) string {
		return `{"date_booking":"11.01.2021","time_booking":"09:32","id_booking":"b` + n + `","number_ticket":"T` + n + `","seat":"10","category":"1",
			"date_trip":"15.01.2021","time_trip":"08:30","name_trip":"n","name_from":"f","name_to":"t",` + fields + `}`
	}
	const (
		sale   = `"ticket_price":"492.80","markup_price":"24.74"`
		refund = `"ticket_refund_price":"468.16","ticket_refund_percent":"5","date_refund":"14.01.2021","time_refund":"16:45"`
	)
	answer := func(good, bad string) string {
		return `{"error":"0","result":[` + row("1", good) + `,` + row("2", bad) + `,` + row("3", good) + `]}`
	}
	months := regionbilet.DateRange{From: civil.Date{Year: 2021, Month: 1, Day: 1}, To: civil.Date{Year: 2021, Month: 2, Day: 28}}
	month := regionbilet.DateRange{From: months.From, To: months.From}
	check := func(t *testing.T, err error, problem string) {
		t.Helper()
		assert.ErrorIs(t, err, rutravel.ErrProtocol)
		rows, ok := errors.AsType[*rutravel.RowsError](err)
		require.True(t, ok, err)
		require.Len(t, rows.Rows, 1)
		assert.Equal(t, 1, rows.Rows[0].Index)
		assert.Equal(t, "T2", rows.Rows[0].ID)
		assert.Contains(t, rows.Rows[0].Problem, "result[1]."+problem)
	}
	for name, bad := range map[string]string{
		"text": `"ticket_price":"дорого","markup_price":"24.74"`, "negative": `"ticket_price":"-1.00","markup_price":"24.74"`,
		"null": `"ticket_price":null,"markup_price":"24.74"`, "missing": `"markup_price":"24.74"`,
		"object": `"ticket_price":{},"markup_price":"24.74"`, "true": `"ticket_price":true,"markup_price":"24.74"`,
	} {
		t.Run("sale "+name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, answer(sale, bad))
			sales, err := c.SalesReport(t.Context(), month)
			check(t, err, "ticket_price")
			require.Len(t, sales, 2)
			assert.Equal(t, regionbilet.TicketNumber("T1"), sales[0].Number)
			assert.Equal(t, regionbilet.TicketNumber("T3"), sales[1].Number)

			var read, failed []regionbilet.TicketNumber
			for s, err := range c.AllSales(t.Context(), months) {
				if row, ok := errors.AsType[*rutravel.RowError](err); ok {
					assert.Equal(t, "T2", row.ID)
					failed = append(failed, s.Number)
					assert.Equal(t, "24.74", s.Fee.String())
					assert.True(t, s.Base.IsZero())
					continue
				}
				require.NoError(t, err)
				read = append(read, s.Number)
			}
			assert.Equal(t, []regionbilet.TicketNumber{"T1", "T3", "T1", "T3"}, read)
			assert.Equal(t, []regionbilet.TicketNumber{"T2", "T2"}, failed)
		})
	}
	for name, bad := range map[string]string{
		"ticket_refund_price":   `"ticket_refund_price":"-491.66","ticket_refund_percent":"5","date_refund":"14.01.2021","time_refund":"16:45"`,
		"ticket_refund_percent": `"ticket_refund_price":"468.16","ticket_refund_percent":"150","date_refund":"14.01.2021","time_refund":"16:45"`,
	} {
		t.Run("refund "+name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, answer(refund, bad))
			refunds, err := c.RefundsReport(t.Context(), month)
			check(t, err, name)
			assert.Len(t, refunds, 2)
			all, err := rutravel.Collect(c.AllRefunds(t.Context(), months))
			assert.ErrorIs(t, err, rutravel.ErrProtocol)
			assert.Len(t, all, 6)
		})
	}
}

// Given a date without a time, expect the date. A minor field that cannot be read is empty,
// with a warning.
func TestReportMinorFields(t *testing.T) {
	t.Parallel()
	day := civil.Date{Year: 2021, Month: 1, Day: 14}
	for _, text := range []string{`"time_refund": ""`, `"time_refund": null`, `"time_refund": "25:00"`, `"time_refund": true`} {
		c, paths := warned(t, strings.Replace(goldenAnswer(t, "report_refund"), `"time_refund": "16:45"`, text, 1))
		refunds, err := c.RefundsReport(t.Context(), regionbilet.DateRange{From: day, To: day})
		require.NoError(t, err, text)
		require.Len(t, refunds, 2, text)
		assert.Equal(t, regionbilet.OptDateTime{Date: day}, refunds[0].Refunded, text)
		assert.Zero(t, refunds[0].Refunded.DateTime(), text)
		assert.NotZero(t, refunds[1].Refunded.DateTime(), text)
		assert.Equal(t, strings.Contains(text, "25") || strings.Contains(text, "true"), len(paths()) == 1, text)
	}
	for _, name := range []string{"date_booking", "time_booking", "date_trip", "name_trip", "name_from", "name_to"} {
		text := regexp.MustCompile(`"`+name+`": "[^"]*"`).ReplaceAllString(goldenAnswer(t, "report_sale"), `"`+name+`": [1]`)
		c, paths := warned(t, text)
		sales, err := c.SalesReport(t.Context(), regionbilet.DateRange{From: day, To: day})
		require.NoError(t, err, name)
		assert.Len(t, sales, 2, name)
		assert.Equal(t, []string{"result[0]." + name, "result[1]." + name}, paths())
	}
}

// RB-T27: in report_sale, seat is only in the manual's template. It may be missing.
func TestSaleWithoutSeat(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, without(goldenAnswer(t, "report_sale"), "seat"))
	sales, err := c.SalesReport(t.Context(), regionbilet.DateRange{From: tripQuery.Date, To: tripQuery.Date})
	require.NoError(t, err)
	assert.Empty(t, sales[0].Seat)
}
