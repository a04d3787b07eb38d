package hostfiles

import (
	"errors"
	"fmt"

	"emurun/vfs"
	"emurun/vfs/commit"
	"emurun/vfs/hostfs"
	"emurun/vfs/overlay"
)

// Tree is a host directory and the overlay that shows it to the guest.
type Tree struct {
	Path  string
	Upper *overlay.FS
	View  *hostfs.FS // of the directory; Upper's lower tree, or what backs that
}

// Files are the trees of a machine that the host keeps.
type Files struct {
	State string // the directory of write-ahead files
	Store string // of the checkpoints; empty if there are none
	Job   string
	Trees []Tree
	// Warn, if set, hears of updates that were left out, on any goroutine.
	Warn func(error)

	doubt bool // whether the last update will be applied only Recover can tell
}

// errDoubt is taking updates after some that may or may not be applied.
var errDoubt = errors.New("it is not known whether the last updates of files will be applied")

// Update is updates of all trees at one instant.
type Update struct {
	files    *Files
	parts    []part
	prepared *hostfs.Prepared
	applying bool // Apply was called
}

// part is the update of a tree.
type part struct {
	Tree
	*overlay.Update
	moves []move
	ids   []uint64
}

// move is a file of a view that goes to another path.
type move struct {
	host hostfs.Mover
	path string
}

// Take takes what has changed since the last Update, which must be released.
func (f *Files) Take() (*Update, error) { return f.take(true) }

// take is Take; goesOn says that the guest goes on.
func (f *Files) take(goesOn bool) (*Update, error) {
	if f.doubt {
		return nil, errDoubt
	}
	u := &Update{files: f}
	prefix := hostfs.TempPrefix()
	for _, t := range f.Trees {
		o, err := t.Upper.Take(prefix)
		if err != nil {
			u.Release(false)
			return nil, fmt.Errorf("updates of %s: %w", t.Path, err)
		}
		p := part{Tree: t, Update: o}
		if goesOn {
			p.look()
		}
		u.parts = append(u.parts, p)
	}
	return u, nil
}

// look finds what the guest needs of the host's files that the update changes.
func (p *part) look() {
	for _, l := range p.Lost() {
		hostfs.Preserve(backing(l))
	}
	for _, m := range p.Moves() {
		if host, ok := backing(m.Lower).(hostfs.Mover); ok {
			p.moves = append(p.moves, move{host, m.Path})
		}
	}
}

// backing returns the file of the view that a lower file shows.
func backing(l vfs.Node) vfs.Node {
	if c, ok := l.(interface{ Backing() vfs.Node }); ok {
		return c.Backing()
	}
	return l
}

// Prepare makes the updates durable under the name of a checkpoint, on any goroutine. Without
// a store the name is empty.
func (u *Update) Prepare(name string) error {
	var owner hostfs.Owner
	if u.files.Store != "" {
		owner = hostfs.Owner{Store: u.files.Store, Job: u.files.Job, Name: name}
	}
	var trees []hostfs.Tree
	for _, p := range u.parts {
		if p.Empty() {
			continue
		}
		trees = append(trees, hostfs.Tree{Path: p.Path, Synced: p.Synced, Changes: func(_ string, emit func(*commit.Op) error) error {
			return p.Emit(emit)
		}})
	}
	var err error
	u.prepared, err = hostfs.Prepare(u.files.State, owner, trees...)
	return err
}

// Apply applies what was prepared to the host's files, on any goroutine, when the checkpoint is
// committed. After an error it may be called again; the next start tries it too.
func (u *Update) Apply() error {
	u.applying = true
	if u.prepared == nil {
		return nil
	}
	apply := u.apply
	for i := range u.parts {
		if p := &u.parts[i]; len(p.moves) > 0 {
			apply = p.around(apply)
		}
	}
	if err := apply(); err != nil {
		return err
	}
	for i := range u.parts {
		p := &u.parts[i]
		if made := p.Made(); len(made) > 0 {
			p.ids, _ = hostfs.Identify(p.Path, made) // without them later updates are less sure
		}
	}
	return nil
}

