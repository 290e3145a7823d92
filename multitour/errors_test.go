package multitour_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// MT-T14: given an error of any shape and a response of nulls, expect a refusal with all
// texts.
func TestErrors(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"error":            {`Некорректный идентификатор страны "country_id"`},
		"error-string":     {`Некорректный идентификатор страны "country_id"`},
		"is_success-false": {`Некорректный идентификатор страны "country_id"`},
		"error-several": {
			`Некорректный идентификатор страны "country_id"`, `Некорректный идентификатор курорта "resort_id"`,
			`Некорректный идентификатор города "city_id"`,
		},
		"error-objects": {"12: Некорректный идентификатор страны", "15: Страна не найдена"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, awkward(t, name))
			_, err := c.Amenities(t.Context(), multitour.Area{Country: "6228"})
			e := conformance.Failure(t, err, rutravel.ErrInvalid)
			assert.Equal(t, strings.Join(want, "; "), e.Message)
			assert.Equal(t, 1, e.Attempts)
			all, several := errors.AsType[multitour.Messages](err)
			assert.Equal(t, len(want) > 1, several)
			if several {
				assert.Equal(t, multitour.Messages(want), all)
				assert.Equal(t, fmt.Sprint(len(want), " messages"), all.Error())
			}
			_, err = c.Book(t.Context(), bookRequest())
			assert.Equal(t, strings.Join(want, "; "), conformance.Failure(t, err, rutravel.ErrInvalid).Message)
		})
	}
	t.Run("is_success-false-alone", func(t *testing.T) {
		t.Parallel()
		c, _ := answering(t, awkward(t, "is_success-false-alone"))
		_, err := c.Amenities(t.Context(), multitour.Area{Country: "6228"})
		assert.Empty(t, conformance.Failure(t, err, rutravel.ErrRejected).Message)
		_, err = c.Book(t.Context(), bookRequest())
		conformance.Failure(t, err, rutravel.ErrRejected)
	})
}

// MT-T14: an error section without a text is not an error.
func TestNoErrors(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"error-empty-list", "error-null", "error-empty-string", "is_success-true"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, awkward(t, name))
			countries, err := c.Countries(t.Context(), multitour.ExcursionTours)
			require.NoError(t, err)
			assert.NotEmpty(t, countries)
		})
	}
	for _, more := range []string{
		`"error":0`, `"error":"0"`, `"error":{"code":0,"message":""}`, `"error":[{"code":"0"}]`, `"error":[null,""]`, `"error":false`,
		`"is_success":null`, `"is_success":""`, `"is_success":1`, `"is_success":"true"`,
	} {
		t.Run(more, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, `{"header":{"method":"m"},"response":{"booking_info":{"code":"X1"}},`+more+`}`)
			code, err := c.Book(t.Context(), bookRequest())
			require.NoError(t, err)
			assert.Equal(t, multitour.BookingCode("X1"), code)
		})
	}
}

// An answer without a response is an error.
func TestNoResponse(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, `{"header":{"token":"own-token","method":"m"},"request":{}}`)
	_, err := c.Countries(t.Context(), "")
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "response: missing")
}

// The kind is ErrInvalid for the manual's only sample of an error. A wrong token is not an
// invalid request.
func TestKindOfErrors(t *testing.T) {
	t.Parallel()
	for text, kind := range map[string]rutravel.Kind{
		`Некорректный идентификатор страны`: rutravel.ErrInvalid,
		`Некорректный токен`:                rutravel.ErrRejected,
		`Нет мест`:                          rutravel.ErrRejected,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, refusing(t, `null`, text))
			_, err := c.Book(t.Context(), bookRequest())
			assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind)
		})
	}
}

// refusing returns an error in the documented envelope.
func refusing(t *testing.T, section string, texts ...string) string {
	t.Helper()
	list, err := json.Marshal(texts)
	require.NoError(t, err)
	return `{"header":{"token":"own-token","method":"m"},"request":{},"response":` + section + `,"error":` + string(list) + `}`
}

// Messages has texts of any length and number, up to its limits.
func TestManyErrors(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("слово ", 100)
	c, _ := answering(t, refusing(t, `null`, long+"конец"))
	_, err := c.Book(t.Context(), bookRequest())
	all, ok := errors.AsType[multitour.Messages](err)
	require.True(t, ok)
	assert.Equal(t, multitour.Messages{long + "конец"}, all)
	assert.Equal(t, "1 message", all.Error())

	texts := make([]string, 20_000)
	for i := range texts {
		texts[i] = "ошибка"
	}
	c, _ = answering(t, refusing(t, `null`, texts...))
	_, err = c.Book(t.Context(), bookRequest())
	all, ok = errors.AsType[multitour.Messages](err)
	require.True(t, ok)
	assert.Len(t, all, 100)
}

