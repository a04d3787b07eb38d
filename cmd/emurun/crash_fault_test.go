//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"emurun/internal/crashpoint"
)

// faultFlags make some ten checkpoints.
var faultFlags = []string{"--checkpoint-every", "3M-steps"}

// fault runs the job with a disk that is full at a point.
func (s *scene) fault(at string) result {
	s.t.Helper()
	s.env = []string{crashpoint.EnvFail + "=" + at}
	defer func() { s.env = nil }()
	return s.life("", 0, faultFlags...)
}

// ends finishes the job without faults and compares.
func (s *scene) ends(want crashEnd) {
	s.t.Helper()
	if r := s.life("", 0, faultFlags...); r.killed || r.code != 0 {
		s.t.Fatalf("resume: status %d: %s", r.code, r.stderr)
	}
	s.check()
	s.same(want)
}

// decided are the points at which the checkpoint is there already, so that the host's files must be
// brought along before the run may go on.
func decided(point string) bool {
	for _, p := range []string{"apply.", "mark.", "wal.remove", "manifest.syncdir", "checkpoint.applied", "checkpoint.committed"} {
		if strings.HasPrefix(point, p) {
			return true
		}
	}
	return false
}

// TestFaultOnce lets each step of a checkpoint fail once. If the checkpoint is not there yet the
// run goes on with a warning; otherwise it ends, and goes on when it is resumed.
func TestFaultOnce(t *testing.T) {
	t.Parallel()
	const rounds = 30
	want := undisturbed(t, rounds)
	for _, point := range crashPoints(t, rounds) {
		if strings.HasPrefix(point, "emurun-store.") {
			continue
		}
		t.Run(point, func(t *testing.T) {
			s := newScene(t, rounds)
			r := s.fault(point + ":2")
			if r.killed || r.code > 0 && r.code != statusFailed || !strings.Contains(r.stderr, "no space left on device") || strings.Contains(r.stderr, "panic") {
				t.Fatalf("%+v", r)
			}
			s.check()
			s.recover(want.before)
			switch {
			case r.code == 0:
				s.same(want)
			case !decided(point):
				t.Errorf("it does not go on: %s", r.stderr)
			case !strings.Contains(r.stderr, "emurun resume "+crashJob):
				t.Errorf("it does not say how to go on: %s", r.stderr)
			}
			if r.code != 0 {
				s.ends(want)
			}
		})
	}
}

// TestFaultForGood lets each step fail from some instant on: nothing of what the run does after the last
// checkpoint is in the host's files, the error says so, and a resume finishes.
func TestFaultForGood(t *testing.T) {
	t.Parallel()
	const rounds = 30
	want := undisturbed(t, rounds)
	for _, point := range crashPoints(t, rounds) {
		if strings.HasPrefix(point, "emurun-store.") || point == "manifest.remove" {
			continue
		}
		if _, soak := os.LookupEnv("SOAK"); !soak && !slices.Contains([]string{"pack.write", "wal.sync", "manifest.rename", "apply.op", "mark.rename"}, point) {
			continue
		}
		t.Run(point, func(t *testing.T) {
			s := newScene(t, rounds)
			r := s.fault(point + ":3+")
			if r.killed || r.code != statusFailed || strings.Contains(r.stderr, "panic") {
				t.Fatalf("%+v", r)
			}
			last := r.stderr[strings.LastIndex(strings.TrimSuffix(r.stderr, "\n"), "\n")+1:]
			if !strings.Contains(last, "no space left on device") || !strings.Contains(last, "emurun resume "+crashJob) {
				t.Errorf("the last error is %q", last)
			}
			s.check()
			s.recover(want.before)
			s.ends(want)
		})
	}
}

