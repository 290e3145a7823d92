package multitour_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// MT-T01, MT-T02: directories under the name that the samples show, under their
// own, and under the only one there is.
func TestDirectoryNames(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, list := range map[string]func(*multitour.Client) (int, error){
		"map.pansion-key-pansion": func(c *multitour.Client) (int, error) { l, err := c.MealTypes(ctx, "6228"); return len(l), err },
		"map.sea.distance-key":    func(c *multitour.Client) (int, error) { l, err := c.SeaDistances(ctx, "6228"); return len(l), err },
		"map.highway-other-key":   func(c *multitour.Client) (int, error) { l, err := c.Highways(ctx, "6243"); return len(l), err },
		"map.tour.type-key": func(c *multitour.Client) (int, error) {
			l, err := c.TourTypes(ctx, multitour.Area{Country: "6228"})
			return len(l), err
		},
	} {
		c, _ := answering(t, conformance.Awkward(t, "multitour", name))
		n, err := list(c)
		require.NoError(t, err, name)
		assert.Positive(t, n, name)
	}
	// The documented name counts, wherever it stands.
	for _, section := range []string{
		`{"category":[{"id":4,"name":"a","hotel_id":[]}],"other":[{"id":5,"hotel_id":[]}]}`,
		`{"other":[{"id":5,"hotel_id":[]}],"category":[{"id":4,"name":"a","hotel_id":[]}]}`,
		`{"note":"x","beachtype":[{"id":4,"name":"a","hotel_id":[]}]}`,
		`{"warnings":["x"],"beach_type":[{"id":4,"name":" a\r\n","hotel_id":[]}]}`,
		`{"note":"x","kinds":[{"id":4,"name":"a","hotel_id":[]}]}`,
	} {
		c, _ := answering(t, response(section))
		all, err := c.BeachTypes(ctx, "6228")
		require.NoError(t, err, section)
		assert.Equal(t, []multitour.Feature[multitour.BeachTypeID]{{ID: "4", Name: "a"}}, all, section)
	}
	// Another one counts only if it is the only one.
	for _, section := range []string{
		`{}`, `{"note":"x"}`, `null`, `[]`, `"x"`, `{"items":[{"id":1,"hotel_id":[]}],"meta":[]}`, `{"meta":{},"items":[{"id":1,"hotel_id":[]}]}`,
		`{"category":[{"hotel_id":[]}],"items":[{"id":1,"hotel_id":[]}]}`,
	} {
		c, _ := answering(t, response(section))
		_, err := c.BeachTypes(ctx, "6228")
		conformance.Failure(t, err, rutravel.ErrProtocol)
	}
}

// An empty directory may be written in five ways.
func TestEmptyDirectory(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		conformance.Awkward(t, "multitour", "map.options-null"), response(`{"options":[]}`), response(`{"options":{}}`), response(`{"options":""}`), response(`{"options":false}`),
	} {
		c, _ := answering(t, body)
		all, err := c.Amenities(t.Context(), multitour.Area{Country: "6228"})
		require.NoError(t, err)
		assert.Empty(t, all)
	}
}

// MT-T05, MT-T13: ids and coordinates as numbers; an age limit that is absent or
// empty is none, and 0 is one.
func TestHotelNumbers(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "multitour", "map.hotel-numbers"))
	hotels, err := c.Hotels(t.Context(), multitour.Area{Country: "6228"})
	require.NoError(t, err)
	require.Len(t, hotels, 2)
	assert.Equal(t, multitour.HotelID("9044"), hotels[0].ID)
	assert.Equal(t, multitour.CityID("1435"), hotels[0].City)
	assert.Equal(t, "44.97709274291992", hotels[0].Latitude.Decimal.String())
	assert.Equal(t, "37.27494812011719", hotels[0].Longitude.Decimal.String())
	assert.Equal(t, "https://www.multitour.ru/files/imgs/hotel_9044_93602_territory31024x512.jpg", hotels[0].Image)
	assert.Nil(t, hotels[0].MinAge)
	assert.Nil(t, hotels[1].MinAge)
	c, _ = answering(t, response(`{"hotel":[{"id":1,"min_age":0}]}`))
	hotels, err = c.Hotels(t.Context(), multitour.Area{Country: "6228"})
	require.NoError(t, err)
	assert.Equal(t, new(0), hotels[0].MinAge)
}

// MT-T14: an error is one beside a response of nulls, in any shape, and all its
// texts are kept.
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
		c, _ := answering(t, conformance.Awkward(t, "multitour", name))
		_, err := c.Amenities(t.Context(), multitour.Area{Country: "6228"})
		e := conformance.Failure(t, err, rutravel.ErrInvalid)
		assert.Equal(t, strings.Join(want, "; "), e.Message, name)
		assert.Equal(t, 1, e.Attempts)
		all, several := errors.AsType[multitour.Messages](err)
		assert.Equal(t, len(want) > 1, several, name)
		if several {
			assert.Equal(t, multitour.Messages(want), all)
			assert.Equal(t, fmt.Sprint(len(want), " messages"), all.Error())
		}
		_, err = c.Book(t.Context(), bookRequest())
		assert.Equal(t, strings.Join(want, "; "), conformance.Failure(t, err, rutravel.ErrInvalid).Message)
	}
	c, _ := answering(t, conformance.Awkward(t, "multitour", "is_success-false-alone"))
	_, err := c.Amenities(t.Context(), multitour.Area{Country: "6228"})
	assert.Empty(t, conformance.Failure(t, err, rutravel.ErrRejected).Message)
	_, err = c.Book(t.Context(), bookRequest())
	conformance.Failure(t, err, rutravel.ErrRejected)

	for _, name := range []string{"error-empty-list", "error-null", "error-empty-string", "is_success-true"} {
		c, _ := answering(t, conformance.Awkward(t, "multitour", name))
		countries, err := c.Countries(t.Context(), multitour.ExcursionTours)
		require.NoError(t, err, name)
		assert.NotEmpty(t, countries)
	}
	for _, more := range []string{
		`"error":0`, `"error":"0"`, `"error":{"code":0,"message":""}`, `"error":[{"code":"0"}]`, `"error":[null,""]`, `"error":false`,
		`"is_success":null`, `"is_success":""`, `"is_success":1`, `"is_success":"true"`,
	} {
		c, _ := answering(t, `{"header":{"method":"m"},"response":{"booking_info":{"code":"X1"}},`+more+`}`)
		code, err := c.Book(t.Context(), bookRequest())
		require.NoError(t, err, more)
		assert.Equal(t, multitour.BookingCode("X1"), code)
	}
}

