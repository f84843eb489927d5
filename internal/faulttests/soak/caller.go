package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
)

// caller makes calls of every kind, one after the other.
type caller struct {
	w    *world
	rand *rand.Rand
}

func newCaller(w *world, seed uint64) *caller {
	return &caller{w: w, rand: rand.New(rand.NewPCG(seed, 1))}
}

// call makes one call, and closes what it gets.
func (c *caller) call() {
	ctx := context.Background()
	if c.rand.IntN(50) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(c.rand.IntN(5000))*time.Microsecond)
		defer cancel()
	}
	resp, err := c.w.transports[c.rand.IntN(len(c.w.transports))].RoundTrip(c.request(ctx))
	if err != nil {
		c.w.note(nameOf(err))
		return
	}
	defer resp.Body.Close()
	if c.rand.IntN(20) == 0 {
		c.w.note("response, closed unread")
		return
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		c.w.note("response, broken off")
		return
	}
	c.w.note("response, read")
}

// request is a read or a mutation, of one of many actions and of several
// hosts, with or without a body, of which some can be had again.
func (c *caller) request(ctx context.Context) *http.Request {
	verb := [...]string{"Describe", "Get", "List", "Update", "Delete"}[c.rand.IntN(5)]
	url := fmt.Sprintf("http://h%d.example/v2/index.php?Action=%s%d", c.rand.IntN(4), verb, c.rand.IntN(3000))
	if c.rand.IntN(2) == 0 {
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		return r
	}
	form := []byte("host=www.example.com")
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, url, c.w.body(bytes.NewReader(form)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.ContentLength = int64(len(form))
	if c.rand.IntN(2) == 0 {
		r.GetBody = func() (io.ReadCloser, error) { return c.w.body(bytes.NewReader(form)), nil }
	}
	return r
}

func nameOf(err error) string {
	giveUp, apiErr := new(qcloudhttp.GiveUpError), new(qcloudhttp.Error)
	switch {
	case errors.As(err, &giveUp):
		return "gave up: " + string(giveUp.Reason)
	case errors.As(err, &apiErr):
		return "permanent: " + apiErr.Class.String()
	}
	return "error: " + err.Error()
}
