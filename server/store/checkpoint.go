package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"emurun/snapshot"
)

// The errors of committing a checkpoint.
var (
	// ErrFenced says that the epoch is not that of the job's newest lease.
	ErrFenced = errors.New("fenced: the job's lease is another's")
	// ErrParent says that the parent is not the job's head.
	ErrParent = errors.New("the parent is not the job's head")
	// ErrSeq says that the job has another checkpoint with this number.
	ErrSeq = errors.New("the job has another checkpoint with this number")
	// ErrBadRequest says that what was sent makes no sense.
	ErrBadRequest = errors.New("bad request")
)

// MissingError says which packs have to be put first.
type MissingError struct{ Packs []snapshot.Hash }

func (e *MissingError) Error() string {
	return fmt.Sprintf("%d packs are missing, the first is %v", len(e.Packs), e.Packs[0])
}

// Commit is a checkpoint to commit.
type Commit struct {
	Manifest  []byte          // encoded
	Base      snapshot.Hash   // the checkpoint whose packs have what is not in Add; zero for none
	Add       []snapshot.Hash // packs that were put, or are in the base
	Inline    [][]byte        // small packs, put by this commit
	Owner     string          // who commits
	Namespace string          // of a job that is new
	Also      Batch           // what else changes with the head, such as the job's record
}

// Ack is the answer to a commit.
type Ack struct {
	ID    snapshot.Hash
	LSN   LSN  // at which it is there for certain
	Again bool // it was there before
}

// maxInline bounds the packs that travel in a commit: with the manifest, the table and
// the records they make one batch.
const (
	maxInline = 8
	maxTries  = 16 // how often a commit is tried when somebody else was faster
)

// commit is a Commit on its way.
type commit struct {
	*Commit
	s        *Store
	manifest *snapshot.Manifest
	id       snapshot.Hash
	inline   table
	head     Head
	version  LSN // of the head
	base     Entry
	grown    int // packs that the base's table got since it was trimmed
	table    table
	added    int64
}

// Commit commits a checkpoint. It is durable when it returns. The same commit again is
// answered as the first time.
//
// A job that had a lease accepts a checkpoint of its newest epoch, whose parent is its
// head, and nothing else. One that had none keeps whatever is put, as a directory does.
func (s *Store) Commit(req *Commit) (Ack, error) {
	m, err := snapshot.DecodeManifest(req.Manifest)
	if err != nil {
		return Ack{}, err
	}
	id, err := m.ID()
	if err != nil {
		return Ack{}, err
	}
	if err := CheckJob(m.Job); err != nil {
		return Ack{}, err
	}
	if len(req.Inline) > maxInline {
		return Ack{}, fmt.Errorf("%d packs in a commit, at most %d are allowed: %w", len(req.Inline), maxInline, ErrBadRequest)
	}
	c := &commit{Commit: req, s: s, manifest: m, id: id}
	var inline table
	for _, p := range req.Inline {
		inline = append(inline, PackSize{snapshot.Sum(p), int64(len(p))})
	}
	c.inline, _ = table(nil).with(inline)
	for range maxTries {
		ack, err := c.try()
		if !errors.Is(err, ErrConflict) {
			return ack, err
		}
	}
	return Ack{}, fmt.Errorf("checkpoint %v: %w", id, ErrConflict)
}

// CheckJob tests the name of a job.
func CheckJob(name string) error {
	bad := func(r rune) bool { return unicode.IsControl(r) }
	if len(name) > MaxJob || !utf8.ValidString(name) || strings.ContainsFunc(name, bad) || name == NoJob || name == "." || name == ".." {
		return fmt.Errorf("job %q: a name is at most %d bytes of UTF-8 without control characters, and not %q: %w", name, MaxJob, NoJob, ErrBadRequest)
	}
	return nil
}

// NoJob stands for the job without a name in paths.
const NoJob = "-"

