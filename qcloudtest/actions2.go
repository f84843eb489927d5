package qcloudtest

import (
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// actions2 are the actions of API 2.0.
var actions2 = map[string]action{
	"CreateDsaHost":     {true, createDsaHost},
	"OnlineDsaHost":     {true, changeHosts((*module).online)},
	"OfflineDsaHost":    {true, changeHosts((*module).offline)},
	"DeleteDsaHost":     {true, changeHosts((*module).remove)},
	"UpdateDsaHostInfo": {true, updateDsaHostInfo},
	"FlushCache":        {true, flushCache},
	"RegisterDsaUser":   {true, registerDsaUser},
	"UpdateDsaUserInfo": {true, updateDsaUserInfo},

	"GetDsaHostInfo":       {false, getDsaHostInfo},
	"GetDsaHostList":       {false, getDsaHostList},
	"GetDsaHttpsHostList":  {false, getDsaHTTPSHostList},
	"GetDsaStatistics":     {false, getDsaStatistics},
	"GetDsaHostStatistics": {false, getDsaHostStatistics},
	"GetDsaHostLogs":       {false, getDsaHostLogs},
	"GetFlushLog":          {false, getFlushLog},
	"GetDsaUserInfo":       {false, getDsaUserInfo},
}

// object is a JSON object.
type object = map[string]any

func createDsaHost(m *module, now time.Time, c *call) (any, *failure) {
	for _, required := range []string{"host", "origin"} {
		if c.params[required] == "" {
			return nil, missing(required)
		}
	}
	s, f := c.setting()
	if f != nil {
		return nil, f
	}
	d, f := m.create(now, c.params["host"], s)
	if f != nil {
		return nil, f
	}
	return object{"host_id": d.ID, "host": d.Name, "cname": d.cname()}, nil
}

func updateDsaHostInfo(m *module, now time.Time, c *call) (any, *failure) {
	d, f := c.host(m)
	if f != nil {
		return nil, f
	}
	s, f := c.setting()
	if f != nil {
		return nil, f
	}
	return nil, m.update(now, d, s)
}

// changeHosts makes an action of a change of one domain, by hostId or host, or
// of several, by hostIds.0, hostIds.1 and so on. The vendor documents hostId
// alone; the several are the API's general form of a batch.
func changeHosts(change func(*module, time.Time, *domain) *failure) func(*module, time.Time, *call) (any, *failure) {
	return func(m *module, now time.Time, c *call) (any, *failure) {
		if ids := c.batchIDs(); len(ids) > 0 {
			return nil, m.batch(ids, func(d *domain) *failure { return change(m, now, d) })
		}
		d, f := c.host(m)
		if f != nil {
			return nil, f
		}
		return nil, change(m, now, d)
	}
}

// batch changes several domains and reports on each under detail: 5100 if all
// failed, 5400 if some did.
func (m *module) batch(ids []string, change func(*domain) *failure) *failure {
	detail := make(map[string]envelope2, len(ids))
	failed := 0
	for _, id := range ids {
		d, f := m.hostByID(id)
		if f == nil {
			f = change(d)
		}
		if f != nil {
			failed++
		}
		detail[id] = f.envelope(m.cfg.english)
	}
	switch failed {
	case 0:
		return nil
	case len(ids):
		return &failure{code: codes.OperationFailed, detail: detail}
	}
	return &failure{code: codes.PartialSuccess, detail: detail, partly: true}
}

func registerDsaUser(m *module, now time.Time, c *call) (any, *failure) {
	if m.registered {
		return nil, failureOf(codes.UserExists)
	}
	m.registered, m.userName = true, c.params["name"]
	return nil, nil
}

func updateDsaUserInfo(m *module, now time.Time, c *call) (any, *failure) {
	if c.params["name"] == "" {
		return nil, missing("name")
	}
	m.userName = c.params["name"]
	return nil, nil
}

func flushCache(m *module, now time.Time, c *call) (any, *failure) {
	if c.params["urlList"] == "" {
		return nil, missing("urlList")
	}
	urls, f := list[string](c, "urlList")
	if f != nil {
		return nil, f
	}
	if len(urls) == 0 || len(urls) > maxFlushURLs {
		return nil, malformed("urlList")
	}
	kind, f := c.number("flushType", 0)
	if f != nil || kind > 2 {
		return nil, malformed("flushType")
	}
	taskID, f := m.flush(now, urls, kind)
	if f != nil {
		return nil, f
	}
	return object{"count": len(urls), "task_id": taskID}, nil
}
