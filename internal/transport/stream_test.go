package transport

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

// lines yields each line of an answer. "no" is a refusal, and an answer must end
// with ".".
func lines(body io.Reader, _ func(rutravel.Warning), yield func(string) bool) error {
	s := bufio.NewScanner(body)
	for s.Scan() {
		switch s.Text() {
		case ".":
			return nil
		case "no":
			return &Refusal{Code: "7", Message: "no"}
		}
		if !yield(s.Text()) {
			return errors.New("the caller has left")
		}
	}
	return errors.New("the end is missing")
}

func stream(t *testing.T, ctx context.Context, rt http.RoundTripper, opts ...rutravel.Option) ([]string, error) {
	t.Helper()
	return rutravel.Collect(Stream(ctx, newClient(t, testBase, rt, opts...), safeOp, get, lines))
}

// from responds with a body that is read as it arrives.
func from(status int, r io.Reader) httpmock.Responder {
	return func(*http.Request) (*http.Response, error) {
		resp := httpmock.NewStringResponse(status, "")
		resp.Body, resp.ContentLength = body(r), -1
		return resp, nil
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	rt := mock(answers(200, "a\nb\n.\n"))
	seq := Stream(t.Context(), newClient(t, testBase, rt), safeOp, get, lines)
	assert.Zero(t, rt.GetTotalCallCount(), "nothing is sent before the first element is asked for")
	for n := 1; n <= 2; n++ { // every range makes a new call
		all, err := rutravel.Collect(seq)
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b"}, all)
		assert.Equal(t, n, rt.GetTotalCallCount())
	}
}

// An element is yielded before the next one has been sent.
func TestStreamArrives(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	rt := mock(from(200, r))
	send := func(text string) { _, _ = io.WriteString(w, text) }
	go send("a\n")
	var got []string
	for v, err := range Stream(t.Context(), newClient(t, testBase, rt), safeOp, get, lines) {
		require.NoError(t, err)
		got = append(got, v)
		if len(got) < 3 {
			go send("next\n")
		} else {
			go send(".\n")
		}
	}
	assert.Equal(t, []string{"a", "next", "next"}, got)
}

// A stream is retried only if no element was yielded.
func TestStreamRetries(t *testing.T) {
	t.Parallel()
	good := answers(200, "a\n.\n")
	for name, test := range map[string]struct {
		first httpmock.Responder
		want  []string
		kind  rutravel.Kind // "": the second attempt succeeds
	}{
		"unavailable":          {answers(503, ""), []string{"a"}, ""},
		"no connection":        {httpmock.NewErrorResponder(io.EOF), []string{"a"}, ""},
		"broken at once":       {from(200, broken("")), []string{"a"}, ""},
		"broken in an element": {from(200, broken("b\n")), []string{"b"}, rutravel.ErrUnavailable},
		"a bad end":            {answers(200, "b\n"), []string{"b"}, rutravel.ErrProtocol},
		"nothing":              {answers(200, ""), nil, rutravel.ErrProtocol},
		"a refusal":            {answers(200, "no"), nil, rutravel.ErrRejected},
		"a late refusal":       {answers(200, "b\nno\n"), []string{"b"}, rutravel.ErrRejected},
		"a redirect":           {answers(302, "a\n.\n"), nil, rutravel.ErrProtocol},
		"an error status":      {answers(400, "b\n.\n"), nil, rutravel.ErrProtocol},
		"a login":              {answers(401, "no"), nil, rutravel.ErrAuth},
	} {
		bubble(t, name, func(t *testing.T) {
			rt := mock(test.first.Then(good))
			all, err := stream(t, t.Context(), rt)
			assert.Equal(t, test.want, all)
			if test.kind == "" {
				require.NoError(t, err)
				assert.Equal(t, 2, rt.GetTotalCallCount())
				return
			}
			assert.Equal(t, test.kind, failure(t, err).Kind)
			assert.Equal(t, 1, rt.GetTotalCallCount())
		})
	}
	bubble(t, "no end of failures", func(t *testing.T) {
		rt := mock(answers(502, ""))
		_, err := stream(t, t.Context(), rt)
		assert.Equal(t, 3, failure(t, err).Attempts)
		assert.Equal(t, 3, rt.GetTotalCallCount())
	})
}

// An answer with an error status is read for its refusal, within its limit.
func TestStreamErrorStatus(t *testing.T) {
	t.Parallel()
	rt := mock(from(500, endless("x\n")))
	all, err := stream(t, t.Context(), rt, rutravel.WithMaxAttempts(1))
	assert.Empty(t, all)
	assert.Equal(t, rutravel.ErrUnavailable, failure(t, err).Kind)
}

// If the caller stops, the call ends and no goroutine is left.
func TestStreamBreak(t *testing.T) {
	t.Parallel()
	sent := &closing{Reader: endless("x\n")}
	rt := mock(func(r *http.Request) (*http.Response, error) {
		resp, err := from(200, nil)(r)
		resp.Body = sent
		return resp, err
	})
	var seen []rutravel.Attempt
	c := newClient(t, testBase, rt, rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(_ context.Context, a rutravel.Attempt) { seen = append(seen, a) }}))
	for v, err := range Stream(t.Context(), c, safeOp, get, lines) {
		require.NoError(t, err)
		assert.Equal(t, "x", v)
		break
	}
	assert.True(t, sent.closed.Load())
	assert.Equal(t, 1, rt.GetTotalCallCount())
	require.Len(t, seen, 1)
	assert.NoError(t, seen[0].Err)
	assert.Positive(t, seen[0].Bytes)
}

