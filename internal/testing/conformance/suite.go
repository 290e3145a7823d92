// Package conformance is the suite of tests that every supplier's package must
// pass. It makes each operation end in every way in which a call can end.
//
// A supplier's test fills a [Suite] and calls [Suite.Run], and fills [Resolutions] and
// calls [Resolutions.Run].
package conformance

import (
	"cmp"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/transport"
)

// Suite describes a supplier's package to the tests. C is the type of its client.
type Suite[C any] struct {
	// Supplier is the name that the package's errors carry.
	Supplier string
	// Operations is the package's table of operations.
	Operations []transport.Operation
	// SharedOperations lists the operations that share connections: searches,
	// directories and seat maps.
	SharedOperations []string
	// Calls holds at least one call of each operation, each with golden files.
	Calls []Call[C]

	// New returns a client of baseURL with the credentials of the golden requests.
	New func(baseURL string, opts ...rutravel.Option) (C, error)
	// BaseURL is the documented address, which is also the one in the golden requests.
	BaseURL string

	// Config is a value of the package's Config type that holds the credentials
	// in Secrets and Logins.
	Config any
	// NewFromConfig returns a client of a config of the same type as Config. See
	// [FromConfig].
	NewFromConfig func(config any, opts ...rutravel.Option) (C, error)
	// Secrets lists the credentials in Config that no output may show.
	Secrets []string
	// Logins lists the user names in Config that errors and logs may not show.
	Logins []string

	// Format is the format of the answers. The zero value is JSON.
	Format Format
	// GoldenDir is the directory of the golden files.
	GoldenDir string
	// IgnoredPaths lists the paths in answers that no value depends on. A path
	// that ends in "." stands for all paths below it.
	IgnoredPaths []string
	// ReferencedLists lists the paths of lists in answers whose rows count only if
	// another part of the answer refers to them. Of each field of these rows, one
	// that changes the value is enough.
	ReferencedLists []string

	// VerbatimPaths lists paths in answers whose values go back to the supplier
	// unchanged. A row with a byte in one that is not UTF-8 is left out.
	VerbatimPaths []string
	// Refusal returns the text of a documented refusal of an operation, with a message.
	Refusal func(op, message string) string
	// RefusalStatus is the HTTP status of a refusal. The zero value means 200.
	RefusalStatus int
	// RefusalKind is the kind of the error that Refusal causes. The zero value
	// means [rutravel.ErrRejected].
	RefusalKind rutravel.Kind
	// RefusesWith401 reports that HTTP 401 with any body is a refusal.
	RefusesWith401 bool

	// DocLine returns the last line of the doc comment of an operation's methods.
	DocLine func(op string) string

	// InjectionCalls are calls that only the injection tests make, next to Calls:
	// other methods, or the same methods with other fields set.
	InjectionCalls []Call[C]
	// ComparedFields lists the fields of requests that are compared with answers
	// and never sent, as "OrderKey.ID".
	ComparedFields []string

	// Lists are the calls that return lists or iterators.
	Lists []List[C]
	// LookUps are the calls that look for one object.
	LookUps []LookUp[C]

	// Renumber is set if each client numbers its requests. It returns the request
	// with the number of the golden request, and a function that puts the sent
	// number into a golden answer.
	Renumber func(sent string) (golden string, renumber func(answer string) string)
	// NewSessions returns the session handling of one new supplier. It is nil if
	// the supplier has no sessions.
	NewSessions func(*testing.T) Sessions
}

// Run runs all tests of the suite.
func (s Suite[C]) Run(t *testing.T) {
	if !raceEnabled {
		t.Run("hostile answers", s.hostile)
	}
	t.Run("operations", s.operations)
	t.Run("doc lines", s.docLines)
	t.Run("query structs", s.queryStructs)
	t.Run("fuzzed", s.fuzzed)
	t.Run("golden", s.golden)
	t.Run("decimal switches", s.decimalSwitches)
	t.Run("contexts", s.contexts)
	t.Run("odd answers", s.oddAnswers)
	t.Run("endless answer", s.endlessAnswer)
	t.Run("leniencies", s.leniencies)
	t.Run("rate limits", s.rateLimits)
	t.Run("refusal", s.refusal)
	t.Run("refusal over a socket", s.refusalOverSocket)
	t.Run("broken fields", s.brokenFields)
	t.Run("lost connection", s.lostConnection)
	t.Run("not sent", s.notSent)
	t.Run("rows", s.rows)
	t.Run("look-ups", s.lookUps)
	t.Run("observations", s.observations)
	t.Run("secrets", s.secrets)
	t.Run("injection", s.injection)
	t.Run("injection by config", s.injectionByConfig)
	t.Run("concurrency", s.concurrency)
	t.Run("own connections", s.ownConnections)
	t.Run("doubled answers", s.doubledAnswers)
	t.Run("hang-ups", s.hangUps)
	t.Run("labels", s.labels)
}

