package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"emurun/server/api"
	"emurun/server/client"
	"emurun/server/core"
)

// failoverJob computes for some seconds, and prints now and then; a variable, a file and where it is have
// to survive.
const failoverJob = `n=0; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
n=$((n*7+i)); echo "line $i of $(echo $n | tr 0-9 a-j)"; echo "$i" >>/tmp/seen
j=0; while [ $j -lt 6000 ]; do j=$((j+1)); done; done; cat /tmp/seen; exit 3`

// cluster is a server with workers, all processes of their own.
type cluster struct {
	t       *testing.T
	dir     string
	emusrv  string
	flags   []string // of the server besides
	server  *exec.Cmd
	workers map[string]*exec.Cmd
	client  *client.Client
}

// emusrvBinary builds emusrv, once.
var emusrvBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "emusrv-test")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", dir, "../emusrv").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return filepath.Join(dir, "emusrv"), err
})

func newCluster(t *testing.T, flags ...string) *cluster {
	t.Helper()
	bin, err := emusrvBinary()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "fo") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, dir: dir, emusrv: bin, flags: flags, workers: map[string]*exec.Cmd{}}
	t.Cleanup(c.close)
	if out, err := exec.Command(bin, "init", "--data", filepath.Join(dir, "data")).CombinedOutput(); err != nil {
		t.Fatalf("init: %v: %s", err, out)
	}
	if c.client, err = client.New(client.Config{URL: c.url(), Retry: 20 * time.Second}); err != nil {
		t.Fatal(err)
	}
	c.serve()
	return c
}

func (c *cluster) url() string { return "unix:" + filepath.Join(c.dir, "s") }

func (c *cluster) close() {
	for _, w := range c.workers {
		_ = w.Process.Kill()
		_ = w.Wait()
	}
	_ = c.server.Process.Kill()
	_ = c.server.Wait()
	if c.t.Failed() {
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		c.t.Logf("what server and workers said:\n%s", log)
	}
	_ = os.RemoveAll(c.dir)
}

// start starts a process whose log is kept.
func (c *cluster) start(name string, args ...string) *exec.Cmd {
	c.t.Helper()
	cmd := exec.Command(name, args...)
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(c.dir, "state"))
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	return cmd
}

func (c *cluster) serve() {
	c.server = c.start(c.emusrv, append([]string{"serve", "--data", filepath.Join(c.dir, "data"), "--listen", c.url(), "--min-free", "1M", "--profile", "fast"}, c.flags...)...)
}

// worker starts a worker and waits until the server has heard of it.
func (c *cluster) worker(name string) {
	c.t.Helper()
	c.workers[name] = c.start("emurun", "worker", "--server", c.url(), "--name", name, "--profile", "fast")
	c.wait(name+" is up", func() bool { return c.up(name) })
}

// up reports whether the server hears of a worker.
func (c *cluster) up(name string) bool {
	var a api.Workers
	if err := c.client.JSON(context.Background(), "GET", api.WorkersPath, nil, &a); err != nil {
		c.t.Fatal(err)
	}
	for _, w := range a.Workers {
		if w.Name == name {
			return !w.Lost
		}
	}
	return false
}

// kill kills a process as a power cut does.
func (c *cluster) kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// emurun runs a command that must succeed.
func (c *cluster) emurun(command string, args ...string) string {
	c.t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command("emurun", append([]string{command, "--server", c.url()}, args...)...)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(c.dir, "state"))
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("emurun %s %v: %v: %s", command, args, err, stderr.String())
	}
	return string(out)
}

// wait waits until something is so.
func (c *cluster) wait(what string, so func() bool) {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("a minute passed, and not: %s", what)
		}
	}
}

// job returns where the job stands.
func (c *cluster) job() api.Job {
	c.t.Helper()
	j, err := c.client.Job(context.Background(), "j")
	if err != nil {
		c.t.Fatal(err)
	}
	return j
}

// submit submits the job and waits until it has a checkpoint in the middle.
func (c *cluster) submit() (follower <-chan string) {
	c.t.Helper()
	c.emurun("submit", "--job", "j", "--checkpoint-every", "300ms", "--seed", "1", "--epoch", "0", "--root", "/", "sh", "-c", failoverJob)
	out := make(chan string, 1)
	go func() { out <- c.follow() }()
	c.wait("it has printed a little", func() bool { return c.job().Output[0] > 60 })
	return out
}

