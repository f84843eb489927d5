package qcloudtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// paging is what API 3.0's lists have in common.
type paging struct {
	Offset int
	Limit  *int
}

func (p paging) limit(otherwise int) int {
	if p.Limit == nil {
		return otherwise
	}
	return *p.Limit
}

type filter3 struct {
	Name  string
	Value []string
	Fuzzy bool
}

// matches applies the filters domain, status, projectId and resourceId; any
// other one matches everything.
func (f filter3) matches(d *domain, now time.Time) bool {
	var have string
	switch f.Name {
	case "domain":
		have = d.Name
	case "status":
		have = d.status3(now)
	case "projectId":
		have = strconv.Itoa(d.ProjectID)
	case "resourceId":
		have = d.resourceID()
	default:
		return true
	}
	return slices.ContainsFunc(f.Value, func(want string) bool {
		return have == want || f.Fuzzy && strings.Contains(have, want)
	})
}

func describeDomains3(m *module, now time.Time, c *call) (any, *failure) {
	p, f := decode3[struct {
		paging
		Filters []filter3
	}](c)
	if f != nil {
		return nil, f
	}
	all := slices.DeleteFunc(m.list(false), func(d *domain) bool {
		return slices.ContainsFunc(p.Filters, func(f filter3) bool { return !f.matches(d, now) })
	})
	domains := []object{}
	for _, d := range pageOf(all, p.Offset, min(p.limit(100), 1000)) {
		domains = append(domains, d.brief3(now))
	}
	return object{"Domains": domains, "TotalCount": len(all)}, nil
}

func (d *domain) resourceID() string { return fmt.Sprintf("ecdn-%08d", d.ID) }

func (d *domain) status3(now time.Time) string {
	if d.deploying(now) {
		return "processing"
	}
	return d.status()
}

// brief3 is a domain as DescribeDomains shows it.
func (d *domain) brief3(now time.Time) object {
	return object{
		"ResourceId": d.resourceID(),
		"AppId":      appID,
		"Domain":     d.Name,
		"Cname":      d.cname(),
		"Status":     d.status3(now),
		"ProjectId":  d.ProjectID,
		"CreateTime": dateTime(d.created),
		"UpdateTime": dateTime(d.updated),
		"Origin":     object{"Origins": strings.Split(d.Origin, ","), "OriginType": "domain"},
		"Disable":    choose(d.Banned, "malicious", "normal"),
		"Area":       "mainland",
		"Readonly":   choose(d.Locked, "global", "normal"),
	}
}

func choose(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func describePurgeTasks3(m *module, now time.Time, c *call) (any, *failure) {
	p, f := decode3[struct {
		paging
		PurgeType, StartTime, EndTime, TaskId, Keyword, Status string
	}](c)
	if f != nil {
		return nil, f
	}
	q := flushQuery{taskID: p.TaskId, keyword: p.Keyword}
	if kind, ok := map[string]int{"url": 0, "path": 1}[p.PurgeType]; ok {
		q.kind = &kind
	}
	q.status = map[string]int{"fail": -1, "process": flushRunning, "done": flushDone}[p.Status]
	if q.from, q.to, f = span3(p.StartTime, p.EndTime); f != nil {
		return nil, f
	}
	found := m.flushLog(now, q)
	logs := []object{}
	for _, fl := range pageOf(found, p.Offset, p.limit(20)) {
		logs = append(logs, fl.task3(now))
	}
	return object{"PurgeLogs": logs, "TotalCount": len(found)}, nil
}

// span3 reads the optional bounds of a query; EndTime is included.
func span3(start, end string) (from, to time.Time, f *failure) {
	var err error
	if start != "" {
		if from, err = time.ParseInLocation(time.DateTime, start, beijing); err != nil {
			return from, to, malformed("StartTime")
		}
	}
	if end != "" {
		if to, err = time.ParseInLocation(time.DateTime, end, beijing); err != nil {
			return from, to, malformed("EndTime")
		}
		to = to.Add(time.Second)
	}
	return from, to, nil
}

func (f flush) task3(now time.Time) object {
	return object{
		"TaskId":     f.taskID,
		"Url":        f.url,
		"Status":     choose(f.status(now) == flushDone, "done", "process"),
		"PurgeType":  choose(f.kind == 0, "url", "path"),
		"FlushType":  choose(f.kind == 1, "flush", "delete"),
		"CreateTime": dateTime(f.at),
	}
}

// describePurgeQuota3 reports the vendor's figures of a new account; flushes
// are not counted against them.
func describePurgeQuota3(m *module, now time.Time, c *call) (any, *failure) {
	return object{
		"UrlPurge":  object{"Batch": maxFlushURLs, "Total": 10000, "Available": 10000},
		"PathPurge": object{"Batch": 500, "Total": 100, "Available": 100},
	}, nil
}
