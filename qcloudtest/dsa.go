package qcloudtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// An action is what the module does for a call. Its data is an [object], or nil.
type action func(m *module, now time.Time, c *call) (any, *failure)

// dsa are the API's own actions: their names in API 2.0 and in the versions of
// API 3.0, which are those of ecdn and cdn. The package comment has their
// parameters.
var (
	versions = []string{"2.0", "2019-10-12", "2018-06-06"}
	dsa      = []struct {
		names [3]string
		do    action
	}{
		{[3]string{"CreateDsaHost", "AddEcdnDomain", "AddCdnDomain"}, (*module).create},
		{[3]string{"OnlineDsaHost", "StartEcdnDomain", "StartCdnDomain"}, switched(false)},
		{[3]string{"OfflineDsaHost", "StopEcdnDomain", "StopCdnDomain"}, switched(true)},
		{[3]string{"DeleteDsaHost", "DeleteEcdnDomain", "DeleteCdnDomain"}, (*module).remove},
		{[3]string{"GetDsaHostInfo", "DescribeDomainsConfig", "DescribeDomainsConfig"}, (*module).info},
		{[3]string{"GetDsaHostList", "DescribeDomains", "DescribeDomains"}, (*module).list},
		{[3]string{"FlushCache", "PurgeUrlsCache", "PurgeUrlsCache"}, (*module).flush},
		{[3]string{"GetFlushLog", "DescribePurgeTasks", "DescribePurgeTasks"}, (*module).flushLog},
	}
)

// A Domain is the state of an accelerated domain.
type Domain struct {
	ID      int    // the hostId
	Name    string // such as "www.example.com"
	Origin  string // such as "origin.example.com:80"; "" becomes "origin." + Name
	Offline bool
	Locked  bool // changes are answered with 2003

	// DeployedAt is when the last deployment ends or ended. Until then changes
	// are answered with 1014 and GetDsaHostInfo's progress is 1. The zero time
	// has passed.
	DeployedAt time.Time
}

// Domains returns the domains there are in order of their IDs.
func (a *API) Domains() (all []Domain) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, d := range a.module.domains {
		all = append(all, *d)
	}
	return all
}

// SetDomain makes the domain of that name, or replaces its state. The ID is the
// API's to give and is ignored; see [Domain] for what the zero fields mean.
func (a *API) SetDomain(d Domain) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.module.put(d)
}

// module is the part of the API behind the gateway. The API's lock guards it.
type module struct {
	cfg     config
	lastID  int
	domains []*Domain // by ID
	flushes []flushed // the newest last
}

// flushed is a URL that was flushed.
type flushed struct {
	taskID, url string
	doneAt      time.Time
}

// maxFlushes bounds what is remembered for GetFlushLog, and maxURLs what one
// call flushes.
const maxFlushes, maxURLs = 10000, 1000

func newModule(cfg config) *module {
	m := &module{cfg: cfg, lastID: 1000}
	for _, name := range cfg.domains {
		m.put(Domain{Name: name})
	}
	return m
}

func (m *module) put(d Domain) *Domain {
	if d.Origin == "" {
		d.Origin = "origin." + d.Name
	}
	if old := m.named(d.Name); old != nil {
		d.ID = old.ID
		*old = d
		return old
	}
	m.lastID++
	d.ID = m.lastID
	m.domains = append(m.domains, &d)
	return &d
}

// named returns the domain of that name, in whatever letter case, or nil.
func (m *module) named(name string) *Domain {
	i := slices.IndexFunc(m.domains, func(d *Domain) bool { return strings.EqualFold(d.Name, name) })
	if i < 0 {
		return nil
	}
	return m.domains[i]
}

// nameOf is the name of the domain that a call is about: by hostId, host, Domain
// or a URL to flush; "" where it names none that has a name.
func (m *module) nameOf(c *call) string {
	for _, d := range m.domains {
		if c.Version == 2 && c.Params["hostId"] == strconv.Itoa(d.ID) {
			return d.Name
		}
	}
	if urls, err := c.urls(); err == nil && len(urls) > 0 {
		return urls[0].Hostname()
	}
	return c.param("host", "Domain")
}

