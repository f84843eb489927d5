package qcloudtest

import (
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// The bounds of a query. The days are the vendor's; the others keep a hostile
// query from costing much.
const (
	maxStatDays    = 90
	maxStatHosts   = 100
	maxStatMetrics = 20
)

// metrics are those of the statistics beside the status codes.
var metrics = []string{"flux", "bandwidth", "request", "delay"}

// days returns the days of a query in Beijing's time; empty dates are today.
func days(now time.Time, start, end, layout string) ([]time.Time, *failure) {
	first, err1 := parseDay(now, start, layout)
	last, err2 := parseDay(now, end, layout)
	span := int(last.Sub(first).Hours() / 24)
	if err1 != nil || err2 != nil || span < 0 || span >= maxStatDays {
		return nil, failureOf(codes.InvalidStatTime)
	}
	all := make([]time.Time, span+1)
	for i := range all {
		all[i] = first.AddDate(0, 0, i)
	}
	return all, nil
}

func parseDay(now time.Time, s, layout string) (time.Time, error) {
	t := now.In(beijing)
	if s != "" {
		var err error
		if t, err = time.ParseInLocation(layout, s, beijing); err != nil {
			return time.Time{}, err
		}
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, beijing), nil
}

// checkMetrics wants the metrics' names, or status codes such as "404" and
// "4xx".
func checkMetrics(wanted []string) *failure {
	if len(wanted) > maxStatMetrics {
		return failureOf(codes.InvalidStatMetric)
	}
	for _, name := range wanted {
		if !slices.Contains(metrics, name) && !isStatusMetric(name) {
			return failureOf(codes.InvalidStatMetric)
		}
	}
	return nil
}

func isStatusMetric(s string) bool {
	return len(s) == 3 && s[0] >= '1' && s[0] <= '5' &&
		(s[1:] == "xx" || (s[1] >= '0' && s[1] <= '9' && s[2] >= '0' && s[2] <= '9'))
}

// figure is a made-up value that is always the same for the same question.
func figure(host, metric string, day time.Time) int {
	h := fnv.New32a()
	fmt.Fprint(h, host, "|", metric, "|", day.Format(time.DateOnly))
	n := int(h.Sum32() % 1000)
	switch {
	case metric == "flux":
		return (n + 1) << 20 // bytes
	case metric == "bandwidth":
		return (n + 1) << 10 // bit/s
	case metric == "delay":
		return 10 + n%90 // ms
	case metric == "request":
		return 1000 + n
	}
	return n / 10 // answers with a status code
}

// summary is a metric over days: a sum, for bandwidth the peak, for delay the
// mean.
func summary(host, metric string, over []time.Time) int {
	total, peak := 0, 0
	for _, day := range over {
		v := figure(host, metric, day)
		total, peak = total+v, max(peak, v)
	}
	switch metric {
	case "bandwidth":
		return peak
	case "delay":
		return total / len(over)
	}
	return total
}

// selected returns the domains of a query: those named, else those of the
// projects, else all.
func (m *module) selected(names []string, projects []int) ([]*domain, *failure) {
	if len(names) == 0 {
		all := m.list(false)
		return slices.DeleteFunc(all, func(d *domain) bool {
			return len(projects) > 0 && !slices.Contains(projects, d.ProjectID)
		}), nil
	}
	if len(names) > maxStatHosts {
		return nil, malformed("hosts")
	}
	var found []*domain
	for _, name := range names {
		d, ok := m.named(name)
		if !ok {
			return nil, failureOf(codes.DomainNotFound)
		}
		found = append(found, d)
	}
	return found, nil
}

// logURLs are the addresses of a domain's hourly logs of a day. No domain was
// visited before it was made.
func (d *domain) logURLs(day, now time.Time) []logURL {
	var all []logURL
	for hour := range 24 {
		from := day.Add(time.Duration(hour) * time.Hour)
		if from.Before(d.created) || now.Sub(from) < 2*time.Hour {
			continue
		}
		all = append(all, logURL{from, fmt.Sprintf("http://log.dsa.example.net/%s/%s.gz", d.Name, from.Format("2006010215"))})
	}
	return all
}

type logURL struct {
	from time.Time
	url  string
}
