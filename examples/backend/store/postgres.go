package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	rutravelriver "github.com/rutravel/rutravel-go/contrib/river"
)

func openPostgres(ctx context.Context, c Config) (Store, error) {
	config, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return nil, err
	}
	config.MaxConns = max(config.MaxConns, 16) // a call writes to the database before and after it
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return open(postgres{pool}, c,
		func(rc *river.Config) (*river.Client[pgx.Tx], error) {
			return river.NewClient(riverpgxv5.New(pool), rc)
		},
		func(jc rutravelriver.Config[pgx.Tx]) (*rutravelriver.Store[pgx.Tx], error) {
			return rutravelriver.NewPostgres(pool, jc)
		})
}

type postgres struct{ pool *pgxpool.Pool }

func (p postgres) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, p.pool, f)
}

func (p postgres) exec(ctx context.Context, tx pgx.Tx, statement string, args ...any) (int64, error) {
	tag, err := tx.Exec(ctx, statement, args...)
	return tag.RowsAffected(), err
}

func (p postgres) row(ctx context.Context, tx pgx.Tx, query string, args ...any) scanner {
	return tx.QueryRow(ctx, query, args...)
}

func (p postgres) rows(ctx context.Context, row func(scanner) error, query string, args ...any) error {
	rows, err := p.pool.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err = row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// migration is the advisory lock of the migrations, of which one instance at a time
// makes any.
const migration = 0x6261636b656e64

func (p postgres) migrate(ctx context.Context, schema string) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err = conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migration)); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, schema)
	_, unlock := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migration))
	return errors.Join(err, unlock)
}

func (p postgres) lock() string                   { return " FOR UPDATE" }
func (p postgres) Ping(ctx context.Context) error { return p.pool.Ping(ctx) }
func (p postgres) Close()                         { p.pool.Close() }
