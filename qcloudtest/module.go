package qcloudtest

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// maxDeleted bounds the deleted domains that GetDsaHostList can still show.
const maxDeleted = 1000

// module is the part of the API behind the gateway. The API's lock guards it.
type module struct {
	cfg        config
	registered bool
	userName   string
	lastID     int
	byName     map[string]*domain // names in lower case, as DNS compares them
	byID       map[int]*domain
	gone       []*domain // deleted
	flushes    []flush
	flushCount int
}

func newModule(cfg config, now time.Time) *module {
	m := &module{
		cfg:        cfg,
		registered: !cfg.unregistered,
		lastID:     1000,
		byName:     make(map[string]*domain),
		byID:       make(map[int]*domain),
	}
	for _, name := range cfg.domains {
		m.put(Domain{Name: name}, now)
	}
	return m
}

// do lets the module execute an action.
func (m *module) do(act action, now time.Time, c *call) (any, *failure) {
	if !m.registered && c.Action != "RegisterDsaUser" {
		return nil, failureOf(codes.UserNotFound)
	}
	return act.run(m, now, c)
}

// put makes or replaces a domain as the test wants it.
func (m *module) put(want Domain, now time.Time) {
	d, ok := m.named(want.Name)
	if !ok {
		d = m.add(want.Name, now)
	}
	want.ID = d.ID
	if want.Origin == "" {
		want.Origin = "origin." + want.Name
	}
	d.Domain = want
	d.updated, d.beenOnline = now, true
}

func (m *module) add(name string, now time.Time) *domain {
	m.lastID++
	d := &domain{Domain: Domain{ID: m.lastID, Name: name}, created: now, updated: now}
	m.byName[strings.ToLower(name)], m.byID[d.ID] = d, d
	return d
}

func (m *module) named(name string) (*domain, bool) {
	d, ok := m.byName[strings.ToLower(name)]
	return d, ok
}

// list returns the domains by their IDs, the deleted ones among them if wanted.
func (m *module) list(deleted bool) []*domain {
	all := slices.Collect(maps.Values(m.byID))
	if deleted {
		all = append(all, m.gone...)
	}
	slices.SortFunc(all, func(a, b *domain) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (m *module) unfiled(name string) bool {
	return slices.ContainsFunc(m.cfg.unfiled, func(pattern string) bool {
		ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(name))
		return ok && err == nil
	})
}

func (m *module) create(now time.Time, name string, s setting) (*domain, *failure) {
	if f := checkName(name); f != nil {
		return nil, f
	}
	if f := s.check(name); f != nil {
		return nil, f
	}
	if _, exists := m.named(name); exists {
		return nil, failureOf(codes.DomainExists)
	}
	if m.unfiled(name) {
		return nil, failureOf(codes.DomainNotFiled)
	}
	d := m.add(name, now)
	d.apply(s)
	m.deploy(d, now)
	return d, nil
}

// changeable makes the checks that every change of a domain has to pass.
func (m *module) changeable(d *domain, now time.Time) *failure {
	switch {
	case d.Banned:
		return failureOf(codes.DomainBanned)
	case d.Locked:
		return failureOf(codes.DomainLocked)
	case d.deploying(now):
		return failureOf(codes.OperationInProgress)
	case now.Sub(d.changed) < m.cfg.domainInterval:
		return failureOf(codes.TooFrequent)
	}
	d.beenOnline = true // its first deployment is over
	return nil
}

func (m *module) online(now time.Time, d *domain) *failure {
	if f := m.changeable(d, now); f != nil {
		return f
	}
	if !d.Offline {
		return failureOf(codes.ConfigDomainOnline)
	}
	if m.unfiled(d.Name) {
		return failureOf(codes.DomainNotFiled)
	}
	d.Offline = false
	m.deploy(d, now)
	return nil
}

func (m *module) offline(now time.Time, d *domain) *failure {
	if f := m.changeable(d, now); f != nil {
		return f
	}
	if d.Offline {
		return failureOf(codes.DomainOffline)
	}
	d.Offline = true
	m.deploy(d, now)
	return nil
}

func (m *module) update(now time.Time, d *domain, s setting) *failure {
	if f := s.check(d.Name); f != nil {
		return f
	}
	if f := m.changeable(d, now); f != nil {
		return f
	}
	if d.Offline {
		return failureOf(codes.DomainOffline)
	}
	d.apply(s)
	m.deploy(d, now)
	return nil
}

// remove deletes a domain at once. It must be offline.
func (m *module) remove(now time.Time, d *domain) *failure {
	if f := m.changeable(d, now); f != nil {
		return f
	}
	if !d.Offline {
		return failureOf(codes.ConfigDomainOnline)
	}
	d.deleted, d.updated = true, now
	delete(m.byName, strings.ToLower(d.Name))
	delete(m.byID, d.ID)
	if m.gone = append(m.gone, d); len(m.gone) > maxDeleted {
		m.gone = slices.Delete(m.gone, 0, 1)
	}
	return nil
}

// deploy starts a deployment.
func (m *module) deploy(d *domain, now time.Time) {
	d.changed, d.updated = now, now
	d.DeployedAt = now.Add(m.cfg.deployTime)
}
