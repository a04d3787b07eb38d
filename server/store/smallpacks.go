package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"

	"emurun/snapshot"
)

// packs is Packs of which the small ones lie in the database. It watches the disk.
type packs struct {
	s     *Store
	files packFiles
	uses
	tables tableCache
}

func newPacks(s *Store) *packs {
	p := &packs{s: s, files: packFiles{s.dir, s.o.Hook}, uses: newUses()}
	p.file.name = filepath.Join(s.dir, ownersName)
	return p
}

// Put implements Packs.
func (p *packs) Put(name snapshot.Hash, size int64, r io.Reader) error {
	if size < 0 || size > MaxPack {
		return fmt.Errorf("pack of %d bytes, at most %d are allowed: %w", size, MaxPack, ErrLimit)
	}
	p.touch(name)
	if _, ok, err := p.Has(name); err != nil {
		return err
	} else if ok { // but whoever says so must have it, too
		return copyHashed(io.Discard, r, size, name)
	}
	if err := p.s.writable(int(size)); err != nil {
		return err
	}
	if size > SmallPack {
		return p.files.Put(name, size, r)
	}
	buf := bytes.NewBuffer(make([]byte, 0, size))
	if err := copyHashed(buf, r, size, name); err != nil {
		return err
	}
	_, err := p.s.meta.Commit(Batch{Put: []KV{{packKey(name), buf.Bytes()}}})
	return err
}

// Open implements Packs.
func (p *packs) Open(name snapshot.Hash) (Pack, error) {
	e, err := p.s.meta.Get(packKey(name))
	if errors.Is(err, ErrNotFound) {
		return p.files.Open(name)
	}
	if err != nil {
		return nil, err
	}
	return smallPack{bytes.NewReader(e.Value)}, nil
}

// Has implements Packs.
func (p *packs) Has(name snapshot.Hash) (int64, bool, error) {
	e, err := p.s.meta.Get(packKey(name))
	if errors.Is(err, ErrNotFound) {
		return p.files.Has(name)
	}
	return int64(len(e.Value)), err == nil, err
}

// Delete implements Packs.
func (p *packs) Delete(name snapshot.Hash) error {
	if _, err := p.s.meta.Get(packKey(name)); err == nil {
		if _, err := p.s.meta.Commit(Batch{Del: []string{packKey(name)}}); err != nil {
			return err
		}
	}
	return p.files.Delete(name)
}

// List implements Packs.
func (p *packs) List() iter.Seq2[PackInfo, error] {
	return func(yield func(PackInfo, error) bool) {
		for e, err := range p.s.meta.Scan(packTable, "") {
			info := PackInfo{Size: int64(len(e.Value))}
			if err == nil {
				info.Name, err = snapshot.ParseHash(e.Key[len(packTable):])
			}
			if !yield(info, err) {
				return
			}
		}
		p.files.List()(yield)
	}
}

// get returns all of a pack, having compared its hash.
func (p *packs) get(name snapshot.Hash) ([]byte, error) {
	f, err := p.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Size() > MaxPack {
		return nil, fmt.Errorf("pack %v has %d bytes: %w", name, f.Size(), ErrCorrupt)
	}
	data := make([]byte, f.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("pack %v: %w", name, err)
	}
	if snapshot.Sum(data) != name {
		return nil, fmt.Errorf("pack %v: its bytes have another hash: %w", name, ErrCorrupt)
	}
	return data, nil
}

// Packs returns the packs.
func (s *Store) Packs() Packs { return s.packs }
