package smartway_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// SW-T23, SW-T40, SW-T41, SW-T81: items without a table are sent unchanged, and dates as in
// the sample. The id may be left out.
func TestRequestSends(t *testing.T) {
	t.Parallel()
	c, queries := asked(t, `"not_processing"`)
	r := travelRequest()
	r.ID, r.AirItems = "", []json.RawMessage{json.RawMessage(`{"class": "Econom"}`)}
	r.HotelItems, r.TransferItems = []json.RawMessage{json.RawMessage(`{"n":1}`)}, []json.RawMessage{json.RawMessage(`{}`)}
	r.TrainItems = []smartway.TrainItem{{
		From: "2000000", To: "0044000", Travellers: r.Travellers,
		Departure: civil.DateTime{Date: civil.Date{Year: 2019, Month: 8, Day: 25}, Time: civil.Time{Hour: 13, Minute: 5}},
	}}
	_, err := c.Requests.Save(t.Context(), r)
	require.NoError(t, err)
	sent := (*queries)[0]
	assert.True(t, strings.HasPrefix(sent, `{"travellers":`), "no id")
	for _, part := range []string{
		`"air_items":[{"class":"Econom"}],"train_items":[{"project_id":"","departure_station_code":"2000000","arrival_station_code":"0044000","departure_date":"2019-08-25T13:05:00"`,
		`"hotel_items":[{"n":1}],"transfer_items":[{}]`,
	} {
		assert.Contains(t, sent, part)
	}
	for field, change := range map[string]func(*smartway.TravelRequest){
		"Travellers":                 func(r *smartway.TravelRequest) { r.Travellers = nil },
		"Travellers[0].ID":           func(r *smartway.TravelRequest) { r.Travellers[0].ID = "" },
		"Travellers[0].FirstNameEng": func(r *smartway.TravelRequest) { r.Travellers[0].FirstNameEng = "" },
		"Travellers[0].Companies":    func(r *smartway.TravelRequest) { r.Travellers[0].INNs = nil },
		"Creator.Documents":          func(r *smartway.TravelRequest) { r.Creator.Documents = nil },
		"AirItems[0]":                func(r *smartway.TravelRequest) { r.AirItems = []json.RawMessage{json.RawMessage("{")} },
		"HotelItems[0]":              func(r *smartway.TravelRequest) { r.HotelItems = []json.RawMessage{json.RawMessage(`["a"]`)} },
		"TransferItems[0]":           func(r *smartway.TravelRequest) { r.TransferItems = []json.RawMessage{nil} },
		"ID":                         func(r *smartway.TravelRequest) { r.ID = "a\n" },
		"Comment":                    func(r *smartway.TravelRequest) { r.Comment = "\xff" },
		"TrainItems[0].Project":      func(r *smartway.TravelRequest) { r.TrainItems = []smartway.TrainItem{{Project: "a\n"}} },
		"TrainItems[0].To":           func(r *smartway.TravelRequest) { r.TrainItems = []smartway.TrainItem{{From: "1"}} },
		"TrainItems[0].Departure.Date": func(r *smartway.TravelRequest) {
			r.TrainItems = []smartway.TrainItem{{From: "1", To: "2"}}
		},
		"TrainItems[0].Departure.Time": func(r *smartway.TravelRequest) {
			r.TrainItems = []smartway.TrainItem{{From: "1", To: "2", Departure: civil.DateTime{
				Date: civil.Date{Year: 2019, Month: 8, Day: 25}, Time: civil.Time{Nanosecond: 1},
			}}}
		},
		"TrainItems[0].Travellers[1].ID": func(r *smartway.TravelRequest) {
			nobody := traveller()
			nobody.ID = ""
			r.TrainItems = []smartway.TrainItem{{
				From: "1", To: "2", Departure: civil.DateTime{Date: civil.Date{Year: 2019, Month: 8, Day: 25}},
				Travellers: []smartway.Traveller{traveller(), nobody},
			}}
		},
		"TrainItems[0].From": func(r *smartway.TravelRequest) { r.TrainItems = []smartway.TrainItem{{}} },
		"TrainItems[0].Travellers": func(r *smartway.TravelRequest) {
			r.TrainItems = []smartway.TrainItem{{From: "1", To: "2", Departure: civil.DateTime{Date: civil.Date{Year: 2019, Month: 8, Day: 25}}}}
		},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			r := travelRequest()
			change(&r)
			_, err := c.Requests.Save(t.Context(), r)
			conformance.Invalid(t, err, field)
		})
	}
}

// Errors do not contain personal data of a travel request.
func TestRequestPrivate(t *testing.T) {
	t.Parallel()
	r := travelRequest()
	r.AirItems = []json.RawMessage{json.RawMessage(`{"flyer":{"name":"Зинаида"},"cards":[7700112233]}`)}
	r.HotelItems = []json.RawMessage{json.RawMessage(`{"guest":"Клавдия"}`)}
	r.TransferItems = []json.RawMessage{json.RawMessage(`{"phone":"+79161112233"}`)}
	rider := traveller()
	rider.Surname, rider.Email = "Перепёлкина", "rider@example.com"
	r.TrainItems = []smartway.TrainItem{{
		From: "2000000", To: "2044000", Travellers: []smartway.Traveller{rider},
		Departure: civil.DateTime{Date: civil.Date{Year: 2019, Month: 8, Day: 25}},
	}}
	r.Comment = "к Прасковье"
	private := []string{"к Прасковье", "Зинаида", "7700112233", "Клавдия", "+79161112233", "Перепёлкина", "rider@example.com"}
	c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":1,"error":{"code":400,"message":"wrong: `+strings.Join(private, ", ")+`"}}`)
	_, err := c.Requests.Save(t.Context(), r)
	e := conformance.Failure(t, err, rutravel.ErrInvalid)
	assert.Contains(t, e.Message, "wrong")
	for _, text := range private {
		assert.NotContains(t, e.Message, text)
	}
}

