package conformance

import (
	"cmp"
	"context"
	"net/http"

	rutravel "github.com/rutravel/rutravel-go"
)

// Call is one call of an operation, with the arguments of its golden request.
type Call[C any] struct {
	// Op is the key of the operation.
	Op string
	// File is the name of the golden files without their suffixes. The zero value
	// means Op.
	File string
	// Want is the value that the golden answer means.
	Want any

	// IDs returns the ids that reach the caller of an unsafe operation even if
	// any other field of the answer is broken. It is nil if the answer has none.
	IDs func(value any) []string
	// Private lists the passengers' data in the request.
	Private []string
	// Streamed reports that the first half of the answer has elements, which are
	// yielded before the rest has arrived.
	Streamed bool

	// Status is the HTTP status of the golden answer. The zero value means 200.
	Status int
	// Answer replaces the golden answer, if it is not empty.
	Answer string
	// NoBody reports that the golden answer is empty. Its file ends in .answer.txt.
	NoBody bool
	// EmptyList is an answer that is an empty list: "[]". It is "" if none is valid.
	EmptyList string

	args any // of the method, which send calls
	send func(ctx context.Context, c C, args any, opts ...rutravel.CallOption) (any, error)
}

// Do makes the call with the arguments of its golden request.
func (c Call[C]) Do(ctx context.Context, client C, opts ...rutravel.CallOption) (any, error) {
	return c.send(ctx, client, c.args, opts...)
}

// Call0 returns a call of a method that takes no request.
func Call0[C, T any](op string, do func(C, context.Context, ...rutravel.CallOption) (T, error), want T) Call[C] {
	return Call1(op, func(c C, ctx context.Context, _ struct{}, opts ...rutravel.CallOption) (T, error) {
		return do(c, ctx, opts...)
	}, struct{}{}, want)
}

// Call1 returns a call of a method that takes a request.
func Call1[C, R, T any](op string, do func(C, context.Context, R, ...rutravel.CallOption) (T, error), req R, want T) Call[C] {
	return Call[C]{
		Op: op, Want: want, args: req,
		send: func(ctx context.Context, c C, args any, opts ...rutravel.CallOption) (any, error) {
			return do(c, ctx, args.(R), opts...)
		},
	}
}

// Call2 returns a call of a method that takes two arguments.
func Call2[C, A, B, T any](op string, do func(C, context.Context, A, B, ...rutravel.CallOption) (T, error), a A, b B, want T) Call[C] {
	return Call1(op, func(c C, ctx context.Context, p pair[A, B], opts ...rutravel.CallOption) (T, error) {
		return do(c, ctx, p.First, p.Second, opts...)
	}, pair[A, B]{a, b}, want)
}

// pair holds the arguments of a method that takes two.
type pair[A, B any] struct {
	First  A
	Second B
}

// Done adapts a method that returns only an error to Call1.
func Done[C, R any](do func(C, context.Context, R, ...rutravel.CallOption) error) func(C, context.Context, R, ...rutravel.CallOption) (any, error) {
	return func(c C, ctx context.Context, req R, opts ...rutravel.CallOption) (any, error) {
		return nil, do(c, ctx, req, opts...)
	}
}

// Done2 adapts a method that returns only an error to Call2.
func Done2[C, A, B any](do func(C, context.Context, A, B, ...rutravel.CallOption) error) func(C, context.Context, A, B, ...rutravel.CallOption) (any, error) {
	return func(c C, ctx context.Context, a A, b B, opts ...rutravel.CallOption) (any, error) {
		return nil, do(c, ctx, a, b, opts...)
	}
}

// name is the name of the golden files and of the subtests.
func (c Call[C]) name() string { return cmp.Or(c.File, c.Op) }

// status returns the HTTP status of the golden answer.
func (c Call[C]) status() int { return cmp.Or(c.Status, http.StatusOK) }
