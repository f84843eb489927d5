package redislimit

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// key names a quota.
type key struct{ account, host, action string }

func keyOf(c limit.Call) key { return key{c.Account, c.Host, c.Action} }

// id stands for k in the names of Redis's keys.
func (k key) id() string {
	sum := sha256.Sum256([]byte(k.account + "\x00" + k.host + "\x00" + k.action))
	return hex.EncodeToString(sum[:12])
}

// find returns k's quota and holds it; the caller gives it back by refs. Where
// there is none it makes one if create is set or if k is limited elsewhere.
func (l *Limiter) find(k key, create bool) *quota {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.quotas[k]
	if q == nil {
		if !create && (len(l.remote) == 0 || !l.remote[k.id()]) {
			return nil
		}
		if len(l.quotas) >= l.maxKeys {
			l.evict()
		}
		q = newQuota(l, k)
		l.quotas[k] = q
		l.count()
	}
	q.refs.Add(1)
	q.used.Store(time.Now().UnixNano())
	return q
}

// evict drops the quota that was used least recently, but never one in use.
// It must be called with mu held.
func (l *Limiter) evict() {
	var found *quota
	for _, q := range l.quotas {
		if q.refs.Load() == 0 && (found == nil || q.used.Load() < found.used.Load()) {
			found = q
		}
	}
	if found != nil {
		delete(l.quotas, found.key)
		l.start(found.retire) // not here: it may have to tell OnChange
	}
}

// drop forgets q, which has retired.
func (l *Limiter) drop(q *quota) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.quotas[q.key] == q {
		delete(l.quotas, q.key)
	}
	delete(l.remote, q.id)
	l.count()
}

// count must be called with mu held, after a change of quotas or remote.
func (l *Limiter) count() { l.known.Store(int64(len(l.quotas) + len(l.remote))) }

// sweep ends the quotas that have not been used for so long that Redis will
// have forgotten them.
func (l *Limiter) sweep(now int64) {
	var old []*quota
	l.mu.Lock()
	for _, q := range l.quotas {
		if q.refs.Load() == 0 && now-q.used.Load() > int64(remember) {
			old = append(old, q)
		}
	}
	l.mu.Unlock()
	for _, q := range old {
		q.retire()
	}
}
