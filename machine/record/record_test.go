package record

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
)

var update = flag.Bool("update", false, "write the recording of the newest version")

func testHeader() *Header {
	return &Header{
		Seed: 1, EpochNs: 2, Memory: 3, MaxSteps: 4, Level: 2, Path: "/bin/cat", Cwd: "/", Argv: []string{"cat"}, Envp: []string{"A=b"},
		Groups: []uint32{7}, Trees: []Tree{{At: "/", Source: "/", Dev: 9}},
	}
}

// sample is a recording with all kinds of frames, and its inputs.
func sample(t testing.TB) ([]byte, []machine.Input) {
	var b bytes.Buffer
	w, err := NewWriter(&b, testHeader())
	if err != nil {
		t.Fatal(err)
	}
	var list []machine.Input
	add := func(e machine.Input) {
		list = append(list, e)
		if err := w.Append(&e); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint64(1000) {
		add(machine.Input{Step: i * i, Tick: i, Kind: machine.InputRead, Data: bytes.Repeat([]byte{byte(i)}, int(i%50))})
	}
	add(machine.Input{Step: 1 << 40, Tick: 2000, Kind: machine.InputMark})
	for i := range 100 {
		p := bytes.Repeat([]byte(fmt.Sprint(i)), 1000)
		for range 2 {
			if err := w.Put(wire.Sum(snapshot.Sum(p)), p); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, text := range []string{"old", "new"} {
		if err := w.PutFiles(&Files{Trees: []Seen{{Graph: []byte(text), Sections: []snapshot.Section{{Name: "host/000000", Size: 5}}}}}); err != nil {
			t.Fatal(err)
		}
	}
	add(machine.Input{Step: 1 << 40, Tick: 2001, Kind: machine.InputWrite, Port: machine.Stdout, Errno: abi.EPIPE})
	if err := w.Close(&End{Status: 256, Steps: 1 << 40}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), list
}

func open(p []byte) (*Reader, error) { return Open(bytes.NewReader(p), int64(len(p))) }

// all reads the rest of the inputs.
func all(r *Reader) (list []machine.Input, err error) {
	for {
		e, err := r.Next()
		if err != nil {
			return list, err
		}
		x := *e
		x.Data = bytes.Clone(x.Data)
		if len(x.Data) == 0 {
			x.Data = nil
		}
		list = append(list, x)
	}
}

func TestRecording(t *testing.T) {
	p, want := sample(t)
	r, err := open(p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*testHeader(), r.Header); diff != "" {
		t.Errorf("header (-want +got)\n%s", diff)
	}
	if r.End == nil || r.End.Status != 256 || string(r.Files.Trees[0].Graph) != "new" {
		t.Errorf("end %v, files %v", r.End, r.Files)
	}
	empty(want)
	got, err := all(r)
	if diff := cmp.Diff(want, got); diff != "" || err != io.EOF {
		t.Errorf("%v, inputs (-want +got)\n%s", err, diff)
	}
	for i := range 100 {
		q := bytes.Repeat([]byte(fmt.Sprint(i)), 1000)
		if c, err := r.Get(snapshot.Sum(q)); err != nil || !bytes.Equal(c, q) {
			t.Errorf("chunk %d: %v", i, err)
		}
	}
	if _, err := r.Get(snapshot.Hash{1}); !errors.Is(err, snapshot.ErrNotFound) {
		t.Errorf("a chunk that is not there: %v", err)
	}
}

// A recording that was cut off anywhere is good up to there.
func TestCut(t *testing.T) {
	p, want := sample(t)
	empty(want)
	last := 0
	for n := 0; n < len(p); n += 1 + len(p)/300 {
		r, err := open(p[:n])
		if err != nil {
			if last > 0 || !errors.Is(err, ErrCorrupt) {
				t.Errorf("%d of %d bytes: %v", n, len(p), err)
			}
			continue
		}
		got, err := all(r)
		if err != io.EOF || len(got) < last || r.End != nil {
			t.Errorf("%d of %d bytes: %d inputs after %d, %v", n, len(p), len(got), last, err)
		}
		if !reflect.DeepEqual(append([]machine.Input(nil), want[:len(got)]...), got) {
			t.Errorf("%d of %d bytes: other inputs", n, len(p))
		}
		last = len(got)
	}
	if last < 1000 {
		t.Errorf("%d inputs", last)
	}
}

// A flipped bit is found, and its frame named.
func TestFlippedBits(t *testing.T) {
	p, _ := sample(t)
	for i := 0; i < len(p); i += 1 + len(p)/500 {
		q := bytes.Clone(p)
		q[i] ^= 1 << (i % 8)
		r, err := open(q)
		switch {
		case err == nil:
			// A length that reaches beyond the end looks like a recording that was cut off.
			if r.End != nil {
				t.Errorf("bit %d of byte %#x: nothing noticed", i%8, i)
			}
		case !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion):
			t.Errorf("byte %#x: %v", i, err)
		case i > headLen && !strings.Contains(err.Error(), "frame ") && !strings.Contains(err.Error(), "no header"):
			t.Errorf("byte %#x: the frame is not named: %v", i, err)
		}
	}
}

func TestFreeze(t *testing.T) {
	fix := func(s *machine.Standard) {
		for i := range s.Streams {
			s.Streams[i].Same = machine.Port(i)
		}
	}
	wiretest.RoundTrip(t, new(Header), new(Header), wiretest.Adjust(func(h *Header) { fix(&h.Standard) }))
	wiretest.RoundTrip(t, new(Files), new(Files))
	wiretest.RoundTrip(t, new(End), new(End))
}

func TestVersion(t *testing.T) {
	p := append(preamble(Version+1), make([]byte, 100)...)
	if _, err := open(p); !errors.Is(err, ErrVersion) {
		t.Errorf("%v", err)
	}
}

// TestFixtures opens a recording of every version there has been.
func TestFixtures(t *testing.T) {
	for v := 1; v <= Version; v++ {
		name := filepath.Join("testdata", fmt.Sprintf("v%d.rec", v))
		if v == Version && *update {
			p, _ := sample(t)
			if err := os.WriteFile(name, p, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		p, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := open(p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := all(r); len(got) != 1002 || err != io.EOF || r.End == nil {
			t.Errorf("%s: %d inputs, %v", name, len(got), err)
		}
	}
}

// FuzzOpen: any bytes give a recording or an error, never a panic. The chain of hashes is
// made right, so that the fuzzer comes behind it.
func FuzzOpen(f *testing.F) {
	p, _ := sample(f)
	f.Add(p)
	f.Add(p[:1000])
	f.Fuzz(func(t *testing.T, p []byte) {
		p = bytes.Clone(p) // which the fuzzer keeps
		rehash(p)
		r, err := open(p)
		if err != nil {
			return
		}
		_, _ = all(r)
		for h := range r.chunks {
			if _, err := r.Get(h); err != nil {
				t.Errorf("a chunk that was there: %v", err)
			}
		}
	})
}

// rehash makes the hashes of p right, as far as there are frames.
func rehash(p []byte) {
	if len(p) < headLen {
		return
	}
	copy(p, preamble(Version))
	hash := link([hashLen]byte{}, p[:headLen], nil)
	for off := headLen; off+frameHead+hashLen <= len(p); {
		n := int(uint32(p[off+1]) | uint32(p[off+2])<<8 | uint32(p[off+3])<<16 | uint32(p[off+4])<<24)
		end := off + frameHead + n
		if n > maxBody || end+hashLen > len(p) {
			return
		}
		hash = link(hash, p[off:off+frameHead], p[off+frameHead:end])
		copy(p[end:], hash[:])
		off = end + hashLen
	}
}

// empty makes data without bytes nil, as all does.
func empty(list []machine.Input) {
	for i := range list {
		if len(list[i].Data) == 0 {
			list[i].Data = nil
		}
	}
}