// An error's Message has all of a text of up to 300 characters. Messages has a longer text.
func TestLongMessage(t *testing.T) {
	t.Parallel()
	for length, detailed := range map[int]bool{300: false, 301: true} {
		c, _ := answering(t, refusing(t, `null`, strings.Repeat("ы", length)))
		_, err := c.Book(t.Context(), bookRequest())
		_, ok := errors.AsType[multitour.Messages](err)
		assert.Equal(t, detailed, ok, length)
	}
}

// Given an answer without the shape of the supplier's refusals, expect ErrNotConfirmed of a
// booking. A gateway may have sent it after the supplier has made the booking.
func TestForeignErrors(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"error":"upstream timeout"}`, `{"error":["x"]}`, `{"is_success":false}`,
		`{"header":{"method":"m"},"error":["x"]`, `{"header":{"method":"m"},"error":true}`, `{"header":null,"error":["x"]}`,
		`{"header":{"method":""},"error":["x"]}`, `{"header":{"method":["m"]},"error":["x"]}`, `{"header":"m","error":["x"]}`,
		`{"header":{"method":"m"},"is_success":"maybe","response":{"booking_info":{"code":""}}}`,
		awkward(t, "booking_set-null"), response(`null`), response(`[]`), response(`{}`), response(`{"booking_info":{}}`),
		response(`{"booking_info":{"code":null}}`), response(`{"booking_info":{"code":""}}`), response(`{"booking_info":{"code":"0"}}`),
		response(`{"booking_info":{"code":"X1 2"}}`), response(`{"booking_info":{"code":["X1"]}}`), response(`{"other":{"code":"X1"}}`),
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			c, asked := answering(t, body)
			code, err := c.Book(t.Context(), bookRequest())
			assert.ErrorIs(t, err, rutravel.ErrNotConfirmed)
			assert.Empty(t, code)
			assert.Len(t, *asked, 1)
		})
	}
}

// Given an error and a response with values, expect ErrNotConfirmed. A code that arrived is
// returned with it.
func TestErrorWithCode(t *testing.T) {
	t.Parallel()
	const text = "Не удалось отправить письмо"
	for _, section := range []string{
		`{"booking_info":{"code":["X1800001"]}}`, `{"booking_info":"X1800001"}`, `{"booking_info":{"code":"X 1800001"}}`,
		`{"booking":{"code":"X1800001"}}`, `{"booking_info":{"info":{"price":"5"}}}`, `{"booking_info":[true]}`, `["x"]`, `7`,
	} {
		t.Run("not confirmed: "+section, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, refusing(t, section, text))
			_, err := c.Book(t.Context(), bookRequest())
			assert.Equal(t, text, conformance.Failure(t, err, rutravel.ErrNotConfirmed).Message)
		})
	}
	for _, section := range []string{`null`, `[]`, `{}`, `{"booking_info":null}`, `{"booking_info":{"code":"","info":[]}}`, `false`} {
		t.Run("refused: "+section, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, refusing(t, section, text))
			_, err := c.Book(t.Context(), bookRequest())
			conformance.Failure(t, err, rutravel.ErrRejected)
		})
	}
	c, _ := answering(t, awkward(t, "booking_set-error-and-code"))
	code, err := c.Book(t.Context(), bookRequest())
	assert.Equal(t, "Не удалось отправить уведомление о заявке", conformance.Failure(t, err, rutravel.ErrNotConfirmed).Message)
	assert.NotErrorIs(t, err, rutravel.ErrRejected)
	assert.Equal(t, multitour.BookingCode("X1800001"), code)
}

// MT-T15: an answer that repeats another request is an error. No value is returned, and its
// error section is not a refusal.
func TestAnswerToAnotherRequest(t *testing.T) {
	t.Parallel()
	const same = `"us_key":"111","price_key":1438172603,"date":"28.06.2018","persons":[{"sex":"1","birthday":"15.03.1976"},{"sex":2}]`
	for name, test := range map[string]struct {
		request string
		other   bool
	}{
		"the same":          {`{` + same + `,"view":null}`, false},
		"null":              {`null`, false},
		"an empty list":     {`[]`, false},
		"a text":            {`"1438172603"`, false},
		"another shape":     {`{"us_key":[111],"persons":{"0":{}},"date":20180628}`, false},
		"names differ":      {`{"persons":[{"surname":"&quot;ИВАНОВ"},{"surname":""}]}`, false},
		"another offer":     {`{"price_key":"1438172604"}`, true},
		"another user":      {`{"us_key":112}`, true},
		"another day":       {`{"date":"29.06.2018"}`, true},
		"another birthday":  {`{"persons":[{"birthday":"15.03.1976"},{"birthday":"14.05.1978"}]}`, true},
		"one tourist":       {`{"persons":[{}]}`, true},
		"three tourists":    {`{"persons":[{},{},{}]}`, true},
		"another user last": {`{` + same + `,"us_key":112}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := func(members string) string {
				return `{"header":{"method":"m"},"request":` + test.request + `,` + members + `}`
			}
			c, _ := answering(t, answer(`"response":{"booking_info":{"code":"X1"}}`))
			code, err := c.Book(t.Context(), bookRequest())
			refused, _ := answering(t, answer(`"response":null,"error":["Нет мест"]`))
			_, refusal := refused.Book(t.Context(), bookRequest())
			if !test.other {
				require.NoError(t, err)
				assert.Equal(t, multitour.BookingCode("X1"), code)
				conformance.Failure(t, refusal, rutravel.ErrRejected)
				return
			}
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.ErrorContains(t, err, "request: not the request that was sent")
			assert.Empty(t, code, "it is another call's")
			conformance.Failure(t, refusal, rutravel.ErrNotConfirmed)
		})
	}
	// A refusal of another method does not refuse a booking.
	for _, members := range []string{`"response":null,"error":["Нет мест"]`, `"is_success":false`} {
		t.Run("another method: "+members, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, `{"header":{"method":"booking_list"},"request":{},`+members+`}`)
			_, err := c.Book(t.Context(), bookRequest())
			conformance.Failure(t, err, rutravel.ErrNotConfirmed)
			assert.ErrorContains(t, err, "header.method: not the method that was called")
		})
	}
	// Reads also fail.
	c, _ := answering(t, `{"header":{"method":"m"},"request":{"country_id":6228,"dates":["29.07.2018"]},"response":{"list_price":{"data":[]}}}`)
	_, err := c.HotelPrices(t.Context(), search())
	conformance.Failure(t, err, rutravel.ErrProtocol)
	c, _ = answering(t, `{"header":{"method":"map.category"},"request":{"country_id":"6228"},"response":{"category":[{"id":1,"hotel_id":[]}]}}`)
	all, err := c.MealTypes(t.Context(), "6228")
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.ErrorContains(t, err, "header.method: not the method that was called")
	assert.Empty(t, all)
	_, err = c.Categories(t.Context(), "6228")
	require.NoError(t, err)
}

