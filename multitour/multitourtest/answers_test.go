package multitourtest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/multitour"
	"github.com/rutravel/rutravel-go/multitour/multitourtest"
)

// Each quirk changes the text of an answer.
func TestQuirksOnTheWire(t *testing.T) {
	t.Parallel()
	highways := func(q multitourtest.Quirks) string {
		fake := multitourtest.New()
		fake.SetQuirks(q)
		return post(t, fake, `{"header":{"token":"fake-token","method":"map.highway"},"request":{"country_id":6243}}`)
	}
	assert.JSONEq(t, `{
		"header": {"token": "fake-token", "method": "map.highway"}, "request": {"country_id": 6243},
		"response": {"category": [
			{"id": 5, "name": "Киевское", "hotel_id": ["8079"]}, {"id": 13, "name": "Ярославское", "hotel_id": ["7578"]}
		]}}`, highways(multitourtest.Quirks{}))
	assert.Contains(t, highways(multitourtest.Quirks{Numbers: true}), `"hotel_id":[8079]`)
	assert.Contains(t, highways(multitourtest.Quirks{Strings: true}), `"id":"5"`)
	assert.Contains(t, highways(multitourtest.Quirks{OwnKeys: true}), `{"highway":[`)
	assert.Contains(t, highways(multitourtest.Quirks{NewEdition: true}), `"is_success":true`)

	refused := func(q multitourtest.Quirks) string {
		fake := multitourtest.New()
		fake.SetQuirks(q)
		return post(t, fake, `{"header":{"token":"fake-token","method":"map.options"},"request":{"country_id": "xxxx"}}`)
	}
	assert.JSONEq(t, `{
		"header": {"token": "fake-token", "method": "map.options"}, "request": {"country_id": "xxxx"},
		"response": {"options": null}, "error": ["Некорректный идентификатор страны \"country_id\" "]}`, refused(multitourtest.Quirks{}))
	assert.Contains(t, refused(multitourtest.Quirks{ErrorString: true}), `"error":"Некорректный`)
	assert.Contains(t, refused(multitourtest.Quirks{NewEdition: true}), `"is_success":false,"error":[`)

	empty := func(q multitourtest.Quirks) string {
		fake := multitourtest.New()
		fake.SetQuirks(q)
		return post(t, fake, `{"header":{"token":"fake-token","method":"list.price"},`+
			`"request":{"country_id":6228,"dates":["01.01.1999"],"nights":[7],"adult":2}}`)
	}
	assert.Contains(t, empty(multitourtest.Quirks{}), `"list_price":{"data":[],"map":[]}`)
	assert.Contains(t, empty(multitourtest.Quirks{EmptyNull: true}), `"list_price":{"data":null,"map":null}`)

	booked := func(method, more string, q multitourtest.Quirks) (answer string) {
		inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
			fake.SetQuirks(q)
			code := book(t, c, "6596", today)
			if method == "booking_info" {
				more = `"code":"` + string(code) + `"`
			} else {
				more = `"price_key":` + string(offers(t, c, "6596", today)[0].ID) + more
			}
			answer = post(t, fake, `{"header":{"token":"fake-token","method":"`+method+`"},"request":{"us_key":111,`+more+`}}`)
		})
		return answer
	}
	const persons = `,"date":"01.01.2000","view":null,"persons":[` +
		`{"sex":1,"surname":"И","firstname":"П","birthday":"15.03.1976"},{"sex":2,"surname":"И","firstname":"Т","birthday":"13.05.1978"}]`
	assert.Contains(t, booked("booking_info", "", multitourtest.Quirks{}), `"tours":{"key":"101"`)
	assert.Contains(t, booked("booking_info", "", multitourtest.Quirks{ToursList: true}), `"tours":[{"key":"101"`)
	assert.Contains(t, booked("booking_info", "", multitourtest.Quirks{ISODates: true}), `"tour_date":"2000-01-01"`)
	assert.Contains(t, booked("booking_set", persons, multitourtest.Quirks{}), `"response":{"booking_info":{"code":"X0000002"}}`)
	assert.Contains(t, booked("booking_set", persons, multitourtest.Quirks{OwnKeys: true}), `"response":{"booking_set":{"code":"X0000002"}}`)
	assert.Contains(t, booked("booking_set", persons, multitourtest.Quirks{InfoCode: true}), `"booking_info":{"info":{"code":"X0000002"`)
}

// Every answer has the members and types of the manual's sample.
func TestShapes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, fake *multitourtest.Server, c *multitour.Client) {
		book(t, c, "9044", today)
		const (
			area   = `{"country_id":6228,"resort_id":[201,204],"city_id":[1435,1446]}`
			prices = `"dates":["03.01.2000"],"nights":[7],"adult":2`
			person = `"firstname":"И","birthday":"15.03.1976"}`
			set    = `{"us_key":111,"price_key":201095807200,"date":"01.01.2000","persons":[` +
				`{"sex":1,"surname":"И",` + person + `,{"sex":2,"surname":"И",` + person + `]`
		)
		for file, section := range map[string]string{
			"map.country": `{"type":"excurs"}`, "map.resort": `{"country_id":6228}`, "map.city": `{"country_id":6228}`,
			"map.hotel": area, "map.category": `{"country_id":6228}`, "map.treatment": `{"country_id":6228}`,
			"map.pansion": `{"country_id":6228}`, "map.highway": `{"country_id":6243}`, "map.beach.type": `{"country_id":6228}`,
			"map.sea.distance": `{"country_id":6228}`, "map.options": area, "map.tour.type": area,
			"list.price": `{"country_id":6228,"hotel_id":[6596],` + prices + `}`, "hotel.price": `{"hotel_id":4952,` + prices + `}`,
			"booking_set": set + `}`, "booking_set+full": set + `,"view":"full"}`,
			"booking_list": `{"us_key":111}`, "booking_info": `{"us_key":111,"code":"X0000001"}`,
		} {
			golden, err := os.ReadFile("../../testdata/multitour/" + file + ".answer.json")
			require.NoError(t, err, file)
			method, _, _ := strings.Cut(file, "+")
			answer := post(t, fake, `{"header":{"token":"fake-token","method":"`+method+`"},"request":`+section+`}`)
			want := shape(t, golden)
			assert.NotEmpty(t, want, file)
			assert.Equal(t, want, shape(t, []byte(answer)), file)
		}
	})
}

// shape lists the paths and types in a response.
func shape(t *testing.T, answer []byte) (all []string) {
	t.Helper()
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, member := range v {
				if strings.Trim(name, "0123456789") == "" {
					name = "*"
				}
				walk(path+"."+name, member)
			}
		case []any:
			for _, e := range v {
				walk(path+"[]", e)
			}
		default:
			all = append(all, fmt.Sprintf("%s: %T", path, v))
		}
	}
	var document struct {
		Response any `json:"response"`
	}
	require.NoError(t, json.Unmarshal(answer, &document))
	walk("", document.Response)
	slices.Sort(all)
	return slices.Compact(all)
}
