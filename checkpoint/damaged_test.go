package checkpoint_test

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"emurun/checkpoint"
	"emurun/checkpoint/freezetest"
	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
	"emurun/snapshot/wire"
)

// specimens are the programs whose machines are damaged, frozen in the middle.
var specimens = []string{"pipes", "threads", "signals", "files", "sockets", "locks", "epolls", "shm", "timers", "fork", "memory", "jobs"}

// ward is the specimens in a store.
type ward struct {
	root  string
	store *dirstore.Store
	all   []*snapshot.Manifest
}

var theWard struct {
	once sync.Once
	ward
}

// openWard freezes the specimens, once.
func openWard(t testing.TB) *ward {
	t.Helper()
	theWard.once.Do(func() {
		dir, err := os.MkdirTemp("", "damaged")
		if err != nil {
			t.Fatal(err)
		}
		w := &theWard.ward
		w.root = filepath.Join(dir, "root")
		for _, d := range []string{"tmp", "proc", "dev", "sys"} {
			if err := os.MkdirAll(filepath.Join(w.root, d), 0o777); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.CopyFS(filepath.Join(w.root, "bin"), os.DirFS("../testbins/bin")); err != nil {
			t.Fatal(err)
		}
		if w.store, err = dirstore.Open(filepath.Join(dir, "store")); err != nil {
			t.Fatal(err)
		}
		for _, s := range specimens {
			whole, _ := freezetest.Run(t, w.program(s), freezetest.Never)
			freezetest.Frozen(t, w.program(s), whole.Steps/2, func(f *machine.Frozen) {
				m, err := checkpoint.Store(f, w.store)
				if err != nil {
					t.Fatal(err)
				}
				w.all = append(w.all, m)
			})
		}
	})
	if len(theWard.all) < len(specimens) {
		t.Fatal("the specimens could not be frozen")
	}
	return &theWard.ward
}

func (w *ward) program(guest string) freezetest.Program {
	return freezetest.Program{Argv: []string{"/bin/" + guest}, Dir: "/bin", Root: w.root}
}

// damage makes damages to the bytes of a graph: each takes 8 bytes of the fuzzer's input.
func damage(p, edits []byte) []byte {
	for ; len(edits) >= 8 && len(p) > 16; edits = edits[8:] {
		at := int(binary.LittleEndian.Uint32(edits) % uint32(len(p)-8))
		v := edits[5:8]
		switch edits[4] % 8 {
		case 0:
			p[at] ^= 1 << (v[0] % 8)
		case 1:
			p[at] = v[0]
		case 2:
			p[at] += v[0]%5 - 2
		case 3:
			binary.LittleEndian.PutUint64(p[at:], uint64(int64(int8(v[0])))<<(v[1]%64))
		case 4:
			p = slices.Delete(p, at, at+1+int(v[0]%8))
		case 5:
			p = slices.Insert(p, at, v...)
		case 6: // something of the same from elsewhere
			from := int(binary.LittleEndian.Uint16(v)) * 7 % (len(p) - 8)
			copy(p[at:at+1+int(v[2]%8)], p[from:])
		case 7:
			p = p[:at+8]
		}
	}
	return p
}

// suffer damages a specimen and thaws it.
func (w *ward) suffer(t testing.TB, in []byte) error {
	t.Helper()
	which := int(in[0]) % len(specimens)
	m := w.all[which]
	f, err := checkpoint.Open(w.store, m)
	if err != nil {
		t.Fatal(err)
	}
	f.Graph = &wire.Graph{Encoding: damage(slices.Clone(f.Graph.Encoding), in[1:])}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	err = freezetest.Damaged(t, w.program(specimens[which]), f, 5000)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<30 {
		t.Errorf("it took %d MiB: %v", used>>20, err)
	}
	if took > 20*time.Second {
		t.Errorf("it took %v: %v", took, err)
	}
	return err
}

// FuzzThaw damages the objects of whole machines: thawing them gives an error or a machine that runs, in
// bounded memory and time.
func FuzzThaw(f *testing.F) {
	for i := range specimens {
		f.Add([]byte{byte(i)})
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 || len(in) > 1+4*8 {
			return
		}
		_ = openWard(t).suffer(t, in)
	})
}

// TestDamaged makes random damages. SOAK says how many times the usual number.
func TestDamaged(t *testing.T) {
	n := 600
	if soak, err := strconv.Atoi(os.Getenv("SOAK")); err == nil {
		n *= soak
	}
	w := openWard(t)
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	outcomes := map[string]int{}
	for range n {
		in := make([]byte, 1+8*(1+r.IntN(2)))
		for i := range in {
			in[i] = byte(r.Uint32())
		}
		func() {
			defer func() {
				if e := recover(); e != nil {
					t.Errorf("input %q: %v", in, e)
					outcomes["panics"]++
				}
			}()
			switch err := w.suffer(t, in); {
			case err == nil:
				outcomes["runs"]++
			case errors.Is(err, wire.ErrCorrupt):
				outcomes["corrupt"]++
			default:
				outcomes["another error"]++
			}
		}()
	}
	t.Logf("seed %d: %v", seed, outcomes)
}
