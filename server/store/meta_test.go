package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4/options"
	"github.com/google/go-cmp/cmp"

	"emurun/snapshot"
)

// TestOptions holds the options on which durability and memory depend.
func TestOptions(t *testing.T) {
	o := badgerOptions("d", slog.New(slog.DiscardHandler))
	type held struct {
		SyncWrites, DetectConflicts, CompactL0OnClose bool
		ValueThreshold, MemTableSize                  int64
		NumVersionsToKeep, NumMemtables               int
		IndexCacheSize, BlockCacheSize                int64
		Checksums                                     options.ChecksumVerificationMode
	}
	want := held{true, false, true, 1 << 20, 64 << 20, 1, 3, 64 << 20, 64 << 20, options.OnTableAndBlockRead}
	got := held{o.SyncWrites, o.DetectConflicts, o.CompactL0OnClose, o.ValueThreshold, o.MemTableSize,
		o.NumVersionsToKeep, o.NumMemtables, o.IndexCacheSize, o.BlockCacheSize, o.ChecksumVerificationMode}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if MaxValue+envelope >= o.ValueThreshold {
		t.Error("a value may reach the value log")
	}
}

// TestBadgerVersion: earlier versions can bring back what was deleted.
func TestBadgerVersion(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mod)) {
		var major, minor, patch int
		if n, _ := fmt.Sscanf(strings.TrimSpace(line), "github.com/dgraph-io/badger/v4 v%d.%d.%d", &major, &minor, &patch); n == 3 {
			if minor < 9 || minor == 9 && patch < 6 {
				t.Errorf("%s: want at least v4.9.6", strings.TrimSpace(line))
			}
			return
		}
	}
	t.Error("badger is not in go.mod")
}

// testOptions are those of tests, which run on small disks.
func testOptions() Options { return Options{Reserve: 1 << 20} }

// newStore returns an empty store.
func newStore(t testing.TB, o Options) *Store {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	if err := Create(dir, nil); err != nil {
		t.Fatal(err)
	}
	return openStore(t, dir, o)
}

func openStore(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func reopen(t testing.TB, s *Store, o Options) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return openStore(t, s.dir, o)
}

