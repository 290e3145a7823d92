package store

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	rutravel "github.com/rutravel/rutravel-go"
)

// Session is a [bgoperator.SessionStore] that all instances share. One request at a
// time uses the session. The lock of an instance that died expires.
type Session struct {
	name   string
	holder string // this process
	turn   chan struct{}
	load   func(ctx context.Context, name, holder string, until int64) (string, error)
	save   func(ctx context.Context, name, holder, value string) error
}

// lease is longer than a request and a login.
const lease = 5 * time.Minute

// errTaken says that another instance uses the session.
var errTaken = errors.New("the session is in use")

// Load waits until nobody else uses the session.
func (s *Session) Load(ctx context.Context) (rutravel.Secret, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	for {
		value, err := s.load(ctx, s.name, s.holder, time.Now().Add(lease).UnixMicro())
		if errors.Is(err, errTaken) {
			select {
			case <-time.After(50 * time.Millisecond):
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		if err != nil {
			<-s.turn
		}
		return rutravel.Secret(value), err
	}
}

// Save stores the session and lets the next one use it.
func (s *Session) Save(ctx context.Context, value rutravel.Secret) error {
	defer func() { <-s.turn }()
	return s.save(ctx, s.name, s.holder, string(value))
}

func (s *store[Tx]) Session(name string) *Session {
	return &Session{
		name: name, holder: rand.Text(), turn: make(chan struct{}, 1),
		load: func(ctx context.Context, name, holder string, until int64) (value string, failed error) {
			failed = s.inTx(ctx, func(tx Tx) error {
				if _, err := s.exec(ctx, tx, "INSERT INTO sessions (name, value, holder, until) VALUES ($1, '', '', 0) ON CONFLICT DO NOTHING", name); err != nil {
					return err
				}
				n, err := s.exec(ctx, tx, "UPDATE sessions SET holder = $2, until = $3 WHERE name = $1 AND until < $4", name, holder, until, time.Now().UnixMicro())
				if err != nil {
					return err
				}
				if n == 0 {
					return errTaken
				}
				return s.row(ctx, tx, "SELECT value FROM sessions WHERE name = $1", name).Scan(&value)
			})
			return value, failed
		},
		save: func(ctx context.Context, name, holder, value string) error {
			return s.inTx(ctx, func(tx Tx) error {
				_, err := s.exec(ctx, tx, "UPDATE sessions SET value = $3, holder = '', until = 0 WHERE name = $1 AND holder = $2", name, holder, value)
				return err
			})
		},
	}
}
