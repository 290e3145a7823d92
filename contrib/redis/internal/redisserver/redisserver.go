// Package redisserver starts a Redis server for a test.
package redisserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrMissing is returned if redis-server is not installed.
var ErrMissing = errors.New("redis-server is not installed (Debian: apt-get install redis-server)")

// Start starts a server that stores nothing on disk. It returns the name of the
// server's UNIX socket, which only this user can open. The server ends when stop
// is called or ctx ends.
func Start(ctx context.Context) (socket string, stop func() error, err error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return "", nil, ErrMissing
	}
	dir, err := os.MkdirTemp("", "redis") // short: a socket's name has about 100 characters at most
	if err != nil {
		return "", nil, err
	}
	socket = filepath.Join(dir, "socket")
	ctx, cancel := context.WithCancel(ctx)
	server := exec.CommandContext(ctx, program,
		"--port", "0", "--unixsocket", socket, "--unixsocketperm", "700",
		"--save", "", "--appendonly", "no", "--dir", dir)
	stop = func() error {
		cancel()
		_ = server.Wait() // it was killed
		return os.RemoveAll(dir)
	}
	log, err := server.StdoutPipe()
	if err != nil {
		cancel()
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err = server.Start(); err != nil {
		cancel()
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	var said strings.Builder
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if strings.Contains(strings.ToLower(lines.Text()), "ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, log) }() // until it ends
			return socket, stop, nil
		}
		said.WriteString(lines.Text() + "\n")
	}
	return "", nil, errors.Join(fmt.Errorf("redis-server did not start:\n%s", said.String()), stop())
}