func (m *module) create(now time.Time, c *call) (any, *failure) {
	name, origin := c.param("host", "Domain"), c.param("origin", "Origin")
	if c.Version == 3 {
		var v3 struct{ Origins []string }
		_ = json.Unmarshal([]byte(origin), &v3) // malformed, it has none
		origin = strings.Join(v3.Origins, ",")
	}
	switch {
	case name == "":
		return nil, c.wants("host", "Domain", "www.example.com")
	case origin == "":
		return nil, c.wants("origin", "Origin", choose(c, "origin.example.com:80", `{"Origins":["origin.example.com:80"]}`))
	case len(name) > 253:
		return nil, failureOf(codes.DomainTooLong)
	case !hostForm.MatchString(name):
		return nil, failureOf(codes.InvalidDomain)
	case m.named(name) != nil:
		return nil, failureOf(codes.DomainExists)
	case m.unfiled(name):
		return nil, failureOf(codes.DomainNotFiled)
	}
	d := m.put(Domain{Name: name, Origin: origin, DeployedAt: now.Add(m.cfg.deployTime)})
	return choose[any](c, d.show(c, now), nil), nil
}

// hostForm is a name of at least two labels, as RFC 1035 has them.
var hostForm = regexp.MustCompile(`^(?i:(` + label + `\.)+` + label + `)$`)

const label = `[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?`

func (m *module) unfiled(name string) bool {
	return slices.ContainsFunc(m.cfg.unfiled, func(pattern string) bool {
		ok, _ := path.Match(strings.ToLower(pattern), strings.ToLower(name))
		return ok
	})
}

// changeable finds the domain that a call is to change, after the checks that
// all changes have to pass.
func (m *module) changeable(now time.Time, c *call) (*Domain, *failure) {
	d, f := m.domainOf(c)
	switch {
	case f != nil:
		return nil, f
	case d.Locked:
		return nil, failureOf(codes.DomainLocked)
	case now.Before(d.DeployedAt):
		return nil, failureOf(codes.OperationInProgress)
	}
	return d, nil
}

// switched makes an action that takes a domain offline or puts it online.
func switched(offline bool) action {
	return func(m *module, now time.Time, c *call) (any, *failure) {
		d, f := m.changeable(now, c)
		switch {
		case f != nil:
			return nil, f
		case d.Offline && offline:
			return nil, failureOf(codes.DomainOffline)
		case !d.Offline && !offline:
			return nil, failureOf(codes.ConfigDomainOnline)
		case !offline && m.unfiled(d.Name):
			return nil, failureOf(codes.DomainNotFiled)
		}
		d.Offline, d.DeployedAt = offline, now.Add(m.cfg.deployTime)
		return nil, nil
	}
}

func (m *module) remove(now time.Time, c *call) (any, *failure) {
	d, f := m.changeable(now, c)
	if f == nil && !d.Offline {
		f = failureOf(codes.ConfigDomainOnline)
	}
	if f == nil {
		m.domains = slices.DeleteFunc(m.domains, func(other *Domain) bool { return other == d })
	}
	return nil, f
}

// domainOf finds the domain that a call is about.
func (m *module) domainOf(c *call) (*Domain, *failure) {
	name := m.nameOf(c)
	if name == "" && c.Params["hostId"] == "" {
		return nil, c.wants("hostId", "Domain", choose(c, "1001", "www.example.com"))
	}
	if d := m.named(name); d != nil {
		return d, nil
	}
	return nil, failureOf(codes.DomainNotFound)
}

// info shows a domain. In API 3.0 it is a list that Filters select from.
func (m *module) info(now time.Time, c *call) (any, *failure) {
	if c.Version == 3 {
		return m.list(now, c)
	}
	d, f := m.domainOf(c)
	if f != nil {
		return nil, f
	}
	return d.show(c, now), nil
}

func (m *module) list(now time.Time, c *call) (any, *failure) {
	found := m.domains
	if filters := c.Params["Filters"]; filters != "" && c.Version == 3 {
		var by []struct {
			Name  string
			Value []string
		}
		if json.Unmarshal([]byte(filters), &by) != nil || len(by) != 1 || by[0].Name != "domain" {
			return nil, c.wants("", "Filters", `[{"Name":"domain","Value":["www.example.com"]}]`)
		}
		found = slices.DeleteFunc(slices.Clone(found), func(d *Domain) bool { return !slices.Contains(by[0].Value, d.Name) })
	}
	return listed(c, found, "hosts", "Domains", func(d *Domain) any { return d.show(c, now) })
}