// The kind is that of the one text which the manual shows; a token is no
// request.
func TestKindOfErrors(t *testing.T) {
	t.Parallel()
	for text, kind := range map[string]rutravel.Kind{
		`Некорректный идентификатор страны`: rutravel.ErrInvalid,
		`Некорректный токен`:                rutravel.ErrRejected,
		`Нет мест`:                          rutravel.ErrRejected,
	} {
		c, _ := answering(t, refusing(t, `null`, text))
		_, err := c.Book(t.Context(), bookRequest())
		assert.Equal(t, kind, conformance.Failure(t, err, kind).Kind)
	}
}

// refusing makes an error in the documented envelope.
func refusing(t *testing.T, section string, texts ...string) string {
	t.Helper()
	list, err := json.Marshal(texts)
	require.NoError(t, err)
	return `{"header":{"token":"own-token","method":"m"},"request":{},"response":` + section + `,"error":` + string(list) + `}`
}

// Texts of any length and number are kept, within bounds.
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

// What does not look like the supplier's own refusal is none of a booking: a
// gateway may say so after the supplier has acted.
func TestForeignErrors(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"error":"upstream timeout"}`, `{"error":["x"]}`, `{"is_success":false}`,
		`{"header":{"method":"m"},"error":["x"]`, `{"header":{"method":"m"},"error":true}`, `{"header":null,"error":["x"]}`,
		`{"header":{"method":""},"error":["x"]}`, `{"header":{"method":["m"]},"error":["x"]}`, `{"header":"m","error":["x"]}`,
		`{"header":{"method":"m"},"is_success":"maybe","response":{"booking_info":{"code":""}}}`,
		conformance.Awkward(t, "multitour", "booking_set-null"), response(`null`), response(`[]`), response(`{}`), response(`{"booking_info":{}}`),
		response(`{"booking_info":{"code":null}}`), response(`{"booking_info":{"code":""}}`), response(`{"booking_info":{"code":"0"}}`),
		response(`{"booking_info":{"code":"X1 2"}}`), response(`{"booking_info":{"code":["X1"]}}`), response(`{"other":{"code":"X1"}}`),
	} {
		c, asked := answering(t, body)
		code, err := c.Book(t.Context(), bookRequest())
		assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, body)
		assert.Empty(t, code, body)
		assert.Len(t, *asked, 1)
	}
}

// An error beside a code contradicts it: the code is handed out and nothing is
// taken for granted. So does one beside anything but nulls.
func TestErrorBesideCode(t *testing.T) {
	t.Parallel()
	const text = "Не удалось отправить письмо"
	for _, section := range []string{
		`{"booking_info":{"code":["X1800001"]}}`, `{"booking_info":"X1800001"}`, `{"booking_info":{"code":"X 1800001"}}`,
		`{"booking":{"code":"X1800001"}}`, `{"booking_info":{"info":{"price":"5"}}}`, `{"booking_info":[true]}`, `["x"]`, `7`,
	} {
		c, _ := answering(t, refusing(t, section, text))
		_, err := c.Book(t.Context(), bookRequest())
		assert.Equal(t, text, conformance.Failure(t, err, rutravel.ErrNotConfirmed).Message, section)
	}
	for _, section := range []string{`null`, `[]`, `{}`, `{"booking_info":null}`, `{"booking_info":{"code":"","info":[]}}`, `false`} {
		c, _ := answering(t, refusing(t, section, text))
		_, err := c.Book(t.Context(), bookRequest())
		conformance.Failure(t, err, rutravel.ErrRejected)
	}
	c, _ := answering(t, conformance.Awkward(t, "multitour", "booking_set-error-and-code"))
	code, err := c.Book(t.Context(), bookRequest())
	assert.Equal(t, "Не удалось отправить уведомление о заявке", conformance.Failure(t, err, rutravel.ErrNotConfirmed).Message)
	assert.NotErrorIs(t, err, rutravel.ErrRejected)
	assert.Equal(t, multitour.BookingCode("X1800001"), code)
}

// MT-T15: the echo may hold whatever was sent, in any type; it is neither read
// nor shown. Errors that repeat the token or a passport do not show them either.
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

// MT-T18: PHP writes an empty map as a list.
func TestNoPrices(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		conformance.Awkward(t, "multitour", "list.price-empty-list"), conformance.Awkward(t, "multitour", "list.price-empty-null"),
		response(`{"list_price":[]}`), response(`{"list_price":{}}`), response(`{"list_price":{"map":[],"data":""}}`),
	} {
		c, _ := answering(t, body)
		hotels, err := c.HotelPrices(t.Context(), search())
		require.NoError(t, err, body)
		assert.Empty(t, hotels)
	}
	for _, body := range []string{conformance.Awkward(t, "multitour", "hotel.price-empty"), response(`{"hotel_price":[]}`)} {
		c, _ := answering(t, body)
		offers, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "4952", Stay: stay()})
		require.NoError(t, err)
		assert.Empty(t, offers)
	}
	c, _ := answering(t, conformance.Awkward(t, "multitour", "list.price-price-empty"))
	hotels, err := c.HotelPrices(t.Context(), search())
	require.NoError(t, err)
	require.Len(t, hotels, 1)
	assert.Empty(t, hotels[0].Prices)
	assert.Equal(t, "22890", hotels[0].Cheapest.Price.String())

	for _, section := range []string{
		`{"list_price":{"map":{}}}`, `{"list_price":{"x":1}}`, `{}`, `{"list_price":7}`,
		`{"list_price":{"data":[{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":[]}]}}`, // hotels without ids
		`{"list_price":{"data":{"6596":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"28.07.2018":{}}}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"1532725200":{"week":{}}}}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":null,"date_min":1532725200,"days_min":7,"quote":1,"price":[]}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":"1","date_min":0,"days_min":7,"quote":1,"price":[]}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":"0","date_min":1532725200,"days_min":7,"quote":1,"price":[]}}}}`,
		`{"list_price":{"data":{"abc":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":[]}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"1532725200":{"-7":{"quote":"1"}}}}}}}`,
		`{"list_price":{"data":{"6596":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"1532725200":{"7":{"quote":"-1"}}}}}}}`,
	} {
		c, _ := answering(t, response(section))
		_, err := c.HotelPrices(t.Context(), search())
		assert.ErrorIs(t, err, rutravel.ErrProtocol, section)
	}
}

// What an answer must say, it must say: a field that is missing is no zero.
func TestRequiredFields(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, test := range []struct {
		section string // with the fields at %s
		fields  []string
		read    func(*multitour.Client) error
	}{
		{
			`{"list_price":{"data":{"6596":{%s}}}}`,
			[]string{`"price_min":"1"`, `"date_min":1532725200`, `"days_min":7`, `"quote":1`, `"price":[]`},
			func(c *multitour.Client) error { _, err := c.HotelPrices(ctx, search()); return err },
		},
		{
			`{"hotel_price":{"data":[{%s}]}}`,
			[]string{`"price_id":1`, `"hotel_id":4952`, `"date":1532725200`, `"night":7`, `"price":"1"`, `"quote":1`},
			func(c *multitour.Client) error {
				_, err := c.Offers(ctx, multitour.OfferQuery{Hotel: "4952", Stay: stay()})
				return err
			},
		},
		{
			`{"category":[{%s}]}`,
			[]string{`"id":1`, `"hotel_id":[]`},
			func(c *multitour.Client) error { _, err := c.Categories(ctx, "6228"); return err },
		},
		{
			`{"booking_list":{%s}}`,
			[]string{`"data":[]`},
			func(c *multitour.Client) error {
				_, err := c.BookingsPage(ctx, multitour.BookingQuery{})
				return err
			},
		},
		{
			`{"booking_list":{"data":[{%s}]}}`,
			[]string{`"code":"X1"`},
			func(c *multitour.Client) error {
				_, err := c.BookingsPage(ctx, multitour.BookingQuery{})
				return err
			},
		},
	} {
		c, _ := answering(t, response(fmt.Sprintf(test.section, strings.Join(test.fields, ","))))
		require.NoError(t, test.read(c), test.section)
		for i, field := range test.fields {
			rest := slices.Delete(slices.Clone(test.fields), i, i+1)
			c, _ := answering(t, response(fmt.Sprintf(test.section, strings.Join(append(rest, `"other":1`), ","))))
			assert.ErrorIs(t, test.read(c), rutravel.ErrProtocol, field)
		}
	}
}

// One of the offers will be paid for: they must be what was asked for.
func TestForeignOffers(t *testing.T) {
	t.Parallel()
	offer := func(id, hotel, date, nights, price string) string {
		return fmt.Sprintf(`{"hotel_price":{"data":[{"price_id":1,"hotel_id":4952,"date":1532725200,"night":7,"price":"1","quote":1},`+
			`{"price_id":%s,"hotel_id":%s,"date":%s,"night":%s,"price":%s,"quote":1}]}}`, id, hotel, date, nights, price)
	}
	for section, ok := range map[string]bool{
		offer("2", "4952", "1532725200", "7", `"1.50"`):  true,
		offer("2", "777", "1532725200", "7", `"1.50"`):   false,
		offer("2", "4952", "1533243600", "7", `"1.50"`):  false,
		offer("2", "4952", "1532725200", "30", `"1.50"`): false,
		offer("2", "4952", "1532725200", "7", `-1`):      false,
		offer("2", "4952", "1532725200", "7", `0`):       false,
		offer("1.5e9", "4952", "1532725200", "7", `1`):   false,
		offer("0", "4952", "1532725200", "7", `1`):       false,
	} {
		c, _ := answering(t, response(section))
		_, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "4952", Stay: stay()})
		assert.Equal(t, ok, err == nil, section)
		if !ok {
			assert.ErrorIs(t, err, rutravel.ErrProtocol)
			assert.ErrorContains(t, err, "data[1]")
		}
	}
}

// Of two members of one name the last counts, as a whole.
func TestDuplicateSections(t *testing.T) {
	t.Parallel()
	hotel := func(nights string) string {
		return `"price_min":"1","date_min":1532725200,"days_min":7,"quote":1,"price":{"1532725200":{"7":{"quote":"1"}}},"price":{"1532725200":{"` + nights + `":{"quote":"2"}}}`
	}
	c, _ := answering(t, response(`{"list_price":{"data":{"1":{`+hotel("9")+`}},"data":{"2":{`+hotel("10")+`}}}}`))
	found, err := c.HotelPrices(t.Context(), search())
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, multitour.HotelID("2"), found[0].Hotel.ID)
	require.Len(t, found[0].Prices, 1)
	assert.Equal(t, 10, found[0].Prices[0].Nights)
}

