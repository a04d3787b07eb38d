package checkpoint_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"emurun/checkpoint/freezetest"
)

// same runs p with and without freezing, and compares.
func same(t *testing.T, p freezetest.Program, n uint64) {
	t.Helper()
	want, _ := freezetest.Run(t, p, freezetest.Never)
	got, count := freezetest.Run(t, p, freezetest.Each(n))
	if d := freezetest.Diff(want, got); d != "" {
		t.Errorf("%s, frozen %d times (-left alone +frozen)\n%s", p.Argv, count, d)
	}
	t.Logf("%s: %d steps, frozen %d times, status %#x", p.Argv, want.Steps, count, want.Status)
}

// random runs p with and without freezing at random steps, and compares.
func random(t *testing.T, p freezetest.Program, seed uint64) {
	t.Helper()
	want, _ := freezetest.Run(t, p, freezetest.Never)
	n := min(points(), want.Steps)
	got, count := freezetest.Run(t, p, freezetest.Random(seed+n, want.Steps, n))
	if d := freezetest.Diff(want, got); d != "" {
		t.Errorf("%s, frozen %d times (-left alone +frozen)\n%s", p.Argv, count, d)
	}
	t.Logf("%s: %d steps, frozen %d times, status %#x", p.Argv[0], want.Steps, count, want.Status)
}

// TestFreezeAnywhere freezes the programs of testbins that end by themselves. They have a root
// of their own, for the host's folders change while the test runs.
func TestFreezeAnywhere(t *testing.T) {
	root := guestRoot(t, "")
	for i, g := range []string{"abort", "args", "clone", "closing", "cpu", "epolls", "exec", "execs", "faults", "files", "fork", "frozen", "futexes", "gohello", "groups", "hello", "hello.glibc", "jobs", "locks", "mappings", "memory", "notices", "pipes", "procfs", "restart", "rlimits", "shm", "sigframe", "signals", "sigqueues", "smc", "sockets", "sse", "syscall", "textbusy", "threads", "timers", "tsc", "waits", "x87"} {
		t.Run(g, func(t *testing.T) {
			p := freezetest.Program{Argv: []string{"/bin/" + g}, Dir: "/bin", Root: root}
			if g == "hello.glibc" {
				p = freezetest.Program{Argv: []string{filepath.Join(root, "bin", g)}}
			}
			random(t, p, uint64(i))
		})
	}
}

// debian are programs of the system: pipelines, threads, files, processes.
var debian = []freezetest.Program{
	{Argv: []string{"bash", "-c", "seq 1 300 | sort -rn | sed 's/1/x/' | head -20 | tee freeze-out | wc -c; cat freeze-out"}},
	{Argv: []string{"bash", "-c", "while read a b; do echo \"$b $a\"; done; trap 'echo bye' EXIT; sleep 1; kill -TERM $$"}, In: "1 2\n3 4\n5 6\n"},
	{Argv: []string{"/usr/bin/python3", "-c", pythonThreads}},
	{Argv: []string{"sqlite3", "freeze.db", "create table t(a,b); with recursive c(x) as (select 1 union all select x+1 from c where x<300) insert into t select x, x*x from c; select sum(b), count(*) from t; pragma integrity_check;"}},
	{Argv: []string{"gcc", "-O1", "-xc", "-", "-o", "freeze-a"}, In: "#include <stdio.h>\nint main(void) { puts(\"hi\"); return 0; }\n"},
}

const pythonThreads = `
import threading, queue
q = queue.Queue()
out = []
def work(n):
    while True:
        x = q.get()
        if x is None: return
        out.append(x * n)
ts = [threading.Thread(target=work, args=(i,)) for i in range(3)]
for t in ts: t.start()
for i in range(200): q.put(i)
for t in ts: q.put(None)
for t in ts: t.join()
print(len(out), sorted(out)[-3:])
`

// TestFreezeDebian freezes programs of the system.
func TestFreezeDebian(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range debian {
		t.Run(filepath.Base(p.Argv[0])+strconv.Itoa(i), func(t *testing.T) {
			if _, err := exec.LookPath(p.Argv[0]); err != nil {
				t.Skipf("not installed: %v", err)
			}
			p.Dir, p.Env = here, []string{"TMPDIR=" + here} // /tmp changes while the test runs
			random(t, p, uint64(i))
		})
	}
}

// points is how often a program is frozen; SOAK is how many times the usual number.
func points() uint64 {
	const usual = 12
	if n, err := strconv.ParseUint(os.Getenv("SOAK"), 10, 64); err == nil {
		return n * usual
	}
	return usual
}
