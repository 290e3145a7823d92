package rutravel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravel "github.com/rutravel/rutravel-go"
)

var kinds = []rutravel.Kind{
	rutravel.ErrInvalid, rutravel.ErrAuth, rutravel.ErrForbidden, rutravel.ErrNotFound, rutravel.ErrSoldOut,
	rutravel.ErrExpired, rutravel.ErrConflict, rutravel.ErrFunds, rutravel.ErrRejected, rutravel.ErrRateLimited,
	rutravel.ErrUnavailable, rutravel.ErrCanceled, rutravel.ErrProtocol, rutravel.ErrNotConfirmed,
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	// Every field adds its part or nothing, whatever the others do.
	parts := []struct {
		set  func(*rutravel.Error)
		text string
	}{
		{func(e *rutravel.Error) { e.Code = "E 12" }, `: code "E 12"`},
		{func(e *rutravel.Error) { e.Message = "Мест\nнет" }, `: "Мест\nнет"`},
		{func(e *rutravel.Error) { e.HTTPStatus = 409 }, " (HTTP 409)"},
		{func(e *rutravel.Error) { e.Attempts = 3 }, " after 3 attempts"},
		{func(e *rutravel.Error) { e.Err = io.EOF }, ": EOF"},
	}
	for set := range 1 << len(parts) {
		e := &rutravel.Error{Supplier: "acme", Op: "book", Kind: rutravel.ErrSoldOut}
		want := "acme: book: sold out"
		for i, p := range parts {
			if set&(1<<i) != 0 {
				p.set(e)
				want += p.text
			}
		}
		assert.EqualError(t, e, want)
		assert.Equal(t, want, fmt.Sprint(e))
		assert.Equal(t, want, fmt.Sprintf("%+v", e))
		assert.False(t, strings.ContainsAny(e.Error(), "\r\n"))
	}
	// One attempt is not worth a word, and the wait is for programs.
	e := &rutravel.Error{Supplier: "acme", Op: "find", Kind: rutravel.ErrRateLimited, Attempts: 1, RetryAfter: time.Minute}
	assert.EqualError(t, e, "acme: find: too many requests")
	// A cause that repeats the supplier's words, which may be cut, is not printed.
	for message, want := range map[string]string{"No such tour": `"No such tour"`, "No such…": `"No such…"`, "Sold out": `"Sold out": No such tour`} {
		e = &rutravel.Error{Supplier: "acme", Op: "find", Kind: rutravel.ErrRejected, Message: message, Err: errors.New("No such tour")}
		assert.EqualError(t, e, "acme: find: rejected by the supplier: "+want, message)
	}
	e = &rutravel.Error{Supplier: "acme", Op: "new", Kind: rutravel.ErrInvalid, Err: &rutravel.FieldError{Field: "Passengers[1].Seat", Problem: "must not be empty"}}
	assert.EqualError(t, e, "acme: new: invalid request: Passengers[1].Seat must not be empty")
}

func TestErrorIs(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		var err error = &rutravel.Error{Kind: kind}
		for _, wrapped := range []error{err, fmt.Errorf("shop: %w", err), errors.Join(io.EOF, err)} {
			for _, target := range kinds {
				assert.Equal(t, kind == target, errors.Is(wrapped, target), "%s is %s", kind, target)
			}
			e, ok := errors.AsType[*rutravel.Error](wrapped)
			require.True(t, ok, "%v, %v", kind, wrapped)
			assert.Same(t, err, e, "%v, %v", kind, wrapped)
		}
		// A Kind is found by type as well as by value, and only as a Kind.
		assert.NotErrorIs(t, err, errors.New(string(kind)), kind)
		assert.NotErrorIs(t, err, &rutravel.Error{Kind: kind}, kind)
	}
}

func TestErrorUnwrap(t *testing.T) {
	t.Parallel()
	field := &rutravel.FieldError{Field: "Phone", Problem: "must be set"}
	for _, cause := range []error{nil, io.EOF, context.DeadlineExceeded, fmt.Errorf("read: %w", io.EOF), field} {
		e := &rutravel.Error{Kind: rutravel.ErrInvalid, Err: cause}
		assert.Equal(t, cause, errors.Unwrap(e), cause)
		if cause != nil {
			assert.ErrorIs(t, e, cause)
		}
	}
	got, ok := errors.AsType[*rutravel.FieldError](error(&rutravel.Error{Err: fmt.Errorf("passenger: %w", field)}))
	require.True(t, ok)
	assert.Same(t, field, got)

	// The kind of a cause also matches. So the cause of an *Error with
	// ErrNotConfirmed must not be of another kind.
	e := &rutravel.Error{Kind: rutravel.ErrCanceled, Err: &rutravel.Error{Kind: rutravel.ErrUnavailable}}
	assert.ErrorIs(t, e, rutravel.ErrCanceled)
	assert.ErrorIs(t, e, rutravel.ErrUnavailable)
}

func TestKind(t *testing.T) {
	t.Parallel()
	texts := map[string]bool{}
	for _, kind := range kinds {
		var err error = kind
		assert.NotEmpty(t, err.Error(), kind)
		assert.False(t, texts[err.Error()], "two kinds say %q", err)
		texts[err.Error()] = true
		assert.ErrorIs(t, fmt.Errorf("shop: %w", err), kind)
	}
}

func TestFieldError(t *testing.T) {
	t.Parallel()
	assert.EqualError(t, &rutravel.FieldError{Field: "Passengers[1].Seat", Problem: "must not be empty"}, "Passengers[1].Seat must not be empty")
}

// An error that was stored as JSON reads back with its kind and its words.
func TestErrorJSON(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]rutravel.Error{
		"all fields": {
			Supplier: "regionbilet", Op: "pay", Kind: rutravel.ErrNotConfirmed, Code: "7", Message: "нет", HTTPStatus: 502,
			RetryAfter: time.Minute, Attempts: 1, LookUp: "Client.BookingTickets", Err: io.ErrUnexpectedEOF,
		},
		"without a cause": {Supplier: "smartway", Op: "ping", Kind: rutravel.ErrAuth},
		"zero":            {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(e)
			require.NoError(t, err)
			var got rutravel.Error
			require.NoError(t, json.Unmarshal(text, &got))
			assert.Equal(t, e.Error(), got.Error())
			assert.Equal(t, e.Err == nil, got.Err == nil)
			if e.Kind != "" {
				assert.ErrorIs(t, &got, e.Kind)
			}
			got.Err = e.Err
			assert.Equal(t, e, got)
		})
	}
	var got rutravel.Error
	assert.Error(t, json.Unmarshal([]byte(`{"Attempts":"x"}`), &got))
	assert.Equal(t, rutravel.Error{}, got)
}

// The text of an open outcome names the look-up.
func TestErrorLookUp(t *testing.T) {
	t.Parallel()
	e := &rutravel.Error{Supplier: "regionbilet", Op: "pay", Kind: rutravel.ErrNotConfirmed, LookUp: "Client.BookingTickets", Err: io.EOF}
	assert.EqualError(t, e, "regionbilet: pay: outcome not confirmed, look up with Client.BookingTickets: EOF")
}