// MT-T05, MT-T08, MT-T38: everything as texts; numbers where texts are shown.
func TestPricesInOtherTypes(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "multitour", "list.price-strings"))
	hotels, err := c.HotelPrices(t.Context(), search())
	require.NoError(t, err)
	require.Len(t, hotels, 1)
	assert.Equal(t, conformance.Date(28, 7, 2018), hotels[0].Cheapest.Date)
	assert.Equal(t, 7, hotels[0].Cheapest.Nights)
	assert.True(t, hotels[0].HasGuaranteed)
	assert.Equal(t, "без питания", hotels[0].Cheapest.MealType.Name)
	assert.Equal(t, "Анапа", hotels[0].ResortName)

	c, _ = answering(t, conformance.Awkward(t, "multitour", "hotel.price-numbers"))
	offers, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "4952", Stay: multitour.Stay{
		Dates: []civil.Date{conformance.Date(28, 7, 2018), conformance.Date(3, 8, 2018)}, Nights: []int{7, 10}, Adults: 2,
	}})
	require.NoError(t, err)
	require.Len(t, offers, 2)
	assert.Equal(t, multitour.OfferID("1233161591"), offers[0].ID)
	assert.Equal(t, "59520.5", offers[0].Price.String())
	assert.Equal(t, conformance.Date(28, 7, 2018), offers[0].Date)
	assert.Equal(t, "эконом", offers[0].RoomCategory.Name)
	assert.False(t, offers[0].Guaranteed)
	assert.True(t, offers[1].Guaranteed)
}

