package qcloudhttp

import "github.com/qcloudhttp/qcloudhttp/codes"

// classes are this package's names of the classes of package codes.
var classes = [codes.ClassOK + 1]Class{
	codes.ClassUnknown:          Unknown,
	codes.ClassThrottled:        Throttled,
	codes.ClassBusy:             Busy,
	codes.ClassUnavailable:      Unavailable,
	codes.ClassInternal:         Internal,
	codes.ClassNetwork:          Network,
	codes.ClassFailed:           Failed,
	codes.ClassSignatureExpired: Stale,
	codes.ClassReplayed:         Stale,
	codes.ClassAuth:             Auth,
	codes.ClassDenied:           Denied,
	codes.ClassAccountState:     Account,
	codes.ClassDomainState:      Domain,
	codes.ClassConflict:         Conflict,
	codes.ClassNotFound:         NotFound,
	codes.ClassOriginConfig:     Origin,
	codes.ClassCertificate:      Certificate,
	codes.ClassInvalid:          Invalid,
	codes.ClassPartial:          Partial,
	codes.ClassUnsupported:      Unsupported,
	codes.ClassOK:               OK,
}

// commonClasses and moduleClasses are the classes of the common codes and of the
// module codes of DSA and ECDN.
var commonClasses, moduleClasses = classesOf(""), classesOf("dsa")

func classesOf(product string) map[codes.Code]Class {
	m := map[codes.Code]Class{}
	for _, info := range codes.All() {
		if info.Product == product {
			m[info.Code] = classes[info.Class]
		}
	}
	return m
}

// text is what package codes says of the class.
func (c Class) text() codes.Text {
	for i, same := range classes {
		if same == c {
			return codes.Class(i).Text()
		}
	}
	return codes.Text{}
}
