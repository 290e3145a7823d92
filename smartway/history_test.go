package smartway_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/testing/conformance"
	"github.com/rutravel/rutravel-go/smartway"
)

// generated is a history that is written while it is read. It has the trip of the manual
// many times, with other ids.
type generated struct {
	length int // approximate length in bytes
	made   int
	trips  int
	buffer bytes.Buffer
	ended  bool
}

func (g *generated) Read(p []byte) (int, error) {
	for g.buffer.Len() < len(p) && !g.ended {
		before := g.buffer.Len()
		switch {
		case g.made == 0:
			g.buffer.WriteString(`{"id":1,"jsonrpc":"2.0","result":{"trips":[`)
		case g.made >= g.length:
			fmt.Fprintf(&g.buffer, `],"last_version_id":%d}}`, g.trips)
			g.ended = true
		}
		if !g.ended {
			if g.trips++; g.trips > 1 {
				g.buffer.WriteByte(',')
			}
			g.buffer.WriteString(strings.Replace(trip, `"id":7,`, fmt.Sprintf(`"id":%d,`, g.trips), 1))
		}
		g.made += g.buffer.Len() - before
	}
	if g.buffer.Len() == 0 {
		return 0, io.EOF
	}
	return g.buffer.Read(p)
}

// trip returns a trip of the manual with its id as the first member.
var trip = func() string {
	text, err := os.ReadFile("../testdata/smartway/trip.get_by_request.answer.json")
	if err != nil {
		panic(err)
	}
	_, from, _ := strings.Cut(string(text), `"trips": [`)
	var b strings.Builder
	for line := range strings.SplitSeq(from[:strings.LastIndex(from, "]")], "\n") {
		b.WriteString(strings.TrimSpace(line))
	}
	return `{"id":7,` + strings.Replace(b.String()[1:], `"id": 189703,`, "", 1)
}()

// streaming returns a client whose requests are answered with the result of body.
func streaming(t testing.TB, body func() io.Reader) *smartway.Client {
	t.Helper()
	m := httpmock.NewMockTransport()
	m.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body()), ContentLength: -1}, nil
	})
	return client(t, m)
}

// The first trip is yielded before 64 KB of the history were read.
func TestHistoryBegins(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	g := &generated{length: 10 << 20}
	for first, err := range streaming(t, func() io.Reader { return g }).Trips.AfterChange(t.Context(), 0).All() {
		require.NoError(t, err)
		assert.NotEmpty(t, first.Items[0].Versions)
		break
	}
	assert.Less(t, g.made-g.buffer.Len(), limit)
}

const (
	megabyte = 1 << 20
	allowed  = 16 * megabyte
	measured = "RUTRAVEL_SMARTWAY_HISTORY"
)

// used returns the memory that the process has from the operating system.
func used() int {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.Sys - m.HeapReleased)
}

// readHistory reads a history of a length. It returns the highest increase of memory.
func readHistory(t testing.TB, length int) int {
	t.Helper()
	c := streaming(t, func() io.Reader { return &generated{length: length} })
	runtime.GC()
	idle, most, trips := used(), 0, 0
	history := c.Trips.AfterChange(t.Context(), 0)
	for _, err := range history.All() {
		require.NoError(t, err)
		const often = 500
		if trips++; trips%often == 0 {
			most = max(most, used()-idle)
		}
	}
	cursor, ok := history.Cursor()
	require.True(t, ok)
	require.Equal(t, smartway.Cursor(trips), cursor)
	require.Greater(t, trips*len(trip), length/10*9)
	return most
}

