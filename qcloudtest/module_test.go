package qcloudtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const createOrigin = "origin.example.org:80"

// hostID makes a domain through the API and returns its ID.
func (c client2) hostID(name string) string {
	c.t.Helper()
	a := c.want(0, 0, "CreateDsaHost", "host", name, "origin", createOrigin)
	return fmt.Sprint(decode[struct {
		ID int `json:"host_id"`
	}](c.t, a.Data).ID)
}

// A domain's life, on the vendor's clock of five minutes a deployment.
func TestLifeOfADomain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI()
		c := inMemory(t, api)
		id := c.hostID("www.example.com")

		progress := func() int {
			t.Helper()
			a := c.want(0, 0, "GetDsaHostInfo", "hostId", id)
			return decode[struct{ Progress int }](t, a.Data).Progress
		}
		if progress() != 1 {
			t.Error("a new domain's progress is not 1")
		}
		c.want(4000, 2001, "CreateDsaHost", "host", "www.example.com", "origin", createOrigin)
		c.want(4000, 1014, "OfflineDsaHost", "hostId", id)
		c.want(4000, 2004, "FlushCache", "urlList", `["http://www.example.com/"]`)

		time.Sleep(5*time.Minute - time.Second)
		c.want(4000, 1014, "UpdateDsaHostInfo", "hostId", id, "projectId", "3")
		time.Sleep(time.Second)
		if progress() != 0 {
			t.Error("progress is not 0 after five minutes")
		}
		c.want(0, 0, "FlushCache", "urlList", `["http://www.example.com/"]`)
		c.want(0, 0, "UpdateDsaHostInfo", "hostId", id, "projectId", "3")
		c.want(0, 0, "FlushCache", "urlList", `["http://www.example.com/"]`) // deploying, but online before

		time.Sleep(5 * time.Minute)
		c.want(4000, 10105, "OnlineDsaHost", "hostId", id)
		c.want(4000, 10105, "DeleteDsaHost", "hostId", id)
		c.want(0, 0, "OfflineDsaHost", "hostId", id)
		c.want(4000, 1014, "OfflineDsaHost", "hostId", id)

		time.Sleep(5 * time.Minute)
		c.want(4000, 2005, "OfflineDsaHost", "hostId", id)
		c.want(4000, 2005, "UpdateDsaHostInfo", "hostId", id, "projectId", "4")
		c.want(4000, 2005, "FlushCache", "urlList", `["http://www.example.com/"]`)
		d, ok := api.Domain("www.example.com")
		if !ok || !d.Offline || d.ProjectID != 3 || d.Origin != createOrigin {
			t.Errorf("Domain = %+v, %v", d, ok)
		}
		c.want(0, 0, "OnlineDsaHost", "host", "www.example.com")

		time.Sleep(5 * time.Minute)
		c.want(0, 0, "OfflineDsaHost", "hostId", id)
		time.Sleep(5 * time.Minute)
		c.want(0, 0, "DeleteDsaHost", "hostId", id)
		c.want(4000, 2000, "DeleteDsaHost", "hostId", id)
		if n := len(api.Domains()); n != 0 {
			t.Errorf("%d domains left", n)
		}
		if got := api.Executed("OfflineDsaHost"); got != 2 {
			t.Errorf("Executed(OfflineDsaHost) = %d, want 2", got)
		}
		if id2 := c.hostID("www.example.com"); id2 == id {
			t.Error("a new domain got a deleted one's ID")
		}
	})
}

