package conformance

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	rutravel "github.com/rutravel/rutravel-go"
)

// attempts is the default number of attempts of a call that may be retried.
const attempts = 3

// bodyAnswers lists the odd answers that do not apply to an operation whose
// golden answer has no body.
var bodyAnswers = []string{"nothing", "spaces", "half the text", "all but the last byte", "two answers"}

// oddAnswer is an end of an exchange that is neither success nor refusal.
type oddAnswer struct {
	name string
	// respond returns the answer. Good is the operation's golden answer.
	respond func(good string) (*http.Response, error)
	kind    rutravel.Kind // of the error, unless the operation is unsafe
	retried bool          // unless the operation is unsafe
}

const breaksHalfway = "the connection breaks in the answer"

func (s Suite[C]) oddAnswerCases() []oddAnswer {
	format := s.Format.orJSON()
	const html = "<html><body><h1>Service Unavailable</h1></body></html>"
	all := []oddAnswer{
		{"HTTP 502 with HTML", func(string) (*http.Response, error) { return status(502, html) }, rutravel.ErrUnavailable, true},
		{"HTTP 500 with a good answer", func(good string) (*http.Response, error) { return status(500, good) }, rutravel.ErrUnavailable, true},
		{"HTTP 504 without a body", func(string) (*http.Response, error) { return status(504, "") }, rutravel.ErrUnavailable, true},
		{"HTTP 408", func(string) (*http.Response, error) { return status(408, "") }, rutravel.ErrUnavailable, true},
		{"HTTP 400 with a good answer", func(good string) (*http.Response, error) { return status(400, good) }, rutravel.ErrProtocol, false},
		{"HTTP 401 with HTML", func(string) (*http.Response, error) { return status(401, html) }, rutravel.ErrAuth, false},
		{"HTTP 403 with HTML", func(string) (*http.Response, error) { return status(403, html) }, rutravel.ErrForbidden, false},
		{"HTTP 404 with HTML", func(string) (*http.Response, error) { return status(404, html) }, rutravel.ErrProtocol, false},
		{"HTTP 204", func(string) (*http.Response, error) { return status(204, "") }, rutravel.ErrProtocol, false},
		{"HTML", func(string) (*http.Response, error) { return status(200, html) }, rutravel.ErrProtocol, false},
		{"nothing", func(string) (*http.Response, error) { return status(200, "") }, rutravel.ErrProtocol, false},
		{"spaces", func(string) (*http.Response, error) { return status(200, " \r\n ") }, rutravel.ErrProtocol, false},
		{"half the text", func(good string) (*http.Response, error) { return status(200, good[:len(good)/2]) }, rutravel.ErrProtocol, false},
		{"all but the last byte", func(good string) (*http.Response, error) {
			good = strings.TrimSpace(good)
			return status(200, good[:len(good)-1])
		}, rutravel.ErrProtocol, false},
		{"text after the answer", func(good string) (*http.Response, error) { return status(200, good+format.trailing) }, rutravel.ErrProtocol, false},
		{"two answers", func(good string) (*http.Response, error) { return status(200, good+good) }, rutravel.ErrProtocol, false},
		{breaksHalfway, func(good string) (*http.Response, error) {
			r, err := status(200, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(good[:len(good)/2]), brokenReader{}))
			return r, err
		}, rutravel.ErrUnavailable, true},
		{"the connection breaks before the answer", func(string) (*http.Response, error) { return nil, io.EOF }, rutravel.ErrUnavailable, true},
		{"the connection is reset", func(string) (*http.Response, error) {
			return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
		}, rutravel.ErrUnavailable, true},
	}
	for _, text := range format.odd {
		all = append(all, oddAnswer{"the answer is " + text, func(string) (*http.Response, error) { return status(200, text) }, rutravel.ErrProtocol, false})
	}
	for _, code := range []int{301, 302, 303, 307, 308} {
		all = append(all, oddAnswer{"HTTP " + strconv.Itoa(code) + " to another host", func(string) (*http.Response, error) {
			r, err := status(code, "")
			r.Header.Set("Location", "https://elsewhere.example/")
			return r, err
		}, rutravel.ErrProtocol, false})
	}
	if s.RefusesWith401 {
		all = slices.DeleteFunc(all, func(o oddAnswer) bool { return o.name == "HTTP 401 with HTML" })
	}
	return all
}

// oddAnswers gives each operation each odd answer.
func (s Suite[C]) oddAnswers(t *testing.T) {
	s.forEachCall(t, func(t *testing.T, c Call[C], unsafe bool) {
		good := s.answer(t, c)
		for _, o := range s.oddAnswerCases() {
			if c.NoBody && slices.Contains(bodyAnswers, o.name) || c.EmptyList != "" && o.name == "the answer is "+c.EmptyList {
				continue
			}
			t.Run(o.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					rt := respondWith(func(*http.Request) (*http.Response, error) { return o.respond(good) })
					_, err := c.Do(t.Context(), s.client(t, rt))
					s.assertOutcome(t, c, err, o.kind, unsafe)
					want := 1
					if o.retried && !unsafe && (!c.Streamed || o.name != breaksHalfway) {
						want = attempts
					}
					assert.Equal(t, want, rt.GetTotalCallCount())
				})
			})
		}
	})
}

// endlessAnswer gives an answer without an end to the first call of each unsafe
// operation and to one safe call. The calls are sequential, because each allocates
// as much memory as the limit allows.
func (s Suite[C]) endlessAnswer(t *testing.T) {
	t.Parallel()
	calls := []Call[C]{s.safeCall(t)}
	for _, c := range s.Calls {
		first := !slices.ContainsFunc(calls, func(o Call[C]) bool { return o.Op == c.Op })
		if first && s.unsafe(t, c) {
			calls = append(calls, c)
		}
	}
	for _, c := range calls {
		rt := respondWith(func(*http.Request) (*http.Response, error) {
			r, err := status(200, "")
			r.Body = io.NopCloser(endlessReader(strings.Repeat(" ", 64<<10)))
			return r, err
		})
		_, err := c.Do(t.Context(), s.client(t, rt))
		s.assertOutcome(t, c, err, rutravel.ErrProtocol, s.unsafe(t, c))
		assert.Equal(t, 1, rt.GetTotalCallCount())
	}
}