func TestCommit(t *testing.T) {
	s := newStore(t, testOptions())
	m := s.Meta()
	first, err := m.Commit(Batch{Put: []KV{{"x/a", []byte("1")}, {"x/b", []byte("2")}}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		batch Batch
		want  error
	}{
		{"absent, but there", Batch{Pre: []Cond{{"x/a", 0}}, Put: []KV{{"x/c", nil}}}, ErrConflict},
		{"another version", Batch{Pre: []Cond{{"x/a", first + 1}}, Put: []KV{{"x/c", nil}}}, ErrConflict},
		{"there, but absent", Batch{Pre: []Cond{{"x/z", first}}, Put: []KV{{"x/c", nil}}}, ErrConflict},
		{"one of two holds", Batch{Pre: []Cond{{"x/a", first}, {"x/b", 0}}, Put: []KV{{"x/c", nil}}}, ErrConflict},
		{"written twice", Batch{Put: []KV{{"x/c", nil}}, Del: []string{"x/c"}}, ErrLimit},
		{"empty key", Batch{Put: []KV{{"", nil}}}, ErrLimit},
		{"long key", Batch{Del: []string{strings.Repeat("k", MaxKey+1)}}, ErrLimit},
		{"long value", Batch{Put: []KV{{"x/c", make([]byte, MaxValue+1)}}}, ErrLimit},
		{"too many operations", many(MaxOps+1, 1), ErrLimit},
		{"too many bytes", many(20, MaxValue), ErrLimit},
		{"too many conditions", Batch{Pre: make([]Cond, MaxConds+1)}, ErrLimit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := m.Commit(tt.batch); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := m.Get("x/c"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a batch that was refused left something: error %v", err)
	}
	second, err := m.Commit(Batch{Pre: []Cond{{"x/a", first}, {"x/z", 0}}, Put: []KV{{"x/a", []byte("3")}}, Del: []string{"x/b"}})
	if err != nil || second != first+1 {
		t.Fatalf("batch %d behind %d, error %v", second, first, err)
	}
	s = reopen(t, s, testOptions())
	var got []Entry
	for e, err := range s.Meta().Scan("x/", "") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	if diff := cmp.Diff([]Entry{{"x/a", []byte("3"), second}}, got); diff != "" {
		t.Errorf("after opening again (-want +got):\n%s", diff)
	}
}

// many returns a batch of n puts of size bytes.
func many(n, size int) Batch {
	var b Batch
	for i := range n {
		b.Put = append(b.Put, KV{fmt.Sprintf("many/%d", i), make([]byte, size)})
	}
	return b
}

// TestLimitsFit: the largest batch is committed whole.
func TestLimitsFit(t *testing.T) {
	s := newStore(t, testOptions())
	if _, err := s.Meta().Commit(many(15, MaxValue)); err != nil {
		t.Error(err)
	}
	if _, err := s.Meta().Commit(many(MaxOps, 1000)); err != nil {
		t.Error(err)
	}
}

// TestGroups: many who write at a time share transactions, and of those that want the
// same one wins.
func TestGroups(t *testing.T) {
	s := newStore(t, testOptions())
	const writers, each = 16, 20
	var group sync.WaitGroup
	wins := make([]int, writers)
	for w := range writers {
		group.Go(func() {
			for i := range each {
				key := fmt.Sprintf("x/%d", i)
				_, err := s.Meta().Commit(Batch{Pre: []Cond{{key, 0}}, Put: []KV{{key, []byte{byte(w)}}}})
				if err == nil {
					wins[w]++
				} else if !errors.Is(err, ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	total := 0
	for _, n := range wins {
		total += n
	}
	if st := s.Stats(); total != each || st.Groups >= writers*each {
		t.Errorf("%d wins of %d, %d groups", total, each, st.Groups)
	}
}

// TestRefusals: each reason not to open or to write is said clearly.
func TestRefusals(t *testing.T) {
	s := newStore(t, testOptions())
	t.Run("locked", func(t *testing.T) {
		_, err := Open(s.dir, testOptions())
		refused(t, err, ErrLocked, fmt.Sprintf("(process %d)", os.Getpid()))
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	t.Run("newer format", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, marker), "emusrv store 2\n")
		_, err := Open(dir, testOptions())
		refused(t, err, ErrVersion, "use the emusrv that made it, or a newer one")
	})
	t.Run("no store", func(t *testing.T) {
		_, err := Open(t.TempDir(), testOptions())
		refused(t, err, ErrNoStore, "emusrv init makes one")
	})
	t.Run("other files", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "thesis.tex"), "")
		refused(t, Create(dir, nil), nil, "choose an empty directory")
	})
	t.Run("made twice", func(t *testing.T) { refused(t, Create(s.dir, nil), nil, "it is a store already") })
}

func refused(t *testing.T, err, want error, text string) {
	t.Helper()
	if err == nil || want != nil && !errors.Is(err, want) || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v, want %q", err, text)
	}
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDiskFull: writes are refused before the disk is full, and come back when it is not.
func TestDiskFull(t *testing.T) {
	now := time.Now()
	o := testOptions()
	o.Now = func() time.Time { return now }
	s := newStore(t, o)
	s.space.reserve = 1 << 62
	now = now.Add(time.Hour)
	if _, err := s.Meta().Commit(many(1, 1)); !errors.Is(err, ErrDiskFull) {
		t.Errorf("commit: error %v", err)
	}
	p := make([]byte, 100)
	if err := s.Packs().Put(snapshot.Sum(p), 100, strings.NewReader(string(p))); !errors.Is(err, ErrDiskFull) {
		t.Errorf("put: error %v", err)
	}
	if err := s.Writable(); !errors.Is(err, ErrDiskFull) {
		t.Errorf("writable: error %v", err)
	}
	s.space.reserve = 1
	if _, err := s.Meta().Commit(many(1, 1)); err != nil {
		t.Error(err)
	}
}

// TestQuarantine: the empty logs that a power cut leaves do not keep a store from opening.
func TestQuarantine(t *testing.T) {
	s := newStore(t, testOptions())
	if _, err := s.Meta().Commit(many(3, 10)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"00009.mem", "000009.vlog"} {
		write(t, filepath.Join(s.dir, metaDir, name), "")
	}
	s = openStore(t, s.dir, testOptions())
	if _, err := s.Meta().Get("many/2"); err != nil {
		t.Error(err)
	}
	names, _ := filepath.Glob(filepath.Join(s.dir, quarantineDir, "*"))
	if len(names) != 2 {
		t.Errorf("in quarantine: %q", names)
	}
}

// TestRegression: a store that lost acknowledged batches refuses to write until told
// otherwise, however it finds out.
func TestRegression(t *testing.T) {
	t.Run("the copy beside it is newer", func(t *testing.T) {
		s := newStore(t, testOptions())
		if err := s.meta.acked.set(s.Stats().Last + 5); err != nil {
			t.Fatal(err)
		}
		s = reopen(t, s, testOptions())
		staysRegressed(t, s)
	})
	t.Run("a client was told", func(t *testing.T) {
		s := newStore(t, testOptions())
		s.Heard(Mark{"another", 1, 1 << 40})
		s.Heard(s.Mark(s.Stats().Last))
		if err := s.Regressed(); err != nil {
			t.Fatal(err)
		}
		s.Heard(s.Mark(s.Stats().Last + 5))
		staysRegressed(t, s)
	})
	t.Run("an old copy was put back", func(t *testing.T) {
		s := newStore(t, testOptions())
		s.Heard(Mark{s.id.ID, s.id.Generation + 1, 1})
		staysRegressed(t, s)
	})
}

func staysRegressed(t *testing.T, s *Store) {
	t.Helper()
	lost := s.Mark(s.Stats().Last + 5)
	for range 2 {
		if _, err := s.Meta().Commit(many(1, 1)); !errors.Is(err, ErrRegressed) {
			t.Fatalf("commit: error %v, want ErrRegressed", err)
		}
		s = reopen(t, s, testOptions())
	}
	o := testOptions()
	o.AcceptRegression = true
	s = reopen(t, s, o)
	n, err := s.Meta().Commit(many(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Mark(n); m.LSN <= lost.LSN-5 || m.Generation <= lost.Generation {
		t.Errorf("batch %v is not behind %v", m, lost)
	}
	s.Heard(lost)
	s = reopen(t, s, testOptions())
	if _, err := s.Meta().Commit(many(1, 1)); err != nil {
		t.Error(err)
	}
}

// TestFlippedLog: badger says nothing about a flipped bit in its write-ahead log, and
// drops what is behind it. We notice.
func TestFlippedLog(t *testing.T) {
	s := newStore(t, testOptions())
	for range 10 {
		if _, err := s.Meta().Commit(many(4, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "copy") // as kill -9 would leave it
	copyStore(t, s.dir, dir)
	logs, _ := filepath.Glob(filepath.Join(dir, metaDir, "*.mem"))
	if len(logs) != 1 {
		t.Fatalf("logs: %q", logs)
	}
	flip(t, logs[0], 9000)
	again := openStore(t, dir, testOptions())
	if err := again.Regressed(); !errors.Is(err, ErrRegressed) {
		t.Errorf("error %v, want ErrRegressed; last batch %d of %d", err, again.Stats().Last, s.Stats().Last)
	}
}

// flip flips a bit of a file.
func flip(t testing.TB, name string, at int64) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var p [1]byte
	if _, err := f.ReadAt(p[:], at); err != nil {
		t.Fatal(err)
	}
	p[0] ^= 4
	if _, err := f.WriteAt(p[:], at); err != nil {
		t.Fatal(err)
	}
}

// copyStore copies a store that is open, leaving holes.
func copyStore(t testing.TB, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, path)
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		p := make([]byte, min(info.Size(), 4<<20))
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		n, _ := f.Read(p)
		if err := os.WriteFile(target, p[:n], 0o600); err != nil {
			return err
		}
		return os.Truncate(target, info.Size())
	})
	if err != nil {
		t.Fatal(err)
	}
}