func (c *cluster) follow() string {
	cmd := exec.Command("emurun", "logs", "-f", "--server", c.url(), "j")
	out, err := cmd.Output()
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// runsOn waits until the job runs at a worker and has made another checkpoint there.
func (c *cluster) runsOn(worker string) {
	c.t.Helper()
	before := c.job()
	c.wait("it goes on at "+worker, func() bool {
		j := c.job()
		return j.Worker == worker && j.State == core.Running && j.Epoch > 1 && j.Seq > before.Seq
	})
}

// undisturbedOutput is what the job prints when nothing happens to it.
var undisturbedOutput = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("emurun", "--discard", "--root", "/", "--seed", "1", "--epoch", "0", "sh", "-c", failoverJob).Output()
	if exit := (*exec.ExitError)(nil); err != nil && (!asExit(err, &exit) || exit.ExitCode() != 3) {
		return "", err
	}
	return string(out), nil
})

func asExit(err error, to **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*to = e
	return ok
}

// ends waits for the end of the job and compares all that it printed.
func (c *cluster) ends(follower <-chan string) {
	c.t.Helper()
	want, err := undisturbedOutput()
	if err != nil {
		c.t.Fatal(err)
	}
	c.wait("it ends", func() bool { return c.job().State.Ended() })
	if j := c.job(); j.State != core.Completed || j.Status != 3<<8 {
		c.t.Errorf("it is %s with status %#x: %s", j.State, j.Status, j.Reason)
	}
	if diff := cmp.Diff(want, c.emurun("logs", "j")); diff != "" {
		c.t.Errorf("output differs from that of an undisturbed run (-want +got):\n%s", diff)
	}
	select {
	case got := <-follower:
		if diff := cmp.Diff(want, got); diff != "" {
			c.t.Errorf("who followed saw something else (-want +got):\n%s", diff)
		}
	case <-time.After(20 * time.Second):
		c.t.Error("who follows does not hear of the end")
	}
}

// TestFailover disturbs jobs in each way that the server has an answer to.
func TestFailover(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	for _, x := range []struct {
		name    string
		flags   []string
		workers string
		disturb func(c *cluster)
	}{
		{"worker killed, begins again on the same node", nil, "a", func(c *cluster) {
			c.kill(c.workers["a"])
			c.worker("a")
			c.runsOn("a")
		}},
		{"worker killed, a standby takes over", nil, "a b", func(c *cluster) {
			begun := time.Now()
			c.kill(c.workers["a"])
			c.runsOn("b")
			c.t.Logf("from the kill to the next checkpoint: %v", time.Since(begun).Round(time.Millisecond))
		}},
		{"worker stopped, a standby takes over, the old one comes back", nil, "a b", func(c *cluster) {
			_ = c.workers["a"].Process.Signal(syscall.SIGSTOP)
			c.runsOn("b")
			_ = c.workers["a"].Process.Signal(syscall.SIGCONT)
			c.wait("a registers again", func() bool { return c.up("a") })
			if j := c.job(); j.Worker != "b" && !j.State.Ended() {
				c.t.Errorf("the job is at %q", j.Worker)
			}
		}},
		{"server killed, workers go on", nil, "a", func(c *cluster) {
			c.kill(c.server)
			c.serve()
			before := c.job()
			c.wait("it goes on", func() bool { return c.job().Seq > before.Seq+1 })
			if j := c.job(); j.Epoch != before.Epoch {
				c.t.Errorf("it was run again from epoch %d, in epoch %d", before.Epoch, j.Epoch)
			}
		}},
		{"server killed, jobs are aborted and run again", []string{"--on-server-restart", "abort"}, "a", func(c *cluster) {
			c.kill(c.server)
			c.serve()
			c.runsOn("a")
		}},
		{"drain --hold, the node comes back", nil, "a b", func(c *cluster) {
			c.emurun("drain", "--hold", "a")
			c.wait("it is held", func() bool { return c.job().State == core.Held })
			c.kill(c.workers["a"])
			c.worker("a")
			c.runsOn("a")
		}},
		{"drain --migrate, undrain --return", nil, "a b", func(c *cluster) {
			c.emurun("drain", "--migrate", "a")
			c.runsOn("b")
			c.emurun("undrain", "--return", "a")
			c.runsOn("a")
		}},
		{"migrate", nil, "a b", func(c *cluster) {
			c.emurun("migrate", "--to", "b", "j")
			c.runsOn("b")
		}},
		{"pause and go on", nil, "a", func(c *cluster) {
			c.emurun("pause", "j")
			c.wait("it is held", func() bool { return c.job().State == core.Held })
			c.emurun("unpause", "j")
			c.runsOn("a")
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, x.flags...)
			names := strings.Fields(x.workers)
			c.worker(names[0])
			follower := c.submit()
			for _, name := range names[1:] {
				c.worker(name)
			}
			x.disturb(c)
			c.ends(follower)
		})
	}
}
