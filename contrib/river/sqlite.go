package rutravelriver

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"strings"
	"time"

	"github.com/riverqueue/river/riverdriver/riversqlite"
)

//go:embed sqlite.sql
var sqliteSchema string

// NewSQLite returns a store in an SQLite database, for one instance. It sets the
// maximum of open connections to 1, because SQLite has one writer. A function that waits
// for the database while it holds a transaction therefore waits forever.
//
// Open the database with a write-ahead log, a busy timeout and transactions that begin
// immediately. For modernc.org/sqlite the name of the database ends in
// ?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL). Do not
// lower the pragma synchronous, which is FULL: a power failure would lose entries of
// calls that were sent.
func NewSQLite(db *sql.DB, config Config[*sql.Tx]) (*Store[*sql.Tx], error) {
	db.SetMaxOpenConns(1)
	return newStore(riversqlite.New(db), sqlite{db}, config)
}

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

func (s sqlite) query(ctx context.Context, row func(func(...any) error) error, query string, args ...any) error {
	rows, err := s.db.QueryContext(ctx, numbered(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err = row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// isClaimed reads the message, which is SQLite's own and the same with every driver.
func (s sqlite) isClaimed(err error) bool {
	return strings.Contains(err.Error(), "UNIQUE constraint failed: rutravel_journal.claim")
}

// time returns a text whose order is that of the times.
func (s sqlite) time(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

func (s sqlite) migrate(ctx context.Context, river func(context.Context) error) error {
	_, err := s.db.ExecContext(ctx, sqliteSchema)
	return errors.Join(err, river(ctx))
}