// A store on a disk that is really full.
func TestFaultFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting a small file system needs root")
	}
	const rounds = 30
	want := undisturbed(t, rounds)
	s := newScene(t, rounds)
	store := s.path("store")
	if err := os.Mkdir(store, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", store, "tmpfs", 0, "size=1536k"); err != nil {
		t.Skip("no small file system: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(store, 0) })
	r := s.life("", 0, faultFlags...)
	if r.code != statusFailed || !strings.Contains(r.stderr, "no space left on device") {
		t.Fatalf("%+v", r)
	}
	s.check()
	s.recover(want.before)
	if err := syscall.Mount("tmpfs", store, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	s.ends(want)
}

// A store that disappears or refuses writing under a running job.
func TestFaultStoreGone(t *testing.T) {
	t.Parallel()
	const rounds = 100
	want := undisturbed(t, rounds)
	for _, part := range []string{".", "packs", "manifests", "tmp"} {
		t.Run(part, func(t *testing.T) {
			s := newScene(t, rounds)
			cmd, stderr := s.start(nil, "--checkpoint-every", "2M-steps")
			for range 400 {
				if list, _ := filepath.Glob(s.path("store/manifests/*.snap")); len(list) > 1 {
					break
				}
				time.Sleep(2 * time.Millisecond)
			}
			from, to := s.path("store/"+part), s.path("elsewhere")
			if err := os.Rename(from, to); err != nil {
				t.Fatal(err)
			}
			r := s.wait(cmd, stderr)
			if r.killed || r.code > 0 && r.code != statusFailed || strings.Contains(r.stderr, "panic") {
				t.Fatalf("%+v", r)
			}
			t.Logf("status %d: %.300s", r.code, r.stderr)
			if r.code == 0 && part != "tmp" {
				t.Error("the end is not kept, and nobody says so")
			}
			if err := os.RemoveAll(from); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(to, from); err != nil {
				t.Fatal(err)
			}
			s.seq = 0
			k, ok := s.newest()
			if !ok {
				t.Fatal("no checkpoint")
			}
			s.seq, s.step = k.Seq, k.Step
			s.check()
			s.recover(want.before)
			if r.code != 0 {
				s.ends(want)
			}
		})
	}
}

// A run that is stopped and goes on again and again is not disturbed.
func TestStopAndContinue(t *testing.T) {
	t.Parallel()
	const rounds = 120
	want := undisturbed(t, rounds)
	s := newScene(t, rounds)
	cmd, stderr := s.start(nil, "--checkpoint-every", "5ms")
	for range 30 {
		_ = cmd.Process.Signal(syscall.SIGSTOP)
		time.Sleep(8 * time.Millisecond)
		_ = cmd.Process.Signal(syscall.SIGCONT)
		time.Sleep(8 * time.Millisecond)
	}
	if r := s.wait(cmd, stderr); r.code != 0 || r.stderr != "" {
		t.Fatalf("%+v", r)
	}
	_, s.began = s.newest()
	s.same(want)
}

// Two jobs with one store, each with its files.
func TestTwoJobsOneStore(t *testing.T) {
	t.Parallel()
	const rounds = 30
	want := undisturbed(t, rounds)
	a, b := newScene(t, rounds), newScene(t, rounds)
	b.store, b.job = a.path("store"), "other"
	for i := range 4 {
		at := ""
		if i < 3 {
			at = fmt.Sprintf("*:%d", 60+50*i)
		}
		var cmds []func() result
		for _, s := range []*scene{a, b} {
			var env []string
			if at != "" {
				env = append(env, crashpoint.EnvAt+"="+at)
			}
			cmd, stderr := s.start(env, "--checkpoint-every", "2M-steps", "--keep", "2")
			cmds = append(cmds, func() result { return s.wait(cmd, stderr) })
		}
		for _, wait := range cmds {
			if r := wait(); !r.killed && r.code != 0 {
				t.Fatalf("%+v", r)
			}
		}
		for _, s := range []*scene{a, b} {
			k, ok := s.newest()
			if s.began = ok; ok {
				s.seq, s.step = k.Seq, k.Step
			}
			s.check()
			s.recover(want.before)
		}
	}
	a.same(want)
	b.same(want)
}

// A run that is killed while it is resumed, before it takes a checkpoint, twice.
func TestKillResume(t *testing.T) {
	t.Parallel()
	const rounds = 30
	want := undisturbed(t, rounds)
	points := []string{"checkpoint.committed", "apply.op", "mark.rename", "wal.remove"}
	for _, first := range points {
		t.Run(first, func(t *testing.T) {
			s := newScene(t, rounds)
			if r := s.life(first+":3", 0, faultFlags...); !r.killed {
				t.Fatalf("%+v", r)
			}
			_, s.began = s.newest()
			// These are reached when the resume completes the updates of files.
			for _, again := range []string{"apply.op:2", "mark.rename:1", "checkpoint.begin:1"} {
				if r := s.life(again, 0, faultFlags...); !r.killed && r.code != 0 {
					t.Fatalf("%+v", r)
				} else if !r.killed {
					break
				}
			}
			s.check()
			s.recover(want.before)
			s.ends(want)
		})
	}
}

// TestGoBack resumes each checkpoint of a run that has ended: the host's files are brought back, or emurun
// says that they cannot be, and the end is the same.
func TestGoBack(t *testing.T) {
	t.Parallel()
	const rounds = 12
	want := undisturbed(t, rounds)
	s := newScene(t, rounds)
	if r := s.life("", 0, "--checkpoint-every", "150K-steps", "--keep", "1000"); r.code != 0 {
		t.Fatal(r.stderr)
	}
	last, _ := s.newest()
	s.began = true
	verdict := map[string]int{}
	for seq := range last.Seq - 1 {
		s.ref = fmt.Sprintf("%s@%d", crashJob, seq+1)
		switch r := s.life("", 0, "--checkpoint-every", "1G-steps", "--keep", "1000"); {
		case strings.Contains(r.stderr, "cannot be made those of"):
			verdict["cannot"]++
			t.Logf("%s: %s", s.ref, r.stderr)
		case r.code != 0 || r.stderr != "":
			out := text(t, s.path("out"))
			t.Fatalf("%s: %+v\n%s", s.ref, r, out[max(len(out)-300, 0):])
		default:
			verdict["can"]++
			s.same(want)
		}
	}
	t.Logf("%d checkpoints: %v", last.Seq, verdict)
}
