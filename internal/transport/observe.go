package transport

import (
	"context"
	"log/slog"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
	"github.com/rutravel/rutravel-go/internal/options"
)

// observe tells the logger and the hook about one attempt. The record names
// the failure's kind alone: messages and causes are for the caller.
func (c *Client) observe(ctx context.Context, op *Operation, n int, took time.Duration, o outcome, failed *rutravel.Error) {
	if l := c.settings.Logger; l != nil {
		level := slog.LevelDebug
		attrs := []slog.Attr{
			slog.String("supplier", c.supplier),
			slog.String("operation", op.Key),
			slog.Int("attempt", n),
			slog.Int("status", o.status),
			slog.Duration("duration", took),
			slog.Int64("bytes", o.bytes),
		}
		if failed != nil {
			level = slog.LevelWarn
			attrs = append(attrs, slog.String("error", string(failed.Kind)))
		}
		l.LogAttrs(ctx, level, "supplier call", attrs...)
	}
	if hook := c.settings.Hook; hook != nil {
		a := options.Attempt{
			Supplier: c.supplier, Op: op.Key, Number: n,
			Status: o.status, Bytes: o.bytes, Duration: took,
		}
		if failed != nil {
			a.Err = failed
		}
		hook(ctx, a)
	}
}

// warn logs what could not be read in an answer that succeeded. It names the
// field and the supplier's id of the row, never the value.
func (c *Client) warn(ctx context.Context, op *Operation, warnings ...rutravel.Warning) {
	l := c.settings.Logger
	if l == nil {
		return
	}
	private := newConcealer(c.secrets())
	for _, w := range warnings {
		l.LogAttrs(ctx, slog.LevelWarn, "unreadable value",
			slog.String("supplier", c.supplier),
			slog.String("operation", op.Key),
			slog.String("path", private.message(w.Path)),
			slog.String("id", private.message(w.ID)),
			slog.String("problem", private.message(w.Problem)),
		)
	}
}
