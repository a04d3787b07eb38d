package store

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot"
	"emurun/snapshot/pack"
	"emurun/snapshot/storetest"
)

// builder is a snapshot.Putter that makes packs, as a client does.
type builder struct {
	b     *pack.Builder
	packs [][]byte
}

func (b *builder) Put(h snapshot.Hash, p []byte) error {
	if b.b.Full() {
		b.finish()
	}
	b.b.Add(h, p)
	return nil
}

func (b *builder) finish() {
	if b.b.Len() > 0 {
		p, _, _ := b.b.Finish()
		b.packs = append(b.packs, p)
	}
}

// point is a checkpoint to be made.
type point struct {
	job        string
	epoch, seq uint64
	parent     snapshot.Hash
	label      string
	content    []byte
}

// putPoint puts the packs of a checkpoint, of at most packSize bytes, and returns what is
// left to commit.
func putPoint(t testing.TB, s *Store, p point, packSize int) *Commit {
	t.Helper()
	c, err := tryPoint(s, p, packSize)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryPoint(s *Store, p point, packSize int) (*Commit, error) {
	b := &builder{b: pack.NewBuilder(packSize)}
	section, err := snapshot.PutSection(b, "data", 1, p.content)
	if err != nil {
		return nil, err
	}
	b.finish()
	m := snapshot.Manifest{Job: p.job, Epoch: p.epoch, Seq: p.seq, Parent: p.parent, Label: p.label, Sections: []snapshot.Section{section}}
	c := &Commit{Owner: "test"}
	if c.Manifest, err = m.Encode(); err != nil {
		return nil, err
	}
	for _, data := range b.packs {
		if len(data) <= SmallPack && len(b.packs) == 1 {
			c.Inline = append(c.Inline, data)
			continue
		}
		name := snapshot.Sum(data)
		if err := s.Upload("test", "", PackSize{name, int64(len(data))}, bytes.NewReader(data)); err != nil {
			return nil, err
		}
		c.Add = append(c.Add, name)
	}
	return c, nil
}

// commitPoint commits a checkpoint, in packs that are files.
func commitPoint(t testing.TB, s *Store, p point) snapshot.Hash {
	t.Helper()
	ack, err := s.Commit(putPoint(t, s, p, 256<<10))
	if err != nil {
		t.Fatal(err)
	}
	return ack.ID
}

// grant gives a job its next epoch.
func grant(t testing.TB, s *Store, job string, epoch uint64) {
	t.Helper()
	b, _, err := s.GrantBatch(job, epoch, "")
	if err == nil {
		_, err = s.Meta().Commit(b)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// chain commits n checkpoints of a job of epoch 1, one on the other.
func chain(t testing.TB, s *Store, job string, n int) []snapshot.Hash {
	t.Helper()
	grant(t, s, job, 0)
	var ids []snapshot.Hash
	parent := snapshot.Hash{}
	for i := range n {
		parent = commitPoint(t, s, point{job: job, epoch: 1, seq: uint64(i + 1), parent: parent, content: storetest.Content(uint64(i), 60*snapshot.PageSize)})
		ids = append(ids, parent)
	}
	return ids
}

// TestGuard: a job with a lease accepts what continues it, and nothing else.
func TestGuard(t *testing.T) {
	s := newStore(t, testOptions())
	ids := chain(t, s, "a", 2)
	head := ids[1]
	content := storetest.Content(9, 5000)
	tests := []struct {
		name string
		p    point
		want error
	}{
		{"an older epoch", point{"a", 0, 3, head, "", content}, ErrFenced},
		{"an epoch that was not granted", point{"a", 2, 3, head, "", content}, ErrFenced},
		{"another with the head's number", point{"a", 1, 2, ids[0], "", content}, ErrSeq},
		{"a number that is past", point{"a", 1, 1, snapshot.Hash{}, "", content}, ErrSeq},
		{"another parent", point{"a", 1, 3, ids[0], "", content}, ErrParent},
		{"no parent", point{"a", 1, 3, snapshot.Hash{}, "", content}, ErrParent},
		{"a number too far", point{"a", 1, 4, head, "", content}, ErrParent},
		{"a bad name", point{"a\n", 1, 3, head, "", content}, ErrBadRequest},
		{"the next", point{"a", 1, 3, head, "", content}, nil},
		{"the next again, otherwise", point{"a", 1, 3, head, "", content[1:]}, ErrSeq},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := s.Commit(putPoint(t, s, tt.p, pack.MaxSize)); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
	grant(t, s, "a", 1)
	h, err := s.Head("a")
	if err != nil || h.Epoch != 2 || h.Seq != 3 {
		t.Fatalf("head %+v, error %v", h, err)
	}
	if _, err := s.Commit(putPoint(t, s, point{"a", 1, 4, h.ID, "", content}, pack.MaxSize)); !errors.Is(err, ErrFenced) {
		t.Errorf("who lost the lease: error %v, want ErrFenced", err)
	}
	commitPoint(t, s, point{"a", 2, 4, h.ID, "", content})
}

// TestAgain: the same commit is answered as the first time, also when the head has moved.
func TestAgain(t *testing.T) {
	s := newStore(t, testOptions())
	grant(t, s, "a", 0)
	c := putPoint(t, s, point{job: "a", epoch: 1, seq: 1, content: storetest.Content(1, 5000)}, pack.MaxSize)
	first, err := s.Commit(c)
	if err != nil {
		t.Fatal(err)
	}
	commitPoint(t, s, point{job: "a", epoch: 1, seq: 2, parent: first.ID, content: storetest.Content(2, 5000)})
	again, err := s.Commit(c)
	if diff := cmp.Diff(Ack{first.ID, first.LSN, true}, again); diff != "" || err != nil {
		t.Errorf("error %v, answer (-want +got):\n%s", err, diff)
	}
}

// TestAlso: what changes with the head changes with it, or not at all.
func TestAlso(t *testing.T) {
	s := newStore(t, testOptions())
	c := putPoint(t, s, point{job: "a", seq: 1, content: storetest.Content(1, 5000)}, pack.MaxSize)
	c.Also = Batch{Pre: []Cond{{JobTable + "a", 7}}, Put: []KV{{JobTable + "a", []byte("running")}}}
	if _, err := s.Commit(c); !errors.Is(err, ErrConflict) {
		t.Errorf("error %v, want ErrConflict", err)
	}
	if _, err := s.Head("a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("there is a head, error %v", err)
	}
	c.Also.Pre[0].Version = 0
	ack, err := s.Commit(c)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := s.Meta().Get(JobTable + "a"); err != nil || e.Version != ack.LSN {
		t.Errorf("the job's record is %+v, error %v", e, err)
	}
}

// TestPossession: to know a pack's name is not to have it.
func TestPossession(t *testing.T) {
	s := newStore(t, testOptions())
	c := putPoint(t, s, point{job: "a", seq: 1, content: storetest.Content(1, 100*snapshot.PageSize)}, 96<<10)
	if _, err := s.Commit(c); err != nil {
		t.Fatal(err)
	}
	thief := *c
	thief.Owner = "thief"
	m, _ := snapshot.DecodeManifest(c.Manifest)
	m.Job = "stolen"
	thief.Manifest, _ = m.Encode()
	var missing *MissingError
	if _, err := s.Commit(&thief); !errors.As(err, &missing) || len(missing.Packs) != len(c.Add) {
		t.Errorf("error %v, want %d missing packs", err, len(c.Add))
	}
	err := s.Upload("thief", "", PackSize{c.Add[0], 5}, strings.NewReader("wrong"))
	if !errors.Is(err, ErrCorrupt) || s.Uploaded("thief", c.Add[0]) {
		t.Errorf("put of other bytes under a name that is there: error %v", err)
	}
	thief.Base, thief.Add, thief.Namespace = m.Parent, nil, "other"
	if thief.Base, err = idOf(c.Manifest); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(&thief); !errors.Is(err, ErrForbidden) {
		t.Errorf("base of another namespace: error %v, want ErrForbidden", err)
	}
}

func idOf(manifest []byte) (snapshot.Hash, error) {
	m, err := snapshot.DecodeManifest(manifest)
	if err != nil {
		return snapshot.Hash{}, err
	}
	return m.ID()
}

// TestOwnersSurvive: what was put before a restart can be committed after it.
func TestOwnersSurvive(t *testing.T) {
	s := newStore(t, testOptions())
	c := putPoint(t, s, point{job: "a", seq: 1, content: storetest.Content(1, 100*snapshot.PageSize)}, 96<<10)
	bytes, n := s.packs.owned("test")
	if n != len(c.Add) || bytes == 0 {
		t.Fatalf("%d packs of %d bytes are owned, %d were put", n, bytes, len(c.Add))
	}
	s = reopen(t, s, testOptions())
	if again, m := s.packs.owned("test"); again != bytes || m != n {
		t.Errorf("after opening again %d packs of %d bytes are owned, not %d of %d", m, again, n, bytes)
	}
	if _, err := s.Commit(c); err != nil {
		t.Fatal(err)
	}
	for range 2 { // also from the file written anew
		if _, err := s.GC(); err != nil {
			t.Fatal(err)
		}
		s = reopen(t, s, testOptions())
		if bytes, m := s.packs.owned("test"); bytes != 0 || m != n {
			t.Errorf("committed: %d packs of %d bytes are owned, want %d of 0", m, bytes, n)
		}
	}
}

// TestRetention: the newest three and those with a label stay.
func TestRetention(t *testing.T) {
	s := newStore(t, testOptions())
	grant(t, s, "a", 0)
	parent := snapshot.Hash{}
	for i := uint64(1); i <= 8; i++ {
		label := ""
		if i == 2 {
			label = "release"
		}
		parent = commitPoint(t, s, point{"a", 1, i, parent, label, storetest.Content(i, 5000)})
	}
	list, err := s.JobCheckpoints("a")
	var got []uint64
	for _, c := range list {
		got = append(got, c.Seq)
	}
	if diff := cmp.Diff([]uint64{8, 7, 6, 2}, got); diff != "" || err != nil {
		t.Errorf("error %v, checkpoints (-want +got):\n%s", err, diff)
	}
	if err := s.Delete(list[0].ID); !errors.Is(err, ErrInUse) {
		t.Errorf("deletion of the head: error %v, want ErrInUse", err)
	}
}

// TestGC: what nothing needs goes after two cycles and a grace, what is needed stays, and
// the tables of a job that changes all its pages do not grow.
func TestGC(t *testing.T) {
	now := time.Now()
	o := testOptions()
	o.Now = func() time.Time { return now }
	s := newStore(t, o)
	grant(t, s, "a", 0)
	parent, rng := snapshot.Hash{}, rand.New(rand.NewPCG(1, 2))
	content := storetest.Content(1, 200*snapshot.PageSize)
	for i := uint64(1); i <= 12; i++ {
		for page := range 200 {
			if rng.IntN(2) == 0 {
				copy(content[page*snapshot.PageSize:], storetest.Content(i*1000+uint64(page), snapshot.PageSize))
			}
		}
		c := putPoint(t, s, point{"a", 1, i, parent, "", content}, 96<<10)
		c.Base = parent
		ack, err := s.Commit(c)
		if err != nil {
			t.Fatal(err)
		}
		parent = ack.ID
		now = now.Add(2 * o.graceOr())
		if _, err := s.GC(); err != nil {
			t.Fatal(err)
		}
	}
	before := countPacks(t, s)
	for range 3 {
		now = now.Add(2 * o.graceOr())
		if _, err := s.GC(); err != nil {
			t.Fatal(err)
		}
	}
	after, table := countPacks(t, s), tableOf(t, s, parent)
	if after > before || after > 80 || len(table) > 40 {
		t.Errorf("%d packs, then %d; %d in the table of the head", before, after, len(table))
	}
	sound(t, s, 3)
	h, _ := s.Head("a")
	used := int64(0)
	for p, err := range s.Packs().List() {
		if err != nil {
			t.Fatal(err)
		}
		used += p.Size
	}
	if h.Bytes == 0 || h.Bytes > used || s.Namespaces()[DefaultNamespace].Bytes != h.Bytes {
		t.Errorf("the job holds %d bytes, the namespace %d, the disk %d", h.Bytes, s.Namespaces()[DefaultNamespace].Bytes, used)
	}
}

func (o Options) graceOr() time.Duration { o.defaults(); return o.Grace }

func countPacks(t *testing.T, s *Store) int {
	t.Helper()
	n := 0
	for _, err := range s.Packs().List() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func tableOf(t *testing.T, s *Store, id snapshot.Hash) []PackSize {
	t.Helper()
	list, err := s.Table(id)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// sound fails unless all of s is good, and it has so many checkpoints.
func sound(t testing.TB, s *Store, checkpoints int) {
	t.Helper()
	r, err := s.Verify(true)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Damage) > 0 || len(r.Good) != checkpoints {
		t.Errorf("%d good checkpoints, want %d; damage: %v", len(r.Good), checkpoints, errors.Join(r.Damage...))
	}
}

// TestTablesStaySmall: also between two cycles of GC, while a job commits and commits.
func TestTablesStaySmall(t *testing.T) {
	s := newStore(t, testOptions())
	grant(t, s, "a", 0)
	parent, longest := snapshot.Hash{}, 0
	for i := uint64(1); i <= 2*maxGrown; i++ {
		c := putPoint(t, s, point{"a", 1, i, parent, "", storetest.Content(i, 3*snapshot.PageSize)}, pack.MaxSize)
		c.Base = parent
		ack, err := s.Commit(c)
		if err != nil {
			t.Fatal(err)
		}
		parent = ack.ID
		longest = max(longest, len(tableOf(t, s, parent)))
	}
	if longest > maxGrown+2 {
		t.Errorf("a table has %d packs, one is needed", longest)
	}
	sound(t, s, snapshot.KeepNewest)
}

// TestGCSpares: what somebody has just put, or asked for, stays.
func TestGCSpares(t *testing.T) {
	now := time.Now()
	o := testOptions()
	o.Now = func() time.Time { return now }
	s := newStore(t, o)
	cycle := func() GCStats {
		t.Helper()
		now = now.Add(40 * time.Minute)
		st, err := s.GC()
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	c := putPoint(t, s, point{job: "a", seq: 1, content: storetest.Content(1, 100*snapshot.PageSize)}, 96<<10)
	for range 6 { // asked for again and again
		if missing, err := s.Missing("test", c.Add); err != nil || len(missing) > 0 {
			t.Fatalf("missing %v, error %v", missing, err)
		}
		cycle()
	}
	if n := countPacks(t, s); n != len(c.Add) {
		t.Errorf("%d packs, %d were put", n, len(c.Add))
	}
	deleted := 0
	for range 6 {
		deleted += cycle().Deleted
	}
	if deleted != len(c.Add) || countPacks(t, s) != 0 {
		t.Errorf("%d packs deleted, %d were put and forgotten", deleted, len(c.Add))
	}
	var missing *MissingError
	if _, err := s.Commit(c); !errors.As(err, &missing) || len(missing.Packs) != len(c.Add) {
		t.Errorf("error %v, want all packs missing", err)
	}
}

func TestQuota(t *testing.T) {
	s := newStore(t, testOptions())
	if err := s.SetQuota(DefaultNamespace, 300<<10); err != nil {
		t.Fatal(err)
	}
	commitPoint(t, s, point{job: "a", seq: 1, content: storetest.Content(1, 50*snapshot.PageSize)})
	used := s.Namespaces()[DefaultNamespace].Bytes
	c := putPoint(t, s, point{job: "b", seq: 1, content: storetest.Content(2, 100*snapshot.PageSize)}, 96<<10)
	if _, err := s.Commit(c); !errors.Is(err, ErrQuota) {
		t.Errorf("error %v, want ErrQuota", err)
	}
	s = reopen(t, s, testOptions())
	if n := s.Namespaces()[DefaultNamespace]; n.Bytes != used || n.Quota != 300<<10 {
		t.Errorf("opened again: %+v, %d bytes were used", n, used)
	}
	if err := s.Upload("x", DefaultNamespace, PackSize{snapshot.Hash{1}, 300 << 10}, nil); !errors.Is(err, ErrQuota) {
		t.Errorf("put: error %v, want ErrQuota", err)
	}
	if err := s.SetQuota(DefaultNamespace, 0); err != nil {
		t.Fatal(err)
	}
	commitPoint(t, s, point{job: "b", seq: 1, content: storetest.Content(2, 100*snapshot.PageSize)})
}
