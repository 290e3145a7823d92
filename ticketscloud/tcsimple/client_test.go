package tcsimple_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple/tcsimpletest"
)

// Each method has the same answer in memory and through a socket.
func TestMethods(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	srv := fake.Start()
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL = srv.URL + "/"
	socket, err := tcsimple.New(cfg)
	require.NoError(t, err)
	counts := map[string]int{}
	again := methods(t.Context(), socket)
	for name, call := range methods(t.Context(), newClient(t, fake)) {
		got, err := collect(call)
		require.NoError(t, err, name)
		same, err := collect(again[name])
		require.NoError(t, err, name)
		assert.Equal(t, got, same, name)
		counts[name] = len(got)
	}
	assert.Equal(t, map[string]int{
		"Events": 3, "MetaEvents": 1, "Categories": 2, "Tags": 1, "Artists": 1, "Venues": 2, "Maps": 1, "Seats": 10, "Countries": 1, "Cities": 2,
	}, counts)
}

// Names are in the requested language.
func TestLanguage(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	for language, want := range map[ticketscloud.Language]string{"": "Россия", ticketscloud.LanguageRussian: "Россия", ticketscloud.LanguageEnglish: "Russia"} {
		t.Run(string(language), func(t *testing.T) {
			t.Parallel()
			cfg := fake.Config()
			cfg.Language = language
			c, err := tcsimple.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
			require.NoError(t, err)
			all, err := collect(c.Countries(t.Context(), tcsimple.CountryQuery{}))
			require.NoError(t, err)
			assert.Equal(t, want, all[0].Name)
		})
	}
}

// The client tries v3 first and v2 if a method is not there. It remembers where it was, as
// long as it stays there.
func TestServiceNames(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake, rutravel.WithMaxAttempts(1), rutravel.WithRetryBudget(0))
	ask := func() []string {
		before := len(fake.Requests())
		all, err := collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
		require.NoError(t, err)
		require.Len(t, all, 1)
		var asked []string
		for _, r := range fake.Requests()[before:] {
			asked = append(asked, r.Service)
		}
		return asked
	}
	assert.Equal(t, []string{"v3.Simple"}, ask())
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	assert.Equal(t, []string{"v3.Simple", "v2.Simple"}, ask())
	assert.Equal(t, []string{"v2.Simple"}, ask())
	events, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	assert.Zero(t, events[1].UpdatedAt)
	fake.SetQuirks(tcsimpletest.Quirks{})
	assert.Equal(t, []string{"v2.Simple", "v3.Simple"}, ask())
	assert.Equal(t, []string{"v3.Simple"}, ask())

	// An empty answer is a success. If no service has the method, that is an error.
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{IDs: []tcsimple.TagID{"none"}}))
	require.NoError(t, err)
	assert.Equal(t, []string{"v2.Simple"}, ask())
	fake.SetQuirks(tcsimpletest.Quirks{Service: "v4.Simple"})
	_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
	require.ErrorIs(t, err, tcsimple.CodeUnimplemented)
	require.ErrorIs(t, err, rutravel.ErrProtocol)
	assert.Equal(t, "unknown service v2.Simple", failure(t, err).Message, "the name that had the method last")
	_, err = collect(newClient(t, fake).Tags(t.Context(), tcsimple.TagQuery{}))
	assert.Equal(t, "unknown service v3.Simple", failure(t, err).Message)

	// One value is enough to remember the name for its method.
	other := newClient(t, fake)
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	for range other.Events(t.Context(), tcsimple.EventQuery{}) {
		break
	}
	sent := len(fake.Requests())
	_, err = collect(other.Events(t.Context(), tcsimple.EventQuery{}))
	require.NoError(t, err)
	assert.Len(t, fake.Requests(), sent+1)
	_, err = collect(other.Tags(t.Context(), tcsimple.TagQuery{}))
	require.NoError(t, err)
	assert.Len(t, fake.Requests(), sent+3)

	// A configured name is the only one.
	cfg := fake.Config()
	cfg.Service = "v4.Simple"
	c, err = tcsimple.New(cfg, rutravel.WithHTTPClient(fake.HTTPClient()))
	require.NoError(t, err)
	fake.SetQuirks(tcsimpletest.Quirks{Service: "v4.Simple"})
	assert.Equal(t, []string{"v4.Simple"}, ask())
	fake.SetQuirks(tcsimpletest.Quirks{})
	before := len(fake.Requests())
	_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
	require.ErrorIs(t, err, tcsimple.CodeUnimplemented)
	assert.Len(t, fake.Requests(), before+1)
}