// MT-T10: a price that does not exist is missing, not zero.
func TestOneOfTwoPrices(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, conformance.Awkward(t, "multitour", "list.price-one-price"))
	hotels, err := c.HotelPrices(t.Context(), search())
	require.NoError(t, err)
	var got []string
	for _, p := range hotels[0].Prices {
		got = append(got, fmt.Sprint(p.Nights, p.GuaranteedPrice.Valid, p.OnRequestPrice.Valid))
	}
	assert.Equal(t, []string{"7 false true", "10 true false", "14 false false"}, got)
	c, _ = answering(t, response(`{"list_price":{"data":{"6596":{"price_min":"1","date_min":1532725200,"days_min":7,"quote":0,`+
		`"price":{"1532725200":{"7":{"quote":0,"request":"1"}}}}}}}`))
	hotels, err = c.HotelPrices(t.Context(), search())
	require.NoError(t, err)
	assert.False(t, hotels[0].Prices[0].GuaranteedPrice.Valid, "nobody sleeps for nothing")
	assert.False(t, hotels[0].HasGuaranteed)
}

// MT-T18, MT-T19: nights are numbers in order, however they are written.
func TestOrderOfPrices(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"list.price-nights-order": {"2018-07-28 7 22890", "2018-07-28 10 32700", "2018-08-03 7 23990", "2018-08-03 10 33800"},
		"list.price-nights-list":  {"2018-07-28 0 1850", "2018-07-28 1 3270", "2018-07-28 2 6540"},
	} {
		c, _ := answering(t, conformance.Awkward(t, "multitour", name))
		hotels, err := c.HotelPrices(t.Context(), search())
		require.NoError(t, err, name)
		var got []string
		for _, p := range hotels[0].Prices {
			got = append(got, fmt.Sprintf("%v %d %v", p.Date, p.Nights, p.GuaranteedPrice.Decimal))
		}
		assert.Equal(t, want, got, name)
	}
}

// Names that the map does not have are empty, wherever the map stands.
func TestNamesOfTheMap(t *testing.T) {
	t.Parallel()
	const data = `"data":[{"price_id":1,"hotel_id":2,"date":1532725200,"night":7,"price":"1","quote":1,"room_id":"548","tarif_id":"9"}]`
	const names = `"map":{"room":[{"id":548,"name":" 4-х местный\r\n"}],"tarif":[],"pansion":null,"new":[{"id":1,"name":"x"}]}`
	for _, section := range []string{`{` + data + `,` + names + `}`, `{` + names + `,` + data + `}`} {
		c, _ := answering(t, response(`{"hotel_price":`+section+`}`))
		offers, err := c.Offers(t.Context(), multitour.OfferQuery{Hotel: "2", Stay: stay()})
		require.NoError(t, err)
		assert.Equal(t, multitour.Entry[multitour.RoomID]{ID: "548", Name: "4-х местный"}, offers[0].Room)
		assert.Equal(t, multitour.Entry[multitour.TariffID]{ID: "9"}, offers[0].Tariff)
	}
}

// MT-T06, MT-T20, MT-T23, MT-T28: what is refused before anything is sent.
func TestRefusedLocally(t *testing.T) {
	t.Parallel()
	dates := func(n int) (all []civil.Date) {
		for i := range n {
			all = append(all, conformance.Date(1, 7, 2018).AddDays(i))
		}
		return all
	}
	for field, change := range map[string][]func(*multitour.HotelQuery){
		"Country": {
			func(s *multitour.HotelQuery) { s.Country = "" },
			func(s *multitour.HotelQuery) { s.Country = "xxxx" },
			func(s *multitour.HotelQuery) { s.Country = "06228" },
		},
		"Resorts[1]": {func(s *multitour.HotelQuery) { s.Resorts = []multitour.ResortID{"201", ""} }},
		"Cities[0]":  {func(s *multitour.HotelQuery) { s.Cities = []multitour.CityID{"-1"} }},
		"Hotels[0]":  {func(s *multitour.HotelQuery) { s.Hotels = []multitour.HotelID{"1.0"} }},
		"Dates": {
			func(s *multitour.HotelQuery) { s.Dates = nil },
			func(s *multitour.HotelQuery) { s.Dates = dates(4) },
		},
		"Dates[0]": {
			func(s *multitour.HotelQuery) { s.Dates = []civil.Date{{}} },
			func(s *multitour.HotelQuery) { s.Dates = []civil.Date{conformance.Date(30, 2, 2018)} },
		},
		"Dates[1]": {func(s *multitour.HotelQuery) { s.Dates = append(dates(1), dates(1)...) }},
		"Nights": {
			func(s *multitour.HotelQuery) { s.Nights = nil },
			func(s *multitour.HotelQuery) { s.Nights = []int{1, 2, 3, 4} },
		},
		"Nights[0]":       {func(s *multitour.HotelQuery) { s.Nights = []int{-1} }},
		"Nights[1]":       {func(s *multitour.HotelQuery) { s.Nights = []int{7, 7} }},
		"Adults":          {func(s *multitour.HotelQuery) { s.Adults = 0 }},
		"ChildAges[1]":    {func(s *multitour.HotelQuery) { s.ChildAges = []int{0, -1} }},
		"Highways[0]":     {func(s *multitour.HotelQuery) { s.Highways = []multitour.HighwayID{"a"} }},
		"Categories[0]":   {func(s *multitour.HotelQuery) { s.Categories = []multitour.CategoryID{"a"} }},
		"SeaDistances[0]": {func(s *multitour.HotelQuery) { s.SeaDistances = []multitour.SeaDistanceID{"a"} }},
		"BeachTypes[0]":   {func(s *multitour.HotelQuery) { s.BeachTypes = []multitour.BeachTypeID{"a"} }},
		"Treatments[0]":   {func(s *multitour.HotelQuery) { s.Treatments = []multitour.TreatmentID{"a"} }},
		"MealTypes[0]":    {func(s *multitour.HotelQuery) { s.MealTypes = []multitour.MealTypeID{"a"} }},
		"Amenities[0]":    {func(s *multitour.HotelQuery) { s.Amenities = []multitour.AmenityID{"a"} }},
		"TourTypes[0]":    {func(s *multitour.HotelQuery) { s.TourTypes = []multitour.TourTypeID{"a"} }},
		"PriceMin":        {func(s *multitour.HotelQuery) { s.PriceMin = -1 }},
		"PriceMax": {
			func(s *multitour.HotelQuery) { s.PriceMax = -1 },
			func(s *multitour.HotelQuery) { s.PriceMin, s.PriceMax = 2, 1 },
		},
	} {
		for _, f := range change {
			s := search()
			f(&s)
			c, asked := answering(t, conformance.Awkward(t, "multitour", "list.price-empty-list"))
			_, err := c.HotelPrices(t.Context(), s)
			invalid(t, err, asked, field)
			if len(s.Dates) < 4 && len(s.Nights) < 4 {
				_, err = c.AllHotelPrices(t.Context(), s)
				invalid(t, err, asked, field)
			}
		}
	}
	c, asked := answering(t, conformance.Awkward(t, "multitour", "hotel.price-empty"))
	for field, q := range map[string]multitour.OfferQuery{
		"Hotel":  {Stay: stay()},
		"Dates":  {Hotel: "4952"},
		"Nights": {Hotel: "4952", Stay: multitour.Stay{Dates: dates(3), Nights: []int{1, 2, 3, 4}, Adults: 1}},
	} {
		_, err := c.Offers(t.Context(), q)
		invalid(t, err, asked, field)
	}
	_, err := rutravel.Collect(c.AllOffers(t.Context(), multitour.OfferQuery{Hotel: "x", Stay: stay()}))
	invalid(t, err, asked, "Hotel")
	_, err = c.Cities(t.Context(), "6228", []multitour.ResortID{"x"})
	invalid(t, err, asked, "resorts[0]")
	_, err = c.Countries(t.Context(), "\n")
	invalid(t, err, asked, "tours")
	_, err = c.Resorts(t.Context(), "")
	invalid(t, err, asked, "country")
}

