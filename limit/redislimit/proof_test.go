package redislimit

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

var proof = flag.Bool("proof", false, "measure real processes on a real redis-server, for a minute")

// The proof: processes that share a quota through a redis-server, each with 8
// callers in a closed loop.
func TestProof(t *testing.T) {
	if !*proof {
		t.Skip("needs -proof, a redis-server, a minute and an idle machine")
	}
	for _, c := range []struct {
		limit, processes int
		tells            bool // the API tells the rate; else Options.Quota does
		trips            float64
	}{{50, 4, false, 1.5}, {200, 8, false, 0.5}, {10, 4, true, 1.5}} {
		t.Run(fmt.Sprintf("%d a second, %d processes, told %v", c.limit, c.processes, c.tells), func(t *testing.T) {
			const warm, measured = 5 * time.Second, 14 * time.Second
			server := startServer(t)
			api := &countingAPI{quota: qcloudtest.FixedWindow(c.limit, time.Second), limit: c.limit, accepted: map[string]int{}}
			endpoint := httptest.NewServer(api)
			t.Cleanup(endpoint.Close)
			p := process{Redis: server.Options().Addr, API: endpoint.URL}
			if !c.tells {
				p.Limit = c.limit
			}
			for i := range c.processes {
				p.Name = strconv.Itoa(i)
				p.start(t)
			}

			time.Sleep(warm)
			api.reset()
			before := trips(t, server)
			time.Sleep(measured)
			api.mu.Lock()
			defer api.mu.Unlock()
			sum, least, most := 0, 1<<30, 0
			for i := range c.processes {
				n := api.accepted[strconv.Itoa(i)]
				sum, least, most = sum+n, min(least, n), max(most, n)
			}
			used := 100 * float64(sum) / (float64(c.limit) * measured.Seconds())
			rejected := 100 * float64(api.rejected) / float64(sum+api.rejected)
			shares := float64(most) / float64(max(least, 1))
			asked := float64(trips(t, server)-before) / float64(sum)
			t.Logf("used %.1f %%, rejected %.2f %%, shares within %.2f, %.2f round trips a call", used, rejected, shares, asked)
			if used < 97 || rejected > 2.5 || shares > 1.35 || asked > c.trips {
				t.Errorf("want 97 %%, 2.5 %%, 1.35 and %.2f", c.trips)
			}
		})
	}
}

// process is one that calls, as it is told in its environment.
type process struct {
	Name, Redis, API string
	Limit            int // a second; 0: nobody tells it
}

const processEnv = "REDISLIMIT_PROCESS"

func (p process) start(t *testing.T) {
	t.Helper()
	text, _ := json.Marshal(p)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), processEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // its end ends the process
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
}

func runProcess(text string) {
	var p process
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	client := redis.NewClient(&redis.Options{Addr: p.Redis})
	limiter := New(client, &Options{Quota: func(k limit.Key) limit.Quota {
		if k.Scope != limit.ScopeAction {
			return limit.Quota{}
		}
		return limit.Quota{Limit: p.Limit, Per: time.Second}
	}})
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConnsPerHost = 8
	api := &http.Client{Transport: &qcloudhttp.Transport{Base: base, Limiter: limiter}}
	form := url.Values{"Action": {"DescribeInstances"}, "SecretId": {"AKIDproof"}}.Encode()
	for range 8 {
		go func() {
			for {
				r, _ := http.NewRequest("POST", p.API+"/v2/index.php", strings.NewReader(form))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("X-Process", p.Name)
				resp, err := api.Do(r)
				if err != nil {
					fmt.Fprintln(os.Stderr, "a call failed:", err)
					os.Exit(1)
				}
				resp.Body.Close()
			}
		}()
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// countingAPI answers in 20 ms, and counts for each process.
type countingAPI struct {
	quota *qcloudtest.Quota
	limit int

	mu       sync.Mutex
	accepted map[string]int
	rejected int
}

func (a *countingAPI) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.accepted)
	a.rejected = 0
}

func (a *countingAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(10 * time.Millisecond)
	a.mu.Lock()
	ok := a.quota.Allow(time.Now(), qcloudtest.Call{})
	if ok {
		a.accepted[r.Header.Get("X-Process")]++
	} else {
		a.rejected++
	}
	a.mu.Unlock()
	time.Sleep(10 * time.Millisecond)
	w.Header().Set("Content-Type", "application/json")
	if ok {
		fmt.Fprint(w, `{"code":0,"message":"","codeDesc":"Success"}`)
		return
	}
	fmt.Fprintf(w, `{"code":4400,"codeDesc":"RequestLimitExceeded","message":"Your current request times equals to `+
		"`%d` in a second, which exceeds the frequency limit `%d` for a second.\"}", a.limit+1, a.limit)
}

// startServer starts a redis-server that keeps nothing.
func startServer(t *testing.T) *redis.Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no")
	cmd.Dir = t.TempDir()
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; on Debian: apt-get install redis-server", err)
	}
	client := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() {
		client.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	eventually(t, "redis-server answers", func() bool { return client.Ping(context.Background()).Err() == nil })
	return client
}

// trips returns how often the schedules were asked.
func trips(t *testing.T, server *redis.Client) (n int) {
	t.Helper()
	info, err := server.Info(context.Background(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(info) {
		for _, command := range []string{"cmdstat_evalsha:calls=", "cmdstat_eval:calls="} {
			if rest, ok := strings.CutPrefix(line, command); ok {
				calls, _, _ := strings.Cut(rest, ",")
				one, _ := strconv.Atoi(calls)
				n += one
			}
		}
	}
	return n
}
