package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/options"
	"github.com/rutravel/rutravel-go/internal/wire"
)

// endless is a text that repeats without end.
type endless string

func (e endless) Read(p []byte) (int, error) { return copy(p, e), nil }

// blank is a reader that claims to fill its buffer.
type blank struct{}

func (blank) Read(p []byte) (int, error) { return len(p), nil }

func zeros(n int64) io.ReadCloser { return body(io.LimitReader(blank{}, n)) }

// bodyIn returns a body to read an answer into buf.
func bodyIn(buf *bytes.Buffer) *answerBody {
	return &answerBody{client: new(Client), limit: maxAnswer, buf: buf}
}

func TestAnswerBody(t *testing.T) {
	t.Parallel()
	buf := bytes.NewBuffer(make([]byte, 0, maxAnswer+2*bytes.MinRead)) // growing the buffer takes most of the time
	for _, test := range []struct {
		status int
		length int64
		want   error
		read   int64
	}{
		{200, 0, nil, 0},
		{200, 1, nil, 1},
		{200, maxErrorAnswer + 1, nil, maxErrorAnswer + 1},
		{200, maxAnswer, nil, maxAnswer},
		{200, maxAnswer + 1, errTooLong, maxAnswer + 1},
		{302, maxAnswer + 5, errTooLong, maxAnswer + 1},
		{400, maxErrorAnswer, nil, maxErrorAnswer},
		{400, maxErrorAnswer + 5, nil, maxErrorAnswer + 1}, // one byte more finds the end
		{503, maxErrorAnswer + 5, nil, maxErrorAnswer + 1},
	} {
		for _, declared := range []int64{-1, test.length, 5} {
			buf.Reset()
			b := bodyIn(buf)
			err := b.read(&http.Response{StatusCode: test.status, ContentLength: declared, Body: zeros(test.length)})
			assert.Equal(t, test.want, err, "HTTP %d, %d bytes", test.status, test.length)
			assert.Equal(t, test.read, b.size, "HTTP %d, %d bytes", test.status, test.length)
		}
	}
}

// A declared length does not make the client allocate that much memory.
func TestDeclaredLength(t *testing.T) {
	t.Parallel()
	for status, most := range map[int]int{200: 2 << 20, 503: 100_000} {
		b := bodyIn(new(bytes.Buffer))
		err := b.read(&http.Response{StatusCode: status, ContentLength: 1 << 60, Body: body(strings.NewReader("yes"))})
		require.NoError(t, err, "HTTP %d", status)
		assert.Equal(t, "yes", string(b.bytes()), "HTTP %d", status)
		assert.LessOrEqual(t, b.buf.Cap(), most, "HTTP %d", status)
	}

	// An answer takes about its size, whether or not it is announced.
	for _, length := range []int64{100_000, 12 << 20} {
		for _, declared := range []int64{length, -1} {
			b := bodyIn(new(bytes.Buffer))
			err := b.read(&http.Response{StatusCode: 200, ContentLength: declared, Body: zeros(length)})
			require.NoError(t, err, "length %d, declared %d", length, declared)
			assert.Len(t, b.bytes(), int(length), "declared %d", declared)
			assert.Less(t, b.buf.Cap(), int(length)*5/4+2*presized, "declared %d", declared)
		}
	}
}

// An answer that is too long is not assembled.
func TestTooLongCosts(t *testing.T) {
	t.Parallel()
	b := bodyIn(new(bytes.Buffer))
	b.limit = 8 << 20
	err := b.read(&http.Response{StatusCode: 200, ContentLength: -1, Body: zeros(100 << 20)})
	require.ErrorIs(t, err, errTooLong)
	assert.EqualValues(t, 8<<20+1, b.size)
	assert.LessOrEqual(t, b.buf.Cap(), 4*presized)
}

// The buffer of a large answer is not kept for the next.
func TestRelease(t *testing.T) {
	t.Parallel()
	var c Client
	(&answerBody{client: &c, buf: bytes.NewBuffer(make([]byte, 0, maxPooled+1))}).release()
	assert.Less(t, c.body(options.Call{}).buf.Cap(), maxPooled)
}

// compressed is a gzip file of n MiB of zeros. It consists of equal members, so
// it is small and quickly made.
func compressed(t *testing.T, n int) []byte {
	t.Helper()
	return bytes.Repeat(pack(t, string(make([]byte, 1<<20))), n)
}

func pack(t *testing.T, text string) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := io.WriteString(z, text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return packed.Bytes()
}