// MT-T15: texts of errors show no document and no telephone, also in other notations.
func TestRewrittenDocuments(t *testing.T) {
	t.Parallel()
	b := bookRequest()
	b.Tourists[0].PassportNumber, b.Tourists[0].Phone = "0701 755756", "+7 918 755 77 88"
	b.Tourists[1].PassportSeries, b.Tourists[1].PassportNumber = "9876", "555444"
	c, _ := answering(t, refusing(t, `null`, "серия 0701 номер 755756, тел. 8 (918) 755-77-88, 9876 № 555444"))
	_, err := c.Book(t.Context(), b)
	message := conformance.Failure(t, err, rutravel.ErrRejected).Message
	for _, private := range []string{"0701", "755756", "755-77-88", "9876", "555444"} {
		assert.NotContains(t, message, private)
	}
}

// MT-T15: the repeated request may have any values and types. It is not shown. Errors that
// repeat the token or a passport do not show them either.
func TestEchoIsNotRead(t *testing.T) {
	t.Parallel()
	b := bookRequest()
	b.Tourists = b.Tourists[:1]
	b.Tourists[0] = multitour.Tourist{
		Sex: multitour.Male, Surname: " Семёнов-Тян ", FirstName: "Пётр", MiddleName: "Сергеевич", BirthDate: conformance.Date(15, 3, 1976),
		PassportSeries: "11АБ", PassportNumber: "З333444", PassportExpiry: conformance.Date(1, 6, 2020), Phone: "доб. 77",
	}
	echoes := []string{
		"own-token", "Семёнов-Тян", "СЕМЕНОВ-ТЯН", "пётр", "Сергеевич", "15.03.1976", "1976-03-15", "11АБ", "З333444", "11АБЗ333444",
		"01.06.2020", "2020-06-01", "доб. 77",
	}
	texts := make([]string, len(echoes))
	for i, echo := range echoes {
		texts[i] = "значение " + echo + " неверно"
	}
	list, err := json.Marshal(texts)
	require.NoError(t, err)
	c, _ := answering(t, `{"header":{"method":["own-token"]},"request":[[["own-token","333444"]]],"response":null,"error":`+string(list)+`}`)
	_, err = c.Book(t.Context(), b)
	require.Error(t, err)
	all, ok := errors.AsType[multitour.Messages](err)
	require.True(t, ok)
	for i, text := range all {
		assert.Equal(t, "значение […] неверно", text, echoes[i])
	}
	for _, echo := range echoes {
		assert.NotContains(t, err.Error(), echo)
	}
	c, _ = answering(t, refusing(t, `null`, "нет туриста Семёнов"))
	_, err = c.BookingsPage(t.Context(), multitour.BookingQuery{TouristName: "Семенов"})
	assert.Equal(t, "нет туриста […]", conformance.Failure(t, err, rutravel.ErrRejected).Message)
}