// MT-T23: a longer search is cut into requests of three dates and three numbers
// of nights, whose answers are put together.
func TestAllHotelPrices(t *testing.T) {
	t.Parallel()
	s := search()
	for i := range 7 {
		s.Dates = append(s.Dates, conformance.Date(29, 7, 2018).AddDays(i))
	}
	s.Nights = []int{10, 7, 14, 3}
	c, asked := replying(t, func(q request) string {
		// One hotel is always there, one only in the last request; the price falls.
		dates, nights := q.Request["dates"].([]any), q.Request["nights"].([]any)
		var days []string
		for _, d := range dates {
			at, err := time.Parse("02.01.2006 -0700", d.(string)+" +0300")
			require.NoError(t, err)
			var prices []string
			for _, n := range nights {
				prices = append(prices, fmt.Sprintf(`"%v":{"quote":"%d"}`, n, 1000+int(n.(float64))))
			}
			days = append(days, fmt.Sprintf(`"%d":{%s}`, at.Unix(), strings.Join(prices, ",")))
		}
		hotel := func(id string, price int, quote int) string {
			return fmt.Sprintf(`"%s":{"price_min":"%d","date_min":1532725200,"days_min":%v,"quote":%d,"price":{%s}}`,
				id, price, nights[0], quote, strings.Join(days, ","))
		}
		body := hotel("6596", 1000-len(dates)*10+len(nights), len(nights)%2)
		if len(dates) == 2 && len(nights) == 1 {
			body += "," + hotel("4952", 5, 0)
		}
		return response(`{"list_price":{"data":{` + body + `},"map":[]}}`)
	})
	hotels, err := c.AllHotelPrices(t.Context(), s)
	require.NoError(t, err)
	assert.Len(t, *asked, 6)
	pairs := map[string]bool{}
	for _, q := range *asked {
		dates, nights := q.Request["dates"].([]any), q.Request["nights"].([]any)
		assert.LessOrEqual(t, len(dates), 3)
		assert.LessOrEqual(t, len(nights), 3)
		for _, d := range dates {
			for _, n := range nights {
				pairs[fmt.Sprint(d, n)] = true
			}
		}
	}
	assert.Len(t, pairs, 8*4)
	require.Len(t, hotels, 2)
	assert.Equal(t, multitour.HotelID("6596"), hotels[0].Hotel.ID)
	assert.Equal(t, multitour.HotelID("4952"), hotels[1].Hotel.ID)
	assert.Equal(t, "971", hotels[0].Cheapest.Price.String(), "the lowest of all answers")
	assert.Equal(t, 3, hotels[0].Cheapest.Nights)
	assert.True(t, hotels[0].HasGuaranteed)
	assert.False(t, hotels[1].HasGuaranteed)
	assert.Len(t, hotels[0].Prices, 8*4)
	assert.True(t, slices.IsSortedFunc(hotels[0].Prices, func(a, b multitour.StayPrice) int {
		return 2*a.Date.Compare(b.Date) + map[bool]int{true: 1, false: -1}[a.Nights > b.Nights]
	}))

	// An error is all that is left of it.
	c, asked = replying(t, func(request) string { return conformance.Awkward(t, "multitour", "error") })
	hotels, err = c.AllHotelPrices(t.Context(), s)
	conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Nil(t, hotels)
	assert.Len(t, *asked, 1)
}

func TestAllOffers(t *testing.T) {
	t.Parallel()
	q := multitour.OfferQuery{Hotel: "4952", Stay: stay()}
	q.Dates = append(q.Dates, conformance.Date(29, 7, 2018), conformance.Date(30, 7, 2018), conformance.Date(31, 7, 2018))
	var failing bool
	c, asked := replying(t, func(r request) string {
		if failing && len(r.Request["dates"].([]any)) == 1 {
			return conformance.Awkward(t, "multitour", "error")
		}
		var rows []string
		for i, d := range r.Request["dates"].([]any) {
			at, err := time.Parse("02.01.2006 -0700", d.(string)+" +0300")
			require.NoError(t, err)
			rows = append(rows, fmt.Sprintf(`{"price_id":%d,"hotel_id":4952,"date":%d,"night":7,"price":"1","quote":1}`, i+1, at.Unix()))
		}
		return response(`{"hotel_price":{"data":[` + strings.Join(rows, ",") + `]}}`)
	})
	offers := c.AllOffers(t.Context(), q)
	assert.Empty(t, *asked, "nothing is sent before the first offer is asked for")
	for range 2 { // every range starts anew
		*asked = nil
		all, err := rutravel.Collect(offers)
		require.NoError(t, err)
		assert.Len(t, all, 4)
		assert.Len(t, *asked, 2)
	}
	*asked = nil
	for range offers {
		break
	}
	assert.Len(t, *asked, 1)
	failing = true
	all, err := rutravel.Collect(offers)
	conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Len(t, all, 3)
}

