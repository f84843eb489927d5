package redislimit

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"weak"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

const (
	remember  = 24 * time.Hour // how long Redis keeps a rate that the API told
	plausible = 1000           // by how much a rate from Redis may differ from the last one
)

// SetQuota implements limit.Pace. What is not known here yet the API has told.
func (p *pace) SetQuota(q limit.Quota) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if q == p.heard { // it comes back from the key
		p.heard = limit.Quota{}
		return
	}
	if q == p.quota || q.Rate() <= 0 {
		return
	}
	p.quota, p.own = q, q
	go p.write(p.id, q)
}

// hear takes a rate that Redis holds. None is believed that is above what the
// API told this process itself, or far from the rate before. One that is
// believed is replaced by what the API tells with the next rejection.
func (p *pace) hear(q limit.Quota) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, last, own := q.Rate(), p.quota.Rate(), p.own.Rate()
	above := own > 0 && r > own
	far := last > 0 && (r >= plausible*last || r <= last/plausible)
	if r > 0 && q != p.quota && !above && !far {
		p.quota, p.heard = q, q
		p.tell(q)
	}
}

// write tells the other processes.
func (l *Limiter) write(id string, q limit.Quota) {
	text := fmt.Sprintf("%d/%v", q.Limit, q.Per)
	_, _ = l.client.Pipelined(l.ctx, func(c redis.Pipeliner) error {
		c.Set(l.ctx, l.name("told:"+id), text, remember)
		c.Publish(l.ctx, l.name("told"), id+" "+text)
		return nil
	})
}

// read reads what was told before p was there, or while Redis was away.
func (l *Limiter) read(p *pace) {
	if text, err := l.client.Get(l.ctx, l.name("told:"+p.id)).Result(); err == nil {
		p.hear(parse(text))
	}
}

// readAll reads one after the other, for a connection each would take long.
func (l *Limiter) readAll() {
	l.paces.Range(func(_, p any) bool {
		if p := p.(weak.Pointer[pace]).Value(); p != nil {
			l.read(p)
		}
		return true
	})
}

// listen hears what the other processes tell.
func (l *Limiter) listen() {
	sub := l.client.Subscribe(l.ctx, l.name("told"))
	defer sub.Close()
	for messages := sub.ChannelWithSubscriptions(); ; {
		select {
		case <-l.ctx.Done():
			return
		case m := <-messages:
			if m, ok := m.(*redis.Message); ok {
				id, text, _ := strings.Cut(m.Payload, " ")
				self, _ := l.paces.Load(id)
				weakly, _ := self.(weak.Pointer[pace])
				if p := weakly.Value(); p != nil {
					p.hear(parse(text))
				}
			} else { // a new subscription, which missed some
				go l.readAll()
			}
		}
	}
}

// parse returns the zero Quota for what is none, or a quota of no API.
func parse(text string) limit.Quota {
	n, duration, _ := strings.Cut(text, "/")
	most, _ := strconv.Atoi(n)
	per, _ := time.ParseDuration(duration)
	if most <= 0 || most > 1e9 || per < time.Millisecond || per > remember {
		return limit.Quota{}
	}
	return limit.Quota{Limit: most, Per: per}
}
