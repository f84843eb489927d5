package qcloudtest

import "time"

// statQuery is what the queries of statistics have in common.
type statQuery struct {
	metrics []string
	hosts   []*domain
	days    []time.Time
}

func (c *call) statQuery(m *module, now time.Time) (q statQuery, f *failure) {
	names, f := list[string](c, "hosts")
	if f != nil {
		return q, f
	}
	projects, f := list[int](c, "projects")
	if f != nil {
		return q, f
	}
	if q.days, f = days(now, c.params["startDate"], c.params["endDate"], time.DateOnly); f != nil {
		return q, f
	}
	if q.metrics, f = list[string](c, "metrics"); f != nil { // one metric may come without brackets
		q.metrics = []string{c.params["metrics"]}
	}
	if f = checkMetrics(q.metrics); f != nil {
		return q, f
	}
	q.hosts, f = m.selected(names, projects)
	return q, f
}

// getDsaStatistics gives each day's figures of each domain.
func getDsaStatistics(m *module, now time.Time, c *call) (any, *failure) {
	return c.statistics(m, now, func(q statQuery, host string) object {
		series := object{}
		for _, metric := range q.metrics {
			points := []int{}
			for _, day := range q.days {
				points = append(points, figure(host, metric, day))
			}
			series[metric] = points
		}
		return object{"host": host, "data": series}
	})
}

// getDsaHostStatistics gives the figures of each domain over all days.
func getDsaHostStatistics(m *module, now time.Time, c *call) (any, *failure) {
	return c.statistics(m, now, func(q statQuery, host string) object {
		row := object{"host": host}
		for _, metric := range q.metrics {
			row[metric] = summary(host, metric, q.days)
		}
		return row
	})
}

// statistics gives a row of the metrics asked for, for each domain.
func (c *call) statistics(m *module, now time.Time, row func(q statQuery, host string) object) (any, *failure) {
	if c.params["metrics"] == "" {
		return nil, missing("metrics")
	}
	q, f := c.statQuery(m, now)
	if f != nil {
		return nil, f
	}
	data := []object{}
	for _, d := range q.hosts {
		data = append(data, row(q, d.Name))
	}
	return data, nil
}

// getDsaHostLogs gives the addresses of the domains' logs, an hour each.
func getDsaHostLogs(m *module, now time.Time, c *call) (any, *failure) {
	if c.params["hosts"] == "" {
		return nil, missing("hosts")
	}
	q, f := c.statQuery(m, now)
	if f != nil {
		return nil, f
	}
	data := []object{}
	for _, d := range q.hosts {
		logs := []object{}
		for _, day := range q.days {
			for _, l := range d.logURLs(day, now) {
				logs = append(logs, object{"date": dateTime(l.from), "url": l.url})
			}
		}
		data = append(data, object{"host": d.Name, "logs": logs})
	}
	return data, nil
}
