//go:build linux

package main

import (
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"emurun/snapshot"
	"emurun/snapshot/dirstore"
)

// patient is a small store to damage.
type patient struct {
	t       *testing.T
	store   string
	out     string // what its run prints
	verdict map[string]int
}

// newPatient runs a guest with checkpoints.
func newPatient(t *testing.T) *patient {
	t.Helper()
	p := &patient{t: t, store: filepath.Join(t.TempDir(), "store"), verdict: map[string]int{}}
	guest, err := filepath.Abs(guestDir + "/pipes")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("emurun", "--clear-env", "--seed", "1", "--store", p.store, "--job", "j", "--discard",
		"--checkpoint-every", "9000-steps", guest).Output()
	if err != nil {
		t.Fatal(err)
	}
	p.out = string(out)
	return p
}

// files returns the files of the store, but for those that say who uses it.
func (p *patient) files() []string {
	p.t.Helper()
	var list []string
	err := filepath.WalkDir(p.store, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "control" {
			return fs.SkipDir
		}
		if err == nil && d.Type().IsRegular() && !strings.HasSuffix(path, "lock") {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return list
}

// with does something while a file has other content.
func (p *patient) with(path string, content []byte, what string, do func(what string)) {
	p.t.Helper()
	was := text(p.t, path)
	write(p.t, path, string(content))
	rel, _ := filepath.Rel(p.store, path)
	do(rel + ", " + what)
	write(p.t, path, was)
}

// verify tests that emurun verify names the damaged file.
func (p *patient) verify(path, what string) {
	p.t.Helper()
	rel, _ := filepath.Rel(p.store, path)
	s, err := dirstore.Open(p.store)
	if err != nil {
		p.named(rel, what, err)
		return
	}
	defer s.Close()
	r, err := s.Verify()
	if err != nil {
		p.t.Errorf("%s: verify: %v", what, err)
		return
	}
	var all []string
	for _, err := range r.Damage {
		all = append(all, err.Error())
	}
	p.named(rel, what, fmt.Errorf("%s", strings.Join(all, "; ")))
	p.thaw(s, what)
}

// named tests that err names the file.
func (p *patient) named(rel, what string, err error) {
	p.t.Helper()
	if !strings.Contains(err.Error(), rel) {
		p.t.Errorf("%s: not named in %q", what, err)
	}
}

// thaw thaws all checkpoints, which may fail but in no other way.
func (p *patient) thaw(s snapshot.Store, what string) {
	p.t.Helper()
	all, err := snapshot.Checkpoints(s)
	if err != nil {
		p.t.Errorf("%s: %v", what, err)
	}
	for _, k := range all {
		m, err := thawStill(s, k)
		if err != nil {
			p.verdict["does not thaw"]++
			continue
		}
		p.verdict["thaws"]++
		m.files.close()
	}
}

// resume tests that a resume says what is wrong and offers what is good, or goes on exactly.
func (p *patient) resume(what string, r *rand.Rand) {
	p.t.Helper()
	store := filepath.Join(p.t.TempDir(), "copy")
	if err := os.CopyFS(store, os.DirFS(p.store)); err != nil {
		p.t.Fatal(err)
	}
	defer os.RemoveAll(store)
	ref := []string{"j", "j@1", "j@2"}[r.Intn(3)]
	cmd := exec.Command("emurun", "resume", "--store", store, "--discard", "--max-steps", "1000000", ref)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	said := stderr.String()
	switch code := cmd.ProcessState.ExitCode(); {
	case strings.Contains(said, "panic") || strings.Contains(said, "goroutine") || !cmd.ProcessState.Exited():
		p.t.Errorf("%s: %v\n%s", what, err, said)
	case code == 0 && strings.HasSuffix(p.out, string(out)):
		p.verdict["resumes exactly"]++
		p.warned(what, ref, said)
	case code == statusFailed && strings.Contains(said, "; the newest good one is j@"):
		p.verdict["offers another"]++
	case code == statusFailed && strings.HasPrefix(what, "packs/") && strings.Contains(said, "; no other checkpoint of the job is good"):
		p.verdict["has nothing to offer"]++
	case code == statusFailed && !strings.HasPrefix(what, "packs/") && strings.HasPrefix(said, "emurun: "):
		p.verdict["refuses"]++ // there is no store, or no such checkpoint
	default:
		p.t.Errorf("%s: resume of %s: status %d, %q\n%s", what, ref, code, out, said)
	}
}

// warned tests that who gets another checkpoint than the newest hears so.
func (p *patient) warned(what, ref, said string) {
	p.t.Helper()
	if strings.HasPrefix(what, "manifests/") && ref == "j" && !strings.Contains(said, "warning: manifests/") {
		p.t.Errorf("%s: no warning in %q", what, said)
	}
}

// TestFlippedBits flips bits all over a store, and cuts its files off: emurun verify names the file, and a
// resume offers another checkpoint or goes on exactly. SOAK says how many times the usual number of bits.
func TestFlippedBits(t *testing.T) {
	flips := 40
	if soak, err := strconv.Atoi(os.Getenv("SOAK")); err == nil {
		flips *= 10 * soak
	}
	p := newPatient(t)
	r := rand.New(rand.NewSource(1))
	for _, path := range p.files() {
		good := []byte(text(t, path))
		for range min(flips, 4*len(good)) {
			at, bit := r.Intn(len(good)), r.Intn(8)
			bad := append([]byte(nil), good...)
			bad[at] ^= 1 << bit
			p.with(path, bad, fmt.Sprintf("bit %d of byte %d of %d", bit, at, len(good)), func(what string) {
				p.verify(path, what)
				if r.Intn(6) == 0 {
					p.resume(what, r)
				}
			})
		}
		for _, n := range []int{0, 1, len(good) / 2, len(good) - 1} {
			p.with(path, good[:n], fmt.Sprintf("cut to %d of %d bytes", n, len(good)), func(what string) {
				p.verify(path, what)
				p.resume(what, r)
			})
		}
		p.with(path, append(append([]byte(nil), good...), 0), "a byte longer", func(what string) { p.verify(path, what) })
	}
	t.Logf("%d files: %v", len(p.files()), p.verdict)
}
