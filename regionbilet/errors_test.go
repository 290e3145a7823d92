package regionbilet_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/regionbilet"
)

// RB-T06: "0" and 0 are a success. An empty, null or missing error is a success if there
// is a result.
func TestSuccessCodes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"booking-error-number", "booking-error-empty", "booking-error-null", "booking-error-absent"} {
		c, _ := answering(t, conformance.Awkward(t, "regionbilet", name))
		hold, err := c.Book(t.Context(), bookRequest("10"))
		require.NoError(t, err, name)
		assert.Equal(t, bookingID, hold.Booking, name)
	}
}

// RB-T06: every other code is a refusal and keeps its text.
func TestErrorCodes(t *testing.T) {
	t.Parallel()
	for _, code := range []string{`"5"`, `5`, `"E-12"`, `"00"`} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, `{"error":`+code+`,"error_description":"Место занято"}`)
			_, err := c.Book(t.Context(), bookRequest("10"))
			e := conformance.Failure(t, err, rutravel.ErrRejected)
			assert.Equal(t, strings.Trim(code, `"`), e.Code)
			assert.Equal(t, "Место занято", e.Message)
		})
	}
}

// RB-T06: Book, Pay and Refund do not succeed without a complete result.
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
				_, err := c.Pay(t.Context(), unpaid)
				return err
			},
			"refund": func(c *regionbilet.Client) error {
				_, err := c.Refund(t.Context(), ticket)
				return err
			},
		} {
			c, asked := answering(t, body)
			assert.ErrorIs(t, do(c), rutravel.ErrNotConfirmed, "%s: %s", name, body)
			assert.Len(t, *asked, 1, "%s: %s", name, body)
		}
	}
}

// Given a refusal with a result, expect ErrNotConfirmed and the result.
func TestRefusalWithPayload(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"5","error_description":"Внутренняя ошибка","result":{"id_booking":"stv-1"}}`)
	hold, err := c.Book(t.Context(), bookRequest("10"))
	e := conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, "5", e.Code)
	assert.NotErrorIs(t, err, rutravel.ErrRejected)
	assert.Equal(t, regionbilet.BookingID("stv-1"), hold.Booking)
}

// Given a refusal with a part of a result, expect ErrNotConfirmed. Empty elements are
// removed. A refusal that has only empty elements is ErrRejected.
func TestRefusalWithPartOfPayload(t *testing.T) {
	t.Parallel()
	const refusal = `{"error":"5","error_description":"Внутренняя ошибка","result":`
	c, _ := answering(t, refusal+`[{"seat":"10","number_ticket":"T1"},{"seat":"11","number_ticket":""}]}`)
	tickets, err := c.Pay(t.Context(), unpaid)
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, []regionbilet.IssuedTicket{{Seat: "10", Number: "T1"}}, tickets)

	c, _ = answering(t, refusal+`[{"proc_refund":"5","sum_refund_ticket":"468.16"}]}`)
	refund, err := c.Refund(t.Context(), ticket)
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, "468.16", refund.Amount.String())

	c, _ = answering(t, refusal+`[{"id_booking":"a"},{"id_booking":"b"}]}`)
	hold, err := c.Book(t.Context(), bookRequest("10"))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Zero(t, hold, "which of the two ids is the booking's is unknown")

	for _, numberless := range []string{`{"seat":"10","number_ticket":""}`, `{"seat":"10"}`, `{"seat":"10","number_ticket":"T 1"}`} {
		c, _ = answering(t, refusal+`[`+numberless+`]}`)
		tickets, err = c.Pay(t.Context(), unpaid)
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Empty(t, tickets, numberless)
	}

	c, _ = answering(t, refusal+`[{"seat":"","number_ticket":""}]}`)
	tickets, err = c.Pay(t.Context(), unpaid)
	conformance.Failure(t, err, rutravel.ErrRejected)
	assert.Empty(t, tickets)
}

// RB-T11: a refusal is recognized with every result, by every command.
func TestRefusalWithAnyResult(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"absent", "null", "empty-string", "empty-array", "empty-object"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, conformance.Awkward(t, "regionbilet", "refusal-result-"+name))
			_, err := c.Trips(t.Context(), tripQuery)
			assert.Equal(t, "7", conformance.Failure(t, err, rutravel.ErrRejected).Code)
			_, err = c.Book(t.Context(), bookRequest("10"))
			assert.Equal(t, "7", conformance.Failure(t, err, rutravel.ErrRejected).Code)
			assert.Equal(t, "7", conformance.Failure(t, c.Cancel(t.Context(), unpaid), rutravel.ErrRejected).Code)
		})
	}
}

// RB-T11: an empty list may be null, "", [] or {}. A missing list is
// ErrProtocol.
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

// RB-T07: an empty list without a code is a refusal if the description names an
// error. The manual's ways to write "no errors" do not.
func TestDescriptionWithoutCode(t *testing.T) {
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
		assert.Empty(t, segments, body)
	}
}

// ErrNotConfirmed keeps the supplier's description, with or without a part of a result.
func TestDescriptionOfUnconfirmedCalls(t *testing.T) {
	t.Parallel()
	const description = "Недостаточно средств на счете"
	for _, result := range []string{`,"result":[]`, ``, `,"result":null`, `,"result":[{"seat":"10","number_ticket":""}]`, `,"result":[{"seat":"10"}]`} {
		c, _ := answering(t, `{"error":"","error_description":"`+description+`"`+result+`}`)
		_, err := c.Pay(t.Context(), unpaid)
		e := conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, description, e.Message, result)
		assert.Equal(t, "Client.BookingTickets", e.LookUp, result)
		assert.ErrorContains(t, err, "result", result)
		e = conformance.Failure(t, c.Cancel(t.Context(), unpaid), rutravel.ErrNotConfirmed)
		assert.Equal(t, description, e.Message, result)
	}
	c, _ := answering(t, `{"error":"","error_description":"Нет ошибок","result":[]}`)
	_, err := c.Pay(t.Context(), unpaid)
	assert.Empty(t, conformance.Failure(t, err, rutravel.ErrNotConfirmed).Message)
}

// A description that cannot be read changes neither a success nor a refusal. Without a
// code it is an error, because it may describe one.
func TestUnreadableDescription(t *testing.T) {
	t.Parallel()
	for _, description := range []string{`{"a":1}`, `[1]`, `true`} {
		c, paths := warned(t, `{"error":"0","error_description":`+description+`,"result":[{"seat":"10","number_ticket":"T1"}]}`)
		_, err := c.Pay(t.Context(), unpaid)
		require.NoError(t, err, description)
		assert.Equal(t, []string{"error_description"}, paths())
		c, _ = answering(t, `{"error":"5","error_description":`+description+`}`)
		_, err = c.Pay(t.Context(), unpaid)
		conformance.Failure(t, err, rutravel.ErrRejected)
		c, _ = answering(t, `{"error":"","error_description":`+description+`,"result":[{"seat":"10","number_ticket":"T1"}]}`)
		_, err = c.Pay(t.Context(), unpaid)
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		_, err = c.Segments(t.Context())
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
}

// An error without the documented description is from a gateway. After an unsafe call the
// error is ErrNotConfirmed, because the gateway does not know what the supplier did.
func TestGatewayErrorsAreNotRefusals(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"error":"upstream timed out"}`, `{"error":504,"message":"Gateway Timeout"}`} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, body)
			_, err := c.Pay(t.Context(), unpaid)
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			conformance.Failure(t, c.Cancel(t.Context(), unpaid), rutravel.ErrNotConfirmed)
			_, err = c.Segments(t.Context())
			conformance.Failure(t, err, rutravel.ErrRejected)
		})
	}
}