// A history of any length is read in bounded memory. The measurement needs a separate
// process, because other tests also use memory. tools/bench reads 200 MB.
func TestHistoryMemory(t *testing.T) {
	t.Parallel()
	if os.Getenv(measured) != "" {
		assert.LessOrEqual(t, readHistory(t, 24*megabyte), allowed)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHistoryMemory$", "-test.v")
	cmd.Env = append(os.Environ(), measured+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "--- PASS: TestHistoryMemory")
}

// SW-T55: in every order of the members, the cursor is returned only after a complete
// answer without an error. It never goes back and stays if there are no trips.
func TestHistoryCursor(t *testing.T) {
	t.Parallel()
	const one = `{"id":7,"amount":1,"items":[]}`
	for name, test := range map[string]struct {
		body  string
		trips int
		want  smartway.Cursor // -1 means no cursor
		kind  rutravel.Kind
	}{
		"before the trips":       {`{"id":1,"jsonrpc":"2.0","result":{"last_version_id":300,"trips":[` + one + `]}}`, 1, 300, ""},
		"after the trips":        {`{"result":{"trips":[` + one + `],"last_version_id":300},"error":null,"id":"1"}`, 1, 300, ""},
		"as a text":              {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":"300"}}`, 1, 300, ""},
		"null":                   {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":null}}`, 1, 200, ""},
		"zero":                   {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":0}}`, 1, 200, ""},
		"missing":                {`{"id":1,"result":{"trips":[` + one + `]}}`, 1, 200, ""},
		"lower":                  {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":100}}`, 1, 200, ""},
		"no trips":               {`{"id":1,"result":{"trips":[],"last_version_id":300}}`, 0, 200, ""},
		"no trips and null":      {`{"id":1,"result":{"trips":null,"last_version_id":null}}`, 0, 200, ""},
		"another id":             {`{"id":"777","result":{"trips":[` + one + `],"last_version_id":300}}`, 1, 300, ""},
		"another id, at the end": {`{"result":{"trips":[` + one + `],"last_version_id":300},"id":777}`, 1, 300, ""},
		"of another call":        {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":300}}`, 0, -1, rutravel.ErrProtocol},
		"of another call, later": {`{"result":{"trips":[` + one + `],"last_version_id":300},"id":"1"}`, 1, -1, rutravel.ErrProtocol},
		"of another call, 1.0":   {`{"id":1.0,"result":{"trips":[` + one + `],"last_version_id":300}}`, 0, -1, rutravel.ErrProtocol},
		"an id that is not text": {`{"id":{"a":1},"result":{"trips":[` + one + `],"last_version_id":300}}`, 1, -1, rutravel.ErrProtocol},
		"no id":                  {`{"result":{"trips":[` + one + `],"last_version_id":300}}`, 1, -1, rutravel.ErrProtocol},
		"an error before":        {`{"id":1,"error":{"code":1,"message":"no"},"result":null}`, 0, -1, rutravel.ErrRejected},
		"an error after":         {`{"result":{"trips":[` + one + `],"last_version_id":300},"id":1,"error":{"code":1,"message":"no"}}`, 1, -1, rutravel.ErrRejected},
		"cut":                    {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":300}`, 1, -1, rutravel.ErrProtocol},
		"ends in a trip":         {`{"id":1,"result":{"last_version_id":300,"trips":[` + one + `,{"id":8,"am`, 1, -1, rutravel.ErrProtocol},
		"more text":              {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":300}}{}`, 1, -1, rutravel.ErrProtocol},
		"a failure before":       {`{"id":1,"result":{"error":"no","trips":[` + one + `],"last_version_id":300}}`, 0, -1, rutravel.ErrProtocol},
		"no success before":      {`{"id":1,"result":{"success":false,"trips":[` + one + `],"last_version_id":300}}`, 0, -1, rutravel.ErrRejected},
		"a failure after":        {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":300,"error":"no"}}`, 1, -1, rutravel.ErrProtocol},
		"no success after":       {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":300,"success":false}}`, 1, -1, rutravel.ErrRejected},
		"no failure":             {`{"id":1,"result":{"error":null,"success":true,"trips":[` + one + `],"last_version_id":300}}`, 1, 300, ""},
		"no success, not ended":  {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":300,"success":false`, 1, -1, rutravel.ErrProtocol},
		"an id of null before":   {`{"id":null,"result":{"trips":[` + one + `],"last_version_id":300}}`, 0, -1, rutravel.ErrProtocol},
		"a cursor of words":      {`{"id":1,"result":{"trips":[` + one + `],"last_version_id":"many"}}`, 1, -1, rutravel.ErrProtocol},
		"no list":                {`{"id":1,"result":{"last_version_id":300}}`, 0, -1, rutravel.ErrProtocol},
		"no result":              {`{"id":1}`, 0, -1, rutravel.ErrProtocol},
		"a trip without an id":   {`{"id":1,"result":{"trips":[` + one + `,{"amount":1,"items":[]},` + one + `],"last_version_id":300}}`, 3, 300, rutravel.ErrProtocol},
		"a trip that costs text": {`{"id":1,"result":{"trips":[` + one + `,{"id":8,"amount":"much","items":[]}],"last_version_id":300}}`, 2, 300, rutravel.ErrProtocol},
		"a trip that is a text":  {`{"id":1,"result":{"trips":["x",` + one + `],"last_version_id":300}}`, 2, 300, rutravel.ErrProtocol},
		"a bad trip, not ended":  {`{"id":1,"result":{"trips":[{"id":8},` + one + `],"last_version_id":300`, 2, -1, rutravel.ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := streaming(t, func() io.Reader { return strings.NewReader(test.body) })
			if strings.HasPrefix(name, "of another call") { // the other call has the id 1
				_ = c.Ping(t.Context(), rutravel.WithMaxAttempts(1))
			}
			history := c.Trips.AfterChange(t.Context(), 200)
			_, ok := history.Cursor()
			assert.False(t, ok, "a cursor before the range")
			all, err := rutravel.Collect(history.All())
			assert.Len(t, all, test.trips)
			if test.kind != "" {
				require.ErrorIs(t, err, test.kind)
			} else {
				require.NoError(t, err)
			}
			cursor, ok := history.Cursor()
			assert.Equal(t, test.want >= 0, ok)
			if ok {
				assert.Equal(t, test.want, cursor)
			}
		})
	}
}

// A caller that stops has no cursor. Ranging again sends a new request and removes
// the old cursor until it ends.
func TestHistoryAgain(t *testing.T) {
	t.Parallel()
	var asked int64
	c := replying(t, func(q request) string {
		asked++
		assert.Equal(t, asked, q.ID, "each range sends a new request")
		assert.JSONEq(t, "0", string(q.Query), "SW-T57")
		return answer(q, `{"last_version_id":300,"trips":[{"id":7,"amount":1,"items":[]},{"id":8,"amount":1,"items":[]}]}`)
	})
	history := c.Trips.AfterChange(t.Context(), 0)
	assert.Zero(t, asked, "nothing is sent before the first trip is requested")
	all, err := rutravel.Collect(history.All())
	require.NoError(t, err)
	assert.Len(t, all, 2)
	_, ok := history.Cursor()
	assert.True(t, ok)
	for range history.All() {
		break
	}
	_, ok = history.Cursor()
	assert.False(t, ok)
	assert.Equal(t, int64(2), asked)
	_, err = rutravel.Collect(c.Trips.AfterChange(t.Context(), -1).All())
	conformance.Invalid(t, err, "after")
	assert.Equal(t, int64(2), asked)
}

// A connection that breaks in the middle ends the history without a second request.
func TestHistoryBreaks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked int
		c := streaming(t, func() io.Reader {
			asked++
			return io.MultiReader(io.LimitReader(&generated{length: megabyte}, 500<<10), broken{})
		})
		history := c.Trips.AfterChange(t.Context(), 0)
		all, err := rutravel.Collect(history.All())
		require.ErrorIs(t, err, rutravel.ErrUnavailable)
		assert.Greater(t, len(all), 10)
		_, ok := history.Cursor()
		assert.False(t, ok)
		assert.Equal(t, 1, asked)
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A history may take hours. It ends after more than a minute without a trip.
func TestHistorySilence(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]time.Duration{"slow": 15 * time.Second, "silent": 70 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := httpmock.NewMockTransport()
				m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
					body := &slow{from: &generated{length: 2 * megabyte}, pause: pause, gone: r.Context().Done()}
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body)}, nil
				})
				start := time.Now()
				_, err := rutravel.Collect(client(t, m).Trips.AfterChange(t.Context(), 0).All())
				if name == "slow" {
					require.NoError(t, err)
					assert.Greater(t, time.Since(start), 10*time.Minute)
				} else {
					require.ErrorIs(t, err, rutravel.ErrUnavailable)
				}
			})
		})
	}
}

// slow pauses before each read.
type slow struct {
	from  io.Reader
	pause time.Duration
	gone  <-chan struct{}
}

func (s *slow) Read(p []byte) (int, error) {
	select {
	case <-time.After(s.pause):
		return s.from.Read(p)
	case <-s.gone:
		return 0, errors.New("the connection is closed")
	}
}

// A trip that does not end uses bounded memory.
func TestHistoryEndlessTrip(t *testing.T) {
	t.Parallel()
	endless := &repeating{text: strings.Repeat("x", 64<<10)}
	c := streaming(t, func() io.Reader {
		return io.MultiReader(strings.NewReader(`{"id":1,"result":{"trips":[{"id":7,"name":"`), endless)
	})
	_, err := rutravel.Collect(c.Trips.AfterChange(t.Context(), 0, rutravel.WithMaxAttempts(1)).All())
	require.ErrorIs(t, err, rutravel.ErrProtocol)
	assert.Less(t, endless.read, 20*megabyte)
}

type repeating struct {
	text string
	read int
}

func (r *repeating) Read(p []byte) (int, error) {
	n := copy(p, r.text)
	r.read += n
	return n, nil
}

// The manual prints the answer to the request 1 with the id "777". AfterChange accepts it
// with a warning, at any position of the id. Other methods do not accept it.
func TestHistoryAsPrinted(t *testing.T) {
	t.Parallel()
	const file = "../testdata/smartway/trip.get_after_change+as-printed"
	request, err := os.ReadFile(file + ".request.txt")
	require.NoError(t, err)
	printed, err := os.ReadFile(file + ".answer.json")
	require.NoError(t, err)
	require.Contains(t, string(request), `"id":1,`)
	const id = `"id": "777",`
	require.Contains(t, string(printed), id)
	before, after, _ := strings.Cut(string(printed), id)
	end := strings.LastIndex(after, "}")
	behind := before + after[:end] + `,"id":"777"}`
	for name, body := range map[string]string{"before the trips": string(printed), "after the trips": behind} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, warnings := bodied(t, body)
			history := c.Trips.AfterChange(t.Context(), 0)
			trips, err := rutravel.Collect(history.All())
			require.NoError(t, err)
			assert.Len(t, trips, 2)
			cursor, ok := history.Cursor()
			assert.True(t, ok)
			assert.Equal(t, smartway.Cursor(263427), cursor)
			assert.Equal(t, []string{"id"}, *warnings)

			_, err = c.Trips.Lost(t.Context(), smartway.LostQuery{Passengers: []smartway.Passenger{passenger()}, After: new(smartway.Cursor(0))})
			require.NoError(t, err)
			_, err = c.Trips.OfRequest(t.Context(), "rq1")
			conformance.Failure(t, err, rutravel.ErrProtocol)
		})
	}
}