// A status that does not say that the request was stored is ErrNotConfirmed, and its
// Code is the status.
func TestRequestSaved(t *testing.T) {
	t.Parallel()
	for _, status := range []smartway.RequestStatus{
		smartway.RequestProcessing, smartway.RequestNotProcessing, smartway.RequestProcessed, smartway.RequestCancelled,
	} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			got, err := with(t, `"`+string(status)+`"`).Requests.Save(t.Context(), travelRequest())
			require.NoError(t, err)
			assert.Equal(t, status, got)
		})
	}
	for _, word := range []string{"not_found", "created"} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			_, err := with(t, `"`+word+`"`).Requests.Save(t.Context(), travelRequest())
			assert.Equal(t, word, conformance.Failure(t, err, rutravel.ErrNotConfirmed).Code)
		})
	}
}

// SW-T42, SW-T43: a cancellation has two documented answers. Another word is
// ErrNotConfirmed, and its Code is the word.
func TestRequestCancel(t *testing.T) {
	t.Parallel()
	require.NoError(t, with(t, `"canceled"`).Requests.Cancel(t.Context(), "rq1"))
	e := conformance.Failure(t, with(t, `"not_found"`).Requests.Cancel(t.Context(), "rq1"), rutravel.ErrNotFound)
	assert.Equal(t, "not_found", e.Code)
	e = conformance.Failure(t, awkwardly(t, "request.cancel-other").Requests.Cancel(t.Context(), "rq1"), rutravel.ErrNotConfirmed)
	assert.Equal(t, "processed", e.Code)
	// An incomplete answer is not a refusal.
	c, _ := answering(t, http.StatusOK, `{"jsonrpc":"2.0","id":1,"result":"not_found"`)
	conformance.Failure(t, c.Requests.Cancel(t.Context(), "rq1"), rutravel.ErrNotConfirmed)
	conformance.Invalid(t, c.Requests.Cancel(t.Context(), ""), "id")

	got, err := awkwardly(t, "request.status-unknown").Requests.Statuses(t.Context(), []smartway.RequestID{"rq87761063_8ea0_11e9_b992_802bf9e8178c"})
	require.NoError(t, err)
	assert.Equal(t, smartway.RequestStatus("approved"), got["rq87761063_8ea0_11e9_b992_802bf9e8178c"])
	_, err = c.Requests.Statuses(t.Context(), nil)
	conformance.Invalid(t, err, "ids")
	_, err = c.Requests.Statuses(t.Context(), []smartway.RequestID{"rq1", ""})
	conformance.Invalid(t, err, "ids[1]")
}

// A status that is missing or unreadable does not hide others. Statuses that were not
// requested are left out.
func TestStatusRows(t *testing.T) {
	t.Parallel()
	ids := []smartway.RequestID{"a", "b", "c"}
	for answer, bad := range map[string][]int{
		`{"a":"processed","b":"canceled","c":"processing","d":"processed"}`: nil,
		`{"a":"processed","b":null,"c":"processing"}`:                       {1},
		`{"a":"processed","b":{"x":1},"c":"processing","d":{}}`:             {1},
		`{"a":"processed","c":"processing"}`:                                {1},
		`{"a":["x"],"b":"canceled","c":7.5}`:                                {0, 2},
		`{"a":null,"b":null,"c":null}`:                                      {0, 1, 2},
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			got, err := with(t, answer).Requests.Statuses(t.Context(), ids)
			assert.Len(t, got, len(ids)-len(bad))
			assert.NotContains(t, got, smartway.RequestID("d"))
			if bad == nil {
				require.NoError(t, err)
				return
			}
			conformance.Failure(t, err, rutravel.ErrProtocol)
			rows, ok := errors.AsType[*rutravel.RowsError](err)
			require.True(t, ok)
			var at []int
			for _, row := range rows.Rows {
				at = append(at, row.Index)
				assert.Equal(t, string(ids[row.Index]), row.ID)
			}
			assert.Equal(t, bad, at)
		})
	}
	_, err := with(t, `{"error":"no","success":false}`).Requests.Statuses(t.Context(), ids)
	conformance.Failure(t, err, rutravel.ErrRejected)
}

// An empty list is sent if Clear names it, as for employees.
func TestRequestClear(t *testing.T) {
	t.Parallel()
	r := travelRequest()
	r.Travellers[0].Bonuses = []smartway.Bonus{}
	r.Creator.Clear = []smartway.EmployeeField{smartway.FieldBonuses}
	c, queries := asked(t, `"not_processing"`)
	_, err := c.Requests.Save(t.Context(), r)
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count((*queries)[0], `"bonuses":[]`))
	r.Creator.Bonuses = []smartway.Bonus{{Type: smartway.AirBonus, Code: "SU", Number: "1"}}
	_, err = c.Requests.Save(t.Context(), r)
	conformance.Invalid(t, err, "Creator.Clear[0]")
	r = travelRequest()
	r.Travellers[0].Clear = []smartway.EmployeeField{smartway.FieldBonuses, smartway.FieldMiddleName}
	_, err = c.Requests.Save(t.Context(), r)
	conformance.Invalid(t, err, "Travellers[0].Clear[1]")
}
