package limit

import ("fmt";"time")

func (a *Adaptive) Debug() string { p:=&a.pacer; return fmt.Sprintf("closed %v pace %.2f n %d d %.3f hits %d grow in %.2f safe %.2f banks %v q %.1f win %d %+v", p.closed, p.pace(time.Now()), p.accepted, time.Since(p.epoch).Seconds(), p.hits, time.Until(p.growFrom).Seconds(), p.safe, p.banks, p.quiet.Seconds(), p.window, p.win) }