// A gateway answers 404 for an unknown path. That may be temporary, so it is not remembered.
func TestServiceNamesBehindGateway(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	fake.Inject(tcsimpletest.Fault{Status: http.StatusNotFound, Body: "<html>"})
	c := newClient(t, fake)
	all, err := collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
	require.NoError(t, err)
	assert.Len(t, all, 1)
	fake.SetQuirks(tcsimpletest.Quirks{})
	_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
	require.NoError(t, err)
	var asked []string
	for _, r := range fake.Requests() {
		asked = append(asked, r.Service)
	}
	assert.Equal(t, []string{"v3.Simple", "v2.Simple", "v3.Simple"}, asked)
}

// In the middle of a stream, the status UNIMPLEMENTED is an ordinary error: another request
// would yield the same values again.
func TestUnimplementedTooLate(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.Inject(tcsimpletest.Fault{After: 1, Code: tcsimple.CodeUnimplemented})
	all, err := collect(newClient(t, fake).Events(t.Context(), tcsimple.EventQuery{}))
	require.ErrorIs(t, err, tcsimple.CodeUnimplemented)
	assert.Len(t, all, 1)
	assert.Len(t, fake.Requests(), 1)

	// The same applies to the second name.
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	fake.Inject(tcsimpletest.Fault{}, tcsimpletest.Fault{After: 2, Code: tcsimple.CodeUnimplemented, Message: "in the middle"})
	all, err = collect(newClient(t, fake).Events(t.Context(), tcsimple.EventQuery{}))
	assert.Equal(t, "in the middle", failure(t, err).Message)
	assert.Len(t, all, 2)
	assert.Len(t, fake.Requests(), 3)
}