func TestReasons(t *testing.T) {
	api := NewAPI(WithDeployTime(0), WithDomain("www.example.com"), WithUnfiled("*.unfiled.example"))
	api.SetDomain(Domain{Name: "locked.example.com", Locked: true})
	api.SetDomain(Domain{Name: "banned.example.com", Banned: true, Offline: true})
	api.SetDomain(Domain{Name: "a.unfiled.example", Offline: true})
	c := inMemory(t, api)

	create := func(module int, host string, pairs ...string) {
		t.Helper()
		c.want(4000, module, "CreateDsaHost", append([]string{"host", host, "origin", createOrigin}, pairs...)...)
	}
	create(2001, "www.example.com")
	create(2002, "b.unfiled.example")
	create(2002, "a.b.unfiled.example")
	create(2100, "nodots")
	create(2100, "-a.example.com")
	create(2100, "a..example.com")
	create(2114, strings.Repeat("a.", 150)+"com")
	create(2122, "x.example.com", "origin", "X.example.com:80")
	create(2124, "x.example.com", "origin", "9.9.9.9,10.0.0.1:80")
	create(2121, "x.example.com", "origin", strings.Repeat("9.9.9.9,", 20)+"9.9.9.9")
	create(10109, "x.example.com", "origin", "o.example.org:99999")
	create(10109, "x.example.com", "origin", "nodots")
	create(2130, "x.example.com", "projectId", "-1")
	create(2140, "x.example.com", "https", `{"type":3}`)
	create(2170, "x.example.com", "rspHeader", `{`)
	create(0, "", "host", "")
	create(0, "x.example.com", "origin", "")

	c.want(4000, 2000, "GetDsaHostInfo", "hostId", "1")
	c.want(4000, 2000, "GetDsaHostInfo", "host", "none.example.com")
	c.want(4000, 2003, "OfflineDsaHost", "host", "locked.example.com")
	c.want(4000, 2003, "FlushCache", "urlList", `["http://locked.example.com/"]`)
	c.want(4000, 2006, "OnlineDsaHost", "host", "banned.example.com")
	c.want(4000, 2006, "FlushCache", "urlList", `["http://banned.example.com/"]`)
	c.want(4000, 2002, "OnlineDsaHost", "host", "a.unfiled.example")
	c.want(4000, 2000, "FlushCache", "urlList", `["http://www.example.com/", "http://none.example.com/"]`)

	metrics := []string{"metrics", `["flux"]`}
	c.want(4000, 9000, "GetDsaStatistics", append(metrics, "startDate", "yesterday")...)
	c.want(4000, 9000, "GetDsaStatistics", append(metrics, "startDate", "2024-02-02", "endDate", "2024-02-01")...)
	c.want(4000, 9000, "GetDsaStatistics", append(metrics, "startDate", "2024-01-01", "endDate", "2024-12-31")...)
	c.want(4000, 9001, "GetDsaHostStatistics", "metrics", `["speed"]`)
	c.want(4000, 2000, "GetDsaHostLogs", "hosts", `["none.example.com"]`)
	c.want(4000, 1101, "RegisterDsaUser")

	c.want(6100, 0, "NoSuchAction")
	c.want(6100, 0, "DescribeDomains") // API 3.0's
	c.want(4000, 0, "")
}

// Parameters that are missing or malformed come as 4000 without brackets.
// A name is one domain in whatever letter case, as in DNS.
func TestLetterCaseOfNames(t *testing.T) {
	api := NewAPI(WithDeployTime(0), WithDomain("www.Example.com"), WithUnfiled("*.Unfiled.example"))
	c := inMemory(t, api)
	c.want(4000, 2001, "CreateDsaHost", "host", "WWW.example.com", "origin", createOrigin)
	c.want(4000, 2002, "CreateDsaHost", "host", "x.unfiled.EXAMPLE", "origin", createOrigin)
	c.want(0, 0, "FlushCache", "urlList", `["http://WWW.EXAMPLE.COM/"]`)
	api.SetDomain(Domain{Name: "WWW.example.com", Offline: true})
	if d, ok := api.Domain("www.example.COM"); !ok || !d.Offline || len(api.Domains()) != 1 {
		t.Errorf("%+v of %+v", d, api.Domains())
	}
	c.want(0, 0, "DeleteDsaHost", "host", "www.example.com")
	c.want(0, 0, "CreateDsaHost", "host", "www.example.com", "origin", createOrigin)
}

func TestMalformed(t *testing.T) {
	c := inMemory(t, NewAPI(WithDomain("www.example.com")))
	for _, call := range [][]string{
		{"OfflineDsaHost"},
		{"OfflineDsaHost", "hostId", "x"},
		{"GetDsaHostList", "offset", "-1"},
		{"GetDsaHostList", "length", "many"},
		{"FlushCache"},
		{"FlushCache", "urlList", "http://www.example.com/"},
		{"FlushCache", "urlList", `["ftp://www.example.com/"]`},
		{"FlushCache", "urlList", `[]`},
		{"FlushCache", "urlList", `["http://www.example.com/"]`, "flushType", "3"},
		{"GetFlushLog", "status", "x"},
		{"GetDsaStatistics"},
		{"GetDsaHostLogs"},
		{"GetDsaHostLogs", "hosts", "www.example.com"},
		{"UpdateDsaUserInfo"},
	} {
		a := c.want(4000, 0, call[0], call[1:]...)
		if a.CodeDesc != "InvalidParameter" || !strings.Contains(a.Message, "[") {
			t.Errorf("%q: codeDesc %q, message %q", call, a.CodeDesc, a.Message)
		}
	}
}

