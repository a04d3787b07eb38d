package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/machine"
)

// TestBisectAgrees: the first difference that a search finds is the one that a comparison of
// traces of all instructions finds. The runs differ in one byte of input, at the end of it.
func TestBisectAgrees(t *testing.T) {
	const script = `while read -r x; do n=$((n + ${#x})); done; echo $n; sleep 0.01; echo $RANDOM`
	if _, err := os.Stat("/bin/bash"); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	if testing.Short() {
		t.Skip("SKIPPED: traces every instruction of bash")
	}
	dir := t.TempDir()
	emurun := func(in string, args ...string) []byte {
		t.Helper()
		cmd := exec.Command("emurun", args...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(in)
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != statusDifferent {
			t.Fatalf("%s: %v", args, err)
		}
		return out.Bytes()
	}
	lines := strings.Repeat("some line\n", 10)
	for name, in := range map[string]string{"a": lines + "last", "b": lines + "lost"} {
		emurun(in, "record", "-o", name+".rec", "--discard", "--seed", "1", "--epoch", "0", "--memory", "1G",
			"--clear-env", "--env", "PATH="+machine.DefaultPath, "/bin/bash", "-c", script)
		emurun("", "trace", "-o", name+".trc", "--replay", name+".rec")
	}
	found := func(args ...string) (d jsonDifference) {
		t.Helper()
		if err := json.Unmarshal(emurun("", args...), &d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := found("trace", "--diff", "--json", "a.trc", "b.trc")
	got := found("bisect", "--json", "a.rec", "b.rec")
	if want.Same || got.Same {
		t.Fatalf("same: %v, %v", want.Same, got.Same)
	}
	if diff := cmp.Diff(want.A, got.A); diff != "" {
		t.Errorf("other records (-trace +bisect):\n%s", diff)
	}
	if got.From+1 != got.Step || got.A.Step != got.Step && got.A.Step != got.From {
		t.Errorf("it is at step %d, found between %d and %d", got.A.Step, got.From, got.Step)
	}
}
