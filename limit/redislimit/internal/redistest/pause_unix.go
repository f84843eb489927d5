//go:build unix

package redistest

import "syscall"

// Pause stops it; its connections stay open and nothing is answered.
func (r *Server) Pause() { _ = r.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume ends a Pause.
func (r *Server) Resume() { _ = r.cmd.Process.Signal(syscall.SIGCONT) }
