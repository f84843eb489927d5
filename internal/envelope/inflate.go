package envelope

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// coding is a Content-Encoding.
type coding uint8

const (
	identity coding = iota
	gzipped
	deflated // in zlib's format or bare: servers send both under this name
	opaque   // one that is not seen through
)

func codingOf(h http.Header) coding {
	values := h["Content-Encoding"]
	switch len(values) {
	case 0:
		return identity
	case 1:
	default:
		return opaque
	}
	switch strings.ToLower(strings.TrimSpace(values[0])) {
	case "", "identity":
		return identity
	case "gzip", "x-gzip":
		return gzipped
	case "deflate":
		return deflated
	}
	return opaque
}

// inflater undoes a body's coding and records the body as it came. It reads
// no further than the decompressor asks for: where a server flushes its
// compressor, the text so far can be had before the next bytes arrive.
type inflater struct {
	raw  recorder
	kind coding
	text io.Reader // the decompressor in use; nil before the first Read

	// Kept for the next body.
	gzip  *gzip.Reader
	flate io.ReadCloser
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// newInflater takes over raw, which has read piece, until release.
func newInflater(raw *recorder, piece []byte, kind coding) *inflater {
	f := inflaters.Get().(*inflater)
	f.kind = kind
	f.raw = *raw
	f.raw.ahead = piece
	return f
}

// release gives f back, and raw what was recorded.
func (f *inflater) release(raw *recorder) {
	*raw = f.raw
	f.raw, f.text = recorder{}, nil
	inflaters.Put(f)
}

func (f *inflater) Read(p []byte) (int, error) {
	if f.text == nil {
		if err := f.start(); err != nil {
			return 0, err
		}
	}
	return f.text.Read(p)
}

func (f *inflater) start() error {
	if f.kind == gzipped {
		return f.startGzip()
	}
	return f.startDeflate()
}

func (f *inflater) startGzip() error {
	if f.gzip == nil {
		f.gzip = new(gzip.Reader)
	}
	if err := f.gzip.Reset(&f.raw); err != nil {
		return err
	}
	f.text = f.gzip
	return nil
}

func (f *inflater) startDeflate() error {
	if err := f.skipZlibHeader(); err != nil {
		return err
	}
	if f.flate == nil {
		f.flate = flate.NewReader(&f.raw)
	} else if err := f.flate.(flate.Resetter).Reset(&f.raw, nil); err != nil {
		return err
	}
	f.text = f.flate
	return nil
}

var errZlibHeader = errors.New("envelope: bad zlib header")

// skipZlibHeader leaves out zlib's header (RFC 1950), if there is one. The
// first byte tells: its low half is 8, which at the front of a bare deflate
// stream would be a stored block with ones in its padding. zlib's checksum is
// for the caller to verify, who reads the body to its end.
func (f *inflater) skipZlibHeader() error {
	if err := f.raw.fill(); err != nil {
		return err
	}
	cmf := f.raw.ahead[0]
	if cmf&0x0F != 8 {
		return nil
	}
	f.raw.ahead = f.raw.ahead[1:]
	flg, err := f.raw.ReadByte()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	const presetDictionary = 0x20
	if cmf>>4 > 7 || (uint(cmf)<<8|uint(flg))%31 != 0 || flg&presetDictionary != 0 {
		return errZlibHeader
	}
	return nil
}

// corrupt reports whether err, for which a body is taken for broken, says that
// it is not in its coding, rather than that it ended or could not be read.
func (f *inflater) corrupt(err error) bool {
	return err != io.ErrUnexpectedEOF && err != io.ErrNoProgress && err != f.raw.err
}
