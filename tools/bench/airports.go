package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/rutravel/rutravel-go/smartway"
)

type (
	handName struct {
		Russian string `json:"name_rus"`
		English string `json:"name_eng"`
	}

	handAirport struct {
		Code    string   `json:"code"`
		Russian string   `json:"name_rus"`
		English string   `json:"name_eng"`
		City    handName `json:"city"`
		Country handName `json:"country"`
	}

	handAirportsAnswer struct {
		ID     looseID       `json:"id"`
		Fault  *handFault    `json:"error"`
		Result []handAirport `json:"result"`
	}
)

func (a *handAirportsAnswer) finish(func([]byte, any) error) error {
	if a.Fault != nil {
		return errors.New(a.Fault.Message)
	}
	return nil
}

func (a *handAirportsAnswer) value() any { return a.Result }

func (n handName) same() smartway.BilingualName {
	return smartway.BilingualName{Russian: n.Russian, English: n.English}
}

func sameAirports(v any) any {
	return each(v.([]handAirport), func(a handAirport) smartway.Airport {
		return smartway.Airport{
			Code: smartway.IATA(a.Code), Name: handName{a.Russian, a.English}.same(), City: a.City.same(), Country: a.Country.same(),
		}
	})
}

// airportsCall asks for airports at a URL.
func airportsCall(url string) exchange {
	return exchange{
		method: http.MethodPost, url: url, header: http.Header{"Content-Type": {"application/json"}},
		request: rpc("airline.airport_autocomplete", "Санкт"), answer: func() answer { return new(handAirportsAnswer) },
	}
}

// airportsText makes an answer of at least length bytes from the manual's sample,
// with ownID in place of the request's id.
func airportsText(length int) []byte {
	sample := parse[struct{ Result []object }](golden("smartway", "airline.airport_autocomplete.answer.json"))
	var rows []json.RawMessage
	for i := 0; ; i++ {
		one := object{}
		for name, value := range sample.Result[i%len(sample.Result)] {
			one[name] = value
		}
		one["code"] = must(json.Marshal(fmt.Sprintf("A%02d", i)))
		rows = append(rows, must(json.Marshal(one)))
		text := must(json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 0, "result": rows}))
		if len(text) >= length {
			return bytes.Replace(text, []byte(`"id":0`), []byte(`"id":`+ownID), 1)
		}
	}
}
