package sign

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"strconv"
	"sync"
	"sync/atomic"
)

const (
	halfBits = 31
	halfMask = 1<<halfBits - 1
	// Ten rounds, as NIST SP 800-38G uses for Feistel networks over domains as
	// small as this one.
	rounds = 10
)

// nonceSource counts from zero and passes each count through a secret
// permutation of the 62-bit numbers.
//
// Nonces never repeat, because a Feistel network is a permutation whatever its
// round function, so different counts give different nonces until 2^62 of them
// are spent. They cannot be predicted, because the round function is AES with a
// random key of this process (Luby and Rackoff, 1988). Two processes have
// different keys and so draw independently: n nonces of one account within the
// API's window collide with probability below n²/2^63.
type nonceSource struct {
	block cipher.Block
	next  atomic.Uint64
}

// processNonces serves all signers, so that two of them with the same SecretID
// never use a nonce twice.
var processNonces = sync.OnceValue(newNonceSource)

func newNonceSource() *nonceSource {
	var key [16]byte
	_, _ = rand.Read(key[:])          // documented never to fail
	block, _ := aes.NewCipher(key[:]) // fails for other key sizes only
	return &nonceSource{block: block}
}

// nonce returns a number from 1 to 2^62 in decimal: positive, and within a
// signed 64-bit integer. The vendor asks for a random positive integer.
func (s *nonceSource) nonce() string {
	return strconv.FormatUint(s.permute(s.next.Add(1)-1)+1, 10)
}

func (s *nonceSource) permute(n uint64) uint64 {
	left, right := n>>halfBits&halfMask, n&halfMask
	var scratch [aes.BlockSize]byte
	for round := range byte(rounds) {
		left, right = right, left^s.mix(round, right, &scratch)
	}
	return left<<halfBits | right
}

// mix is the round function: the round's number and one half, encrypted.
func (s *nonceSource) mix(round byte, half uint64, scratch *[aes.BlockSize]byte) uint64 {
	*scratch = [aes.BlockSize]byte{round}
	binary.BigEndian.PutUint64(scratch[8:], half)
	s.block.Encrypt(scratch[:], scratch[:])
	return binary.BigEndian.Uint64(scratch[:]) & halfMask
}