// operations checks that each operation has a timeout and a call.
func (s Suite[C]) operations(t *testing.T) {
	t.Parallel()
	for _, op := range s.Operations {
		assert.Positive(t, op.Timeout, op.Key)
		assert.True(t, slices.ContainsFunc(s.Calls, func(c Call[C]) bool { return c.Op == op.Key }), "no call of %s", op.Key)
	}
}

// operation returns the row of a call's operation.
func (s Suite[C]) operation(t *testing.T, c Call[C]) transport.Operation {
	t.Helper()
	i := slices.IndexFunc(s.Operations, func(op transport.Operation) bool { return op.Key == c.Op })
	require.GreaterOrEqual(t, i, 0, "%s is not an operation", c.Op)
	return s.Operations[i]
}

func (s Suite[C]) unsafe(t *testing.T, c Call[C]) bool {
	t.Helper()
	return s.operation(t, c).Safety == transport.Unsafe
}

// safeCall returns the first call that may be retried.
func (s Suite[C]) safeCall(t *testing.T) Call[C] {
	t.Helper()
	for _, c := range s.Calls {
		if !s.unsafe(t, c) {
			return c
		}
	}
	require.Fail(t, "no operation is safe")
	return Call[C]{}
}

// forEachCall runs a subtest for each of s.Calls.
func (s Suite[C]) forEachCall(t *testing.T, f func(t *testing.T, c Call[C], unsafe bool)) {
	t.Helper()
	t.Parallel()
	for _, c := range s.Calls {
		t.Run(c.name(), func(t *testing.T) { f(t, c, s.unsafe(t, c)) })
	}
}

// client returns a client of the documented address that sends through rt.
func (s Suite[C]) client(t *testing.T, rt http.RoundTripper) C {
	t.Helper()
	c, err := s.New(s.BaseURL, s.withTransport(t, rt))
	require.NoError(t, err)
	return c
}

// withTransport makes a client send through rt, after the session check.
func (s Suite[C]) withTransport(t *testing.T, rt http.RoundTripper) rutravel.Option {
	if s.NewSessions != nil {
		rt = sessionTransport{sessions: s.NewSessions(t), next: rt}
	}
	return rutravel.WithHTTPClient(&http.Client{Transport: rt})
}

// FromConfig converts a package's New to the type of Suite.NewFromConfig.
func FromConfig[Config, C any](create func(Config, ...rutravel.Option) (C, error)) func(any, ...rutravel.Option) (C, error) {
	return func(config any, opts ...rutravel.Option) (C, error) {
		return create(config.(Config), opts...)
	}
}

// file returns the content of one of a call's golden files.
func (s Suite[C]) file(t *testing.T, c Call[C], suffix string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.GoldenDir, c.name()+suffix))
	require.NoError(t, err)
	return string(text)
}

// answer returns the golden answer of a call.
func (s Suite[C]) answer(t *testing.T, c Call[C]) string {
	t.Helper()
	if c.Answer != "" {
		return c.Answer
	}
	if c.NoBody {
		text := s.file(t, c, ".answer.txt")
		require.Empty(t, text)
		return text
	}
	return s.file(t, c, ".answer."+s.Format.orJSON().suffix)
}

// refusalStatus returns the HTTP status of a refusal.
func (s Suite[C]) refusalStatus() int { return cmp.Or(s.RefusalStatus, http.StatusOK) }

// refusalKind returns the kind of error that a refusal causes.
func (s Suite[C]) refusalKind() rutravel.Kind { return cmp.Or(s.RefusalKind, rutravel.ErrRejected) }
