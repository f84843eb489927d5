package codes

import "slices"

// twinGroups are sets of codes that overlap in meaning. The page says that
// there are such codes "for reasons of versions" but does not name them: the
// groups are read from its texts, and from API 3.0 giving two numbers one code.
// A code may be in more than one group; its twins are the members of all.
var twinGroups = [][]Code{
	// The same said by the gateway, the module and the ECDN configuration.
	{InvalidParameter, InvalidRequestParameter, InvalidConfigParameter},
	{InternalError, SystemError, ConfigSystemError},
	{QuotaExceeded, TooFrequent, OperationLimit},
	{UnsupportedVersion, InvalidAction, InvalidConfigAction},
	{ResourceNotFound, DomainNotFound, ConfigDomainNotFound},
	{OperationFailed, CommandFailed},
	{DomainNotOnline, DomainOffline, ConfigDomainOffline},
	{DomainBanned, DomainBlacklisted},
	{InvalidDomain, InvalidConfigHost},
	{InvalidProjectID, InvalidStatProjectID},

	// 4300 stands for a banned account and for one the action is not open to.
	{AccessDenied, UserBanned},
	{AccessDenied, NotVIPUser},

	// Permissions of a sub-account in CAM.
	{UnauthorizedAction, UnauthorizedActionResource, PermissionDenied},
	{UnauthorizedResource, UnauthorizedActionResource},
}

func twinsOf(c Code) []Code {
	var twins []Code
	for _, group := range twinGroups {
		if !slices.Contains(group, c) {
			continue
		}
		for _, other := range group {
			if other != c {
				twins = append(twins, other)
			}
		}
	}
	slices.Sort(twins)
	return slices.Compact(twins)
}