func TestUnregisteredUser(t *testing.T) {
	c := inMemory(t, NewAPI(WithUnregisteredUser(), WithDomain("www.example.com")))
	c.want(4000, 1100, "GetDsaHostList")
	c.want(4000, 1100, "GetDsaUserInfo")
	c.want(0, 0, "RegisterDsaUser", "name", "first")
	c.want(0, 0, "UpdateDsaUserInfo", "name", "second")
	a := c.want(0, 0, "GetDsaUserInfo")
	if name := decode[struct{ Name string }](t, a.Data).Name; name != "second" {
		t.Errorf("name = %q", name)
	}
}

func TestDomainInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, NewAPI(WithDeployTime(0), WithDomainInterval(10*time.Second), WithDomain("www.example.com")))
		c.want(0, 0, "OfflineDsaHost", "host", "www.example.com")
		time.Sleep(9 * time.Second)
		c.want(4000, 2010, "OnlineDsaHost", "host", "www.example.com")
		time.Sleep(time.Second)
		c.want(0, 0, "OnlineDsaHost", "host", "www.example.com")
	})
}

func TestBatch(t *testing.T) {
	api := NewAPI(WithDeployTime(0), WithDomain("a.example.com", "b.example.com"))
	c := inMemory(t, api)
	ids := []string{fmt.Sprint(api.Domains()[0].ID), fmt.Sprint(api.Domains()[1].ID)}

	a := c.want(5400, 0, "OfflineDsaHost", "hostIds.0", ids[0], "hostIds.1", "7")
	if part := a.Detail[ids[0]]; part.Code != 0 || part.CodeDesc != "Success" {
		t.Errorf("detail of a success: %+v", part)
	}
	if part := a.Detail["7"]; part.Code != 4000 || part.module() != 2000 {
		t.Errorf("detail of a failure: %+v", part)
	}
	if got := api.Executed("OfflineDsaHost"); got != 1 {
		t.Errorf("after a part: Executed = %d, want 1", got)
	}
	a = c.want(5100, 0, "OfflineDsaHost", "hostIds.0", ids[0], "hostIds.1", "x")
	if part := a.Detail[ids[0]]; part.module() != 2005 {
		t.Errorf("detail of a failure: %+v", part)
	}
	if got := api.Executed("OfflineDsaHost"); got != 1 {
		t.Errorf("after a failure: Executed = %d, want 1", got)
	}
	c.want(0, 0, "OnlineDsaHost", "hostIds.0", ids[0])
	c.want(0, 0, "OfflineDsaHost", "hostIds.0", ids[0], "hostIds.1", ids[1])
	c.want(0, 0, "DeleteDsaHost", "hostIds.0", ids[0], "hostIds.1", ids[1])
}

func TestLists(t *testing.T) {
	api := NewAPI(WithDeployTime(0), WithDomain("a.example.com", "b.example.com", "c.example.com"))
	c := inMemory(t, api)
	c.want(0, 0, "OfflineDsaHost", "host", "a.example.com")
	c.want(0, 0, "DeleteDsaHost", "host", "a.example.com")
	c.want(0, 0, "UpdateDsaHostInfo", "host", "c.example.com", "https", `{"type":4}`)

	names := func(action string, pairs ...string) string {
		t.Helper()
		data := decode[struct {
			Total int
			Hosts []struct {
				Host    string
				Deleted int
			}
		}](t, c.want(0, 0, action, pairs...).Data)
		var s []string
		for _, h := range data.Hosts {
			s = append(s, h.Host+strings.Repeat("!", h.Deleted))
		}
		return fmt.Sprint(data.Total, s)
	}
	for _, tt := range []struct {
		want, action string
		pairs        []string
	}{
		{"2 [b.example.com c.example.com]", "GetDsaHostList", nil},
		{"2 [c.example.com]", "GetDsaHostList", []string{"offset", "1", "length", "5"}},
		{"2 []", "GetDsaHostList", []string{"offset", "9"}},
		{"3 [a.example.com! b.example.com c.example.com]", "GetDsaHostList", []string{"includeDeleted", "1"}},
		{"1 [c.example.com]", "GetDsaHttpsHostList", nil},
	} {
		if got := names(tt.action, tt.pairs...); got != tt.want {
			t.Errorf("%s %v = %s, want %s", tt.action, tt.pairs, got, tt.want)
		}
	}
}