// Before the first value, a call is retried. After that, a stream that breaks off is an error
// and never a short list. This applies with and without a socket.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  tcsimpletest.Fault
		kind   rutravel.Kind
		again  bool
		always bool // it happens before the first message
	}{
		"refused":            {fault: tcsimpletest.Fault{Refuse: true}, kind: rutravel.ErrUnavailable, again: true, always: true},
		"broken":             {fault: tcsimpletest.Fault{Drop: true}, kind: rutravel.ErrUnavailable, again: true},
		"cut":                {fault: tcsimpletest.Fault{Cut: true}, kind: rutravel.ErrUnavailable, again: true},
		"out of order":       {fault: tcsimpletest.Fault{Code: tcsimple.CodeUnavailable, Message: "later"}, kind: rutravel.ErrUnavailable, again: true},
		"no message":         {fault: tcsimpletest.Fault{Garbage: true}, kind: rutravel.ErrProtocol},
		"not allowed":        {fault: tcsimpletest.Fault{Code: tcsimple.CodePermissionDenied}, kind: rutravel.ErrForbidden},
		"gateway's 502":      {fault: tcsimpletest.Fault{Status: 502, Body: "<html>"}, kind: rutravel.ErrUnavailable, again: true, always: true},
		"gateway's 401":      {fault: tcsimpletest.Fault{Status: 401}, kind: rutravel.ErrAuth, always: true},
		"gateway's 403":      {fault: tcsimpletest.Fault{Status: 403}, kind: rutravel.ErrForbidden, always: true},
		"gateway's 429":      {fault: tcsimpletest.Fault{Status: 429}, kind: rutravel.ErrRateLimited, again: true, always: true},
		"gateway's page":     {fault: tcsimpletest.Fault{Status: 200, Body: "<html>"}, kind: rutravel.ErrProtocol, always: true},
		"gateway's redirect": {fault: tcsimpletest.Fault{Status: 302, Header: http.Header{"Location": {"https://example.org/"}}}, kind: rutravel.ErrProtocol, always: true},
	} {
		for _, after := range []int{0, 2, 3} {
			for _, socket := range []bool{false, true} {
				if test.always && after > 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s after %d, socket %t", name, after, socket), func(t *testing.T) {
					t.Parallel()
					fake := tcsimpletest.New(nil)
					c := newClient(t, fake, rutravel.WithMaxAttempts(2))
					if socket {
						srv := fake.Start()
						t.Cleanup(srv.Close)
						cfg := fake.Config()
						cfg.BaseURL = srv.URL
						var err error
						c, err = tcsimple.New(cfg, rutravel.WithMaxAttempts(2))
						require.NoError(t, err)
					}
					fault := test.fault
					fault.After = after
					fake.Inject(fault)
					all, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}))
					if test.again && after == 0 {
						require.NoError(t, err)
						assert.Len(t, all, 3)
						return
					}
					e := failure(t, err)
					assert.Equal(t, test.kind, e.Kind, "%v", err)
					assert.Equal(t, 1, e.Attempts)
					assert.Equal(t, "Events", e.Op)
					assert.Len(t, all, after, "the values before the fault")
					assert.NotContains(t, err.Error(), "http:")
				})
			}
		}
	}
}

// The client waits as long as the supplier asks for.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := tcsimpletest.New(nil)
		fake.Inject(
			tcsimpletest.Fault{Status: 503, Header: http.Header{"Retry-After": {"7"}}},
			tcsimpletest.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}},
		)
		begun := time.Now()
		_, err := collect(newClient(t, fake).Tags(t.Context(), tcsimple.TagQuery{}))
		e := failure(t, err)
		assert.Equal(t, rutravel.ErrRateLimited, e.Kind)
		assert.Equal(t, time.Hour, e.RetryAfter)
		assert.Equal(t, 429, e.HTTPStatus)
		assert.Equal(t, 7*time.Second, time.Since(begun))
	})
}

// The time without a message is limited. The time of the whole stream, and the time that the
// caller needs for a value, are not.
func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts []rutravel.Option
		want time.Duration
	}{
		"default": {nil, 2 * time.Minute},
		"option":  {[]rutravel.Option{rutravel.WithAttemptTimeout(5 * time.Second)}, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := tcsimpletest.New(nil)
				fake.Inject(tcsimpletest.Fault{After: 2, Silence: true})
				client := fake.HTTPClient()
				client.Timeout = time.Second // of a whole request: ignored for streams
				c, err := tcsimple.New(fake.Config(), append(test.opts, rutravel.WithHTTPClient(client))...)
				require.NoError(t, err)
				var n int
				var last time.Time
				for _, err = range c.Events(t.Context(), tcsimple.EventQuery{}) {
					if err != nil {
						break
					}
					n++
					time.Sleep(time.Hour) // the caller needs this time
					last = time.Now()
				}
				e := failure(t, err)
				assert.Equal(t, 2, n)
				assert.Equal(t, test.want, time.Since(last))
				assert.Equal(t, rutravel.ErrUnavailable, e.Kind)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Empty(t, fake.Requests()[0].Timeout, "the context has no deadline, so none is sent")
			})
		})
	}
}