func TestGatewayRateLimit(t *testing.T) {
	t.Parallel()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(httpmock.NewStringResponder(http.StatusTooManyRequests, `{"error":"Too Many Requests"}`))
	c, err := regionbilet.New(regionbilet.Config{User: "test", SecretKey: "test"}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	_, err = c.Pay(t.Context(), unpaid)
	conformance.Failure(t, err, rutravel.ErrRateLimited)
}

// A refusal that is cut anywhere is not a refusal.
func TestCutRefusals(t *testing.T) {
	t.Parallel()
	refusal := conformance.Awkward(t, "regionbilet", "refusal-result-null")
	whole := strings.LastIndex(refusal, "}")
	for n := range whole {
		t.Run(strconv.Itoa(n)+" bytes", func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, refusal[:n])
			_, err := c.Pay(t.Context(), unpaid)
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			conformance.Failure(t, c.Cancel(t.Context(), unpaid), rutravel.ErrNotConfirmed)
		})
	}
	c, _ := answering(t, refusal[:whole+1])
	_, err := c.Pay(t.Context(), unpaid)
	conformance.Failure(t, err, rutravel.ErrRejected)
}

// RB-T34: an error's text has the supplier's message without the passenger's
// data and the credentials of the request.
func TestRefusalIsReadable(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"3","error_description":"Место 10 занято, ИВАНОВ 0701 755756 test"}`)
	_, err := c.Book(t.Context(), bookRequest("10"))
	assert.EqualError(t, err, `regionbilet: booking: rejected by the supplier: code "3": "Место 10 занято, […] […] […]" (HTTP 200)`)
}

// The passenger's data is also hidden if the supplier writes it in another form.
func TestPrivateDataInOtherForms(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"error":"3","error_description":"серия 0701 номер 755756, телефон 8 (918) 755-77-88 или 918 755 77 88"}`)
	b := bookRequest("10")
	b.Phone = "+79187557788"
	_, err := c.Book(t.Context(), b)
	assert.ErrorContains(t, err, "серия […] номер […], телефон 8 ([…] или […]")
}

// RB-T08: a body that is not JSON is an error. WithRawAnswer stores the body. A call that
// is not sent clears it.
func TestRawAnswer(t *testing.T) {
	t.Parallel()
	const page = "<html>Технические работы</html>"
	c, _ := answering(t, page)
	var raw []byte
	_, err := c.Pay(t.Context(), unpaid, rutravel.WithRawAnswer(&raw))
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, page, string(raw))
	assert.NotContains(t, err.Error(), "Технические")

	_, err = c.Pay(t.Context(), regionbilet.Hold{}, rutravel.WithRawAnswer(&raw))
	conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Nil(t, raw)
}
