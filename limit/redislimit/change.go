package redislimit

import "sync"

// Mode says where the rate comes from.
type Mode uint8

const (
	// Shared: the processes share what they learn through Redis.
	Shared Mode = iota
	// Local: Redis can't be used, so each process learns by itself.
	Local
)

// String returns "shared" or "local".
func (m Mode) String() string {
	if m == Local {
		return "local"
	}
	return "shared"
}

// Change tells that a Limiter went from one mode to the other. It is Local as
// long as any of its keys is.
type Change struct {
	Mode Mode
	Err  error // why Redis can't be used, of a change to Local
}

// changes tells OnChange of the first key that goes local and of the last one
// that comes back.
type changes struct {
	tell func(Change)

	mu    sync.Mutex
	local int // keys
	muted bool
}

func (c *changes) fell(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.local++; c.local == 1 {
		c.announce(Change{Mode: Local, Err: err})
	}
}

func (c *changes) rose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.local--; c.local == 0 {
		c.announce(Change{Mode: Shared})
	}
}

func (c *changes) mute() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.muted = true
}

// announce holds mu meanwhile, so that changes are told in their order.
func (c *changes) announce(change Change) {
	if c.tell == nil || c.muted {
		return
	}
	defer func() { _ = recover() }()
	c.tell(change)
}