func TestGzipBomb(t *testing.T) {
	t.Parallel()
	const gigabyte = 1 << 10
	bomb := compressed(t, gigabyte)
	require.Less(t, len(bomb), maxAnswer/16) // each Go release packs it differently
	var calls atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb) // the client hangs up
	}))
	t.Cleanup(srv.Close)
	var unpacked atomic.Int64
	c := newClient(t, srv.URL, nil, rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(_ context.Context, a rutravel.Attempt) { unpacked.Store(a.Bytes) }}))
	room := make([]byte, 0, maxAnswer+2*bytes.MinRead)
	c.buffers.New = func() any { return bytes.NewBuffer(room) } // growing the buffer takes most of the time
	for op, kind := range map[*Operation]rutravel.Kind{safeOp: rutravel.ErrProtocol, unsafeOp: rutravel.ErrNotConfirmed} {
		calls.Store(0)
		_, err := Do(t.Context(), c, op, get, text)
		e := failure(t, err)
		assert.Equal(t, kind, e.Kind, op.Key)
		assert.Equal(t, errTooLong, e.Err, op.Key)
		assert.Equal(t, http.StatusOK, e.HTTPStatus, op.Key)
		assert.EqualValues(t, 1, calls.Load(), op.Key)
		assert.EqualValues(t, maxAnswer+1, unpacked.Load(), op.Key)
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	packed := compressed(t, 3)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		n := len(packed)
		if r.URL.RawQuery == "cut" {
			n -= 100
		}
		_, _ = w.Write(packed[:n])
	}))
	t.Cleanup(srv.Close)
	c := newClient(t, srv.URL, nil)
	for _, op := range allOps {
		v, err := Do(t.Context(), c, op, get, text)
		require.NoError(t, err, op.Key)
		assert.Len(t, v, 3<<20, op.Key)

		_, err = Do(t.Context(), c, op, Request{Method: http.MethodGet, Query: "cut"}, text, rutravel.WithMaxAttempts(1))
		if op.Safety == Unsafe {
			assert.ErrorIs(t, err, rutravel.ErrNotConfirmed, op.Key)
		} else {
			assert.ErrorIs(t, err, rutravel.ErrUnavailable, op.Key)
		}
	}
}

// Only the beginning of a long error page is read, and its status still counts.
func TestLongErrorAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		kind   rutravel.Kind
		sent   int
	}{
		{400, rutravel.ErrProtocol, 1},
		{401, rutravel.ErrAuth, 1},
		{403, rutravel.ErrForbidden, 1},
		{404, rutravel.ErrProtocol, 1},
		{429, rutravel.ErrRateLimited, 3},
		{500, rutravel.ErrUnavailable, 3},
		{503, rutravel.ErrUnavailable, 3},
	} {
		bubble(t, strconv.Itoa(test.status), func(t *testing.T) {
			var raw []byte
			rt := mock(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: test.status, ContentLength: -1, Body: body(endless("<html>"))}, nil
			})
			read := func(a Answer) (string, error) {
				assert.InDelta(t, maxErrorAnswer, len(a.Body), 1)
				return text(a)
			}
			_, err := Do(t.Context(), newClient(t, testBase, rt), safeOp, get, read, rutravel.WithRawAnswer(&raw))
			assert.Equal(t, test.kind, failure(t, err).Kind)
			assert.Equal(t, test.status, failure(t, err).HTTPStatus)
			assert.Equal(t, test.sent, rt.GetTotalCallCount())
			assert.InDelta(t, maxErrorAnswer, len(raw), 1)
		})
	}
}

// Buffers are reused. A value that was decoded from one must not change with the
// next answer, and answers must not mix.
func TestBuffersDoNotLeak(t *testing.T) {
	t.Parallel()
	const (
		callers = 16
		calls   = 50
	)
	value := func(i int) string { return strings.Repeat("<"+strconv.Itoa(i)+">", i*37%5000+1) }
	rt := mock(func(r *http.Request) (*http.Response, error) {
		i, err := strconv.Atoi(r.URL.RawQuery)
		if err != nil {
			return nil, err
		}
		return answers(200, `{"name":"`+value(i)+`"}`)(r)
	})
	c := newClient(t, testBase, rt)
	type answer struct {
		name string
		raw  []byte
	}
	read := func(a Answer) (v answer, err error) {
		return v, wire.Decode(a.Body, nil, func(d *wire.Decoder) error {
			return d.Object(func([]byte) error { return wire.String(d, &v.name) })
		})
	}
	var wg sync.WaitGroup
	for g := range callers {
		wg.Go(func() {
			got := make([]answer, calls)
			for j := range calls {
				var raw []byte
				v, err := Do(t.Context(), c, allOps[j%len(allOps)], Request{Method: http.MethodGet, Query: strconv.Itoa(g*calls + j)}, read, rutravel.WithRawAnswer(&raw))
				if !assert.NoError(t, err) {
					return
				}
				got[j] = answer{v.name, raw}
			}
			for j, a := range got {
				want := value(g*calls + j)
				assert.Equal(t, want, a.name)
				assert.Equal(t, `{"name":"`+want+`"}`, string(a.raw), a.name)
			}
		})
	}
	wg.Wait()
}

func TestRawAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		op      *Operation
		respond func(*http.Request) (*http.Response, error)
		want    string
		fails   bool
	}{
		"success":           {safeOp, answers(200, "yes"), "yes", false},
		"refusal":           {unsafeOp, answers(200, "no"), "no", true},
		"unreadable":        {unsafeOp, answers(204, "?"), "?", true},
		"error status":      {unsafeOp, answers(500, "<html>"), "<html>", true},
		"too many requests": {unsafeOp, answers(429, "slow"), "slow", true},
		"redirect":          {unsafeOp, answers(302, "there"), "there", true},
		"cut": {unsafeOp, func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: broken("ye")}, nil
		}, "ye", true},
		"the last":             {safeOp, answers(500, "first").Then(answers(502, "second")).Then(answers(200, "third")), "third", false},
		"the last of failures": {safeOp, answers(500, "first").Then(answers(502, "second")).Then(answers(503, "third")), "third", true},
		"empty":                {safeOp, answers(200, ""), "", false},
		"none":                 {unsafeOp, func(*http.Request) (*http.Response, error) { return nil, io.EOF }, "", true},
		"not sent":             {unsafeOp, refuseConnection, "", true},
	} {
		bubble(t, name, func(t *testing.T) {
			raw := []byte("of an earlier call")
			c := newClient(t, testBase, mock(test.respond))
			_, err := Do(t.Context(), c, test.op, get, text, rutravel.WithRawAnswer(&raw))
			assert.Equal(t, test.want, string(raw))
			assert.Equal(t, test.fails, err != nil)

			// The caller may change it.
			for i := range raw {
				raw[i] = '!'
			}
			kept := bytes.Clone(raw)
			var next []byte
			c.shared.Transport, c.own.Transport = mock(answers(200, "another")), mock(answers(200, "another"))
			v, err := Do(t.Context(), c, test.op, get, text, rutravel.WithRawAnswer(&next))
			require.NoError(t, err)
			assert.Equal(t, "another", v)
			assert.Equal(t, "another", string(next))
			assert.Equal(t, kept, raw)
		})
	}
	t.Run("nil", func(t *testing.T) {
		t.Parallel()
		_, err := Do(t.Context(), newClient(t, testBase, mock(answers(200, "yes"))), safeOp, get, text, rutravel.WithRawAnswer(nil))
		assert.NoError(t, err)
	})
}

// An empty body is not a broken one, even if its label says that it is packed.
func TestPackedNothing(t *testing.T) {
	t.Parallel()
	rt := mock(answers(http.StatusUnauthorized, "").HeaderSet(http.Header{"Content-Encoding": {"gzip"}}))
	for _, op := range allOps {
		_, err := Do(t.Context(), newClient(t, testBase, rt), op, get, func(a Answer) (string, error) {
			assert.Equal(t, http.StatusUnauthorized, a.Status, op.Key)
			return "", &Refusal{}
		})
		assert.Equal(t, rutravel.ErrAuth, failure(t, err).Kind, op.Key)
	}
}

// A packed answer is unpacked, whatever its label says.
func TestOwnGzip(t *testing.T) {
	t.Parallel()
	packed := compressed(t, 1)
	req := Request{Method: http.MethodGet, Header: http.Header{"Accept-Encoding": {"gzip"}}}
	for name, want := range map[string]int{"whole": 1 << 20, "cut": 0, "not gzip": len("yes")} {
		rt := mock(func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"), name)
			sent := map[string][]byte{"whole": packed, "cut": packed[:len(packed)-9], "not gzip": []byte("yes")}[name]
			resp := httpmock.NewBytesResponse(http.StatusOK, sent)
			resp.Header.Set("Content-Encoding", map[string]string{"whole": "GZip", "cut": "x-gzip", "not gzip": "gzip"}[name])
			return resp, nil
		})
		v, err := Do(t.Context(), newClient(t, testBase, rt), safeOp, req, text, rutravel.WithMaxAttempts(1))
		assert.Len(t, v, want, name)
		assert.Equal(t, want == 0, err != nil, name)
		_, err = Do(t.Context(), newClient(t, testBase, rt), unsafeOp, req, text)
		assert.Equal(t, want == 0, errors.Is(err, rutravel.ErrNotConfirmed), name)
	}
}

