package checkpoint_test

import (
	"os"
	"strings"
	"testing"

	"emurun/checkpoint/freezetest"
)

const pipelineScript = `
for i in 1 2 3; do echo $i; done | while read x; do echo got $x; done | sort -r | sed s/g/G/
(sleep 0.1; echo late) & wait
echo $RANDOM $$ ${PIPESTATUS[@]}
trap 'echo usr1' USR1; kill -USR1 $$
mkfifo f; (tr a-z A-Z < f) & echo fifo > f; wait
ls -la /proc/self/fd | wc -l
timeout 0.2 sleep 5; echo $?
exec 5<>lock; flock 5; flock -w 0.1 lock true; echo $?
coproc cat; echo co >&${COPROC[1]}; read l <&${COPROC[0]}; echo $l
`

const threadsScript = `
import threading, queue, time, os, subprocess, select, socket, mmap, signal
q = queue.Queue()
def work(i):
    for k in range(3):
        time.sleep(0.001 * i)
        q.put((i, k))
ts = [threading.Thread(target=work, args=(i,)) for i in range(4)]
[t.start() for t in ts]
[t.join() for t in ts]
print([q.get() for _ in range(12)], os.urandom(4).hex())
print(subprocess.check_output(['echo', 'hi']))
f = open('zz', 'w+b')
f.write(b'x' * 5000)
f.flush()
m = mmap.mmap(f.fileno(), 0)
os.unlink('zz')
m[3] = 65
a, b = socket.socketpair()
ep = select.epoll()
ep.register(a, select.EPOLLIN)
def later():
    time.sleep(0.01)
    socket.send_fds(b, [b'fd'], [f.fileno()])
threading.Thread(target=later).start()
print(ep.poll(5), socket.recv_fds(a, 10, 2)[0])
signal.signal(signal.SIGALRM, lambda *x: print('alarm'))
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.02)
signal.pause()
time.sleep(0.05)
signal.setitimer(signal.ITIMER_REAL, 0)
print(os.pread(f.fileno(), 5, 0))
`

const alarmScript = `$SIG{ALRM} = sub { print "alarm\n" }; alarm 1; pipe(R, W);
if (!fork) { sleep 2; print W "child\n"; exit 3 }
close W; print scalar <R>; wait; print $? >> 8, "\n"; print join(',', sort map { $_ * 2 } 1 .. 20), "\n"`

// Programs that wait for each other in many ways go on wherever they are frozen: with FIFOs, locks,
// coprocesses, alarms, epoll sets, descriptors that are passed on. Their files are in /dev/shm,
// where nobody else writes.
func TestFreezeJobs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute") // most of it python
	}
	for _, tt := range []struct {
		name  string
		needs string
		argv  []string
		every uint64
		out   string // of its output, the end
	}{
		{"bash", "/bin/bash", []string{"/bin/bash", "-c", pipelineScript}, 150_007, "co\n"},
		{"python", "/usr/bin/python3.11", []string{"/usr/bin/python3.11", "-I", "-S", "-c", threadsScript}, 4_000_037, "b'xxxAx'\n"},
		{"perl", "/usr/bin/perl", []string{"/usr/bin/perl", "-e", alarmScript}, 100_003, "36,38,4,40,6,8\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := os.Stat(tt.needs); err != nil {
				t.Skipf("SKIPPED: %v", err)
			}
			p := freezetest.Program{Argv: tt.argv, Dir: "/dev/shm"}
			if alone, _ := freezetest.Run(t, p, freezetest.Never); !strings.HasSuffix(alone.Out, tt.out) {
				t.Fatalf("it prints %q and %q", alone.Out, alone.Err)
			}
			same(t, p, tt.every)
		})
	}
}
