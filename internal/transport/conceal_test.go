package transport

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/wire"
)

func TestConceal(t *testing.T) {
	t.Parallel()
	var q wire.Query
	q.Add("x", "Анна-Мария d'Арк: a/b+c=d&e")
	asWritten := strings.TrimPrefix(q.String(), "x=")
	for _, test := range []struct {
		name    string
		private []string
		text    string
		want    string
	}{
		{"none", nil, "as it was", "as it was"},
		{"as it is", []string{"Иванов"}, "Иванов: нет мест для Иванов", "[…]: нет мест для […]"},
		{"percent-encoded", []string{"Иванов"}, "x=%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2&y=1", "x=[…]&y=1"},
		{"space as +", []string{"de la Cruz"}, "x=de+la+Cruz&y=1", "x=[…]&y=1"},
		{"space as %20", []string{"de la Cruz"}, "x=de%20la%20Cruz&y=1", "x=[…]&y=1"},
		{"reserved, +", []string{"a b/c&d:e"}, "x=a+b%2Fc%26d%3Ae", "x=[…]"},
		{"reserved, %20", []string{"a b/c&d:e"}, "x=a%20b%2Fc%26d%3Ae", "x=[…]"},
		{"reserved, of a path", []string{"a b/c&d:e"}, "/a%20b%2Fc&d:e/", "/[…]/"},
		{"as wire.Query writes it", []string{"Анна-Мария d'Арк: a/b+c=d&e"}, "x=" + asWritten + ";", "x=[…];"},
		{"the longest first", []string{"123", "key-123-key"}, "key-123-key 123", "[…] […]"},
		{"in another case", []string{"ИВАНОВ"}, "Иванов иванов ИВАНОВ", "[…] […] […]"},
		{"numbers with other separators", []string{"0701 755756", "+7 918 755-77-88"}, "0701755756, 07 01 № 755756, 7 (918) 7557788", "[…], 07 01 № 755756, […]"},
		{"dates with other separators", []string{"25.01.1977", "1977-01-25"}, "25/01/1977 19770125 1977", "[…] […] 1977"},
		{"one character stays", []string{"", "1", "Я"}, "1 Я", "1 Я"},
		{"short words are words of their own", []string{"Ли", "Лев"}, "Лимит для ли, лева и Лев: если", "Лимит для […], лева и […]: если"},
		{"longer ones are not", []string{"Иванов"}, "Ивановой", "[…]ой"},
		{"overlapping", []string{"abcd", "cdef"}, "xabcdefx", "x[…]x"},
		{"the same twice", []string{"abcd", "abcd"}, "abcdabcd", "[…][…]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, newConcealer(test.private).conceal(test.text))
		})
	}
}

// Values and texts of any length take limited time, and do not panic.
func TestConcealHuge(t *testing.T) {
	t.Parallel()
	c := newConcealer([]string{strings.Repeat("7", 1<<20), strings.Repeat("я", 1<<20)})
	assert.Equal(t, "1234", c.message("1234"))
	assert.Len(t, []rune(c.message(strings.Repeat("word ", 1<<20))), 301)
	assert.Empty(t, c.message(strings.Repeat("7", 4<<20)), "one endless word may be half a value")
}

// Callers compare codes, so a text that looks like a code stays unchanged.
func TestConcealCode(t *testing.T) {
	t.Parallel()
	c := newConcealer([]string{"agent", "s3cret"})
	for code, want := range map[string]string{
		"agent7": "agent7", "E-12": "E-12", "126": "126", "s3cret": "[…]", "bad key s3cret": "bad key […]", "": "",
	} {
		assert.Equal(t, want, c.code(code), code)
	}
}

// addressed is an error with a clean text and a private field.
type addressed struct{ URL string }

func (addressed) Error() string { return "failed" }

func TestFieldsOfErrorsAreConcealed(t *testing.T) {
	t.Parallel()
	c := newClient(t, testBase, mock(func(r *http.Request) (*http.Response, error) {
		return nil, addressed{URL: r.URL.String() + "?skey=" + testSecret}
	}))
	_, err := Do(t.Context(), c, safeOp, get, text, rutravel.WithMaxAttempts(1))
	raw, jsonErr := json.Marshal(err)
	require.NoError(t, jsonErr)
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		raw = fmt.Appendf(raw, "%v %+v %#v", cause, cause, cause)
	}
	assert.Contains(t, string(raw), `"Err":"failed"`)
	assert.NotContains(t, string(raw), testSecret)
}