// show is a domain as the call's API shows it.
func (d *Domain) show(c *call, now time.Time) any {
	state, progress, locked := "online", 0, 0
	if d.Offline {
		state = "offline"
	}
	if now.Before(d.DeployedAt) {
		state, progress = choose(c, state, "processing"), 1
	}
	if d.Locked {
		locked = 1
	}
	return choose(c,
		object{"host_id": d.ID, "host": d.Name, "origin": d.Origin, "status": state, "progress": progress, "locked": locked},
		object{"Domain": d.Name, "Status": state, "Origin": object{"Origins": strings.Split(d.Origin, ",")}})
}

// flush accepts all of the URLs or none.
func (m *module) flush(now time.Time, c *call) (any, *failure) {
	urls, err := c.urls()
	if err != nil || len(urls) == 0 || len(urls) > maxURLs {
		return nil, c.wants("urlList", "Urls", `["http://www.example.com/a.png"]`)
	}
	for _, u := range urls {
		switch d := m.named(u.Hostname()); {
		case d == nil:
			return nil, failureOf(codes.DomainNotFound)
		case d.Locked:
			return nil, failureOf(codes.DomainLocked)
		case d.Offline:
			return nil, failureOf(codes.DomainOffline)
		}
	}
	m.lastID++
	taskID := fmt.Sprintf("%d%09d", now.Unix(), m.lastID)
	for _, u := range urls {
		m.flushes = append(m.flushes, flushed{taskID, u.String(), now.Add(m.cfg.deployTime)})
	}
	m.flushes = m.flushes[max(len(m.flushes)-maxFlushes, 0):]
	return choose(c, object{"count": len(urls), "task_id": taskID}, object{"TaskId": taskID}), nil
}

// flushLog lists the flushed URLs, those of a task or all, the newest first.
func (m *module) flushLog(now time.Time, c *call) (any, *failure) {
	taskID := c.param("taskId", "TaskId")
	found := slices.DeleteFunc(slices.Clone(m.flushes), func(f flushed) bool { return taskID != "" && f.taskID != taskID })
	slices.Reverse(found)
	return listed(c, found, "logs", "PurgeLogs", func(f flushed) any {
		status, status3 := 1, "process"
		if !now.Before(f.doneAt) {
			status, status3 = 2, "done"
		}
		return choose(c, object{"task_id": f.taskID, "url": f.url, "status": status},
			object{"TaskId": f.taskID, "Url": f.url, "Status": status3})
	})
}

// object is a JSON object.
type object = map[string]any

// choose returns what belongs to the call's API.
func choose[T any](c *call, v2, v3 T) T {
	if c.Version == 3 {
		return v3
	}
	return v2
}

func (c *call) param(v2, v3 string) string { return c.Params[choose(c, v2, v3)] }

// wants is the answer to a parameter that is missing or malformed.
func (c *call) wants(v2, v3, example string) *failure {
	return badParam(choose(c, v2, v3), c.param(v2, v3), example)
}

// urls reads the URLs of HTTP that are to be flushed.
func (c *call) urls() (all []*url.URL, err error) {
	var raw []string
	err = json.Unmarshal([]byte(c.param("urlList", "Urls")), &raw)
	for _, s := range raw {
		u, bad := url.Parse(s)
		if bad != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, strconv.ErrSyntax
		}
		all = append(all, u)
	}
	return all, err
}

// listed is a list as the call's API answers it: the part that offset and length,
// or API 3.0's Offset and Limit, select, and the number of all.
func listed[T any](c *call, all []T, v2, v3 string, show func(T) any) (any, *failure) {
	shown, total := []any{}, len(all)
	offset, err := strconv.ParseUint(cmp.Or(c.param("offset", "Offset"), "0"), 10, 31)
	if err != nil {
		return nil, c.wants("offset", "Offset", "0")
	}
	length, err := strconv.ParseUint(cmp.Or(c.param("length", "Limit"), "3000"), 10, 31)
	if err != nil {
		return nil, c.wants("length", "Limit", "100")
	}
	all = all[min(int(offset), total):]
	for _, item := range all[:min(int(length), len(all))] {
		shown = append(shown, show(item))
	}
	return object{choose(c, v2, v3): shown, choose(c, "total", "TotalCount"): total}, nil
}