// MT-T29: the date of a booking is the day on which it is made, in Moscow. It
// must be in the request, or the booking could not be found by it again.
func TestDateOfBooking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(22 * time.Hour) // it is 2000-01-02, 01:00, in Moscow
		c, asked := answering(t, response(`{"booking_info":{"code":"X0000001"}}`))
		b := bookRequest()
		b.Date = civil.Date{}
		_, err := c.Book(t.Context(), b)
		invalid(t, err, asked, "Date")
		b.Date = multitour.Today()
		_, err = c.Book(t.Context(), b)
		require.NoError(t, err)
		assert.Contains(t, (*asked)[0].text, `"date":"02.01.2000"`)
	})
}

// MT-T03, MT-T34: the code is found in both shapes and under both names.
func TestShapesOfBooked(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]multitour.BookingCode{
		"booking_set-key": "X1800001", "booking_set-info": "X1800001", "booking_set-code-number": "1800001",
	} {
		c, _ := answering(t, conformance.Awkward(t, "multitour", name))
		code, err := c.Book(t.Context(), bookRequest())
		require.NoError(t, err, name)
		assert.Equal(t, want, code, name)
	}
	// All of the booking was asked for: a code alone is not all that was promised.
	c, _ := answering(t, response(`{"booking_info":{"code":"X1800001"}}`))
	booking, err := c.BookFull(t.Context(), bookRequest())
	conformance.Failure(t, err, rutravel.ErrNotConfirmed)
	assert.Equal(t, multitour.BookingCode("X1800001"), booking.Code)
}

// MT-T33, MT-T35, MT-T44, MT-T45, MT-T48: what a booking sends, and what it
// refuses to send.
func TestTourists(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, response(`{"booking_info":{"code":"X1800001"}}`))
	b := bookRequest()
	b.Tourists[0].PassportExpiry = conformance.Date(1, 6, 2020)
	b.Tourists[1].Sex = multitour.FemaleInfant // an adult by her birthday: that is the caller's to say
	_, err := c.Book(t.Context(), b)
	require.NoError(t, err)
	persons := (*asked)[0].Request["persons"].([]any)
	assert.Equal(t, map[string]any{
		"sex": 1., "surname": "Иванов", "firstname": "Петр", "middlename": "Сергеевич", "birthday": "15.03.1976", "passportdate": "01.06.2020",
	}, persons[0])
	assert.Equal(t, map[string]any{"sex": 6., "surname": "Иванова", "firstname": "Татьяна", "birthday": "13.05.1978"}, persons[1])

	for field, change := range map[string]func(*multitour.BookRequest){
		"Offer":                      func(b *multitour.BookRequest) { b.Offer = "0" },
		"Date":                       func(b *multitour.BookRequest) { b.Date = conformance.Date(31, 6, 2018) },
		"Tourists":                   func(b *multitour.BookRequest) { b.Tourists = nil },
		"Tourists[1].Sex":            func(b *multitour.BookRequest) { b.Tourists[1].Sex = 0 },
		"Tourists[0].Sex":            func(b *multitour.BookRequest) { b.Tourists[0].Sex = 7 },
		"Tourists[1].Surname":        func(b *multitour.BookRequest) { b.Tourists[1].Surname = " " },
		"Tourists[1].FirstName":      func(b *multitour.BookRequest) { b.Tourists[1].FirstName = "" },
		"Tourists[1].MiddleName":     func(b *multitour.BookRequest) { b.Tourists[1].MiddleName = "\n" },
		"Tourists[1].BirthDate":      func(b *multitour.BookRequest) { b.Tourists[1].BirthDate = civil.Date{} },
		"Tourists[0].PassportSeries": func(b *multitour.BookRequest) { b.Tourists[0].PassportSeries = "\xff" },
		"Tourists[0].PassportNumber": func(b *multitour.BookRequest) { b.Tourists[0].PassportNumber = "\x00" },
		"Tourists[0].PassportExpiry": func(b *multitour.BookRequest) { b.Tourists[0].PassportExpiry = conformance.Date(1, 13, 2020) },
		"Tourists[0].Citizenship":    func(b *multitour.BookRequest) { b.Tourists[0].Citizenship = "\t" },
		"Tourists[0].Phone":          func(b *multitour.BookRequest) { b.Tourists[0].Phone = "\x7f" },
	} {
		c, asked := answering(t, response(`{"booking_info":{"code":"X1800001"}}`))
		b := bookRequest()
		change(&b)
		_, err := c.Book(t.Context(), b)
		invalid(t, err, asked, field)
		_, err = c.BookFull(t.Context(), b)
		invalid(t, err, asked, field)
		_, err = c.LostBookings(t.Context(), b)
		invalid(t, err, asked, field)
	}

	anonymous, err := multitour.New(multitour.Config{Token: multitour.PublicToken})
	require.NoError(t, err)
	*asked = nil
	_, err = anonymous.Book(t.Context(), bookRequest())
	invalid(t, err, asked, "Config.UserKey")
	_, err = anonymous.BookingInfo(t.Context(), "X1800001")
	invalid(t, err, asked, "Config.UserKey")
	_, err = anonymous.BookingsPage(t.Context(), multitour.BookingQuery{})
	invalid(t, err, asked, "Config.UserKey")
}

// MT-T35: there is no token but the one that is given.
func TestConfig(t *testing.T) {
	t.Parallel()
	for field, configs := range map[string][]multitour.Config{
		"Token":   {{UserKey: "111"}, {Token: "[secret]"}},
		"UserKey": {{Token: "t", UserKey: "x"}},
		"BaseURL": {{Token: "t", BaseURL: "http://multitour.ru/mtapi/"}},
	} {
		for _, cfg := range configs {
			_, err := multitour.New(cfg)
			bad, ok := errors.AsType[*rutravel.FieldError](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, field, bad.Field)
		}
	}
}

// MT-T42: the address is used to the letter, a newer path too.
func TestAddress(t *testing.T) {
	t.Parallel()
	for _, base := range []string{multitour.Production, "https://multitour.ru/mtapi/v2", "https://multitour.ru/api/agency/"} {
		m := httpmock.NewMockTransport()
		m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, base, r.URL.String())
			return httpmock.NewStringResponse(http.StatusOK, conformance.Awkward(t, "multitour", "is_success-true")), nil
		})
		c, err := multitour.New(multitour.Config{Token: "t", BaseURL: base}, rutravel.WithHTTPClient(&http.Client{Transport: m}))
		require.NoError(t, err)
		_, err = c.Countries(t.Context(), "")
		require.NoError(t, err)
	}
}

