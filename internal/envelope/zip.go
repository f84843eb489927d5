package envelope

import "compress/gzip"

// unzipped returns a body of what gzip makes of b, or b itself unless it begins
// with a byte that no JSON begins with and gzip does.
func (b *body) unzipped() *body {
	for len(b.head) == 0 && b.more(b.window) == nil {
	}
	if len(b.head) == 0 || b.head[0] != 0x1F {
		return b
	}
	text := &body{window: b.window}
	b.unzip(text)
	return text
}

// unzip begins to make of b the plain text.
func (b *body) unzip(text *body) {
	plain, err := gzip.NewReader(&zipped{body: b})
	text.src, text.head, text.err = plain, text.head[:0], err
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
