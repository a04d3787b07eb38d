package store

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// TestSmallDisk fills a file system of 440 MiB: writes are refused in time, nothing dies,
// not even when others take the rest, and they come back when there is space again.
func TestSmallDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a disk of its own")
	}
	mount := mountDisk(t, 440)
	now := time.Now()
	o := Options{Reserve: 300 << 20, Now: func() time.Time { return now }}
	dir := filepath.Join(mount, "store")
	if err := Create(dir, nil); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, dir, o)
	var ids []snapshot.Hash
	for i := uint64(0); ; i++ {
		now = now.Add(2 * time.Second)
		ack, err := commitBig(s, i)
		if errors.Is(err, ErrDiskFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, ack)
		if i > 1000 {
			t.Fatal("it does not fill")
		}
	}
	if len(ids) < 5 {
		t.Fatalf("full after %d checkpoints", len(ids))
	}
	rest := filepath.Join(mount, "others")
	if out, err := exec.Command("sh", "-c", `dd if=/dev/zero of="$1" bs=1M`, "sh", rest).CombinedOutput(); err == nil {
		t.Errorf("the disk is not full: %s", out)
	}
	now = now.Add(2 * time.Second)
	if _, err := commitBig(s, 5000); !errors.Is(err, ErrDiskFull) {
		t.Errorf("error %v, want ErrDiskFull", err)
	}
	sound(t, s, len(ids))
	if err := os.Remove(rest); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids[2:] {
		if err := s.Delete(id); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		now = now.Add(2 * time.Hour)
		if _, err := s.GC(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := commitBig(s, 6000); err != nil {
		t.Errorf("there is space again: %v", err)
	}
	sound(t, s, 3)
}

// commitBig commits a checkpoint of about 8 MiB.
func commitBig(s *Store, seq uint64) (snapshot.Hash, error) {
	c, err := tryPoint(s, point{job: "a", seq: seq, content: storetest.Content(seq, 4096*snapshot.PageSize)}, 4<<20)
	if err != nil {
		return snapshot.Hash{}, err
	}
	ack, err := s.Commit(c)
	return ack.ID, err
}

// mountDisk mounts a new file system of so many MiB, or skips.
func mountDisk(t *testing.T, sizeMiB int64) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root can mount a disk")
	}
	image, dir := filepath.Join(t.TempDir(), "disk"), t.TempDir()
	write(t, image, "")
	if err := os.Truncate(image, sizeMiB<<20); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"mkfs.ext4", "-q", "-F", "-m", "0", image}, {"mount", "-o", "loop", image, dir}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Skipf("SKIPPED: %s: %v: %s", args[0], err, out)
		}
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir
}
