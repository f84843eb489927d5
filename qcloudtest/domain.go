package qcloudtest

import "time"

// A Domain is the state of an accelerated domain.
type Domain struct {
	ID        int    // the hostId
	Name      string // such as "www.example.com"
	Origin    string // such as "origin.example.com:80"; "" becomes "origin." + Name
	ProjectID int
	Offline   bool
	Locked    bool // changes are answered with 2003
	Banned    bool // changes are answered with 2006

	// DeployedAt is when the last deployment ends or ended. Until then changes
	// are answered with 1014 and GetDsaHostInfo's progress is 1. The zero time
	// has passed.
	DeployedAt time.Time
}

// domain is a Domain with what only the module needs.
type domain struct {
	Domain
	https, rspHeader string // JSON, or ""
	created, updated time.Time
	changed          time.Time // by a call, for 2010
	beenOnline       bool      // before the deployment that runs, if one does
	deleted          bool
}

func (d *domain) deploying(now time.Time) bool { return now.Before(d.DeployedAt) }

// neverOnline tells whether the domain's first deployment still runs.
func (d *domain) neverOnline(now time.Time) bool { return d.deploying(now) && !d.beenOnline }

func (d *domain) cname() string { return d.Name + ".dsa.example.net" }

func (d *domain) status() string {
	if d.Offline {
		return "offline"
	}
	return "online"
}

// setting is what CreateDsaHost and UpdateDsaHostInfo set; nil leaves a value.
type setting struct {
	origin, https, rspHeader *string
	projectID                *int
}

func (d *domain) apply(s setting) {
	if s.origin != nil {
		d.Origin = *s.origin
	}
	if s.https != nil {
		d.https = *s.https
	}
	if s.rspHeader != nil {
		d.rspHeader = *s.rspHeader
	}
	if s.projectID != nil {
		d.ProjectID = *s.projectID
	}
}

// beijing is the time zone of the vendor's dates.
var beijing = time.FixedZone("CST", 8*60*60)

func dateTime(t time.Time) string { return t.In(beijing).Format(time.DateTime) }