// WithRawAnswer keeps a body with any label and any outcome. It keeps the body
// unpacked, or as it arrived if it cannot be unpacked completely.
func TestRawAnswerAnyLabel(t *testing.T) {
	t.Parallel()
	packed := string(pack(t, strings.Repeat("yes", 1000)))
	unpacked := strings.Repeat("yes", 1000)
	corrupt := []byte(packed)
	corrupt[len(corrupt)-6] ^= 1 // in the checksum
	random := make([]byte, 100_000)
	_, _ = rand.NewChaCha8([32]byte{}).Read(random)
	long := string(pack(t, string(random)))
	broken := []byte(long)
	for i := 20_000; i < 20_100; i++ {
		broken[i] = 0xff
	}
	for name, test := range map[string]struct {
		body, raw string
		fails     bool
	}{
		"plain":                      {"yes", "yes", false},
		"one byte":                   {"y", "y", false},
		"gzip":                       {packed, unpacked, false},
		"gzip and bytes after it":    {packed + "\r\n<html>", unpacked, false},
		"gzip and one byte after it": {packed + "\x1f", unpacked, false},
		"gzip and its magic":         {packed + "\x1f\x8b<html>       ", unpacked, false},
		"two members":                {packed + packed, unpacked + unpacked, false},
		"a bad checksum":             {string(corrupt), string(corrupt), true},
		"a bad second member":        {packed + string(corrupt), packed + string(corrupt), true},
		"a bad block":                {string(broken), string(broken), true},
		"cut":                        {long[:50_000], long[:50_000], true},
		"cut in the header":          {packed[:5], packed[:5], true},
		"a bad header":               {"\x1f\x8b<html>       ", "\x1f\x8b<html>       ", true},
		"deflate":                    {"x\x9c\xcaL-\x06\x04\x00\x00", "x\x9c\xcaL-\x06\x04\x00\x00", false},
		"too long":                   {strings.Repeat("yes", 10_000), strings.Repeat("yes", 10_000)[:10_001], true},
	} {
		for _, label := range []string{"", "gzip", "x-gzip", "GZIP", "br", "deflate", "zstd", "gzip, gzip", "identity"} {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if label != "" {
					w.Header().Set("Content-Encoding", label)
				}
				_, _ = io.WriteString(w, test.body)
			}))
			t.Cleanup(srv.Close)
			for _, rt := range []http.RoundTripper{nil, wrapped{&http.Transport{}}} {
				for _, op := range allOps {
					var raw []byte
					opts := []rutravel.CallOption{rutravel.WithRawAnswer(&raw), rutravel.WithMaxAttempts(1)}
					if name == "too long" {
						opts = append(opts, rutravel.WithMaxAnswer(10_000))
					}
					_, err := Do(t.Context(), newClient(t, srv.URL, rt), op, get, text, opts...)
					assert.Equal(t, test.fails, err != nil, "%s as %q: %v", name, label, err)
					assert.Equal(t, test.raw, string(raw), "%s as %q", name, label)
				}
			}
		}
	}
}

// An answer that is cut between two members of gzip, or inside one, is not
// complete.
func TestGzipCutBetweenMembers(t *testing.T) {
	t.Parallel()
	member := string(pack(t, "yes"))
	for name, text := range map[string]string{
		"after a member": member, "in a member's magic": member + "\x1f", "after its magic": member + "\x1f\x8b", "in a member": member + member[:10],
	} {
		got, err := io.ReadAll(unpack(broken(text)))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
		assert.Equal(t, "yes", string(got), name)
	}
}

// An endless answer, packed or not, takes little more memory than its limit.
func TestEndlessAnswerCosts(t *testing.T) { //nolint:paralleltest // what others allocate would count
	if raceEnabled {
		t.Skip("the race detector allocates memory")
	}
	const limit = 16 << 20
	bomb := compressed(t, 64)
	for name, from := range map[string]func() io.Reader{
		"plain":  func() io.Reader { return blank{} },
		"packed": func() io.Reader { return io.MultiReader(bytes.NewReader(bomb), bytes.NewReader(bomb)) },
	} {
		for _, op := range allOps {
			c := newClient(t, testBase, mock(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: body(from())}, nil
			}), rutravel.WithMaxAnswer(limit))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Do(t.Context(), c, op, get, text)
			runtime.ReadMemStats(&after)
			assert.Equal(t, errTooLong, failure(t, err).Err)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(limit+8<<20), "%s, %s", name, op.Key)
		}
	}
}
