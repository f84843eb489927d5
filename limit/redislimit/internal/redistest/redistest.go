// Package redistest starts a redis-server and makes it fail.
package redistest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrMissing tells that there is no redis-server to start.
var ErrMissing = errors.New("redis-server is not installed; on Debian: apt-get install redis-server")

// Server is a redis-server of one's own, on a free port of loopback. It keeps
// nothing on disk.
type Server struct {
	Addr string

	dir  string
	args []string
	cmd  *exec.Cmd
	log  bytes.Buffer
}

// Start starts a redis-server with further options, as on its command
// line.
func Start(args ...string) (*Server, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, ErrMissing
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Server{Addr: l.Addr().String(), args: args}
	l.Close()
	if r.dir, err = os.MkdirTemp("", "redistest"); err != nil {
		return nil, err
	}
	if err := r.Restart(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Restart starts it again after Kill, on the same port and empty.
func (r *Server) Restart() error {
	host, port, err := net.SplitHostPort(r.Addr)
	if err != nil {
		return err
	}
	r.log.Reset()
	r.cmd = exec.Command("redis-server", append([]string{
		"--bind", host, "--port", port, "--save", "", "--appendonly", "no", "--daemonize", "no",
	}, r.args...)...)
	r.cmd.Dir = r.dir
	r.cmd.Stdout, r.cmd.Stderr = &r.log, &r.log
	r.cmd.SysProcAttr = dieWithParent()
	if err := r.cmd.Start(); err != nil {
		return err
	}
	client := r.Client()
	defer client.Close()
	for range 500 {
		if client.Ping(context.Background()).Err() == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	r.Kill()
	return fmt.Errorf("redis-server does not answer:\n%s", r.log.String())
}

// Client returns a client for it, which the caller closes.
func (r *Server) Client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: r.Addr, DisableIdentity: true})
}

// Kill ends it without warning.
func (r *Server) Kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
	r.cmd = nil
}

// Close ends it for good.
func (r *Server) Close() {
	if r.cmd != nil {
		r.Kill()
	}
	_ = os.RemoveAll(r.dir)
}