// paced is a body whose lines arrive at an interval until its request ends.
type paced struct {
	ctx   context.Context
	pause time.Duration
	text  []string
}

func (p *paced) Read(b []byte) (int, error) {
	select {
	case <-time.After(p.pause):
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	}
	if len(p.text) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.text[0]+"\n")
	p.text = p.text[1:]
	return n, nil
}

// The time without an element is limited. The total time is not, and the time
// that the caller takes does not count.
func TestStreamSilence(t *testing.T) {
	t.Parallel()
	pacing := func(pause time.Duration, text ...string) httpmock.Responder {
		return func(r *http.Request) (*http.Response, error) {
			return from(200, &paced{r.Context(), pause, text})(r)
		}
	}
	bubble(t, "many short ones", func(t *testing.T) {
		start := time.Now()
		all, err := stream(t, t.Context(), mock(pacing(50*time.Second, "a", "b", "c", ".")))
		require.NoError(t, err)
		assert.Len(t, all, 3)
		assert.Equal(t, 200*time.Second, time.Since(start))
	})
	bubble(t, "a long one", func(t *testing.T) {
		_, err := stream(t, t.Context(), mock(pacing(2*time.Minute, "a", ".")), rutravel.WithMaxAttempts(1))
		assert.Equal(t, rutravel.ErrUnavailable, failure(t, err).Kind)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
	bubble(t, "before the answer", func(t *testing.T) {
		start := time.Now()
		_, err := stream(t, t.Context(), mock(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}), rutravel.WithMaxAttempts(1), rutravel.WithAttemptTimeout(time.Second))
		assert.Equal(t, rutravel.ErrUnavailable, failure(t, err).Kind)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
	})
	bubble(t, "a slow caller", func(t *testing.T) {
		rt := mock(pacing(time.Second, "a", "b", "."))
		for _, err := range Stream(t.Context(), newClient(t, testBase, rt), safeOp, get, lines) {
			require.NoError(t, err)
			time.Sleep(time.Hour)
		}
	})
	bubble(t, "the caller's end", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		all, err := stream(t, ctx, mock(pacing(40*time.Second, "a", "b", "c", ".")))
		assert.Equal(t, []string{"a", "b"}, all)
		assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// A stream may be packed. It is not kept for WithRawAnswer.
func TestStreamPacked(t *testing.T) {
	t.Parallel()
	rt := mock(func(*http.Request) (*http.Response, error) {
		resp := httpmock.NewBytesResponse(200, pack(t, "a\nb\n.\n"))
		resp.Header.Set("Content-Encoding", "gzip")
		return resp, nil
	})
	raw := []byte("old")
	all, err := rutravel.Collect(Stream(t.Context(), newClient(t, testBase, rt), safeOp, get, lines, rutravel.WithRawAnswer(&raw)))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, all)
	assert.Nil(t, raw)
}

func TestStreamInvalid(t *testing.T) {
	t.Parallel()
	rt := mock(answers(200, "."))
	req := get
	req.Invalid = &rutravel.FieldError{Field: "ID", Problem: "must be set"}
	_, err := rutravel.Collect(Stream(t.Context(), newClient(t, testBase, rt), safeOp, req, lines))
	assert.Equal(t, rutravel.ErrInvalid, failure(t, err).Kind)
	assert.Zero(t, rt.GetTotalCallCount())
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := stream(t, ctx, rt)
		assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
	})
	assert.Zero(t, rt.GetTotalCallCount())
	assert.NotContains(t, err.Error(), testBase)
}

