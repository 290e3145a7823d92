// Package interop_test tests tcsimple and its fake with the reference implementation of
// gRPC. It has its own module, so that the dependencies of these tests are in no other
// module graph.
package interop_test

import (
	"context"
	"errors"
	"iter"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protowire"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/ticketscloud/tcsimple"
)

func failure(t *testing.T, err error) *rutravel.Error {
	t.Helper()
	e, ok := errors.AsType[*rutravel.Error](err)
	require.True(t, ok, "%v", err)
	return e
}

// collect reads a stream to its end. It returns the values before an error as well.
func collect[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}

// field encodes a field: its number, and a number, text or message.
func field(number protowire.Number, value any) string {
	var b []byte
	switch v := value.(type) {
	case int:
		b = protowire.AppendTag(b, number, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(v))
	case float64:
		b = protowire.AppendTag(b, number, protowire.Fixed64Type)
		b = protowire.AppendFixed64(b, math.Float64bits(v))
	case uint32:
		b = protowire.AppendTag(b, number, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, v)
	case string:
		b = protowire.AppendTag(b, number, protowire.BytesType)
		b = protowire.AppendString(b, v)
	default:
		panic(value)
	}
	return string(b)
}

// message encodes a message from its fields.
func message(fields ...string) string { return strings.Join(fields, "") }

// raw is a codec of the reference implementation that does not change messages.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)   { return *v.(*[]byte), nil }
func (raw) Unmarshal(b []byte, v any) error { *v.(*[]byte) = append([]byte(nil), b...); return nil }
func (raw) Name() string                    { return "proto" }

// call is a call that a reference server answers.
type call struct {
	Method   string // "/v3.Simple/Events"
	Message  string
	Metadata metadata.MD
	ctx      context.Context
	stream   grpc.ServerStream
}

// send sends a message.
func (c call) send(message string) error {
	b := []byte(message)
	return c.stream.SendMsg(&b)
}

// reference is a server of the reference implementation that answers with a function. It
// listens on a socket, without TLS unless opts have credentials.
type reference struct {
	Address string

	mu    sync.Mutex
	calls []call
}

func newReference(t *testing.T, answer func(call) error, opts ...grpc.ServerOption) *reference {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return newReferenceAt(t, l, answer, opts...)
}

// newReferenceInMemory returns a reference server without a socket and a client of it, for
// tests with a fake clock.
func newReferenceInMemory(t *testing.T, answer func(call) error, opts ...rutravel.Option) (*reference, *tcsimple.Client) {
	t.Helper()
	l := bufconn.Listen(1 << 20)
	r := newReferenceAt(t, l, answer)
	r.Address = "127.0.0.1"
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return l.DialContext(ctx) }}
	return r, r.client(t, append(opts, rutravel.WithHTTPClient(&http.Client{Transport: transport}))...)
}

func newReferenceAt(t *testing.T, l net.Listener, answer func(call) error, opts ...grpc.ServerOption) *reference {
	t.Helper()
	r := &reference{Address: l.Addr().String()}
	opts = append(opts, grpc.ForceServerCodec(raw{}), grpc.UnknownServiceHandler(func(_ any, s grpc.ServerStream) error {
		c := call{ctx: s.Context(), stream: s}
		c.Method, _ = grpc.MethodFromServerStream(s)
		c.Metadata, _ = metadata.FromIncomingContext(s.Context())
		var b []byte
		if err := s.RecvMsg(&b); err != nil {
			return err
		}
		c.Message = string(b)
		r.mu.Lock()
		r.calls = append(r.calls, c)
		r.mu.Unlock()
		return answer(c)
	}))
	srv := grpc.NewServer(opts...)
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
	return r
}

func (r *reference) seen() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]call(nil), r.calls...)
}

func (r *reference) client(t *testing.T, opts ...rutravel.Option) *tcsimple.Client {
	t.Helper()
	c, err := tcsimple.New(tcsimple.Config{Key: "k3y", BaseURL: "http://" + r.Address, Language: "ru"}, opts...)
	require.NoError(t, err)
	return c
}

// answers sends messages.
func answers(messages ...string) func(call) error {
	return func(c call) error {
		for _, m := range messages {
			if err := c.send(m); err != nil {
				return err
			}
		}
		return nil
	}
}

func utc(year int, month time.Month, day, hour, minute, second int) time.Time {
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC)
}

// instant encodes a google.protobuf.Timestamp.
func instant(t time.Time) string { return field(1, int(t.Unix())) }
