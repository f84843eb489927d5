package qcloudtest

import (
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

		time.Sleep(5*time.Minute - time.Second)
		c.want(4000, 1014, "OfflineDsaHost", "hostId", id)
		time.Sleep(time.Second)
		if progress() != 0 {
			t.Error("progress is not 0 after five minutes")
		}
		c.want(0, 0, "FlushCache", "urlList", `["http://www.example.com/"]`)
		c.want(4000, 10105, "OnlineDsaHost", "hostId", id)
		c.want(4000, 10105, "DeleteDsaHost", "hostId", id)
		c.want(0, 0, "OfflineDsaHost", "hostId", id)
		c.want(4000, 1014, "OfflineDsaHost", "hostId", id)

		time.Sleep(5 * time.Minute)
		c.want(4000, 2005, "OfflineDsaHost", "hostId", id)
		c.want(4000, 2005, "FlushCache", "urlList", `["http://www.example.com/"]`)
		if all := api.module.domains; len(all) != 1 || !all[0].offline || all[0].origin != createOrigin {
			t.Errorf("the domains are %+v", all)
		}
		c.want(0, 0, "OnlineDsaHost", "host", "www.example.com")

		time.Sleep(5 * time.Minute)
		c.want(0, 0, "OfflineDsaHost", "hostId", id)
		time.Sleep(5 * time.Minute)
		c.want(0, 0, "DeleteDsaHost", "hostId", id)
		c.want(4000, 2000, "DeleteDsaHost", "hostId", id)
		if n := len(api.module.domains); n != 0 {
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
	c.want(4000, 2000, "GetDsaHostInfo", "hostId", "1")
	c.want(4000, 2000, "GetDsaHostInfo", "host", "none.example.com")
	c.want(4000, 2000, "FlushCache", "urlList", `["http://www.example.com/", "http://none.example.com/"]`)

	c.want(6100, 0, "NoSuchAction")
	c.want(6100, 0, "DescribeDomains") // API 3.0's
	c.want(4000, 0, "")
}

// A name is one domain in whatever letter case, as in DNS.
func TestLetterCaseOfNames(t *testing.T) {
	api := NewAPI(WithDeployTime(0), WithDomain("www.Example.com"), WithUnfiled("*.Unfiled.example"))
	c := inMemory(t, api)
	c.want(4000, 2001, "CreateDsaHost", "host", "WWW.example.com", "origin", createOrigin)
	c.want(4000, 2002, "CreateDsaHost", "host", "x.unfiled.EXAMPLE", "origin", createOrigin)
	c.want(0, 0, "FlushCache", "urlList", `["http://WWW.EXAMPLE.COM/"]`)
	c.want(0, 0, "OfflineDsaHost", "host", "WWW.example.com")
	c.want(0, 0, "DeleteDsaHost", "host", "www.example.com")
	c.want(0, 0, "CreateDsaHost", "host", "www.example.com", "origin", createOrigin)
}

// Parameters that are missing or malformed come as 4000 without brackets, with
// an example that is right.
func TestBadParameters(t *testing.T) {
	c := inMemory(t, NewAPI(WithDomain("www.example.com"), WithEnglish()))
	for _, tt := range []struct {
		call  []string
		right string
	}{
		{[]string{"CreateDsaHost", "origin", createOrigin}, "[host] must not be empty. For example: www.example.com"},
		{[]string{"CreateDsaHost", "host", "a.example.com"}, "[origin] must not be empty. For example: origin.example.com:80"},
		{[]string{"OfflineDsaHost"}, "[hostId] must not be empty. For example: 1001"},
		{[]string{"GetDsaHostInfo"}, "[hostId] must not be empty. For example: 1001"},
		{[]string{"GetDsaHostList", "offset", "-1"}, "[offset] is malformed. For example: 0"},
		{[]string{"GetDsaHostList", "length", "many"}, "[length] is malformed. For example: 100"},
		{[]string{"FlushCache"}, `[urlList] must not be empty. For example: ["http://www.example.com/a.png"]`},
		{[]string{"FlushCache", "urlList", "http://www.example.com/"}, `[urlList] is malformed. For example: ["http://www.example.com/a.png"]`},
		{[]string{"FlushCache", "urlList", `["ftp://www.example.com/"]`}, "[urlList] is malformed."},
		{[]string{"FlushCache", "urlList", `[]`}, "[urlList] is malformed."},
		{[]string{"OfflineDsaHost", "hostId", "www"}, "[hostId] is malformed. For example: 1001"},
	} {
		a := c.want(4000, 0, tt.call[0], tt.call[1:]...)
		if a.CodeDesc != "InvalidParameter" || !strings.Contains(a.Message, tt.right) {
			t.Errorf("%q: codeDesc %q, message %q, want %q", tt.call, a.CodeDesc, a.Message, tt.right)
		}
	}
	c.want(4000, 2000, "OfflineDsaHost", "hostId", "7")
}

// What the package does not have is named, with the way to have it.
func TestUnknownActionIsToldOfHandle(t *testing.T) {
	api := NewAPI(WithEnglish())
	a := inMemory(t, api).want(6100, 0, "RunInstances")
	for _, want := range []string{"RunInstances", "API.Handle"} {
		if !strings.Contains(a.Message, want) {
			t.Errorf("message %q does not name %s", a.Message, want)
		}
	}
}

func TestLists(t *testing.T) {
	api := NewAPI(WithDeployTime(0), WithDomain("a.example.com", "b.example.com", "c.example.com"))
	c := inMemory(t, api)
	c.want(0, 0, "OfflineDsaHost", "host", "a.example.com")
	c.want(0, 0, "DeleteDsaHost", "host", "a.example.com")
	for _, tt := range []struct {
		want  string
		pairs []string
	}{
		{"2 [b.example.com c.example.com]", nil},
		{"2 [c.example.com]", []string{"offset", "1", "length", "5"}},
		{"2 [b.example.com]", []string{"length", "1"}},
		{"2 []", []string{"offset", "9"}},
		{"2 []", []string{"length", "0"}},
	} {
		data := decode[struct {
			Total int
			Hosts []struct{ Host string }
		}](t, c.want(0, 0, "GetDsaHostList", tt.pairs...).Data)
		names := []string{}
		for _, h := range data.Hosts {
			names = append(names, h.Host)
		}
		if got := fmt.Sprint(data.Total, names); got != tt.want {
			t.Errorf("GetDsaHostList %v = %s, want %s", tt.pairs, got, tt.want)
		}
	}
}

func TestFlushLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, NewAPI(WithDomain("www.example.com")))
		flush := func(urls string) string {
			t.Helper()
			data := decode[struct {
				Count  int
				TaskID string `json:"task_id"`
			}](t, c.want(0, 0, "FlushCache", "urlList", urls).Data)
			if data.Count != strings.Count(urls, "http") {
				t.Errorf("count = %d of %s", data.Count, urls)
			}
			return data.TaskID
		}
		log := func(pairs ...string) (s string) {
			t.Helper()
			data := decode[struct {
				Logs []struct {
					URL    string
					Status int
				}
			}](t, c.want(0, 0, "GetFlushLog", pairs...).Data)
			for _, l := range data.Logs {
				s += fmt.Sprintf("%s %d ", l.URL[len("http://www.example.com"):], l.Status)
			}
			return s
		}
		first := flush(`["http://www.example.com/1","http://www.example.com/2"]`)
		time.Sleep(3 * time.Minute)
		flush(`["http://www.example.com/3"]`)
		time.Sleep(3 * time.Minute)
		for _, tt := range []struct {
			pairs []string
			want  string
		}{
			{nil, "/3 1 /2 2 /1 2 "},
			{[]string{"taskId", first}, "/2 2 /1 2 "},
			{[]string{"offset", "1", "length", "1"}, "/2 2 "},
			{[]string{"taskId", "none"}, ""},
		} {
			if got := log(tt.pairs...); got != tt.want {
				t.Errorf("GetFlushLog %v = %s, want %s", tt.pairs, got, tt.want)
			}
		}
	})
}