// A passenger's value may be a part of a secret. The rest of the secret must not
// be shown.
func TestSecretsContainPrivateValues(t *testing.T) {
	t.Parallel()
	const part = "s3cret"
	require.Contains(t, testSecret, part)
	c := newClient(t, testBase, mock(answers(200, "no")))
	req := Request{Method: http.MethodGet, Private: []string{part}}
	_, err := Do(t.Context(), c, safeOp, req, func(Answer) (string, error) {
		return "", &Refusal{Code: "x" + testSecret, Message: testSecret + " " + part}
	})
	e := failure(t, err)
	assert.Equal(t, "x[…]", e.Code)
	assert.Equal(t, "[…] […]", e.Message)
}

func TestMessage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"as it is", "Нет свободных мест", "Нет свободных мест"},
		{"control characters", "a\r\nb\tc\x00d\u0085e\x1b[31m", "a  b c d e [31m"},
		{"blanks around", " \r\n a \t", "a"},
		{"not UTF-8", "\xcd\xe5\xf2 a", "\ufffd a"},
		{"300 characters", strings.Repeat("я", 300), strings.Repeat("я", 300)},
		{"301 characters", strings.Repeat("я", 301), strings.Repeat("я", 300) + "…"},
		// Half of a private value would not be recognized, so the text is cut
		// last.
		{"a private value at the cut", strings.Repeat("я", 297) + "Петров", strings.Repeat("я", 297) + "[…]"},
		{"a private value across the cut", strings.Repeat("я", 298) + "Петров", strings.Repeat("я", 298) + "[……"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := newConcealer([]string{"Петров"}).message(test.text)
			assert.Equal(t, test.want, got)
			assert.True(t, utf8.ValidString(got))
		})
	}
}

func TestCause(t *testing.T) {
	t.Parallel()
	const address = "https://api.example.test/v1?skey=s3cret"
	private := newConcealer([]string{"s3cret"})
	urlError := func(err error) *url.Error { return &url.Error{Op: "Get", URL: address, Err: err} }
	for _, test := range []struct {
		name string
		err  error
		want string
		is   []error
	}{
		{"plain", io.EOF, "EOF", []error{io.EOF}},
		{"outermost", urlError(io.EOF), "EOF", []error{io.EOF}},
		{"with a connection's error", urlError(errRefused), "dial tcp: connection refused", []error{errRefused, syscall.ECONNREFUSED}},
		{"two", urlError(urlError(io.EOF)), "Get […]", []error{io.EOF}},
		{"wrapped", fmt.Errorf("proxy: %w", urlError(io.EOF)), "EOF", []error{io.EOF}},
		{"behind a RoundTripper", urlError(fmt.Errorf("proxy: %w", urlError(io.EOF))), "proxy: Get […]", []error{io.EOF}},
		{"deep", urlError(fmt.Errorf("a: %w", fmt.Errorf("b: %w", urlError(fmt.Errorf("c: %w", urlError(io.EOF)))))), "a: b: Get […]", []error{io.EOF}},
		{"behind other words", urlError(quiet{urlError(io.EOF)}), "quiet", []error{io.EOF}},
		{"one of several", urlError(errors.Join(context.Canceled, urlError(io.EOF))), "context canceled Get […]", []error{context.Canceled, io.EOF}},
		{"secrets", urlError(fmt.Errorf("bad key s3cret: %w", io.EOF)), "bad key […]: EOF", []error{io.EOF}},
		{"quoted", fmt.Errorf(`malformed HTTP response "ticket of Ivanov": %w`, io.EOF), "malformed HTTP response […]", []error{io.EOF}},
		{"line unquoted", errors.New("malformed MIME header line: ticket of Ivanov"), "malformed MIME […]", nil},
		{"first line unquoted", errors.New("malformed MIME header initial line: ticket of Ivanov"), "malformed MIME header […]", nil},
		{"not a header line", errors.New("the proxy is offline: try later"), "the proxy is offline: try later", nil},
		{"several lines", errors.Join(io.EOF, io.ErrNoProgress), "EOF multiple Read calls return no data or error", []error{io.EOF, io.ErrNoProgress}},
		{"endless", fmt.Errorf("%s %w", strings.Repeat("x", 1000), io.EOF), strings.Repeat("x", 300) + "…", []error{io.EOF}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := private.cause(test.err)
			assert.Equal(t, test.want, got.Error())
			for _, target := range test.is {
				assert.ErrorIs(t, got, target)
			}
			assert.NotErrorIs(t, got, io.ErrClosedPipe)
			_, reached := errors.AsType[*url.Error](got)
			assert.False(t, reached, "a *url.Error can be reached")
			for _, verb := range []string{"%v", "%+v", "%s", "%q"} {
				for _, secret := range []string{"s3cret", "Ivanov", "api.example"} {
					assert.NotContains(t, fmt.Sprintf(verb, got), secret, "%v, %v", verb, secret)
				}
			}
		})
	}
	// An error that needs no change is returned itself.
	got, ok := errors.AsType[*net.OpError](private.cause(urlError(errRefused)))
	assert.True(t, ok)
	assert.Same(t, errRefused, got)
}

