package qcloudtest

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// appID is the account's number.
const appID = 1250000000

// number reads an optional non-negative integer of API 2.0.
func (c *call) number(name string, otherwise int) (int, *failure) {
	s := c.params[name]
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0, malformed(name)
	}
	return int(n), nil
}

// text returns a parameter if it was sent.
func (c *call) text(name string) *string {
	if s, ok := c.params[name]; ok {
		return &s
	}
	return nil
}

// list reads an optional JSON array.
func list[T any](c *call, name string) ([]T, *failure) {
	s := c.params[name]
	if s == "" {
		return nil, nil
	}
	var all []T
	if json.Unmarshal([]byte(s), &all) != nil {
		return nil, malformed(name)
	}
	return all, nil
}

// host finds the domain that hostId names, or host where there is no hostId.
func (c *call) host(m *module) (*domain, *failure) {
	id := c.params["hostId"]
	if id == "" && c.params["host"] != "" {
		if d, ok := m.named(c.params["host"]); ok {
			return d, nil
		}
		return nil, failureOf(codes.DomainNotFound)
	}
	if id == "" {
		return nil, missing("hostId")
	}
	return m.hostByID(id)
}

func (m *module) hostByID(id string) (*domain, *failure) {
	n, err := strconv.Atoi(id)
	if err != nil {
		return nil, malformed("hostId")
	}
	if d, ok := m.byID[n]; ok {
		return d, nil
	}
	return nil, failureOf(codes.DomainNotFound)
}

// setting reads the parameters that CreateDsaHost and UpdateDsaHostInfo share.
func (c *call) setting() (setting, *failure) {
	s := setting{origin: c.text("origin"), https: c.text("https"), rspHeader: c.text("rspHeader")}
	if id := c.text("projectId"); id != nil {
		n, err := strconv.ParseUint(*id, 10, 31)
		if err != nil {
			return s, failureOf(codes.InvalidProjectID)
		}
		project := int(n)
		s.projectID = &project
	}
	return s, nil
}

// batchIDs are hostIds.0, hostIds.1 and so on.
func (c *call) batchIDs() []string {
	var ids []string
	for i := 0; ; i++ {
		id, ok := c.params[fmt.Sprintf("hostIds.%d", i)]
		if !ok {
			return ids
		}
		ids = append(ids, id)
	}
}