// No filter, no member.
func TestAllCountries(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, conformance.Awkward(t, "multitour", "is_success-true"))
	_, err := c.Countries(t.Context(), "")
	require.NoError(t, err)
	assert.JSONEq(t, `{}`, (*asked)[0].text)
	assert.Equal(t, "map.country", (*asked)[0].Header.Method)
	assert.Equal(t, "own-token", (*asked)[0].Header.Token)
}

// MT-T39, MT-T40: booking_info in other shapes and types.
func TestShapesOfBookingInfo(t *testing.T) {
	t.Parallel()
	info := func(name string) multitour.Booking {
		c, _ := answering(t, conformance.Awkward(t, "multitour", name))
		b, err := c.BookingInfo(t.Context(), "X1800001")
		require.NoError(t, err, name)
		assert.Equal(t, conformance.Date(12, 7, 2018), b.TourDate, name)
		assert.Equal(t, new(7), b.Days, name)
		assert.Equal(t, "54618", b.Price.Decimal.String(), name)
		assert.Equal(t, "Иванов", b.Tourists[0].Surname, name)
		assert.Equal(t, conformance.Date(15, 3, 1976), b.Tourists[0].BirthDate, name)
		return b
	}
	b := info("booking_info-empty")
	assert.Empty(t, b.Accommodations)
	assert.Empty(t, b.Transfers)
	assert.Empty(t, b.Insurances)
	assert.Empty(t, b.Tickets)
	assert.Len(t, info("booking_info-tours-list").Accommodations, 2)
	b = info("booking_info-iso-dates")
	assert.Equal(t, conformance.Date(18, 7, 2018), b.Accommodations[0].CheckOut)
	assert.Equal(t, conformance.Date(12, 7, 2018), b.Tickets[0].Date)
	b = info("booking_info-numbers")
	assert.Equal(t, multitour.HotelID("4952"), b.Accommodations[0].Hotel)
	assert.Equal(t, "333444", b.Tourists[0].PassportNumber)
	assert.Equal(t, "1", b.Tourists[0].Sex)

	// All of it may be missing but the code, which must be the one asked for.
	c, _ := answering(t, response(`{"booking_info":{"info":{"code":"X1","tour_date":"00.00.0000","days":null,"price":"","payed":null}}}`))
	b, err := c.BookingInfo(t.Context(), "X1")
	require.NoError(t, err)
	assert.Equal(t, multitour.Booking{Code: "X1"}, b)
	_, err = c.BookingInfo(t.Context(), "x1")
	require.NoError(t, err)
	b, err = c.BookingInfo(t.Context(), "X2")
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Zero(t, b, "another booking's tourists are not this caller's to see")
	for _, section := range []string{
		`{"booking_info":{"code":"X1","info":{"code":"X2"}}}`, `{"booking_info":{"info":{"code":"X1"}},"booking_set":{"code":"X2"}}`,
		`{"booking_info":{"code":"X1","info":{"code":"0"}}}`,
	} {
		c, _ := answering(t, response(section))
		b, err = c.BookingInfo(t.Context(), "X1")
		conformance.Failure(t, err, rutravel.ErrProtocol)
		assert.Equal(t, multitour.BookingCode("X1"), b.Code, section)
		code, err := c.Book(t.Context(), bookRequest())
		conformance.Failure(t, err, rutravel.ErrNotConfirmed)
		assert.Equal(t, multitour.BookingCode("X1"), code, section)
	}
	for _, section := range []string{
		`{"booking_info":{"code":"X1"}}`, `{"booking_info":null}`, `{"booking_info":{"info":null}}`, `{"booking_info":{"info":{}}}`,
		`{"booking_info":{"info":{"code":"X1","tour_date":"soon"}}}`, `{"booking_info":{"info":{"code":"X1","price":"12,50"}}}`,
	} {
		c, _ := answering(t, response(section))
		_, err := c.BookingInfo(t.Context(), "X1")
		assert.ErrorIs(t, err, rutravel.ErrProtocol, section)
	}
	c, asked := answering(t, "")
	_, err = c.BookingInfo(t.Context(), "X1 ")
	invalid(t, err, asked, "code")
}

func TestBookingListShapes(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		conformance.Awkward(t, "multitour", "booking_list-empty"), conformance.Awkward(t, "multitour", "booking_list-null"), response(`{"booking_list":[]}`), response(`{"booking_list":null}`),
	} {
		c, _ := answering(t, body)
		page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
		require.NoError(t, err, body)
		assert.Empty(t, page.Bookings)
		all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
		require.NoError(t, err)
		assert.Empty(t, all)
	}
	c, _ := answering(t, conformance.Awkward(t, "multitour", "booking_list-numbers"))
	page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
	require.NoError(t, err)
	assert.Equal(t, new(99), page.Count)
	assert.Equal(t, "5465164.30", page.Price.Decimal.StringFixed(2))
	assert.Equal(t, "25787.5", page.Bookings[0].Paid.Decimal.String())
	assert.Equal(t, multitour.TourID("1123"), page.Bookings[0].Tour)

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
		c, asked := answering(t, "")
		_, err := c.BookingsPage(t.Context(), q)
		invalid(t, err, asked, field)
		_, err = rutravel.Collect(c.Bookings(t.Context(), q))
		invalid(t, err, asked, field)
	}
}