// try looks, decides and commits once.
func (c *commit) try() (Ack, error) {
	if e, err := c.s.meta.Get(idKey(c.id)); err == nil {
		return Ack{c.id, e.Version, true}, nil
	} else if !errors.Is(err, ErrNotFound) {
		return Ack{}, err
	}
	if err := c.s.Regressed(); err != nil { // says more than that the parent is not there
		return Ack{}, err
	}
	if err := c.readHead(); err != nil {
		return Ack{}, err
	}
	if err := c.allowed(); err != nil {
		return Ack{}, err
	}
	unpin, err := c.collect()
	defer unpin()
	if err != nil {
		return Ack{}, err
	}
	if err := c.s.quota(c.head.Namespace, c.added); err != nil {
		return Ack{}, err
	}
	b, head, err := c.batch()
	if err != nil {
		return Ack{}, err
	}
	if err := c.s.writable(b.size()); err != nil {
		return Ack{}, err
	}
	lsn, err := c.s.meta.Commit(b)
	if err != nil {
		return Ack{}, err
	}
	c.s.usage.change(c.head.Namespace, head.Bytes-c.head.Bytes)
	c.s.packs.commit(c.Owner, c.Add)
	for _, p := range c.inline {
		c.s.packs.own(c.Owner, p.Name, p.Size, true, c.s.o.Now())
	}
	return Ack{c.id, lsn, false}, nil
}

// readHead reads where the job stands.
func (c *commit) readHead() error {
	c.head = Head{Job: c.manifest.Job, Namespace: cmp.Or(c.Namespace, DefaultNamespace)}
	e, err := c.s.meta.Get(headKey(c.manifest.Job))
	c.version = e.Version
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return unmarshal(e, &c.head)
}

// allowed compares the checkpoint with the head.
func (c *commit) allowed() error {
	m, h := c.manifest, &c.head
	if c.Namespace != "" && c.Namespace != h.Namespace {
		return fmt.Errorf("job %q is in another namespace: %w", m.Job, ErrForbidden)
	}
	switch {
	case m.Epoch != h.Epoch:
		return fmt.Errorf("job %q, epoch %d, its lease has %d: %w", m.Job, m.Epoch, h.Epoch, ErrFenced)
	case m.Epoch == 0:
		return nil
	case !h.ID.IsZero() && m.Seq <= h.Seq:
		return fmt.Errorf("job %q, number %d, the head is %d: %w", m.Job, m.Seq, h.Seq, ErrSeq)
	case m.Parent != h.ID || m.Seq != h.Seq+1:
		return fmt.Errorf("job %q, number %d on %v, the head is %d, %v: %w", m.Job, m.Seq, m.Parent, h.Seq, h.ID, ErrParent)
	}
	return nil
}

// collect makes the table of packs, and keeps them until the returned function is called.
func (c *commit) collect() (func(), error) {
	var base table
	c.base = Entry{}
	if !c.Base.IsZero() {
		var rec CheckpointRecord
		var err error
		if c.base, rec, err = c.s.record(c.Base); err != nil {
			return func() {}, fmt.Errorf("base: %w", err)
		}
		if err := c.mayRead(rec.Job); err != nil {
			return func() {}, err
		}
		if base, err = c.s.table(&rec); err != nil {
			return func() {}, err
		}
		if c.grown = rec.Grown; c.grown >= maxGrown {
			return func() {}, c.s.trimBase(c.Base)
		}
	}
	unpin := c.s.packs.pin(c.Add)
	add, err := c.check(base)
	if err != nil {
		return unpin, err
	}
	add = append(add, c.inline...)
	c.table, c.added = base.with(add)
	if len(c.table) > maxTable {
		return unpin, fmt.Errorf("%d packs: %w", len(c.table), ErrLimit)
	}
	return unpin, nil
}

// maxGrown is after how many new packs a table is trimmed at once, so that it stays small
// between two cycles of GC.
const maxGrown = 128

// trimBase trims the table of a checkpoint on which another is built, which then is tried
// again.
func (s *Store) trimBase(id snapshot.Hash) error {
	if _, err := s.trimOne(id); err != nil {
		return err
	}
	return ErrConflict
}

