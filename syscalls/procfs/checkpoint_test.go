package procfs

import (
	"strings"
	"testing"

	"emurun/abi"
	"emurun/vfs"
)

// Writing to /proc/PID/checkpoint asks for a checkpoint, and reading tells of it.
func TestCheckpoint(t *testing.T) {
	k, c := newProc(t)
	const path = "/proc/1000/checkpoint"
	expect := func(want string) {
		t.Helper()
		if got := show(c, path); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
	write := func(text string) error {
		f, err := c.Open(nil, path, vfs.How{Flags: abi.O_WRONLY | abi.O_TRUNC})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Unref()
		_, err = f.Write([]byte(text))
		return err
	}
	expect("0 running \n")
	if _, wanted := k.TakeCheckpointRequest(); wanted {
		t.Error("a checkpoint is wanted already")
	}
	if err := write("before the work\n"); err != nil {
		t.Fatal(err)
	}
	if label, wanted := k.TakeCheckpointRequest(); !wanted || label != "before the work" {
		t.Errorf("label %q, wanted %v", label, wanted)
	}
	if _, wanted := k.TakeCheckpointRequest(); wanted {
		t.Error("a checkpoint is wanted twice")
	}
	expect("1 running before the work\n")
	for _, bad := range []string{"two\nlines", "\x00", strings.Repeat("x", 256)} {
		if err := write(bad); err != abi.EINVAL {
			t.Errorf("%q: %v", bad, err)
		}
	}
	k.SetThawed(7, "nightly")
	expect("1 thawed before the work\n7 nightly\n")
}
