package qcloudtest

import "time"

// statQuery3 reads the parameters of API 3.0's statistics.
func statQuery3(m *module, now time.Time, c *call) (q statQuery, f *failure) {
	p, f := decode3[struct {
		StartTime, EndTime string
		Metrics, Domains   []string
		Projects           []int
	}](c)
	if f != nil {
		return q, f
	}
	for i, required := range []string{p.StartTime, p.EndTime} {
		if required == "" {
			return q, missing([]string{"StartTime", "EndTime"}[i])
		}
	}
	if q.days, f = days(now, p.StartTime, p.EndTime, time.DateTime); f != nil {
		return q, f
	}
	q.metrics = p.Metrics
	if f = checkMetrics(q.metrics); f != nil {
		return q, f
	}
	q.hosts, f = m.selected(p.Domains, p.Projects)
	return q, f
}

func describeStatistics3(m *module, now time.Time, c *call) (any, *failure) {
	q, f := statQuery3(m, now, c)
	if f != nil {
		return nil, f
	}
	data := []object{}
	for _, d := range q.hosts {
		points := []object{}
		for _, day := range q.days {
			values := []int{}
			for _, metric := range q.metrics {
				values = append(values, figure(d.Name, metric, day))
			}
			points = append(points, object{"Time": dateTime(day), "Value": values})
		}
		data = append(data, object{
			"Resource": d.Name,
			"EcdnData": object{"Metrics": q.metrics, "DetailData": points},
		})
	}
	return object{"Data": data}, nil
}

func describeDomainStatistics3(m *module, now time.Time, c *call) (any, *failure) {
	q, f := statQuery3(m, now, c)
	if f != nil {
		return nil, f
	}
	data := []object{}
	for _, d := range q.hosts {
		details := []object{}
		for _, metric := range q.metrics {
			details = append(details, object{"Name": metric, "Value": summary(d.Name, metric, q.days)})
		}
		data = append(data, object{"Resource": d.Name, "DetailData": details})
	}
	return object{"Data": data, "TotalCount": len(data)}, nil
}

func describeDomainLogs3(m *module, now time.Time, c *call) (any, *failure) {
	p, f := decode3[struct {
		paging
		Domain, StartTime, EndTime string
	}](c)
	if f != nil {
		return nil, f
	}
	d, f := m.domain3(p.Domain)
	if f != nil {
		return nil, f
	}
	span, f := days(now, p.StartTime, p.EndTime, time.DateTime)
	if f != nil {
		return nil, f
	}
	all := []object{}
	for _, day := range span {
		for _, l := range d.logURLs(day, now) {
			all = append(all, object{
				"StartTime": dateTime(l.from), "EndTime": dateTime(l.from.Add(time.Hour)), "LogPath": l.url,
			})
		}
	}
	return object{"DomainLogs": pageOf(all, p.Offset, p.limit(100)), "TotalCount": len(all)}, nil
}