// around returns apply with the view of p held, which then knows what moved.
func (p *part) around(apply func() error) func() error {
	return func() error {
		return p.View.Change(func() error {
			if err := apply(); err != nil {
				return err
			}
			for _, m := range p.moves {
				m.host.MovedTo(m.path)
			}
			return nil
		})
	}
}

// apply applies what was prepared.
func (u *Update) apply() error {
	err := u.prepared.Apply()
	if errors.Is(err, commit.ErrChanged) && u.files.Warn != nil {
		u.files.Warn(err)
		return nil
	}
	return err
}

// Cancel says that the checkpoint is not there and never will be: what was prepared for it
// is forgotten. It may be called on any goroutine, before Apply.
func (u *Update) Cancel() error {
	p := u.prepared
	u.prepared = nil
	if p == nil {
		return nil
	}
	return p.Discard()
}

// Release ends the updates, on the machine's goroutine. applied says that Apply was called and
// gave no error. Otherwise they are part of the next ones; what was prepared is forgotten if
// nobody has begun to apply it, but for that of a checkpoint: whether that is there only
// Recover can tell.
func (u *Update) Release(applied bool) {
	for i := range u.parts {
		p := &u.parts[i]
		for _, m := range p.Moves() {
			if c, ok := m.Lower.(hostfs.Mover); ok && applied && backing(m.Lower) != m.Lower {
				c.MovedTo(m.Path)
			}
		}
		p.Release(applied, p.ids)
	}
	switch {
	case applied || u.prepared == nil:
	case u.applying || u.files.Store != "":
		u.files.doubt = true
		u.prepared.Leave()
	default:
		_ = u.prepared.Discard() // it stays what it is: undecided or applied again
	}
}

// Commit brings everything to the host's files at once, when the machine has ended.
func (f *Files) Commit() error {
	u, err := f.take(false)
	if err != nil {
		return err
	}
	if err = u.Prepare(""); err == nil {
		err = u.Apply()
	}
	u.Release(err == nil)
	return err
}

// Resumed tells the trees of a machine that was thawed from the checkpoint called name what the host
// has, after hostfs.Recover. ok says that it has the files of that checkpoint. If not, at is the
// one that it has, empty for none, and the next update brings the whole difference to
// the files that the machine began with.
func (f *Files) Resumed(name string) (ok bool, at string, err error) {
	at, err = hostfs.Applied(f.State, f.Store, f.Job)
	if err != nil || at != name {
		for _, t := range f.Trees {
			t.Upper.MarkLower()
		}
		return false, at, err
	}
	for _, t := range f.Trees {
		t.Upper.Mark()
		for _, m := range t.Upper.Strayed() {
			if l, ok := m.Lower.(hostfs.Mover); ok {
				l.MovedTo(m.Path)
			}
		}
	}
	return true, at, nil
}

// Revert brings the host's files from those of one checkpoint of a job, from which the trees in
// from were thawed, to those of the one called name, from which those in f were: they are of no
// use after that. A crash is made good by hostfs.Recover.
func (f *Files) Revert(name string, from []Tree) error {
	for i, t := range f.Trees {
		forgetHost(t.Upper)
		forgetHost(from[i].Upper)
		if err := t.Upper.MarkOf(from[i].Upper); err != nil {
			return fmt.Errorf("files of %s: %w", t.Path, err)
		}
	}
	u, err := f.take(false)
	if err != nil {
		return err
	}
	if err = u.Prepare(name); err == nil {
		err = u.Apply()
	}
	u.Release(err == nil)
	return err
}

// forgetHost lets what an overlay stands on answer from what it remembers alone: the host, which
// has other files now, would answer wrongly.
func forgetHost(o *overlay.FS) {
	if c, ok := o.Lower().(interface{ SetBacking(vfs.FileSystem) }); ok {
		c.SetBacking(nil)
	}
}
