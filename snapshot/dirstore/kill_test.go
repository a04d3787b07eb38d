package dirstore

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"emurun/snapshot"
)

// killVar names the store of the child of TestKill.
const killVar = "EMURUN_DIRSTORE_KILL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killVar); dir != "" {
		fmt.Fprintln(os.Stderr, commitForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// commitForever commits, keeps the newest two and collects, and prints the name of each
// commit when it has returned.
func commitForever(dir string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	s.packSize = testPackSize
	all, err := snapshot.Checkpoints(s)
	if err != nil {
		return err
	}
	seq := uint64(0)
	if len(all) > 0 {
		seq = all[0].Seq
	}
	for {
		seq++
		id, err := commit(s, seq, mixed(seq))
		if err != nil {
			return err
		}
		fmt.Println(id)
		if all, err = snapshot.Checkpoints(s); err != nil {
			return err
		}
		for _, id := range snapshot.Retain(all, 2) {
			if err := s.Delete(id); err != nil {
				return err
			}
		}
		if _, err := s.GC(); err != nil {
			return err
		}
	}
}

// TestKill kills a process that uses a store, again and again, and looks each time for
// the last checkpoint that it said was committed.
func TestKill(t *testing.T) {
	cycles, dir, last := 50, t.TempDir(), ""
	if testing.Short() {
		cycles = 5
	}
	for n := range cycles {
		if said := runAndKill(t, dir); said != "" {
			last = said
		}
		s, err := Open(dir)
		if err != nil {
			t.Fatalf("cycle %d: %v", n, err)
		}
		r, err := s.Verify()
		if err != nil || len(r.Damage) > 0 {
			t.Fatalf("cycle %d: error %v, damage %v", n, err, errors.Join(r.Damage...))
		}
		has := slices.ContainsFunc(r.Good, func(c snapshot.Checkpoint) bool { return c.ID.String() == last })
		if last != "" && !has {
			t.Fatalf("cycle %d: checkpoint %s is lost", n, last)
		}
		s.Close()
	}
	if last == "" {
		t.Error("no child lived long enough to commit")
	}
}

// runAndKill returns the last commit that a child printed before it was killed.
func runAndKill(t *testing.T, dir string) string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killVar+"="+dir)
	var out, stderr bytes.Buffer
	child.Stdout, child.Stderr = &out, &stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Duration(5+rand.IntN(100)) * time.Millisecond)
	child.Process.Kill()
	child.Wait()
	if stderr.Len() > 0 {
		t.Fatalf("child: %s", &stderr)
	}
	last := ""
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		if _, err := snapshot.ParseHash(lines.Text()); err == nil {
			last = lines.Text()
		}
	}
	return last
}
