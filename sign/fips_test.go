package sign_test

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

// A process that may use FIPS 140-3's algorithms only panics at SHA-1. For the
// signer's caller that is an error, and HmacSHA256 works.
func TestV1UnderFIPSOnly(t *testing.T) {
	const only = "fips140=only"
	if os.Getenv("GODEBUG") != only {
		self := exec.Command(os.Args[0], "-test.run=^TestV1UnderFIPSOnly$", "-test.v")
		self.Env = append(os.Environ(), "GODEBUG="+only)
		if out, err := self.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
		return
	}
	for method, want := range map[string]error{sign.HmacSHA1: sign.ErrUnsupported, sign.HmacSHA256: nil} {
		s := &sign.V1{SecretID: "the-id", SecretKey: "a-key-of-more-than-fourteen-bytes", Method: method}
		if err := s.Sign(newRequest(t, "POST", endpoint, formType, "Action=GetX")); !errors.Is(err, want) {
			t.Errorf("%s: %v", method, err)
		}
	}
}
