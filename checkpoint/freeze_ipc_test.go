package checkpoint_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"emurun/checkpoint/freezetest"
)

// Programs that wait for each other in every way there is are frozen while they do.
func TestFreezeIPC(t *testing.T) {
	if testing.Short() {
		t.Skip("runs 80 million instructions twice")
	}
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 (Debian package python3) is not installed")
	}
	script, err := os.ReadFile("testdata/ipc.py")
	if err != nil {
		t.Fatal(err)
	}
	p := freezetest.Program{Argv: []string{"python3", "-S", "-"}, In: string(script), Dir: "/dev/shm"}
	want, _ := freezetest.Run(t, p, freezetest.Never)
	begin, every := want.Steps*3/4, want.Steps/80 // the interpreter has started by then
	got, count := freezetest.Run(t, p, func(now uint64) uint64 { return max(begin, now+every) })
	if d := freezetest.Diff(want, got); d != "" {
		t.Errorf("frozen %d times (-left alone +frozen)\n%s", count, d)
	}
	if !strings.HasSuffix(want.Out, "still here\n") || count < 10 {
		t.Errorf("%d steps, frozen %d times, status %#x\n%s%s", want.Steps, count, want.Status, want.Out, want.Err)
	}
}