// The bytes between two elements are limited, packed or not. So is an answer with
// an error status.
func TestStreamBounds(t *testing.T) {
	t.Parallel()
	much := endless(strings.Repeat("x", 64<<10))
	for name, respond := range map[string]httpmock.Responder{
		"a long element": from(200, io.MultiReader(strings.NewReader("a\n"), much)),
		"an error":       from(400, much),
		"packed": func(*http.Request) (*http.Response, error) {
			resp := httpmock.NewBytesResponse(200, compressed(t, 32))
			resp.Header.Set("Content-Encoding", "gzip")
			return resp, nil
		},
	} {
		var read int64
		c := newClient(t, testBase, mock(respond))
		_, err := rutravel.Collect(Stream(t.Context(), c, safeOp, get, func(body io.Reader, _ func(rutravel.Warning), yield func(string) bool) error {
			b := bufio.NewReader(body)
			if line, _ := b.Peek(2); string(line) == "a\n" {
				yield("a")
			}
			n, err := io.Copy(io.Discard, b)
			read = n
			return err
		}))
		e := failure(t, err)
		assert.Equal(t, rutravel.ErrProtocol, e.Kind, name)
		assert.Equal(t, errTooLong, e.Err, name)
		assert.LessOrEqual(t, read, int64(MaxElement+8192), name)
	}
	// Each element renews the limit.
	var n int
	long := strings.Repeat("x", 60_000) + "\n"
	rt := mock(from(200, strings.NewReader(strings.Repeat(long, 400)+".\n")))
	for _, err := range Stream(t.Context(), newClient(t, testBase, rt), safeOp, get, lines) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 400, n)
}

// The Timeout of a caller's http.Client limits whole calls, but not streams.
func TestStreamOutlivesClientTimeout(t *testing.T) {
	t.Parallel()
	bubble(t, "timeout", func(t *testing.T) {
		rt := mock(func(r *http.Request) (*http.Response, error) {
			return from(200, &paced{r.Context(), time.Second, []string{"a", "b", "."}})(r)
		})
		c, err := newAt(testBase, rutravel.WithHTTPClient(&http.Client{Transport: rt, Timeout: 1500 * time.Millisecond}))
		require.NoError(t, err)
		all, err := rutravel.Collect(Stream(t.Context(), c, safeOp, get, lines))
		require.NoError(t, err)
		assert.Len(t, all, 2)
	})
}

// dripping is a body of white space, one byte every 50 ms, with elements in it.
type dripping struct {
	ctx   context.Context
	every int // how many bytes of white space before each element; 0 is endless
	next  int
}

func (d *dripping) Read(b []byte) (int, error) {
	select {
	case <-time.After(50 * time.Millisecond):
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
	if d.next++; d.every > 0 && d.next%d.every == 0 {
		return copy(b, "x\n"), nil
	}
	return copy(b, " "), nil
}

// The timeout limits the time without an element, not without a byte. Elements in
// time renew it. Then only the caller's context limits the total time.
func TestStreamDrips(t *testing.T) {
	t.Parallel()
	drips := func(every int) httpmock.Responder {
		return func(r *http.Request) (*http.Response, error) {
			return from(200, &dripping{ctx: r.Context(), every: every})(r)
		}
	}
	bubble(t, "no element", func(t *testing.T) {
		start := time.Now()
		_, err := stream(t, t.Context(), mock(drips(0)), rutravel.WithMaxAttempts(1), rutravel.WithAttemptTimeout(time.Minute))
		assert.Equal(t, rutravel.ErrUnavailable, failure(t, err).Kind)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(start))
	})
	bubble(t, "elements", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		all, err := stream(t, ctx, mock(drips(20)), rutravel.WithAttemptTimeout(time.Minute))
		assert.InDelta(t, 3600, len(all), 1)
		assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
		assert.Equal(t, time.Hour, time.Since(start))
	})
}