// The second of three trips has values that cannot be read. All trips are yielded as far as
// they were read, and there is a cursor.
func TestHistoryRows(t *testing.T) {
	t.Parallel()
	const item = `{"id":2,"amount":10.5,"service_type":"Air","status":"Created","number":"421-1","travel_time":95,"checkin_date":"2019-06-17T14:40:00",` +
		`"book_date":"2019-06-13T13:43:59","company":{"inn":"7799555550","name":"A"},"info":[{"travel_time":95,"segments":[]}],` +
		`"travellers":[{"name":"A","surname":"B","birthday":"1990-04-15T00:00:00"}],"vats":[{"vat_amount":1,"vat_rate":"10%"}],"versions":[{"version_id":3,"item_id":2}]}`
	for _, test := range []struct {
		old, by string
		minor   bool // a warning instead of an error
	}{
		{`"travel_time":95,"checkin`, `"travel_time":-5,"checkin`, true},
		{`"travel_time":95,"checkin`, `"travel_time":95.5,"checkin`, true},
		{`"travel_time":95,"checkin`, `"travel_time":99999999999999999999,"checkin`, true},
		{`"2019-06-17T14:40:00"`, `"2019-06-31T14:40:00"`, true},
		{`"2019-06-13T13:43:59"`, `["today"]`, true},
		{`{"inn":"7799555550","name":"A"}`, `"Конфетпром"`, true},
		{`[{"travel_time":95,"segments":[]}]`, `"by air"`, true},
		{`[{"travel_time":95,"segments":[]}]`, `[{"travel_time":-1,"segments":[]}]`, true},
		{`"name":"A","surname"`, `"name":{"first":"A"},"surname"`, true},
		{`"1990-04-15T00:00:00"`, `"in spring"`, true},
		{`"vat_rate":"10%"`, `"vat_rate":[10]`, true},
		{`"service_type":"Air"`, `"service_type":{"code":1}`, true},
		{`"amount":10.5`, `"amount":null`, false},
		{`"amount":10.5`, `"amount":"much"`, false},
		{`"amount":10.5,`, ``, false},
		{`"id":2,"amount"`, `"id":null,"amount"`, false},
		{`"id":2,"amount"`, `"id":1.5,"amount"`, false},
		{`"number":"421-1"`, `"number":"421-\ufffd"`, false},
		{`"status":"Created"`, `"status":{"a":1}`, false},
		{`"vat_amount":1`, `"vat_amount":"x"`, false},
		{`[{"name":"A","surname":"B","birthday":"1990-04-15T00:00:00"}]`, `["A"]`, false},
		{`[{"name":"A","surname":"B","birthday":"1990-04-15T00:00:00"}]`, `"A"`, false},
		{`[{"version_id":3,"item_id":2}]`, `[{"version_id":"x","item_id":2}]`, false},
	} {
		t.Run(test.by, func(t *testing.T) {
			t.Parallel()
			odd := strings.Replace(item, test.old, test.by, 1)
			require.NotEqual(t, item, odd)
			body := `{"id":1,"result":{"last_version_id":300,"trips":[{"id":6,"amount":1,"items":[` + item + `]},{"id":7,"name":"Москва","amount":1,"items":[` +
				odd + `]},{"id":8,"amount":1,"items":[` + item + `]}]}}`
			c, warnings := bodied(t, body)
			history := c.Trips.AfterChange(t.Context(), 0)
			var ids []smartway.TripID
			for trip, err := range history.All() {
				ids = append(ids, trip.ID)
				if trip.ID != "7" || test.minor {
					require.NoError(t, err)
					continue
				}
				conformance.Failure(t, err, rutravel.ErrProtocol)
				row, ok := errors.AsType[*rutravel.RowError](err)
				require.True(t, ok)
				assert.Equal(t, 1, row.Index)
				assert.Equal(t, "7", row.ID)
				assert.Equal(t, "Москва", trip.Name, "as far as it was read")
			}
			assert.Equal(t, []smartway.TripID{"6", "7", "8"}, ids)
			cursor, ok := history.Cursor()
			assert.True(t, ok)
			assert.Equal(t, smartway.Cursor(300), cursor)
			if test.minor {
				require.Len(t, *warnings, 1)
				assert.Regexp(t, `^result\.trips\[1\]\.items\[0\]\.\S+ 7$`, (*warnings)[0])
			}
		})
	}
}
