package envelope

import "compress/gzip"

// isZip reports whether the body begins with a byte that no JSON begins with and
// gzip does.
func (b *body) isZip() bool { return len(b.head) > 0 && b.head[0] == 0x1F }

// text is what has come of the body as plain text.
func (b *body) text() []byte {
	switch {
	case b.zip != nil:
		return b.zip.head
	case b.isZip():
		return nil
	}
	return b.head
}

// moreText waits for more of the text. The error says why there is none.
func (b *body) moreText() error {
	if !b.isZip() {
		return b.more(b.window)
	}
	if b.zip == nil {
		plain, err := gzip.NewReader(&zipped{body: b})
		if err != nil {
			return err
		}
		b.zip = &body{src: plain}
	}
	return b.zip.more(b.window)
}

// zipped is what gzip reads: the head of a body, as it comes.
type zipped struct {
	*body
	read int
}

func (z *zipped) Read(p []byte) (int, error) {
	if z.read == len(z.head) {
		if err := z.more(z.window); err != nil {
			return 0, err
		}
	}
	n := copy(p, z.head[z.read:])
	z.read += n
	return n, nil
}
