// Package postgresserver starts a PostgreSQL server for a test.
package postgresserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// ErrMissing says that there is no PostgreSQL on this machine.
var ErrMissing = errors.New("PostgreSQL is not installed (Debian: apt-get install postgresql)")

// program returns the path of a program of PostgreSQL. Debian does not link them into
// a directory of the PATH.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name) // the pattern is correct
	if len(found) == 0 {
		return "", ErrMissing
	}
	return slices.Max(found), nil
}

// Start starts a server with an empty database, and returns how to connect to it. It
// listens on a UNIX socket that only this user can open. The server ends by stop or with
// ctx. Settings are for its command line, for example "fsync=off".
//
// PostgreSQL refuses to run as root. Root runs it as the user postgres, whom Debian's
// package makes.
func Start(ctx context.Context, settings ...string) (dsn string, stop func() error, err error) {
	initdb, err := program("initdb")
	if err != nil {
		return "", nil, err
	}
	postgres, err := program("postgres")
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "postgres") // short: a socket's name has about 100 characters at most
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	run, err := runner(ctx, dir)
	if err != nil {
		cancel()
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	data := filepath.Join(dir, "data")
	if out, err := run(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N").CombinedOutput(); err != nil {
		cancel()
		return "", nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(dir))
	}
	args := []string{"-D", data, "-k", dir, "-h", ""}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	var log bytes.Buffer
	server := run(postgres, args...)
	server.Stdout, server.Stderr = &log, &log
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGINT) } // a fast shutdown
	if err = server.Start(); err != nil {
		cancel()
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait() // it was interrupted
		close(ended)
	}()
	stop = func() error {
		cancel()
		<-ended
		return os.RemoveAll(dir)
	}
	dsn = "host=" + dir + " user=postgres dbname=postgres"
	ready, err := program("pg_isready")
	if err != nil {
		return "", nil, errors.Join(err, stop())
	}
	for {
		if exec.CommandContext(ctx, ready, "-q", "-h", dir, "-t", "1").Run() == nil {
			return dsn, stop, nil
		}
		select {
		case <-ended:
			return "", nil, errors.Join(fmt.Errorf("postgres did not start:\n%s", log.String()), stop())
		default:
		}
	}
}

// runner makes commands of a user who is not root and owns dir.
func runner(ctx context.Context, dir string) (func(name string, args ...string) *exec.Cmd, error) {
	var as *syscall.SysProcAttr
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		if err = os.Chown(dir, int(uid), int(gid)); err != nil {
			return nil, err
		}
		as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	return func(name string, args ...string) *exec.Cmd {
		c := exec.CommandContext(ctx, name, args...)
		c.Dir, c.SysProcAttr = dir, as
		return c
	}, nil
}