// Nothing is sent before the first value is requested. Each range sends a new request. An
// invalid request is never sent.
func TestLazy(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	c := newClient(t, fake)
	seq := c.Events(t.Context(), tcsimple.EventQuery{})
	assert.Empty(t, fake.Requests())
	for n := 1; n <= 2; n++ {
		all, err := collect(seq)
		require.NoError(t, err)
		assert.Len(t, all, 3)
		assert.Len(t, fake.Requests(), n)
	}
	for range seq {
		break
	}
	assert.Len(t, fake.Requests(), 3)
}

// The REST API and the catalogue accept the same keys.
func TestSameKeys(t *testing.T) {
	t.Parallel()
	for _, key := range []rutravel.Secret{"k", "! k~", "", " ", " k", "k ", "key k", "Key k", "KEY k", "keyk", "к", "a\tb", "a\x7f", "[secret]"} {
		_, orders := ticketscloud.New(ticketscloud.Config{Key: key, BaseURL: ticketscloud.Stage})
		_, catalogue := tcsimple.New(tcsimple.Config{Key: key, BaseURL: tcsimple.Stage})
		assert.Equal(t, orders == nil, catalogue == nil, "%q: %v, %v", string(key), orders, catalogue)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := tcsimple.Config{Key: "k", BaseURL: tcsimple.Stage}
	for field, spoil := range map[string]func(*tcsimple.Config){
		"Key":      func(c *tcsimple.Config) { c.Key = "" },
		"Key ":     func(c *tcsimple.Config) { c.Key = "key k" },
		"Key  ":    func(c *tcsimple.Config) { c.Key = "к" },
		"Key   ":   func(c *tcsimple.Config) { c.Key = "Key 123" },
		"BaseURL":  func(c *tcsimple.Config) { c.BaseURL = "" },
		"BaseURL ": func(c *tcsimple.Config) { c.BaseURL = "http://192.0.2.1" },
		"Language": func(c *tcsimple.Config) { c.Language = "ру" },
		"Service":  func(c *tcsimple.Config) { c.Service = "/v3.Simple" },
	} {
		c := good
		spoil(&c)
		_, err := tcsimple.New(c)
		wrong, ok := errors.AsType[*rutravel.FieldError](err)
		require.True(t, ok, field)
		assert.Equal(t, strings.TrimSpace(field), wrong.Field)
	}
	_, err := tcsimple.New(tcsimple.Config{Key: "k", BaseURL: "stage.freetc.net"})
	require.ErrorContains(t, err, "BaseURL must be an absolute http or https address: Production or Stage")
	_, err = tcsimple.New(good, rutravel.WithMaxAttempts(0))
	require.ErrorIs(t, err, rutravel.ErrInvalid)
	good.Key = "! k~" // the first and last characters of printable ASCII
	good.BaseURL = "http://192.0.2.1"
	_, err = tcsimple.New(good, rutravel.WithPlainHTTP())
	require.NoError(t, err)
}

// no is a limiter that refuses all attempts.
type no struct{}

func (no) Wait(context.Context) error { return errors.New("enough") }

// The options of clients and calls work as in other packages.
func TestOptions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := tcsimpletest.New(nil)
		var log bytes.Buffer
		var attempts []rutravel.Attempt
		c := newClient(t, fake,
			rutravel.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
			rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(_ context.Context, a rutravel.Attempt) { attempts = append(attempts, a) }}))
		fake.Inject(tcsimpletest.Fault{Drop: true}, tcsimpletest.Fault{Code: tcsimple.CodeInternal})
		raw := []byte("of another call")
		all, err := collect(c.Events(t.Context(), tcsimple.EventQuery{}, rutravel.WithRawAnswer(&raw)))
		require.NoError(t, err)
		assert.Len(t, all, 3)
		assert.Nil(t, raw)
		require.Len(t, attempts, 3)
		for i, a := range attempts {
			assert.Equal(t, "Events", a.Op)
			assert.Equal(t, "tcsimple", a.Supplier)
			assert.Equal(t, i+1, a.Number)
			assert.Equal(t, i < 2, a.Err != nil)
		}
		assert.Positive(t, attempts[2].Bytes)
		assert.Equal(t, 200, attempts[2].Status)
		assert.Equal(t, 3, strings.Count(log.String(), "operation=Events"))

		fake.Inject(tcsimpletest.Fault{Drop: true}, tcsimpletest.Fault{Drop: true})
		_, err = collect(c.Tags(t.Context(), tcsimple.TagQuery{}, rutravel.WithMaxAttempts(2)))
		assert.Equal(t, 2, failure(t, err).Attempts)

		_, err = collect(newClient(t, fake, rutravel.WithLimiter(no{})).Tags(t.Context(), tcsimple.TagQuery{}))
		require.ErrorIs(t, err, rutravel.ErrUnavailable)

		before := len(fake.Requests())
		fake.Inject(tcsimpletest.Fault{Drop: true})
		_, err = collect(newClient(t, fake, rutravel.WithRetryBudget(0)).Tags(t.Context(), tcsimple.TagQuery{}))
		require.ErrorIs(t, err, rutravel.ErrUnavailable)
		assert.Len(t, fake.Requests(), before+1)

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = collect(c.Tags(ctx, tcsimple.TagQuery{}))
		require.ErrorIs(t, err, rutravel.ErrCanceled)
		assert.Zero(t, failure(t, err).Attempts)
	})
}

