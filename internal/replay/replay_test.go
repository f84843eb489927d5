package replay_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/qcloudhttp/qcloudhttp/internal/replay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// once is a body without GetBody that counts its Close calls.
type once struct {
	io.Reader
	closed int
}

func (o *once) Close() error { o.closed++; return nil }

func request(t *testing.T, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://h/", body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t *testing.T, s *replay.Source) string {
	t.Helper()
	body, err := s.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestGetsTheWholeBodyAgain(t *testing.T) {
	for name, body := range map[string]io.Reader{
		"none": nil, "GetBody": strings.NewReader("0123456789"), "buffered": &once{Reader: strings.NewReader("0123456789")},
	} {
		s, err := replay.New(t.Context(), request(t, body), 10)
		if err != nil {
			t.Fatal(err)
		}
		first, again := read(t, s), read(t, s)
		if first != again || body != nil && first != "0123456789" || !s.Again() {
			t.Errorf("%s: %q, then %q", name, first, again)
		}
		if o, ok := body.(*once); ok && o.closed == 0 {
			t.Errorf("%s: the caller's body is still open", name)
		}
	}
}

func TestSentOnce(t *testing.T) {
	for name, known := range map[string]int64{"unknown length": -1, "known length": 11} {
		body := &once{Reader: strings.NewReader("0123456789x")}
		r := request(t, body)
		r.ContentLength = known
		s, err := replay.New(t.Context(), r, 10)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, s); got != "0123456789x" || body.closed != 1 {
			t.Errorf("%s: got %q, closed %d times", name, got, body.closed)
		}
		if _, err := s.Get(); !errors.Is(err, replay.ErrOnce) || s.Again() || s.GetBody() != nil {
			t.Errorf("%s: again gives %v", name, err)
		}
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("broken")
	body := &once{Reader: io.MultiReader(strings.NewReader("x"), errReader{broken})}
	if _, err := replay.New(t.Context(), request(t, body), 10); !errors.Is(err, broken) || body.closed != 1 {
		t.Errorf("got %v, closed %d times", err, body.closed)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// A body that never comes does not outlast the context.
func TestContextEnds(t *testing.T) {
	pr, pw := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := replay.New(ctx, request(t, pr), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := pw.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the body is still open: %v", err)
	}
}