// quiet does not show the error that it wraps.
type quiet struct{ error }

func (quiet) Error() string   { return "quiet" }
func (q quiet) Unwrap() error { return q.error }

// net/http quotes answers that are not HTTP, over a real socket. The quotations
// may contain private data and are removed.
func TestBrokenHTTPIsNotQuoted(t *testing.T) {
	t.Parallel()
	const private = "Ivanov"
	for name, answer := range map[string]string{
		"no HTTP":             "ticket of Ivanov\r\n\r\n",
		"version":             "HTTP/Ivanov 200 OK\r\n\r\n",
		"status":              "HTTP/1.1 Ivanov OK\r\n\r\n",
		"header without name": "HTTP/1.1 200 OK\r\nticket of Ivanov\r\n\r\n",
		"first header folded": "HTTP/1.1 200 OK\r\n ticket of Ivanov\r\n\r\n",
		"bad header name":     "HTTP/1.1 200 OK\r\n\x00: Ivanov\r\n\r\n",
		"content length":      "HTTP/1.1 200 OK\r\nContent-Length: Ivanov\r\n\r\n",
		"content lengths":     "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: Ivanov\r\n\r\n",
		"transfer encoding":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: Ivanov\r\n\r\n",
		"chunk":               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nIvanov\r\n",
		"trailer":             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length, Ivanov\r\n\r\n0\r\n\r\n",
		"location":            "HTTP/1.1 302 Found\r\nLocation: http://%zz/Ivanov\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { _ = l.Close() })
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = http.ReadRequest(bufio.NewReader(conn))
					_, _ = io.WriteString(conn, answer)
					_ = conn.Close()
				}
			}()
			c := newClient(t, "http://"+l.Addr().String(), nil)
			for _, op := range allOps {
				_, err = Do(t.Context(), c, op, get, text, rutravel.WithMaxAttempts(1))
				e := failure(t, err)
				assert.NotContains(t, err.Error(), private, op.Key)
				assert.NotContains(t, fmt.Sprintf("%+v", e), private, op.Key)
				assert.NotContains(t, err.Error(), l.Addr().String()+"?", op.Key)
				if op.Safety == Unsafe {
					assert.Equal(t, rutravel.ErrNotConfirmed, e.Kind, op.Key)
				}
			}
		})
	}
}

// Other spellings of a value are found: spaces around it, е for ё, JSON's
// escapes.
func TestConcealSpellings(t *testing.T) {
	t.Parallel()
	c := newConcealer([]string{" Семёнов ", "Иванов"})
	for _, text := range []string{"Семёнов", "СЕМЕНОВ", `\u0421\u0435\u043c\u0451\u043d\u043e\u0432`, "иванов", `\u0418\u0432\u0430\u043D\u043e\u0432`} {
		assert.Equal(t, "для […].", c.message("для "+text+"."), text)
	}
}

// A long text is cut in the line of an error, not in its detail. A text without
// spaces does not vanish.
func TestDetail(t *testing.T) {
	t.Parallel()
	c := newConcealer([]string{"79001234567"})
	text := strings.Repeat("слово ", 200) + "79001234567 end"
	assert.Len(t, []rune(c.message(text)), 301)
	assert.Equal(t, strings.Repeat("слово ", 200)+"[…] end", c.detail(text))
	assert.NotEmpty(t, c.message(strings.Repeat("x", 5000)))
	assert.Equal(t, strings.Repeat("x", 4050), c.detail(strings.Repeat("x", 4050) + "79001234567" + strings.Repeat("x", 900))[:4050])
	assert.NotContains(t, c.detail(strings.Repeat("x", 4090)+"79001234567"+strings.Repeat("x", 900)), "7")
}
