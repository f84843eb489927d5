package fleet

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/limit/redislimit"
)

// Config is what a worker is to do.
type Config struct {
	Name    string
	URL     string
	Redis   string // address; "" for a limiter of the worker's own
	Callers int    // each makes its next call when the last one has ended
	PauseMS int    // between the calls of a caller
}

// Report is one line that a worker writes: a change of mode, or at the end
// what became of its calls.
type Report struct {
	Worker     string
	Mode       string    `json:",omitempty"` // "shared" or "local", of a change
	Err        string    `json:",omitempty"`
	At         time.Time // of a change
	End        bool      `json:",omitempty"`
	OK, Failed int64     // calls, at the end
	LastErr    string    `json:",omitempty"`
	LongestMS  int64     // the longest call
}

// workerEnv holds the Config of a process that is to be a worker.
const workerEnv = "REDISLIMIT_FLEET_WORKER"

// Main makes a worker of this process, and ends it, if it was started by
// Start. It must be called first in main or TestMain.
func Main() {
	text := os.Getenv(workerEnv)
	if text == "" {
		return
	}
	var c Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if err := work(c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// work calls until standard input ends.
func work(c Config) error {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()

	w := &worker{out: json.NewEncoder(os.Stdout), Config: c}
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConnsPerHost = c.Callers
	transport := &qcloudhttp.Transport{Base: named{c.Name, base}}
	if c.Redis != "" {
		limiter, err := redislimit.New(redislimit.Config{
			Redis:    &redis.UniversalOptions{Addrs: []string{c.Redis}},
			OnChange: w.changed,
		})
		if err != nil {
			return err
		}
		defer limiter.Close()
		transport.Limiter = limiter
	}
	client := &http.Client{Transport: transport}

	var callers sync.WaitGroup
	for range c.Callers {
		callers.Go(func() {
			for ctx.Err() == nil {
				w.call(client)
				time.Sleep(time.Duration(c.PauseMS) * time.Millisecond)
			}
		})
	}
	callers.Wait()
	w.write(Report{End: true, OK: w.ok.Load(), Failed: w.failed.Load(), LongestMS: w.longest.Load()})
	return nil
}

type worker struct {
	Config
	mu      sync.Mutex
	out     *json.Encoder
	lastErr string

	ok, failed, longest atomic.Int64
}

// call makes one call and lets it end by itself.
func (w *worker) call(client *http.Client) {
	began := time.Now()
	resp, err := client.PostForm(w.URL, url.Values{"Action": {"GetDsaHostList"}})
	took := time.Since(began).Milliseconds()
	for {
		longest := w.longest.Load()
		if took <= longest || w.longest.CompareAndSwap(longest, took) {
			break
		}
	}
	if err != nil {
		w.failed.Add(1)
		w.mu.Lock()
		w.lastErr = err.Error()
		w.mu.Unlock()
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	w.ok.Add(1)
}

func (w *worker) changed(c redislimit.Change) {
	r := Report{Mode: c.Mode.String(), At: time.Now()}
	if c.Err != nil {
		r.Err = c.Err.Error()
	}
	w.write(r)
}

func (w *worker) write(r Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r.Worker, r.LastErr = w.Name, w.lastErr
	_ = w.out.Encode(r)
}

type named struct {
	name string
	http.RoundTripper
}

func (n named) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(nameHeader, n.name)
	return n.RoundTripper.RoundTrip(r)
}

// Worker is a process that calls.
type Worker struct {
	Name string

	cmd   *exec.Cmd
	stdin io.Closer
	done  chan struct{}

	mu      sync.Mutex
	reports []Report
}

// Start starts this program once more, as a worker. Main must be the first
// that it does.
func Start(c Config) (*Worker, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	w := &Worker{Name: c.Name, done: make(chan struct{})}
	w.cmd = exec.Command(os.Args[0])
	w.cmd.Env = append(os.Environ(), workerEnv+"="+string(text))
	w.cmd.Stderr = os.Stderr
	if w.stdin, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go w.read(out)
	return w, nil
}

func (w *Worker) read(out io.Reader) {
	defer close(w.done)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var r Report
		if json.Unmarshal(lines.Bytes(), &r) == nil {
			w.mu.Lock()
			w.reports = append(w.reports, r)
			w.mu.Unlock()
		}
	}
}

// Reports returns what the worker has written so far.
func (w *Worker) Reports() []Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Report(nil), w.reports...)
}

// Kill ends the worker without warning.
func (w *Worker) Kill() {
	_ = w.cmd.Process.Signal(syscall.SIGKILL)
	w.wait()
}

// Stop lets the worker end its calls and returns its last report.
func (w *Worker) Stop() (Report, error) {
	w.stdin.Close()
	if err := w.wait(); err != nil {
		return Report{}, fmt.Errorf("worker %s: %w", w.Name, err)
	}
	all := w.Reports()
	if len(all) == 0 || !all[len(all)-1].End {
		return Report{}, fmt.Errorf("worker %s ended without a report", w.Name)
	}
	return all[len(all)-1], nil
}

func (w *Worker) wait() error {
	<-w.done
	return w.cmd.Wait()
}
