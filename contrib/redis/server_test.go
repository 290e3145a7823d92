package rutravelredis_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rutravelredis "github.com/rutravel/rutravel-go/contrib/redis"
	"github.com/rutravel/rutravel-go/contrib/redis/internal/redisserver"
)

// start starts a Redis and returns its socket. The test is skipped if redis-server
// is not installed, but not in CI.
func start(t *testing.T) (socket string) {
	t.Helper()
	socket, stop, err := redisserver.Start(context.Background())
	if errors.Is(err, redisserver.ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, stop()) })
	return socket
}

// server starts a Redis. The function that it returns makes a client for it.
func server(t *testing.T) (instance func() *redis.Client) {
	t.Helper()
	socket := start(t)
	return func() *redis.Client { return open(t, socket) }
}

// down returns a client for a Redis that is down.
func down(t *testing.T) *redis.Client {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "nothing"))
}

func open(t *testing.T, socket string) *redis.Client {
	t.Helper()
	client := rutravelredis.Open("unix", socket)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return client
}

// proxy forwards connections to a Redis. It can hold back its answers and change to
// another Redis.
type proxy struct {
	socket string

	mu      sync.Mutex
	backend string
	conns   []net.Conn
	held    chan struct{} // closed when answers are let through
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	dir, err := os.MkdirTemp("", "proxy") //nolint:usetesting // a socket's name has about 100 characters at most
	require.NoError(t, err)
	p := &proxy{socket: filepath.Join(dir, "socket"), backend: start(t), held: make(chan struct{})}
	close(p.held)
	listener, err := net.Listen("unix", p.socket)
	require.NoError(t, err)
	var serving sync.WaitGroup
	t.Cleanup(func() {
		assert.NoError(t, listener.Close())
		p.disconnect("")
		serving.Wait()
		assert.NoError(t, os.RemoveAll(dir))
	})
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.serve(client) })
		}
	})
	return p
}

// serve forwards one connection.
func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	p.mu.Lock()
	redis, err := net.Dial("unix", p.backend)
	if err == nil {
		defer redis.Close()
		p.conns = append(p.conns, client, redis)
	}
	p.mu.Unlock()
	if err != nil {
		return
	}
	go func() { _, _ = io.Copy(redis, client) }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := redis.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		held := p.held
		p.mu.Unlock()
		<-held
		if _, err = client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// hold holds all answers back until the function that it returns is called.
func (p *proxy) hold() (release func()) {
	held := make(chan struct{})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
	return sync.OnceFunc(func() { close(held) })
}

// disconnect ends all connections. The next ones go to backend.
func (p *proxy) disconnect(backend string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backend = backend
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns = nil
}

// restart ends all connections. The next ones go to a new, empty Redis.
func (p *proxy) restart(t *testing.T) {
	t.Helper()
	p.disconnect(start(t))
}
