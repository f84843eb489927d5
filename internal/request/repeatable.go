package request

// repeatable holds the mutations that do no harm when they run twice, with
// what makes it so.
var repeatable = map[string]string{
	// DSA. The domain, or the account, is the key of what they change.
	"CreateDsaHost":     "a domain that exists is answered 2001",
	"OnlineDsaHost":     "a domain that is online stays so (10105)",
	"OfflineDsaHost":    "a domain that is offline stays so (2005, 10104)",
	"DeleteDsaHost":     "a domain that is gone is answered 2000",
	"UpdateDsaHostInfo": "the same settings are stored again",
	"FlushCache":        "what was purged is purged again",
	"RegisterDsaUser":   "a user that exists is answered 1101",
	"UpdateDsaUserInfo": "the same settings are stored again",

	// CDN and ECDN of API 3.0.
	"AddCdnDomain":          "a domain that exists is refused",
	"StartCdnDomain":        "a domain that is online stays so",
	"StopCdnDomain":         "a domain that is offline stays so",
	"DeleteCdnDomain":       "a domain that is gone is answered not found",
	"UpdateDomainConfig":    "the same settings are stored again",
	"ModifyDomainConfig":    "the same settings are stored again",
	"DuplicateDomainConfig": "the same settings are copied to the same domains",
	"UpdateImageConfig":     "the same settings are stored again",
	"PurgeUrlsCache":        "what was purged is purged again",
	"PurgePathCache":        "what was purged is purged again",
	"PushUrlsCache":         "what was prefetched is prefetched again",
	"AddCLSTopicDomains":    "a domain that is in the topic stays there",
	"ManageClsTopicDomains": "the topic gets the same list of domains",
	"EnableClsLogTopic":     "a topic that is enabled stays so",
	"DisableClsLogTopic":    "a topic that is disabled stays so",
	"DeleteClsLogTopic":     "a topic that is gone is answered not found",
}

// Repeatable reports whether a mutation does no harm when it runs twice.
func Repeatable(name string) bool { return repeatable[name] != "" }
