package multitourtest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// The fake refuses requests that break the manual's rules. A refused request has no effect.
func TestStrictness(t *testing.T) {
	t.Parallel()
	const (
		good = `{"us_key": 111,"price_key":101096407200,"date":"02.01.2000","persons":[` +
			`{"sex":1,"surname":"Иванов","firstname":"Петр","birthday":"15.03.1976","passportdate":"01.06.2020","tel":""},` +
			`{"sex":2,"surname":"Иванова","firstname":"Татьяна","birthday":"13.05.1978"}]}`
		search = `{"country_id":6228,"resort_id":[201],"dates":["28.01.2000",948920400],"nights":[7,10],"adult":2,"ages":[],"quote":0}`
		list   = `{"us_key":111,"status":null,"count":30,"page":1}`
	)
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		for name, test := range map[string]struct {
			method, request string
			old, new        string
			want            string
		}{
			"view":                 {"booking_set", good, `}]}`, `}],"view":"FULL"}`, "view"},
			"user as a text":       {"booking_set", good, `111`, `"111"`, "us_key"},
			"no user":              {"booking_set", good, `"us_key": 111,`, ``, "us_key"},
			"user 0":               {"booking_set", good, `111`, `0`, "us_key"},
			"offer as a text":      {"booking_set", good, `101096407200`, `"101096407200"`, "price_key"},
			"no such offer":        {"booking_set", good, `101096407200`, `1`, "Цена тура не найдена"},
			"ISO date":             {"booking_set", good, `02.01.2000`, `2000-01-02`, "date"},
			"no such day":          {"booking_set", good, `02.01.2000`, `30.02.2000`, "date"},
			"nobody":               {"booking_set", `{"us_key":111,"price_key":101096407200,"date":"02.01.2000","persons":[]}`, "", "", "туристов"},
			"a name as a person":   {"booking_set", good, `"persons":[`, `"persons":["Иванов",`, "persons"},
			"persons of one":       {"booking_set", `{"us_key":111,"price_key":101096407200,"date":"02.01.2000","persons":{}}`, "", "", "persons"},
			"sex 7":                {"booking_set", good, `"sex":2`, `"sex":7`, `\"sex\", турист 2`},
			"sex 0":                {"booking_set", good, `"sex":2`, `"sex":0`, `\"sex\", турист 2`},
			"sex as a text":        {"booking_set", good, `"sex":2`, `"sex":"2"`, `\"sex\", турист 2`},
			"two men and a child":  {"booking_set", good, `"sex":2`, `"sex":4`, "туристов"},
			"no surname":           {"booking_set", good, `"surname":"Иванов",`, ``, `\"surname\", турист 1`},
			"empty name":           {"booking_set", good, `"Петр"`, `""`, `\"firstname\", турист 1`},
			"null patronymic":      {"booking_set", good, `"tel":""`, `"middlename":null`, `\"middlename\", турист 1`},
			"unknown of a person":  {"booking_set", good, `"tel":""`, `"phone":""`, `Неизвестный параметр \"phone\", турист 1`},
			"empty date":           {"booking_set", good, `01.06.2020`, ``, `\"passportdate\", турист 1`},
			"not yet born":         {"booking_set", good, `15.03.1976`, `15.03.2076`, "рождения"},
			"twice the same":       {"booking_set", good, `"date"`, `"us_key":111,"date"`, "request"},
			"unknown":              {"booking_set", good, `"date"`, `"today":1,"date"`, "today"},
			"country as a text":    {"list.price", search, `6228`, `"6228"`, `Некорректный идентификатор страны \"country_id\" `},
			"unknown country":      {"list.price", search, `6228`, `1`, "country_id"},
			"country with a dot":   {"list.price", search, `6228`, `6228.0`, "country_id"},
			"unknown resort":       {"list.price", search, `[201]`, `[201,1]`, "resort_id"},
			"one resort":           {"list.price", search, `[201]`, `201`, "resort_id"},
			"null":                 {"list.price", search, `[201]`, `null`, "resort_id"},
			"four dates":           {"list.price", search, `948920400`, `948920400,"02.02.2000","03.02.2000"`, "dates"},
			"no dates":             {"list.price", search, `"28.01.2000",948920400`, ``, "dates"},
			"date without a zero":  {"list.price", search, `28.01.2000`, `28.1.2000`, "dates"},
			"four numbers":         {"list.price", search, `[7,10]`, `[7,10,14,21]`, "nights"},
			"nights as a text":     {"list.price", search, `[7,10]`, `["7"]`, "nights"},
			"nobody travels":       {"list.price", search, `"adult":2`, `"adult":0`, "adult"},
			"a grown child":        {"list.price", search, `"ages":[]`, `"ages":[18]`, "ages"},
			"quote as yes":         {"list.price", search, `"quote":0`, `"quote":true`, "quote"},
			"quote 2":              {"list.price", search, `"quote":0`, `"quote":2`, "quote"},
			"price with kopecks":   {"list.price", search, `"quote":0`, `"price_min":1.5`, "price_min"},
			"meals of another":     {"list.price", search, `"quote":0`, `"pansion":[52]`, "pansion"},
			"unknown hotel":        {"hotel.price", `{"hotel_id":1,"dates":["28.01.2000"],"nights":[7],"adult":2}`, "", "", "hotel_id"},
			"no hotel":             {"hotel.price", `{"dates":["28.01.2000"],"nights":[7],"adult":2}`, "", "", "hotel_id"},
			"type":                 {"map.country", `{"type":"bus"}`, "", "", "type"},
			"type null":            {"map.country", `{"type":null}`, "", "", "type"},
			"city by city":         {"map.city", `{"country_id":6228,"city_id":[1435]}`, "", "", "city_id"},
			"status":               {"booking_list", list, `null`, `"OK"`, "status"},
			"persons":              {"booking_list", list, `null`, `null,"persons":[]`, "persons"},
			"page 0":               {"booking_list", list, `"page":1`, `"page":0`, "page"},
			"count as a text":      {"booking_list", list, `30`, `"30"`, "count"},
			"empty code":           {"booking_info", `{"us_key":111,"code":""}`, "", "", "code"},
			"code as a number":     {"booking_info", `{"us_key":111,"code":1800001}`, "", "", "code"},
			"no such booking":      {"booking_info", `{"us_key":111,"code":"X1800001"}`, "", "", "Заявка не найдена"},
			"unknown method":       {"booking_pay", list, "", "", "Неизвестный метод"},
			"request as a list":    {"booking_list", `[]`, "", "", "request"},
			"several things wrong": {"booking_list", `{"us":1}`, "", "", `\"us_key\"","Неизвестный параметр \"us\""]`},
		} {
			require.Contains(t, test.request, test.old, name)
			section := strings.Replace(test.request, test.old, test.new, 1)
			echo := `"header":{"token":"fake-token", "method":"` + test.method + `"},"request":` + section
			answer := post(t, fake, "{"+echo+"}\n")
			echoed, response, _ := strings.Cut(answer, `,"response":`)
			assert.Equal(t, "{"+echo, echoed, name)
			_, problem, refused := strings.Cut(response, `,"error":["`)
			assert.True(t, refused, "%s: %s", name, answer)
			assert.Contains(t, problem, test.want, name)
			if test.method == "booking_pay" {
				assert.True(t, strings.HasPrefix(response, `null,`), answer)
			} else {
				assert.Regexp(t, `^{"[a-z_]+":null},`, response, name)
			}
		}
		page, err := c.BookingsPage(t.Context(), multitour.BookingQuery{})
		require.NoError(t, err)
		assert.Equal(t, new(0), page.BookingCount)
		for method, section := range map[string]string{"booking_set": good, "list.price": search, "booking_list": list} {
			assert.NotContains(t, post(t, fake, `{"header":{"token":"fake-token","method":"`+method+`"},"request":`+section+`}`), `"error"`, method)
		}
	})
}

// The client separates several texts of a refusal.
func TestSeveralErrors(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *multitourtest.Server, c *multitour.Client) {
		_, err := c.HotelPrices(t.Context(), multitour.HotelQuery{
			Area: multitour.Area{Country: "1", Resorts: []multitour.ResortID{"2"}}, Stay: stay(today),
		})
		assert.ErrorIs(t, err, rutravel.ErrInvalid)
		var texts multitour.Messages
		require.ErrorAs(t, err, &texts)
		assert.Len(t, texts, 2)
	})
}