// The context ends before the first message, between two messages, or while the caller
// handles a value.
func TestCancelled(t *testing.T) {
	t.Parallel()
	for after := range 3 {
		t.Run(fmt.Sprintf("after %d", after), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := tcsimpletest.New(nil)
				fake.Inject(tcsimpletest.Fault{After: after, Silence: true})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				all, err := collect(newClient(t, fake).Events(ctx, tcsimple.EventQuery{}))
				assert.Equal(t, rutravel.ErrCanceled, failure(t, err).Kind)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Len(t, all, after)
				assert.NotEmpty(t, fake.Requests()[0].Timeout)
			})
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	var n int
	var last error
	for _, err := range newClient(t, tcsimpletest.New(nil)).Events(ctx, tcsimple.EventQuery{}) {
		if last = err; err == nil {
			n++
			cancel()
		}
	}
	assert.Equal(t, 1, n)
	require.ErrorIs(t, last, rutravel.ErrCanceled)
}

// The key does not appear in errors, logs or printed values, even if the supplier echoes it.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const key = "s3cr3t-key+with=signs"
	synctest.Test(t, func(t *testing.T) {
		var shown bytes.Buffer
		log := slog.New(slog.NewJSONHandler(&shown, &slog.HandlerOptions{Level: slog.LevelDebug}))
		fake := tcsimpletest.New(nil)
		c, err := tcsimple.New(tcsimple.Config{Key: key, BaseURL: tcsimple.Production}, rutravel.WithHTTPClient(fake.HTTPClient()),
			rutravel.WithLogger(log), rutravel.WithObserver(rutravel.Observer{AttemptEnd: func(_ context.Context, a rutravel.Attempt) { fmt.Fprintf(&shown, "%+v %#v", a, a.Err) }}))
		require.NoError(t, err)
		for range 8 { // the fake refuses the key
			fake.Inject(tcsimpletest.Fault{Status: 401, Header: http.Header{"X-Echo": {key}}, Body: key})
		}
		fail := func() {
			_, err := collect(c.Tags(t.Context(), tcsimple.TagQuery{}))
			require.Error(t, err)
			fmt.Fprintf(&shown, "%v %+v %#v %#v", err, err, err, failure(t, err).Err)
			log.Info("shown", "error", err, "client", c, "config", tcsimple.Config{Key: key})
		}
		for range 8 {
			fail()
		}
		fail()
		fmt.Fprintf(&shown, "%v %+v %#v", c, c, c)
		assert.NotContains(t, shown.String(), key)
		assert.NotContains(t, shown.String(), "simple.ticketscloud.com/")
	})
}

