package rutravel

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a credential. Packages fmt, slog and encoding/json write a placeholder for
// it. There is one exception: fmt calls no methods of unexported fields, so it prints
// the value of a Secret in an unexported field of a struct. string(secret) is the
// value.
//
// A Secret is read from JSON and text like any string.
type Secret string

const redacted = "[secret]"

// String returns a placeholder.
func (Secret) String() string { return redacted }

// Format writes a placeholder for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns a placeholder; encoding/json also uses it.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText sets the secret.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret(text)
	return nil
}

// LogValue returns a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
