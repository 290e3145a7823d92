package multitour_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/multitour"
)

// request is a request that the supplier received.
type request struct {
	Header  struct{ Token, Method string }
	Request map[string]any
	text    string // Request as JSON with sorted members
}

// replying returns a client whose requests are answered by reply, and the requests.
func replying(t *testing.T, reply func(request) string) (*multitour.Client, *[]request) {
	t.Helper()
	asked := new([]request)
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		var q request
		require.NoError(t, json.NewDecoder(r.Body).Decode(&q))
		body, err := json.Marshal(q.Request)
		require.NoError(t, err)
		q.text = string(body)
		*asked = append(*asked, q)
		return httpmock.NewStringResponse(http.StatusOK, called(reply(q), q)), nil
	})
	c, err := multitour.New(multitour.Config{Token: "own-token", UserKey: "111"},
		rutravel.WithHTTPClient(&http.Client{Transport: m}))
	require.NoError(t, err)
	return c, asked
}

// answering returns a client whose requests all get the same answer, and the requests.
func answering(t *testing.T, body string) (*multitour.Client, *[]request) {
	t.Helper()
	return replying(t, func(request) string { return body })
}

// called replaces method m in an answer by the method of the request.
func called(answer string, q request) string {
	return strings.Replace(answer, `"method":"m"`, `"method":"`+q.Header.Method+`"`, 1)
}

// response returns an answer in the documented envelope. Its method m is replaced later by
// the method of the request.
func response(section string) string {
	return `{"header":{"token":"own-token","method":"m"},"request":{},"response":` + section + `}`
}

// awkward returns an awkward answer with the method m. The repeated request is left out,
// because tests send other requests.
func awkward(t *testing.T, name string) string {
	t.Helper()
	text := conformance.Awkward(t, "multitour", name)
	var answer struct {
		Header  struct{ Method string }
		Request json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(text), &answer))
	text = strings.Replace(text, `"method": "`+answer.Header.Method+`"`, `"method":"m"`, 1)
	return strings.Replace(text, string(answer.Request), "{}", 1)
}

// watching returns a client whose requests all get the same answer, and a function that
// returns the path and the problem of each warning.
func watching(t *testing.T, answer string) (*multitour.Client, func() []string) {
	t.Helper()
	var text bytes.Buffer
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		var q request
		require.NoError(t, json.NewDecoder(r.Body).Decode(&q))
		return httpmock.NewStringResponse(http.StatusOK, called(answer, q)), nil
	})
	c, err := multitour.New(multitour.Config{Token: "own-token", UserKey: "111"}, rutravel.WithHTTPClient(&http.Client{Transport: m}),
		rutravel.WithLogger(slog.New(slog.NewJSONHandler(&text, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	require.NoError(t, err)
	return c, func() (warnings []string) {
		for line := range strings.Lines(text.String()) {
			var record struct{ Msg, Path, ID, Problem string }
			require.NoError(t, json.Unmarshal([]byte(line), &record))
			if record.Msg == "unreadable value" {
				warnings = append(warnings, strings.TrimPrefix(record.Path, "response.")+" of "+record.ID+": "+record.Problem)
			}
		}
		return warnings
	}
}

// requiredFields checks that a section with all fields at %s can be read, and that a section
// without one of them is ErrProtocol.
func requiredFields(t *testing.T, section string, fields []string, ask func(*testing.T, *multitour.Client) error) {
	t.Helper()
	c, _ := answering(t, response(fmt.Sprintf(section, strings.Join(fields, ","))))
	require.NoError(t, ask(t, c))
	for i, field := range fields {
		t.Run("without "+field, func(t *testing.T) {
			t.Parallel()
			rest := slices.Delete(slices.Clone(fields), i, i+1)
			c, _ := answering(t, response(fmt.Sprintf(section, strings.Join(append(rest, `"other":1`), ","))))
			assert.ErrorIs(t, ask(t, c), rutravel.ErrProtocol)
		})
	}
}

// invalid checks that a call failed because of a field, and that nothing was sent.
func invalid(t *testing.T, err error, asked *[]request, field string) {
	t.Helper()
	conformance.Invalid(t, err, field)
	assert.Empty(t, *asked)
}

func bookRequest() multitour.BookRequest {
	return multitour.BookRequest{
		Offer: "1438172603", BookingDate: conformance.Date(28, 6, 2018),
		Tourists: []multitour.Tourist{
			{Sex: multitour.Male, Surname: "Иванов", FirstName: "Петр", MiddleName: "Сергеевич", BirthDate: conformance.Date(15, 3, 1976)},
			{Sex: multitour.Female, Surname: "Иванова", FirstName: "Татьяна", BirthDate: conformance.Date(13, 5, 1978)},
		},
	}
}

func stay() multitour.Stay {
	return multitour.Stay{Dates: []civil.Date{conformance.Date(28, 7, 2018)}, Nights: []int{7}, Adults: 2}
}

func search() multitour.HotelQuery {
	return multitour.HotelQuery{Area: multitour.Area{Country: "6228"}, Stay: stay()}
}
