package sign_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

func TestLearnTime(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name   string
		server []time.Duration // the server's clock minus ours, in the order learnt
		want   time.Duration
	}{
		{"nothing learnt", nil, 0},
		{"agreeing clocks", []time.Duration{0}, 0},
		{"ours behind", []time.Duration{600 * s}, 600 * s},
		{"ours ahead", []time.Duration{-7200 * s}, -7200 * s},
		{"ours in 1970", []time.Duration{50 * 365 * 24 * time.Hour}, 50 * 365 * 24 * time.Hour},
		{"the last one holds", []time.Duration{600 * s, 599 * s, 601 * s}, 601 * s},
		{"another server", []time.Duration{600 * s, 610 * s}, 610 * s},
		{"our clock was set right", []time.Duration{600 * s, 0}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v1 := &sign.V1{Credentials: sign.Static(testID, testKey, "")}
				tc3 := &sign.TC3{Credentials: sign.Static(testID, testKey, "")}
				for _, offset := range tt.server {
					v1.LearnTime(time.Now().Round(0).Add(offset))
					tc3.LearnTime(time.Now().Round(0).Add(offset))
					time.Sleep(10 * time.Second) // time that passes is no skew
				}
				if v1.Skew() != tt.want || tc3.Skew() != tt.want {
					t.Errorf("skews %v and %v, want %v", v1.Skew(), tc3.Skew(), tt.want)
				}
				want := time.Now().Add(tt.want).Unix()
				if got := v1Time(t, v1).Unix(); got != want {
					t.Errorf("V1 timestamp %d, want %d", got, want)
				}
				if got := tc3Time(t, tc3).Unix(); got != want {
					t.Errorf("TC3 timestamp %d, want %d", got, want)
				}
			})
		})
	}
}

func TestLearnTimeOfNonsense(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signer := &sign.V1{Credentials: sign.Static(testID, testKey, "")}
		signer.LearnTime(time.Time{})
		if signer.Skew() != 0 {
			t.Errorf("the zero time taught a skew of %v", signer.Skew())
		}
		for _, seconds := range []int64{math.MaxInt64, math.MinInt64, 1 << 40, -1 << 40} {
			signer.LearnTime(time.Unix(seconds, 0))
		}
		signer.LearnTime(time.Now())
		if signer.Skew() != 0 {
			t.Errorf("a right time after wrong ones leaves a skew of %v", signer.Skew())
		}
	})
}

func v1Time(t *testing.T, signer *sign.V1) time.Time {
	t.Helper()
	req := newRequest(t, "POST", endpoint, formType, "Action=A")
	if err := signer.Sign(req); err != nil {
		t.Fatal(err)
	}
	stamp, ok := sign.V1Stamp(req)
	if !ok {
		t.Fatal("no stamp")
	}
	return stamp.Timestamp
}

func tc3Time(t *testing.T, signer *sign.TC3) time.Time {
	t.Helper()
	req := newRequest(t, "POST", "https://cdn.tencentcloudapi.com", jsonType, "{}")
	if err := signer.Sign(req); err != nil {
		t.Fatal(err)
	}
	if err := sign.VerifyTC3(req, testKey); err != nil {
		t.Errorf("VerifyTC3: %v", err)
	}
	stamp, _ := sign.TC3Stamp(req)
	return stamp.Timestamp
}