// Only the newest of the deleted domains are listed.
func TestDeletedDomainsAreBounded(t *testing.T) {
	api := NewAPI(WithDeployTime(0))
	c := inMemory(t, api)
	for i := range maxDeleted + 5 {
		name := fmt.Sprintf("d%d.example.com", i)
		api.SetDomain(Domain{Name: name, Offline: true})
		c.want(0, 0, "DeleteDsaHost", "host", name)
	}
	data := decode[struct {
		Total int
		Hosts []struct{ Host string }
	}](t, c.want(0, 0, "GetDsaHostList", "includeDeleted", "1").Data)
	if data.Total != maxDeleted || data.Hosts[0].Host != "d5.example.com" {
		t.Errorf("%d deleted domains, the first %s", data.Total, data.Hosts[0].Host)
	}
}

func TestFlushLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, NewAPI(WithDomain("www.example.com")))
		flush := func(kind string, urls string) string {
			t.Helper()
			a := c.want(0, 0, "FlushCache", "urlList", urls, "flushType", kind)
			data := decode[struct {
				Count  int
				TaskID string `json:"task_id"`
			}](t, a.Data)
			if data.Count != strings.Count(urls, "http") {
				t.Errorf("count = %d of %s", data.Count, urls)
			}
			return data.TaskID
		}
		log := func(pairs ...string) (urls []string) {
			t.Helper()
			data := decode[struct{ Logs []struct{ URL string } }](t, c.want(0, 0, "GetFlushLog", pairs...).Data)
			for _, l := range data.Logs {
				urls = append(urls, l.URL[len("http://www.example.com"):])
			}
			return urls
		}
		today := time.Now().In(beijing).Format(time.DateOnly)
		first := flush("0", `["http://www.example.com/1","http://www.example.com/2"]`)
		time.Sleep(3 * time.Minute)
		flush("2", `["http://www.example.com/dir/"]`)
		time.Sleep(3 * time.Minute)

		for _, tt := range []struct {
			pairs []string
			want  string
		}{
			{nil, "[/dir/ /2 /1]"},
			{[]string{"taskId", first}, "[/2 /1]"},
			{[]string{"type", "1"}, "[/dir/]"},
			{[]string{"status", "1"}, "[/dir/]"},
			{[]string{"status", "2"}, "[/2 /1]"},
			{[]string{"status", "-1"}, "[]"},
			{[]string{"keyword", "/1"}, "[/1]"},
			{[]string{"date", today}, "[/dir/ /2 /1]"},
			{[]string{"date", "1999-12-31"}, "[]"},
			{[]string{"offset", "1", "limit", "1"}, "[/2]"},
		} {
			if got := fmt.Sprint(log(tt.pairs...)); got != tt.want {
				t.Errorf("GetFlushLog %v = %s, want %s", tt.pairs, got, tt.want)
			}
		}
	})
}

// Statistics are made up, but the same question has the same answer.
func TestStatistics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ask := func(action string, pairs ...string) string {
			t.Helper()
			c := inMemory(t, NewAPI(WithDomain("a.example.com", "b.example.com")))
			time.Sleep(4 * time.Hour)
			return string(c.want(0, 0, action, pairs...).Data)
		}
		week := []string{"startDate", "2024-03-01", "endDate", "2024-03-07"}
		for _, call := range [][]string{
			append([]string{"GetDsaStatistics", "metrics", `["flux","404","5xx"]`}, week...),
			append([]string{"GetDsaHostStatistics", "metrics", `["bandwidth","delay"]`, "hosts", `["b.example.com"]`}, week...),
			{"GetDsaHostStatistics", "metrics", "request", "projects", "[0]"},
		} {
			one, two := ask(call[0], call[1:]...), ask(call[0], call[1:]...)
			if one != two {
				t.Errorf("%q = %s, then %s", call, one, two)
			}
		}
		raw := ask("GetDsaStatistics", append([]string{"metrics", `["flux"]`, "hosts", `["a.example.com"]`}, week...)...)
		data := decode[[]struct{ Data map[string][]int }](t, json.RawMessage(raw))
		if n := len(data[0].Data["flux"]); n != 7 {
			t.Errorf("%d points for seven days", n)
		}
		logs := decode[[]struct{ Logs []any }](t, json.RawMessage(ask("GetDsaHostLogs", "hosts", `["a.example.com"]`)))
		if n := len(logs[0].Logs); n < 1 || n > 3 {
			t.Errorf("%d hourly logs for a domain of four hours", n)
		}
	})
}
