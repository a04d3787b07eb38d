package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"emurun/server/api"
	"emurun/server/client"
	"emurun/server/store"
	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// crashVar makes a child crash: POINT:N, at the Nth time that it comes by a point.
const crashVar = "EMUSRV_TEST_CRASH"

// soakVar sets the number of cycles.
const soakVar = "EMUSRV_SOAK"

// points are the store's named points.
var points = []string{"pack-written", "pack-synced", "pack-renamed", "pack-durable", "commit-begin", "commit-prepared", "commit-durable",
	"gc-trimmed", "gc-marked", "gc-delete", "gc-done"}

// setCrash makes this process kill itself where the variable says.
func setCrash() {
	point, count, _ := strings.Cut(os.Getenv(crashVar), ":")
	n, _ := strconv.ParseInt(count, 10, 64)
	var left atomic.Int64
	left.Store(n)
	hook = func(at string) {
		if at == point && left.Add(-1) == 0 {
			p, _ := os.FindProcess(os.Getpid())
			p.Kill()
			select {}
		}
	}
}

// crashing is a server that is killed and started again under its clients.
type crashing struct {
	t      *testing.T
	dir    string
	socket string
	slow   time.Duration // the slowest start
}

// process is a server that runs, until ended is closed.
type process struct {
	*exec.Cmd
	ended chan struct{}
	err   error
}

