package scenario

import "time"

// AttemptsInOutage are the attempts that arrived in the outage, for each call
// that was made in it.
func (r Run) AttemptsInOutage() float64 {
	in := func(at time.Duration) bool { return at >= r.s.OutageBegin && at < r.s.OutageEnd }
	attempts, calls := 0, 0
	for _, a := range r.Attempts {
		if in(a.At) {
			attempts++
		}
	}
	for _, c := range r.Calls {
		if in(c.Start) {
			calls++
		}
	}
	return float64(attempts) / float64(calls)
}

// PeakAfterOutage is the most attempts that arrived in any one second after
// the outage.
func (r Run) PeakAfterOutage() float64 {
	most, first := 0, 0
	for last, a := range r.Attempts {
		for r.Attempts[first].At < r.s.OutageEnd && first < last || a.At-r.Attempts[first].At >= time.Second {
			first++
		}
		if a.At >= r.s.OutageEnd {
			most = max(most, last-first+1)
		}
	}
	return float64(most)
}

// PromptAfterOutage is the time in seconds from the outage's end after which
// 99 of 100 new calls, to the end of the load, succeeded within a second.
func (r Run) PromptAfterOutage() float64 {
	late, all := 0, 0
	prompt := r.s.For - r.s.OutageEnd
	for i := len(r.Calls) - 1; i >= 0 && r.Calls[i].Start >= r.s.OutageEnd; i-- {
		all++
		if c := r.Calls[i]; !c.OK || c.Latency > time.Second {
			late++
		}
		if late*100 <= all {
			prompt = r.Calls[i].Start - r.s.OutageEnd
		}
	}
	return prompt.Seconds()
}
