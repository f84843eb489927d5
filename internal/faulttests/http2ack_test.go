package faulttests

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// An HTTP/2 connection may fail to write an acknowledgement long after a request
// was read and executed, and then every call on it ends with that write's error.
// So it says nothing of the mutation: the same Nonce goes again, and the outcome
// is unknown.
func TestHTTP2WriteErrorOfAnAcknowledgement(t *testing.T) {
	for range 20 {
		addr := listen(t, func(c net.Conn) {
			if readHTTP2Request(c) == nil {
				c.Write(append([]byte{0, 0, 8, 6, 0, 0, 0, 0, 0}, "ping1234"...))
			}
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		})
		protocols := new(http.Protocols)
		protocols.SetUnencryptedHTTP2(true)
		base := &nonces{RoundTripper: &http.Transport{Protocols: protocols}}
		client := &qcloudhttp.Transport{Base: base, Policy: fast(), Signer: &sign.V1{Credentials: sign.Static("AKIDfaulttests", "key", "")}}
		_, err := client.RoundTrip(must(http.NewRequest(http.MethodGet, "http://"+addr+"/v2/index.php?Action=RunInstances", nil)))
		if !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("the outcome is said to be known: %v", err)
		}
		if len(slices.Compact(base.sent)) != 1 {
			t.Fatalf("it was signed anew after it may have been executed: %v", err)
		}
	}
}

// nonces is a base that keeps the Nonces it was given.
type nonces struct {
	http.RoundTripper
	sent []string
}

func (n *nonces) RoundTrip(r *http.Request) (*http.Response, error) {
	n.sent = append(n.sent, r.URL.Query().Get("Nonce"))
	return n.RoundTripper.RoundTrip(r)
}

// readHTTP2Request reads, by RFC 9113, a client's preface and frames, until a
// request is whole and our SETTINGS are acknowledged.
func readHTTP2Request(c net.Conn) error {
	const headers, settings, ack, endStream = 1, 4, 1, 1
	if _, err := io.ReadFull(c, make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return err
	}
	c.Write([]byte{0, 0, 0, settings, 0, 0, 0, 0, 0})
	for whole, acknowledged := false, false; !whole || !acknowledged; {
		head := make([]byte, 9)
		if _, err := io.ReadFull(c, head); err != nil {
			return err
		}
		length := int64(head[0])<<16 | int64(binary.BigEndian.Uint16(head[1:]))
		if _, err := io.CopyN(io.Discard, c, length); err != nil {
			return err
		}
		kind, flags := head[3], head[4]
		whole = whole || kind <= headers && flags&endStream != 0
		acknowledged = acknowledged || kind == settings && flags&ack != 0
	}
	return nil
}