// mayRead tests that a job's packs may be taken for this one: they share a namespace.
func (c *commit) mayRead(job string) error {
	if job == c.manifest.Job {
		return nil
	}
	h, err := c.s.Head(job)
	if err != nil {
		return err
	}
	if h.Namespace != c.head.Namespace {
		return fmt.Errorf("the base is of another namespace: %w", ErrForbidden)
	}
	return nil
}

// check returns the added packs with their sizes: they are there, and the owner has put
// them or has them in the base. To know a pack's name is not to have it.
func (c *commit) check(base table) (table, error) {
	var add table
	var missing []snapshot.Hash
	for _, name := range c.Add {
		if base.has(name) || c.inline.has(name) {
			continue
		}
		size, ok, err := c.s.packs.Has(name)
		if err != nil {
			return nil, err
		}
		if !ok || !c.s.packs.owns(c.Owner, name, c.s.o.Now()) {
			missing = append(missing, name)
			continue
		}
		add = append(add, PackSize{name, size})
	}
	if missing != nil {
		return nil, &MissingError{missing}
	}
	return add, nil
}

// batch returns the commit as a batch, and the head that it puts.
func (c *commit) batch() (Batch, Head, error) {
	encoded := c.table.encode()
	rec := CheckpointRecord{
		ID: c.id, Job: c.manifest.Job, Epoch: c.manifest.Epoch, Seq: c.manifest.Seq, Parent: c.manifest.Parent, Step: c.manifest.Step,
		Created: c.manifest.Created, Label: c.manifest.Label, Manifest: snapshot.Sum(c.Manifest), Table: snapshot.Sum(encoded),
		Bytes: c.table.bytes(), At: c.s.o.Now().UTC(), Grown: c.grown + len(c.Add) + len(c.Inline),
	}
	head := c.head
	if c.newest() {
		head.Seq, head.ID, head.Key = rec.Seq, rec.ID, rec.key()
	}
	head.Bytes += c.added
	b := Batch{Pre: []Cond{{headKey(rec.Job), c.version}, {idKey(rec.ID), 0}}}
	if c.base.Key != "" {
		b.Pre = append(b.Pre, Cond{c.base.Key, c.base.Version})
	}
	packs := append([][]byte{c.Manifest, encoded}, c.Inline...)
	if err := c.s.putInBatch(&b, packs); err != nil {
		return b, head, err
	}
	if err := c.retire(&b, &head, rec.key()); err != nil {
		return b, head, err
	}
	b.Pre, b.Put, b.Del = append(b.Pre, c.Also.Pre...), append(b.Put, c.Also.Put...), append(b.Del, c.Also.Del...)
	for key, record := range map[string]any{rec.key(): &rec, idKey(rec.ID): rec.key(), headKey(rec.Job): &head} {
		kv, err := put(key, record)
		if err != nil {
			return b, head, err
		}
		b.Put = append(b.Put, kv)
	}
	return b, head, nil
}

// newest reports whether the checkpoint becomes the head; without a lease an older one
// may be put later.
func (c *commit) newest() bool {
	h := &c.head
	return h.ID.IsZero() || c.manifest.Epoch > 0 || c.manifest.Seq > h.Seq || c.manifest.Seq == h.Seq && bytes.Compare(c.id[:], h.ID[:]) < 0
}

// putInBatch puts small packs with b, and large ones at once. What is large and is not
// committed in the end goes with GC.
func (s *Store) putInBatch(b *Batch, packs [][]byte) error {
	seen := map[snapshot.Hash]bool{}
	for _, p := range packs {
		name := snapshot.Sum(p)
		if seen[name] {
			continue
		}
		seen[name] = true
		if len(p) > SmallPack {
			if err := s.packs.Put(name, int64(len(p)), bytes.NewReader(p)); err != nil {
				return err
			}
			continue
		}
		s.packs.touch(name)
		b.Put = append(b.Put, KV{packKey(name), p})
	}
	return nil
}
