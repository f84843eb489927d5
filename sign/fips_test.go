package sign_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

// In FIPS 140-only mode crypto/hmac panics on SHA-1 and on short keys. The mode is
// chosen when a program starts, so the test runs itself.
func TestFIPS140Only(t *testing.T) {
	if !strings.Contains(os.Getenv("GODEBUG"), "fips140=only") {
		self := exec.Command(os.Args[0], "-test.run=^TestFIPS140Only$", "-test.v")
		self.Env = append(os.Environ(), "GODEBUG=fips140=only")
		out, err := self.CombinedOutput()
		if strings.Contains(string(out), "not supported") {
			t.Skipf("no FIPS 140 mode here: %s", out)
		}
		if err != nil || !strings.Contains(string(out), "PASS: TestFIPS140Only") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	keys := sign.Static(testID, testKey, "")
	for name, tt := range map[string]struct {
		signer signer
		want   error
	}{
		"HmacSHA1":          {&sign.V1{Credentials: keys}, sign.ErrFIPS},
		"HmacSHA256":        {&sign.V1{Credentials: keys, Method: sign.HmacSHA256}, nil},
		"TC3":               {&sign.TC3{Credentials: keys}, nil},
		"HmacSHA256, short": {&sign.V1{Credentials: sign.Static(testID, "short", ""), Method: sign.HmacSHA256}, sign.ErrFIPS},
		"TC3, short":        {&sign.TC3{Credentials: sign.Static(testID, "short", "")}, sign.ErrFIPS},
	} {
		err := tt.signer.Sign(newRequest(t, "POST", endpoint, formType, "a=b"))
		if !errors.Is(err, tt.want) || err != nil && !errors.Is(err, sign.ErrUnsupported) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if err != nil && !strings.Contains(err.Error(), "HmacSHA256") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
