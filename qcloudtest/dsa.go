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
// API 3.0, which are those of ecdn and cdn.
var (
	versions = []string{"2.0", "2019-10-12", "2018-06-06"}
	dsa      = []struct {
		names [3]string
		do    action
	}{
		{[3]string{"CreateDsaHost", "AddEcdnDomain", "AddCdnDomain"}, (*module).create},
		{[3]string{"OnlineDsaHost", "StartEcdnDomain", "StartCdnDomain"}, change(true, (*module).toggle)},
		{[3]string{"OfflineDsaHost", "StopEcdnDomain", "StopCdnDomain"}, change(false, (*module).toggle)},
		{[3]string{"DeleteDsaHost", "DeleteEcdnDomain", "DeleteCdnDomain"}, change(true, (*module).remove)},
		{[3]string{"GetDsaHostInfo", "DescribeDomainsConfig", "DescribeDomainsConfig"}, (*module).info},
		{[3]string{"GetDsaHostList", "DescribeDomains", "DescribeDomains"}, (*module).list},
		{[3]string{"FlushCache", "PurgeUrlsCache", "PurgeUrlsCache"}, (*module).flush},
		{[3]string{"GetFlushLog", "DescribePurgeTasks", "DescribePurgeTasks"}, (*module).flushLog},
	}
)

// params are the actions' parameters by their names in API 2.0: the name in API
// 3.0, and an example of each.
var params = map[string]struct{ name3, example2, example3 string }{
	"host":    {"Domain", "www.example.com", "www.example.com"},
	"hostId":  {"Domain", "1001", "www.example.com"},
	"origin":  {"Origin", "origin.example.com:80", `{"Origins":["origin.example.com:80"]}`},
	"filters": {"Filters", "", `[{"Name":"domain","Value":["www.example.com"]}]`}, // API 3.0 alone has it
	"urlList": {"Urls", `["http://www.example.com/a.png"]`, `["http://www.example.com/a.png"]`},
	"taskId":  {"TaskId", "", ""},
	"offset":  {"Offset", "0", "0"}, // the defaults, too
	"length":  {"Limit", "100", "100"},
}

// param is the value of a parameter.
func (c *call) param(name string) string { return c.Params[choose(c, name, params[name].name3)] }

// wants is the answer to a parameter that is missing or malformed.
func (c *call) wants(name string) *failure {
	p := params[name]
	return badParam(choose(c, name, p.name3), c.param(name), choose(c, p.example2, p.example3))
}

// choose returns what belongs to the call's API.
func choose[T any](c *call, v2, v3 T) T {
	if c.Version == 3 {
		return v3
	}
	return v2
}

// object is a JSON object.
type object = map[string]any

// module is the part of the API behind the gateway. The API's lock guards it.
type module struct {
	deployTime time.Duration
	unfiled    []string // patterns of path.Match
	lastID     int
	domains    []*domain // by ID
	flushes    []flushed // the newest last
}

// domain is the state of an accelerated domain.
type domain struct {
	id         int // the hostId
	name       string
	origin     string // API 3.0's origins, separated by commas
	offline    bool
	deployedAt time.Time // when the last deployment ends or ended
}

// flushed is a URL that was flushed.
type flushed struct {
	taskID, url string
	doneAt      time.Time
}

func (m *module) add(name, origin string, deployedAt time.Time) *domain {
	m.lastID++
	d := &domain{id: m.lastID, name: name, origin: origin, deployedAt: deployedAt}
	m.domains = append(m.domains, d)
	return d
}

// named returns the domain of that name, in whatever letter case, or nil.
func (m *module) named(name string) *domain {
	i := slices.IndexFunc(m.domains, func(d *domain) bool { return strings.EqualFold(d.name, name) })
	if i < 0 {
		return nil
	}
	return m.domains[i]
}

// nameOf is the name of the domain that a call is about: by hostId, host, Domain
// or a URL to flush; "" where it names none that has a name.
func (m *module) nameOf(c *call) string {
	for _, d := range m.domains {
		if c.Version == 2 && c.Params["hostId"] == strconv.Itoa(d.id) {
			return d.name
		}
	}
	if urls := c.urls(); len(urls) > 0 {
		return urls[0].Hostname()
	}
	return c.param("host")
}

// domainOf finds the domain that a call is about.
func (m *module) domainOf(c *call) (*domain, *failure) {
	name := m.nameOf(c)
	if _, err := strconv.Atoi(c.Params["hostId"]); name == "" && (c.Version == 3 || err != nil) {
		return nil, c.wants("hostId")
	}
	if d := m.named(name); d != nil {
		return d, nil
	}
	return nil, failureOf(codes.DomainNotFound)
}

