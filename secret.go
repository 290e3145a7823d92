package rutravel

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a credential. Printed by fmt or slog or written as JSON or text, it
// is a placeholder; a Secret in an unexported field of another struct is beyond
// its reach. The value itself is string(secret).
//
// A Secret is read from JSON and text like any string.
type Secret string

const redacted = "[secret]"

// String returns a placeholder.
func (Secret) String() string { return redacted }

// Format writes a placeholder for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns a placeholder; encoding/json uses it too.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText sets the secret.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret(text)
	return nil
}

// LogValue returns a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
