//go:build !unix

package redistest

// Pause panics: this system cannot stop a process. Start reports ErrMissing
// where there is no redis-server, which is the rule here.
func (r *Server) Pause() { panic("redistest: this system cannot pause a process") }

// Resume ends a Pause.
func (r *Server) Resume() {}
