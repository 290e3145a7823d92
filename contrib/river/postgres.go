package rutravelriver

import (
	"context"
	_ "embed"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

//go:embed postgres.sql
var postgresSchema string

// NewPostgres returns a store in a PostgreSQL database. The pool needs at least two
// connections.
func NewPostgres(pool *pgxpool.Pool, config Config[pgx.Tx]) (*Store[pgx.Tx], error) {
	return newStore(riverpgxv5.New(pool), postgres{pool}, config)
}

type postgres struct{ pool *pgxpool.Pool }

func (p postgres) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, p.pool, f)
}

func (p postgres) exec(ctx context.Context, tx pgx.Tx, statement string, args ...any) (int64, error) {
	tag, err := tx.Exec(ctx, statement, args...)
	return tag.RowsAffected(), err
}

func (p postgres) query(ctx context.Context, row func(func(...any) error) error, query string, args ...any) error {
	rows, err := p.pool.Query(ctx, query, args...)
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

func (p postgres) isClaimed(err error) bool {
	violation, ok := errors.AsType[*pgconn.PgError](err)
	return ok && violation.ConstraintName == "rutravel_journal_claim"
}

func (p postgres) time(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// migration is the advisory lock that is held during migrations.
const migration = 0x727574726176656c

func (p postgres) migrate(ctx context.Context, river func(context.Context) error) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err = conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migration)); err != nil {
		return err
	}
	if err = river(ctx); err == nil {
		_, err = conn.Exec(ctx, postgresSchema)
	}
	_, unlockErr := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migration))
	return errors.Join(err, unlockErr)
}
