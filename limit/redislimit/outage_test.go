package redislimit

import (
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// proxy stands before a server and delays or holds what it answers.
type proxy struct {
	addr  string
	delay atomic.Int64
	gate  sync.RWMutex // held for writing while nothing passes
}

func startProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String()}
	var running sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	closed := false
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		closed = true
		for _, c := range open {
			c.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	running.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			mu.Lock()
			open = append(open, in, out)
			if closed {
				in.Close()
				out.Close()
			}
			mu.Unlock()
			running.Go(func() { io.Copy(out, in); out.Close() })
			running.Go(func() { p.answer(in, out) })
		}
	})
	return p
}

func (p *proxy) hold() { p.gate.Lock() }
func (p *proxy) pass() { p.gate.Unlock() }

// answer passes on what the server answers, each part after the delay.
func (p *proxy) answer(to, from net.Conn) {
	type part struct {
		due  time.Time
		data []byte
	}
	parts := make(chan part, 1024)
	var writing sync.WaitGroup
	writing.Go(func() {
		for x := range parts {
			time.Sleep(time.Until(x.due))
			p.gate.RLock()
			to.Write(x.data)
			p.gate.RUnlock()
		}
	})
	for {
		b := make([]byte, 4096)
		n, err := from.Read(b)
		if err != nil {
			break
		}
		parts <- part{time.Now().Add(time.Duration(p.delay.Load())), b[:n]}
	}
	close(parts)
	writing.Wait()
	to.Close()
}

// changes keeps what OnChange was told.
type changes struct {
	mu  sync.Mutex
	all []bool
	err error
}

func (c *changes) told(shared bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, shared)
	if !shared {
		c.err = err
	}
}

func (c *changes) seen() []bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.all)
}

var fast = func(limit.Key) limit.Quota { return limit.Quota{Limit: 500, Per: time.Second} }

// Whatever becomes of Redis, calls go on, and OnChange is told once of it.
func TestOutages(t *testing.T) {
	const timeout = 2 * time.Second // on a busy machine, less is an outage
	type world struct {
		*miniredis.Miniredis
		*proxy
	}
	for _, c := range []struct {
		name       string
		begin, end func(world)
	}{
		{"refused, then empty", func(w world) { w.Close() }, func(w world) { w.FlushAll(); _ = w.Restart() }},
		{"silent", func(w world) { w.hold() }, func(w world) { w.pass() }},
		{"too far away", func(w world) { w.delay.Store(int64(3 * timeout / 2)) }, func(w world) { w.delay.Store(0) }},
		{"a read-only replica", func(w world) { w.SetError("READONLY You can't write against a read only replica.") },
			func(w world) { w.SetError("") }},
		{"out of memory", func(w world) { w.SetError("OOM command not allowed") }, func(w world) { w.SetError("") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := miniredis.RunT(t)
			w := world{server, startProxy(t, server.Addr())}
			var told changes
			l := start(t, w.addr, &Options{Quota: fast, OnChange: told.told, Timeout: timeout})
			schedule := "rate:" + l.name(idOf(action))
			shares := func() bool {
				attempt(t, l, limit.Answer{Outcome: limit.Accepted})
				return server.Exists(schedule)
			}
			eventually(t, "the schedule is used", shares)

			c.begin(w)
			eventually(t, "the outage is told", func() bool {
				attempt(t, l, limit.Answer{Outcome: limit.Accepted})
				return slices.Equal(told.seen(), []bool{false})
			})
			if told.err == nil {
				t.Error("told without a reason")
			}
			time.Sleep(4 * tryEvery) // the watch finds it so again, and does not tell
			for range 30 {
				attempt(t, l, limit.Answer{Outcome: limit.Accepted})
			}
			c.end(w)
			eventually(t, "the return is told", func() bool { return slices.Equal(told.seen(), []bool{false, true}) })
			server.Del(schedule)
			eventually(t, "the schedule is used again", shares)
		})
	}
}

// A Redis far away is shared all the time, even though a new connection to it
// takes longer than the time-out.
func TestFarAwayIsShared(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	proxy := startProxy(t, server.Addr())
	proxy.delay.Store(int64(200 * time.Millisecond))
	var told changes
	l := start(t, proxy.addr, &Options{Quota: fast, OnChange: told.told, Timeout: 2 * time.Second})
	for range 5 {
		attempt(t, l, limit.Answer{Outcome: limit.Accepted})
		time.Sleep(10 * time.Millisecond)
	}
	eventually(t, "the schedule is used", func() bool {
		attempt(t, l, limit.Answer{Outcome: limit.Accepted})
		return server.Exists("rate:" + l.name(idOf(action)))
	})
	if all := told.seen(); len(all) > 0 {
		t.Errorf("told %v", all)
	}
}

// The processes count each other, and after an outage none takes itself for
// the only one.
func TestProcessesAreCounted(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	var all []*Limiter
	for range 3 {
		all = append(all, start(t, server.Addr(), nil))
	}
	counted := func(n int64, of ...*Limiter) {
		t.Helper()
		eventually(t, "all count "+string('0'+rune(n)), func() bool {
			return !slices.ContainsFunc(of, func(l *Limiter) bool { return l.processes.Load() != n })
		})
	}
	counted(3, all...)
	server.FlushAll()
	for began := time.Now(); time.Since(began) < 2*beatEvery; time.Sleep(5 * time.Millisecond) {
		for _, l := range all {
			if n := l.processes.Load(); n != 3 {
				t.Fatalf("%d processes just after a loss", n)
			}
		}
	}
	all[2].Close()
	counted(2, all[:2]...)
}
