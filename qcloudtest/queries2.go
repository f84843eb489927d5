package qcloudtest

import (
	"encoding/json"
	"strconv"
	"time"
)

// maxHosts is the most domains one list holds, as the vendor documents it.
const maxHosts = 3000

func getDsaHostInfo(m *module, now time.Time, c *call) (any, *failure) {
	d, f := c.host(m)
	if f != nil {
		return nil, f
	}
	info := d.brief2(now)
	info["origin"] = d.Origin
	info["https"] = rawOr(d.https, `{"type":0}`)
	info["rsp_header"] = rawOr(d.rspHeader, `[]`)
	info["create_time"] = dateTime(d.created)
	info["update_time"] = dateTime(d.updated)
	return info, nil
}

func getDsaHostList(m *module, now time.Time, c *call) (any, *failure) {
	all := m.list(c.params["includeDeleted"] == "1")
	return c.hostList(all, func(d *domain) object { return d.brief2(now) })
}

func getDsaHTTPSHostList(m *module, now time.Time, c *call) (any, *failure) {
	var all []*domain
	for _, d := range m.list(false) {
		if kind, _ := httpsType(d.https); kind != 0 {
			all = append(all, d)
		}
	}
	return c.hostList(all, func(d *domain) object {
		return object{"host_id": d.ID, "host": d.Name, "Https": json.RawMessage(d.https)}
	})
}

func (c *call) hostList(all []*domain, show func(*domain) object) (any, *failure) {
	offset, f := c.number("offset", 0)
	if f != nil {
		return nil, f
	}
	length, f := c.number("length", maxHosts)
	if f != nil {
		return nil, f
	}
	hosts := []object{}
	for _, d := range pageOf(all, offset, min(length, maxHosts)) {
		hosts = append(hosts, show(d))
	}
	return object{"hosts": hosts, "total": len(all)}, nil
}

// brief2 is a domain as GetDsaHostList shows it.
func (d *domain) brief2(now time.Time) object {
	return object{
		"host_id":    d.ID,
		"app_id":     appID,
		"project_id": d.ProjectID,
		"host":       d.Name,
		"cname":      d.cname(),
		"status":     d.status(),
		"progress":   flag(d.deploying(now)),
		"mode":       flag(d.Banned),
		"locked":     flag(d.Locked),
		"deleted":    flag(d.deleted),
		"message":    "",
	}
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}

func rawOr(text, otherwise string) json.RawMessage {
	if text == "" {
		text = otherwise
	}
	return json.RawMessage(text)
}

func getFlushLog(m *module, now time.Time, c *call) (any, *failure) {
	q := flushQuery{taskID: c.params["taskId"], keyword: c.params["keyword"]}
	if c.params["type"] != "" {
		kind, f := c.number("type", 0)
		if f != nil {
			return nil, f
		}
		q.kind = &kind
	}
	if s := c.params["status"]; s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil, malformed("status")
		}
		q.status = n
	}
	if date := c.params["date"]; date != "" {
		span, f := days(now, date, date, time.DateOnly)
		if f != nil {
			return nil, f
		}
		q.from, q.to = span[0], span[0].AddDate(0, 0, 1)
	}
	offset, f := c.number("offset", 0)
	if f != nil {
		return nil, f
	}
	limit, f := c.number("limit", maxFlushes)
	if f != nil {
		return nil, f
	}
	found := m.flushLog(now, q)
	logs := []object{}
	for _, fl := range pageOf(found, offset, limit) {
		logs = append(logs, object{
			"task_id": fl.taskID, "url": fl.url, "type": fl.kind,
			"datetime": dateTime(fl.at), "status": fl.status(now),
		})
	}
	return object{"total": len(found), "logs": logs}, nil
}

func getDsaUserInfo(m *module, now time.Time, c *call) (any, *failure) {
	return object{"app_id": appID, "name": m.userName, "status": "normal", "hosts": len(m.byID)}, nil
}
