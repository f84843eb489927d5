package qcloudtest

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// actions3 are the actions of API 3.0, by version and name. Those that both
// products have under one name are in both3.
var actions3 = map[string]map[string]action{
	"2019-10-12": { // ecdn
		"AddEcdnDomain":                {true, addDomain3},
		"DeleteEcdnDomain":             {true, changeDomain3((*module).remove)},
		"StartEcdnDomain":              {true, changeDomain3((*module).online)},
		"StopEcdnDomain":               {true, changeDomain3((*module).offline)},
		"DescribeEcdnStatistics":       {false, describeStatistics3},
		"DescribeEcdnDomainStatistics": {false, describeDomainStatistics3},
		"DescribeEcdnDomainLogs":       {false, describeDomainLogs3},
	},
	"2018-06-06": { // cdn
		"AddCdnDomain":          {true, addDomain3},
		"DeleteCdnDomain":       {true, changeDomain3((*module).remove)},
		"StartCdnDomain":        {true, changeDomain3((*module).online)},
		"StopCdnDomain":         {true, changeDomain3((*module).offline)},
		"DescribeCdnDomainLogs": {false, describeDomainLogs3},
	},
}

var both3 = map[string]action{
	"UpdateDomainConfig":    {true, updateDomain3},
	"PurgeUrlsCache":        {true, purgeURLs3},
	"PurgePathCache":        {true, purgePaths3},
	"DescribeDomains":       {false, describeDomains3},
	"DescribeDomainsConfig": {false, describeDomains3},
	"DescribePurgeTasks":    {false, describePurgeTasks3},
	"DescribePurgeQuota":    {false, describePurgeQuota3},
}

// find3 looks an action of API 3.0 up.
func (c *call) find3() (action, *failure) {
	if c.meant2() {
		return action{}, c.wrongPath()
	}
	if c.Method != http.MethodPost { // the vendor takes GET as well, by other rules
		return action{}, failureOf(codes.UnsupportedProtocol)
	}
	if c.Action == "" {
		return action{}, missing("Action")
	}
	version := c.http.Header.Get("X-TC-Version")
	if version == "" {
		return action{}, missing("Version")
	}
	product, ok := actions3[version]
	if !ok {
		return action{}, &failure{code: codes.UnsupportedVersion, text: "NoSuchVersion"}
	}
	if c.bad != nil {
		return action{}, c.bad
	}
	if act, ok := product[c.Action]; ok {
		return act, nil
	}
	if act, ok := both3[c.Action]; ok {
		return act, nil
	}
	return action{}, failureOf(codes.UnsupportedVersion)
}

// decode3 reads the parameters; an empty body has none.
func decode3[T any](c *call) (v T, f *failure) {
	if len(c.body) > 0 && json.Unmarshal(c.body, &v) != nil {
		return v, &failure{
			code: codes.InvalidParameter, text: "InvalidParameterValue",
			zh: "参数类型不正确。", en: "A parameter is of the wrong type.",
		}
	}
	return v, nil
}

// domainParams are what AddEcdnDomain and UpdateDomainConfig take of the
// vendor's many.
type domainParams struct {
	Domain    string
	ProjectID *int `json:"ProjectId"`
	Origin    *struct {
		Origins    []string
		OriginType string
	}
	HTTPS *struct{ Switch string } `json:"Https"`
}

func (p domainParams) setting() setting {
	s := setting{projectID: p.ProjectID}
	if p.Origin != nil {
		origins := strings.Join(p.Origin.Origins, ",")
		s.origin = &origins
	}
	if p.HTTPS != nil {
		https := `{"type":0}`
		if p.HTTPS.Switch == "on" {
			https = `{"type":4}`
		}
		s.https = &https
	}
	return s
}

func addDomain3(m *module, now time.Time, c *call) (any, *failure) {
	p, f := decode3[domainParams](c)
	switch {
	case f != nil:
		return nil, f
	case p.Domain == "":
		return nil, missing("Domain")
	case p.Origin == nil || len(p.Origin.Origins) == 0:
		return nil, missing("Origin")
	}
	_, f = m.create(now, p.Domain, p.setting())
	return nil, f
}

func updateDomain3(m *module, now time.Time, c *call) (any, *failure) {
	p, f := decode3[domainParams](c)
	if f != nil {
		return nil, f
	}
	d, f := m.domain3(p.Domain)
	if f != nil {
		return nil, f
	}
	return nil, m.update(now, d, p.setting())
}

// changeDomain3 makes an action of a change of one domain, by its name.
func changeDomain3(change func(*module, time.Time, *domain) *failure) func(*module, time.Time, *call) (any, *failure) {
	return func(m *module, now time.Time, c *call) (any, *failure) {
		p, f := decode3[domainParams](c)
		if f != nil {
			return nil, f
		}
		d, f := m.domain3(p.Domain)
		if f != nil {
			return nil, f
		}
		return nil, change(m, now, d)
	}
}

func (m *module) domain3(name string) (*domain, *failure) {
	if name == "" {
		return nil, missing("Domain")
	}
	if d, ok := m.named(name); ok {
		return d, nil
	}
	return nil, failureOf(codes.DomainNotFound)
}

func purgeURLs3(m *module, now time.Time, c *call) (any, *failure) {
	p, f := decode3[struct{ Urls []string }](c)
	if f != nil {
		return nil, f
	}
	return m.purge3(now, "Urls", p.Urls, 0)
}

func purgePaths3(m *module, now time.Time, c *call) (any, *failure) {
	p, f := decode3[struct {
		Paths     []string
		FlushType string
	}](c)
	if f != nil {
		return nil, f
	}
	kind, ok := map[string]int{"flush": 1, "delete": 2}[p.FlushType]
	if !ok {
		return nil, malformed("FlushType")
	}
	return m.purge3(now, "Paths", p.Paths, kind)
}

func (m *module) purge3(now time.Time, param string, urls []string, kind int) (any, *failure) {
	if len(urls) == 0 {
		return nil, missing(param)
	}
	if len(urls) > maxFlushURLs {
		return nil, malformed(param)
	}
	taskID, f := m.flush(now, urls, kind)
	if f != nil {
		return nil, f
	}
	return object{"TaskId": taskID}, nil
}
