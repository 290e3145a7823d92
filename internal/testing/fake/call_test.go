package fake_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rutravel/rutravel-go/internal/testing/fake"
	"github.com/rutravel/rutravel-go/sandbox/record"
)

// Given documents of each kind, expect one field on each line, no credentials, and
// the lines with personal data.
func TestPrint(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body, want string
		personal   []int
	}{
		"empty":              {"", "", nil},
		"number":             {"7", "7\n", nil},
		"empty list":         {`{"a":[],"b":{}}`, "{\n  \"a\": [],\n  \"b\": {}\n}\n", nil},
		"JSON":               {`{"name":"X","price":1.50,"surname":"ИВАНОВ"}`, "{\n  \"name\": \"X\",\n  \"price\": 1.50,\n  \"surname\": \"ИВАНОВ\"\n}\n", []int{3}},
		"person":             {`{"customer":{"name":"И<b>"}}`, "{\n  \"customer\": {\n    \"name\": \"И<b>\"\n  }\n}\n", []int{2}},
		"people":             {`{"travellers":[{"name":"A"}]}`, "{\n  \"travellers\": [\n    {\n      \"name\": \"A\"\n    }\n  ]\n}\n", []int{3}},
		"secret":             {`{"token":"abc"}`, "{\n  \"token\": \"•••\"\n}\n", nil},
		"escaped name":       {`{"t\u006fken":"abc"}`, "{\n  \"token\": \"•••\"\n}\n", nil},
		"secret object":      {`{"authorization":{"username":"abc","x":[1]}}`, "{\n  \"authorization\": {\n    \"username\": \"•••\",\n    \"x\": [\n      \"•••\"\n    ]\n  }\n}\n", []int{2}},
		"secret empty":       {`{"password":{}}`, "{\n  \"password\": \"•••\"\n}\n", nil},
		"broken JSON":        {`{"token":"abc`, "(a document that cannot be read)\n", nil},
		"not UTF-8":          {"\xff\xfe", "(a document that cannot be read)\n", nil},
		"XML":                {"<a><lastName>IVANOV</lastName><id>1</id></a>", "<a>\n  <lastName>\n    IVANOV\n  </lastName>\n  <id>\n    1\n  </id>\n</a>\n", []int{2}},
		"broken XML":         {"<a><lastName>IVANOV", "<a><lastName>IVANOV\n", []int{0}},
		"text":               {"Bad Gateway", "Bad Gateway\n", []int{0}},
		"two JSON documents": {`{} {"token":"abc"}`, "(a document that cannot be read)\n", nil},
	} {
		got := fake.Print([]byte(test.body))
		assert.Equal(t, test.want, got.Text, name)
		assert.Equal(t, test.personal, got.Personal, name)
		assert.Equal(t, len(test.body), got.Bytes, name)
	}
	long := fake.Print([]byte(`["` + strings.Repeat("x", 1<<20) + `","b","c"]`))
	assert.Less(t, len(long.Text), 70<<10)
	assert.True(t, strings.HasSuffix(long.Text, "…\n"))
}

// Given each fault, expect the observer to see what the caller received and whether
// the supplier processed the request.
func TestOnCall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault     fake.Fault
		outcome   record.Outcome
		processed bool
		status    int
	}{
		"none":            {fake.Fault{}, record.Answered, true, 200},
		"rejected":        {fake.Fault{Reject: true}, record.Rejected, true, 200},
		"lost":            {fake.Fault{Drop: true}, record.Lost, false, 0},
		"lost, processed": {fake.Fault{Drop: true, Processed: true}, record.Lost, true, 200},
		"refused":         {fake.Fault{Refuse: true}, record.Refused, false, 0},
		"replaced":        {fake.Fault{Status: 502}, record.Replaced, false, 502},
		"cut":             {fake.Fault{Cut: 3}, record.Cut, true, 200},
	} {
		s := newSupplier()
		var calls []record.Call
		s.gateway.OnCall(func(c record.Call) { calls = append(calls, c) })
		s.gateway.Inject(test.fault)
		request(t, &http.Client{Transport: s}, "https://fake.example.test", "pay")
		require.Len(t, calls, 1, name)
		assert.Equal(t, "pay", calls[0].Op, name)
		assert.Equal(t, "op = pay\nx=1\n", calls[0].Request.Text, name)
		assert.Equal(t, test.outcome, calls[0].Outcome, name)
		assert.Equal(t, test.processed, calls[0].Processed, name)
		assert.Equal(t, test.status, calls[0].Status, name)
		s.gateway.OnCall(nil)
		request(t, &http.Client{Transport: s}, "https://fake.example.test", "pay")
		assert.Len(t, calls, 1, name)
	}
}

// Given queued faults, expect to see them and to be able to remove one.
func TestFaults(t *testing.T) {
	t.Parallel()
	s := newSupplier()
	s.gateway.Inject(fake.Fault{Op: "pay"}, fake.Fault{Op: "pay", Status: 500})
	all := s.gateway.Faults()
	require.Len(t, all, 2)
	assert.True(t, s.gateway.Remove(all[0].ID))
	assert.False(t, s.gateway.Remove(all[0].ID))
	assert.Equal(t, all[1:], s.gateway.Faults())
	assert.Equal(t, 500, request(t, &http.Client{Transport: s}, "https://fake.example.test", "pay").status)
	assert.Equal(t, []string{"never", "pay"}, s.gateway.Operations())
}
