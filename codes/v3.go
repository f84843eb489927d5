package codes

import (
	"slices"

	"github.com/qcloudhttp/qcloudhttp/internal/prefixes"
)

// v3Rows maps API 3.0's codes to v2's, the nearest first. The vendor publishes
// no such table. Rows marked "same" have near-identical texts on both of the
// vendor's lists, the others are judgement.
var v3Rows = []struct {
	v3 string
	v2 []Code
}{
	{"AuthFailure.SignatureFailure", []Code{AuthFailure}},
	{"AuthFailure.SecretIdNotFound", []Code{SecretIDNotFound}},
	{"AuthFailure.TokenFailure", []Code{TokenFailure}},
	{"AuthFailure.MFAFailure", []Code{MFAFailure}},
	{"AuthFailure.SignatureExpire", []Code{RequestExpired}},
	{"RequestLimitExceeded", []Code{QuotaExceeded}}, // same
	{"InternalError", []Code{InternalError}},
	{"ServiceUnavailable", []Code{ServiceUnavailable}},
	{"InvalidParameter", []Code{InvalidParameter}},
	{"ResourceNotFound", []Code{ResourceNotFound}},
	{"UnsupportedProtocol", []Code{UnsupportedProtocol}},

	{"InternalError.EcdnDbError", []Code{CommandFailed}},
	{"InternalError.EcdnConfigError", []Code{ConfigSystemError}},
	{"ResourceInUse.EcdnOpInProgress", []Code{OperationInProgress}}, // same
	{"UnauthorizedOperation.EcdnUserIsSuspended", []Code{UserBanned, UserInArrears}},
	{"UnauthorizedOperation.EcdnCamUnauthorized", []Code{PermissionDenied}},
	{"LimitExceeded.EcdnUserTooManyDomains", []Code{TooManyDomains}}, // same

	{"ResourceNotFound.EcdnDomainNotExists", []Code{DomainNotFound}},                      // same
	{"ResourceNotFound.CdnHostNotExists", []Code{DomainNotFound}},                         // same
	{"ResourceInUse.EcdnDomainExists", []Code{DomainExists}},                              // same
	{"ResourceUnavailable.CdnHostNoIcp", []Code{DomainNotFiled}},                          // same
	{"ResourceUnavailable.EcdnDomainIsLocked", []Code{DomainLocked}},                      // same
	{"ResourceUnavailable.EcdnDomainIsNotOnline", []Code{DomainOffline, DomainNotOnline}}, // 2005 same
	{"LimitExceeded.EcdnDomainOpTooOften", []Code{TooFrequent}},                           // same
	{"UnauthorizedOperation.CdnHostIsToApplyHost", []Code{RestrictedDomain}},
	{"InvalidParameter.CdnHostTooLongHost", []Code{DomainTooLong}}, // same

	{"InvalidParameter.EcdnCertNoCertInfo", []Code{CertificateUnparsable}}, // same
	{"InvalidParameter.EcdnStatInvalidDate", []Code{InvalidStatTime}},
	{"InvalidParameter.EcdnStatInvalidMetric", []Code{InvalidStatMetric}},
}

// FromV3 returns the v2 codes that correspond to a code of API 3.0, the nearest
// first, and nil where there is none. The text is compared exactly, with letter
// case. A sub-code without an entry of its own counts as its parent where that
// has one: "RequestLimitExceeded.UinLimitExceeded" is "RequestLimitExceeded"
// and so 4400. The caller may change the slice.
//
// The two APIs were never mapped by their vendor: some pairs have the same
// text in both, the others are judgement.
func FromV3(text string) []Code {
	for prefix := range prefixes.Of(text) {
		for _, r := range v3Rows {
			if r.v3 == prefix {
				return slices.Clone(r.v2)
			}
		}
	}
	return nil
}

func v3Of(c Code) []string {
	var texts []string
	for _, r := range v3Rows {
		if slices.Contains(r.v2, c) {
			texts = append(texts, r.v3)
		}
	}
	return texts
}