func (m *module) create(now time.Time, c *call) (any, *failure) {
	name, origin := c.param("host"), c.param("origin")
	if c.Version == 3 {
		var v3 struct{ Origins []string }
		_ = json.Unmarshal([]byte(origin), &v3) // malformed, it has none
		origin = strings.Join(v3.Origins, ",")
	}
	switch {
	case name == "":
		return nil, c.wants("host")
	case origin == "":
		return nil, c.wants("origin")
	case !hostForm.MatchString(name):
		return nil, failureOf(codes.InvalidDomain)
	case m.named(name) != nil:
		return nil, failureOf(codes.DomainExists)
	case m.lacksFiling(name):
		return nil, failureOf(codes.DomainNotFiled)
	}
	d := m.add(name, origin, now.Add(m.deployTime))
	return choose[any](c, d.show(c, now), nil), nil
}

// hostForm is a name of at least two labels.
var hostForm = regexp.MustCompile(`(?i)^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.|$)){2,}$`)

func (m *module) lacksFiling(name string) bool {
	return slices.ContainsFunc(m.unfiled, func(pattern string) bool {
		ok, _ := path.Match(strings.ToLower(pattern), strings.ToLower(name))
		return ok
	})
}

// change makes an action that changes a domain which is deployed, and offline or
// online as the action needs it; then it is deployed again.
func change(offline bool, do func(*module, *domain)) action {
	return func(m *module, now time.Time, c *call) (any, *failure) {
		d, f := m.domainOf(c)
		switch {
		case f != nil:
			return nil, f
		case now.Before(d.deployedAt):
			return nil, failureOf(codes.OperationInProgress)
		case d.offline && !offline:
			return nil, failureOf(codes.DomainOffline)
		case !d.offline && offline:
			return nil, failureOf(codes.ConfigDomainOnline)
		}
		d.deployedAt = now.Add(m.deployTime)
		do(m, d)
		return nil, nil
	}
}

func (m *module) toggle(d *domain) { d.offline = !d.offline }

func (m *module) remove(d *domain) {
	m.domains = slices.DeleteFunc(m.domains, func(other *domain) bool { return other == d })
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
			return nil, c.wants("filters")
		}
		found = slices.DeleteFunc(slices.Clone(found), func(d *domain) bool { return !slices.Contains(by[0].Value, d.name) })
	}
	return listed(c, found, "hosts", "Domains", func(d *domain) any { return d.show(c, now) })
}

// show is a domain as the call's API shows it.
func (d *domain) show(c *call, now time.Time) any {
	state, progress := "online", 0
	if d.offline {
		state = "offline"
	}
	if now.Before(d.deployedAt) {
		state, progress = choose(c, state, "processing"), 1
	}
	return choose(c,
		object{"host_id": d.id, "host": d.name, "origin": d.origin, "status": state, "progress": progress},
		object{"Domain": d.name, "Status": state, "Origin": object{"Origins": strings.Split(d.origin, ",")}})
}

// flush accepts all of the URLs or none.
func (m *module) flush(now time.Time, c *call) (any, *failure) {
	urls := c.urls()
	if len(urls) == 0 {
		return nil, c.wants("urlList")
	}
	for _, u := range urls {
		switch d := m.named(u.Hostname()); {
		case d == nil:
			return nil, failureOf(codes.DomainNotFound)
		case d.offline:
			return nil, failureOf(codes.DomainOffline)
		}
	}
	m.lastID++
	taskID := fmt.Sprintf("%d%09d", now.Unix(), m.lastID)
	for _, u := range urls {
		m.flushes = append(m.flushes, flushed{taskID, u.String(), now.Add(m.deployTime)})
	}
	return choose(c, object{"count": len(urls), "task_id": taskID}, object{"TaskId": taskID}), nil
}

// urls reads the URLs of HTTP that are to be flushed; none where one is malformed.
func (c *call) urls() (all []*url.URL) {
	var raw []string
	_ = json.Unmarshal([]byte(c.param("urlList")), &raw) // malformed, it has none
	for _, s := range raw {
		u, err := url.Parse(s)
		if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil
		}
		all = append(all, u)
	}
	return all
}

// flushLog lists the flushed URLs, those of a task or all, the newest first.
func (m *module) flushLog(now time.Time, c *call) (any, *failure) {
	taskID := c.param("taskId")
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

// listed is a list as the call's API answers it: the part that offset and length,
// or API 3.0's Offset and Limit, select, and the number of all.
func listed[T any](c *call, all []T, v2, v3 string, show func(T) any) (any, *failure) {
	shown, total := []any{}, len(all)
	var part [2]int
	for i, name := range []string{"offset", "length"} {
		n, err := strconv.ParseUint(cmp.Or(c.param(name), params[name].example2), 10, 31)
		if err != nil {
			return nil, c.wants(name)
		}
		part[i] = int(n)
	}
	all = all[min(part[0], total):]
	for _, item := range all[:min(part[1], len(all))] {
		shown = append(shown, show(item))
	}
	return object{choose(c, v2, v3): shown, choose(c, "total", "TotalCount"): total}, nil
}