// One client serves many callers at once.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	fake.SetQuirks(tcsimpletest.Quirks{Service: tcsimple.ServiceV2})
	srv := fake.Start()
	t.Cleanup(srv.Close)
	cfg := fake.Config()
	cfg.BaseURL = srv.URL
	c, err := tcsimple.New(cfg)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for _, status := range []ticketscloud.EventStatus{ticketscloud.EventPublic, tcsimple.EventStandBy} {
				all, err := collect(c.Events(t.Context(), tcsimple.EventQuery{Status: status}))
				assert.NoError(t, err, status)
				assert.Equal(t, status == ticketscloud.EventPublic, len(all) == 3)
			}
		})
	}
	wg.Wait()
}

// Ten thousand events need no memory after they were read.
//
//nolint:paralleltest // other tests would change the memory in use
func TestTenThousand(t *testing.T) {
	fake := tcsimpletest.New(nil)
	fake.SetQuirks(tcsimpletest.Quirks{Crowd: 10_000})
	used := map[int]uint64{}
	last := map[ticketscloud.EventID]bool{}
	var n int
	for e, err := range newClient(t, fake).Events(t.Context(), tcsimple.EventQuery{}) {
		require.NoError(t, err)
		if n++; n == 1_000 || n == 9_000 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			used[n] = m.HeapAlloc
		}
		if n > 9_000 {
			last[e.ID] = true
		}
	}
	assert.Equal(t, 10_003, n)
	assert.Len(t, last, 1_003)
	assert.Less(t, used[9_000], used[1_000]+1<<20, "of the 8,000 events between")
}

// Only these packages compile gRPC. The sandbox has the fake of the catalogue.
func TestWhoCompilesGRPC(t *testing.T) {
	t.Parallel()
	const module = "github.com/rutravel/rutravel-go"
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, module+"/...")
	out, err := list.CombinedOutput()
	require.NoError(t, err, "%s", out)
	var compiling []string
	for line := range strings.Lines(string(out)) {
		packages := strings.Fields(line)
		if slices.ContainsFunc(packages, func(p string) bool {
			return strings.HasPrefix(p, "connectrpc.com/") || strings.HasPrefix(p, "google.golang.org/")
		}) {
			compiling = append(compiling, strings.TrimPrefix(packages[0], module+"/"))
		}
	}
	assert.ElementsMatch(t, []string{
		"cmd/rutravel-sandbox", "examples/ticketscloud", "sandbox", "ticketscloud/tcsimple", "ticketscloud/tcsimple/internal/simple",
		"ticketscloud/tcsimple/tcsimpletest", "tools/sandboxload",
	}, compiling)
}

// over11 is a caller's RoundTripper that sends HTTP/1.1.
type over11 struct{ *http.Transport }

// The client does not control the protocol of a caller's RoundTripper. With any protocol, an
// answer is complete or an error.
func TestForeignProtocol(t *testing.T) {
	t.Parallel()
	fake := tcsimpletest.New(nil)
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	page := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(page.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	ask := func(address string) ([]tcsimple.Event, error) {
		c, err := tcsimple.New(tcsimple.Config{Key: tcsimpletest.Key, BaseURL: address},
			rutravel.WithHTTPClient(&http.Client{Transport: over11{transport}}), rutravel.WithMaxAttempts(1))
		require.NoError(t, err)
		return collect(c.Events(t.Context(), tcsimple.EventQuery{}))
	}
	all, err := ask(srv.URL)
	require.NoError(t, err)
	assert.Len(t, all, 3)
	fake.Inject(tcsimpletest.Fault{After: 2, Cut: true})
	all, err = ask(srv.URL)
	require.Error(t, err, "the status is missing")
	assert.Len(t, all, 2)
	_, err = ask(page.URL)
	assert.Equal(t, rutravel.ErrProtocol, failure(t, err).Kind)
}
