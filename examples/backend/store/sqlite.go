package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	_ "modernc.org/sqlite" // the driver

	rutravelriver "github.com/rutravel/rutravel-go/contrib/river"
)

func openSQLite(c Config) (Store, error) {
	db, err := sql.Open("sqlite", "file:"+c.File+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		return nil, err
	}
	return open(sqlite{db}, c,
		func(rc *river.Config) (*river.Client[*sql.Tx], error) {
			return river.NewClient(riversqlite.New(db), rc)
		},
		func(jc rutravelriver.Config[*sql.Tx]) (*rutravelriver.Store[*sql.Tx], error) {
			return rutravelriver.NewSQLite(db, jc)
		})
}

// sqlite has one connection: nothing may wait for the database within a transaction.
type sqlite struct{ db *sql.DB }

func (s sqlite) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err = f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// numbered makes the placeholders that SQLite numbers.
func numbered(statement string) string { return strings.ReplaceAll(statement, "$", "?") }

func (s sqlite) exec(ctx context.Context, tx *sql.Tx, statement string, args ...any) (int64, error) {
	result, err := tx.ExecContext(ctx, numbered(statement), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s sqlite) row(ctx context.Context, tx *sql.Tx, query string, args ...any) scanner {
	return tx.QueryRowContext(ctx, numbered(query), args...)
}

func (s sqlite) rows(ctx context.Context, row func(scanner) error, query string, args ...any) error {
	rows, err := s.db.QueryContext(ctx, numbered(query), args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err = row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s sqlite) migrate(ctx context.Context, schema string) error {
	_, err := s.db.ExecContext(ctx, schema)
	return err
}

func (s sqlite) lock() string                   { return "" }
func (s sqlite) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }
func (s sqlite) Close()                         { _ = s.db.Close() }