// shelf answers booking_list from a number of bookings.
type shelf struct {
	bookings int
	limit    int                     // of a page, whatever was asked for
	count    func(page, all int) int // what the answer calls count; nil: all
	clamp    bool                    // behind the end, the last page
	still    bool                    // always the first page
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

// MT-T37: a list ends where it ends, whatever count means and however long
// pages are, and never twice.
func TestBookingsPaging(t *testing.T) {
	t.Parallel()
	pageCount := func(page, _ int) int { return page }
	none := func(int, int) int { return 0 }
	more := func(int, int) int { return 1000 }
	for _, test := range []struct {
		shelf    shelf
		query    multitour.BookingQuery
		bookings int
		requests int
	}{
		{shelf{bookings: 0}, multitour.BookingQuery{}, 0, 1},
		{shelf{bookings: 29}, multitour.BookingQuery{}, 29, 2},
		{shelf{bookings: 30}, multitour.BookingQuery{}, 30, 2},
		{shelf{bookings: 65}, multitour.BookingQuery{}, 65, 4},
		{shelf{bookings: 65, count: pageCount}, multitour.BookingQuery{}, 65, 4},
		{shelf{bookings: 65, count: none}, multitour.BookingQuery{}, 65, 4},
		{shelf{bookings: 65, count: more, clamp: true}, multitour.BookingQuery{}, 65, 4},
		{shelf{bookings: 65}, multitour.BookingQuery{PageSize: 100}, 65, 2},
		{shelf{bookings: 65, limit: 20}, multitour.BookingQuery{PageSize: 100}, 65, 5},
		{shelf{bookings: 65, limit: 20, count: pageCount}, multitour.BookingQuery{}, 65, 5},
		{shelf{bookings: 65}, multitour.BookingQuery{Page: 2}, 35, 3},
		{shelf{bookings: 65}, multitour.BookingQuery{Page: 9}, 0, 1},
	} {
		c, asked := replying(t, test.shelf.reply)
		seq := c.Bookings(t.Context(), test.query)
		for range 2 { // every range starts anew
			*asked = nil
			all, err := rutravel.Collect(seq)
			require.NoError(t, err, "%+v", test)
			assert.Len(t, all, test.bookings, "%+v", test)
			assert.Len(t, *asked, test.requests, "%+v", test)
			codes := map[multitour.BookingCode]bool{}
			for _, b := range all {
				codes[b.Code] = true
			}
			assert.Len(t, codes, test.bookings)
		}
	}
	c, asked := replying(t, shelf{bookings: 65, still: true}.reply)
	all, err := rutravel.Collect(c.Bookings(t.Context(), multitour.BookingQuery{}))
	conformance.Failure(t, err, rutravel.ErrProtocol)
	assert.Len(t, all, 30)
	assert.Len(t, *asked, 2)

	c, asked = replying(t, shelf{bookings: 65}.reply)
	for range c.Bookings(t.Context(), multitour.BookingQuery{}) {
		break
	}
	assert.Len(t, *asked, 1)
}

// A booking that is made meanwhile moves the others to later pages.
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

// MT-T44: after a lost answer, the bookings of those days and names are the
// candidates; names are compared however they are typed.
func TestLostBookings(t *testing.T) {
	t.Parallel()
	c, asked := answering(t, response(`{"booking_list":{"count":5,"data":[`+strings.Join([]string{
		row("X1", "Иванов Петр Сергеевич"), row("X2", "ПЕТРОВА  Татьяна"), row("X3", "Сидоров Петр"), row("X4", ""), row("X5", "Сергеевич Петр Иванов"),
	}, ",")+`]}}`))
	b := bookRequest()
	b.Tourists[1].Surname = "Петрова" // any of them may be the main one
	found, err := c.LostBookings(t.Context(), b)
	require.NoError(t, err)
	var codes []multitour.BookingCode
	for _, b := range found {
		codes = append(codes, b.Code)
	}
	assert.Equal(t, []multitour.BookingCode{"X1", "X2", "X4", "X5"}, codes, "one whose name is not there yet, too")
	assert.JSONEq(t, `{"us_key":111,"create_date_begin":"27.06.2018","create_date_end":"29.06.2018","page":1}`, (*asked)[0].text)

	b.Tourists = b.Tourists[:1]
	b.Tourists[0].Surname = "Семёнов-Тян Шанский"
	c, _ = answering(t, response(`{"booking_list":{"count":1,"data":[`+row("X1", "СЕМЕНОВ–ТЯН-ШАНСКИЙ П. П.")+`]}}`))
	found, err = c.LostBookings(t.Context(), b)
	require.NoError(t, err)
	assert.Len(t, found, 1)
}

// What is missing in a list, or cannot be read in one row, hides no booking.
func TestLostBookingsInBrokenLists(t *testing.T) {
	t.Parallel()
	const bare = `{"code":"X1","main_tourist":"Иванов Петр","create_date":null,"tour_date":"","price":null,"payed":"","days":null,"count_tourist":"","status_key":null,"tour_key":null}`
	c, _ := answering(t, response(`{"booking_list":{"data":[`+bare+`]}}`))
	found, err := c.LostBookings(t.Context(), bookRequest())
	require.NoError(t, err)
	assert.Equal(t, []multitour.BookingSummary{{Code: "X1", MainTourist: "Иванов Петр"}}, found)

	for _, broken := range []string{`{"code":"X2","price":"много"}`, `{"code":"X2","tour_date":"soon"}`, `{"code":null}`, `7`} {
		for _, rows := range []string{bare + "," + broken, broken + "," + bare} {
			c, _ := answering(t, response(`{"booking_list":{"data":[`+rows+`]}}`))
			found, err := c.LostBookings(t.Context(), bookRequest())
			conformance.Failure(t, err, rutravel.ErrProtocol)
			assert.True(t, slices.ContainsFunc(found, func(b multitour.BookingSummary) bool { return b.Code == "X1" }), rows)
			assert.False(t, slices.ContainsFunc(found, func(b multitour.BookingSummary) bool { return b.Code == "" }), rows)
		}
	}
}

// What is stored before a booking, and what was found after it, can be read
// again, however little it says.
func TestStored(t *testing.T) {
	t.Parallel()
	again := func(v, p any) {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, p), "%s", text)
	}
	var request multitour.BookRequest
	again(bookRequest(), &request)
	assert.Equal(t, bookRequest(), request)
	query, got := multitour.BookingQuery{Code: "X1"}, multitour.BookingQuery{}
	again(query, &got)
	assert.Equal(t, query, got)
	c, _ := answering(t, response(`{"booking_info":{"info":{"code":"X1"},"tours":[{}],"tickets":[{}],"tourists":[{}],"transfers":[{}],"insurances":[{}]}}`))
	want, err := c.BookingInfo(t.Context(), "X1")
	require.NoError(t, err)
	var booking multitour.Booking
	again(want, &booking)
	assert.Equal(t, want, booking)
	row, read := multitour.BookingSummary{Code: "X1"}, multitour.BookingSummary{}
	again(row, &read)
	assert.Equal(t, row, read)
}