// start starts the server and waits until it is ready, or has crashed already.
func (c *crashing) start(crash string) *process {
	c.t.Helper()
	cmd := exec.Command(os.Args[0], "serve", "--data", c.dir, "--listen", "unix:"+c.socket, "--min-free", "1M", "--gc-every", "40ms",
		"--gc-grace", "150ms", "--log-level", "warn")
	cmd.Env = append(os.Environ(), crashVar+"="+crash, "EMUSRV_TEST_MAIN=1")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.Discard, &log
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	p := &process{Cmd: cmd, ended: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	cl, err := client.New(client.Config{URL: "unix:" + c.socket, Retry: time.Millisecond})
	if err != nil {
		c.t.Fatal(err)
	}
	defer cl.Close()
	for cl.JSON(context.Background(), http.MethodGet, api.ReadyPath, nil, nil) != nil {
		select {
		case <-p.ended:
			if log.Len() > 0 {
				c.t.Fatalf("it did not start: %s", &log)
			}
			return p
		case <-time.After(2 * time.Millisecond):
		}
		if time.Since(begun) > 20*time.Second {
			cmd.Process.Kill()
			<-p.ended
			c.t.Fatalf("not ready after %v: %s", time.Since(begun), &log)
		}
	}
	c.slow = max(c.slow, time.Since(begun))
	return p
}

// committer is a job that goes on and on.
type committer struct {
	c     *crashing
	job   string
	seq   uint64
	last  snapshot.Hash
	acked atomic.Uint64
	err   error
}

// content returns what the job has at a number: most pages stay, some change.
func (w *committer) content(seq uint64) []byte {
	p := storetest.Content(uint64(len(w.job)), 40*snapshot.PageSize)
	for i := range uint64(30) {
		page := (seq*7 + i) % 40
		copy(p[page*snapshot.PageSize:], storetest.Content(seq*100+i, snapshot.PageSize))
	}
	return p
}

// run commits until ctx ends. What fails it says again, as it was.
func (w *committer) run(ctx context.Context) {
	cl, err := client.New(client.Config{URL: "unix:" + w.c.socket, Retry: time.Minute})
	if err != nil {
		w.err = err
		return
	}
	s := cl.Store()
	defer s.Close()
	for ctx.Err() == nil {
		err := w.commit(s)
		if err != nil && !errors.Is(err, client.ErrAgain) {
			w.err = err
			return
		}
		if code := client.Code(err); code != "" && code != api.MissingPacks && code != api.NotFound {
			w.err = err
			return
		}
	}
}

func (w *committer) commit(s *client.Store) error {
	section, err := snapshot.PutSection(s, "data", 1, w.content(w.seq+1))
	if err != nil {
		return err
	}
	m := &snapshot.Manifest{Job: w.job, Epoch: 1, Seq: w.seq + 1, Parent: w.last, Sections: []snapshot.Section{section}}
	id, err := s.Commit(m)
	if err != nil {
		return err
	}
	w.seq, w.last = w.seq+1, id
	w.acked.Store(w.seq)
	return nil
}

// TestKill kills the server under eight clients, at named points and at random, and starts
// it again: no checkpoint that was acknowledged is lost, and each start succeeds.
func TestKill(t *testing.T) {
	cycles, budget := 50, 45*time.Second
	if testing.Short() {
		cycles = 4
	}
	if n, err := strconv.Atoi(os.Getenv(soakVar)); err == nil {
		cycles, budget = n, 24*time.Hour
	}
	c := &crashing{t: t, dir: filepath.Join(t.TempDir(), "store"), socket: filepath.Join(t.TempDir(), "s")}
	jobs := makeJobs(t, c)
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for _, w := range jobs {
		group.Go(func() { w.run(ctx) })
	}
	begun, n := time.Now(), 0
	for ; n < cycles && (time.Since(begun) < budget || n < cycles/2); n++ {
		c.cycle(n, jobs)
	}
	server := c.start("")
	time.Sleep(200 * time.Millisecond)
	cancel()
	group.Wait()
	server.Process.Signal(os.Interrupt)
	if <-server.ended; server.err != nil {
		t.Errorf("the server ended with %v", server.err)
	}
	total := c.inspect(jobs)
	t.Logf("%d cycles, %d checkpoints acknowledged, slowest start %v", n, total, c.slow)
	if total < uint64(n) {
		t.Error("too few checkpoints to say anything")
	}
}

// cycle starts the server, kills it, and looks at what it has then.
func (c *crashing) cycle(n int, jobs []*committer) {
	c.t.Helper()
	crash := ""
	if n%2 == 0 {
		crash = fmt.Sprintf("%s:%d", points[n/2%len(points)], 1+rand.IntN(6))
	}
	server := c.start(crash)
	patience := time.Duration(30+rand.IntN(300)) * time.Millisecond
	if crash != "" {
		patience = 3 * time.Second // the point is reached before
	}
	select {
	case <-server.ended:
	case <-time.After(patience):
		server.Process.Kill()
		<-server.ended
	}
	for _, w := range jobs {
		if w.err != nil {
			c.t.Fatalf("cycle %d (%s): job %s: %v", n, crash, w.job, w.err)
		}
	}
}

// makeJobs makes the store and jobs with a lease.
func makeJobs(t *testing.T, c *crashing) []*committer {
	t.Helper()
	if err := store.Create(c.dir, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(c.dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.dir, "secrets", "job.key"), make([]byte, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(c.dir, store.Options{Reserve: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var jobs []*committer
	for i := range 8 {
		w := &committer{c: c, job: fmt.Sprintf("job%0*d", 1+i, i)}
		b, _, err := s.GrantBatch(w.job, 0, "")
		if err == nil {
			_, err = s.Meta().Commit(b)
		}
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, w)
	}
	return jobs
}

// inspect opens the store and compares it with what the jobs were told.
func (c *crashing) inspect(jobs []*committer) uint64 {
	c.t.Helper()
	s, err := store.Open(c.dir, store.Options{Reserve: 1 << 20})
	if err != nil {
		c.t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Verify(true)
	if err != nil || len(r.Damage) > 0 {
		c.t.Errorf("error %v, damage: %v", err, errors.Join(r.Damage...))
	}
	total := uint64(0)
	for _, w := range jobs {
		if w.err != nil {
			c.t.Errorf("job %s: %v", w.job, w.err)
		}
		h, err := s.Head(w.job)
		if err != nil || h.Seq < w.acked.Load() {
			c.t.Errorf("job %s: the head is %d, %d was acknowledged; error %v", w.job, h.Seq, w.acked.Load(), err)
		}
		if !slices.Contains(r.Good, h.ID) {
			c.t.Errorf("job %s: its head cannot be resumed", w.job)
		}
		total += w.acked.Load()
	}
	return total
}
