package vfstest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/journal"
)

// Replayer is a file system that changes by records.
type Replayer interface {
	vfs.FileSystem
	Apply(*journal.Record) error
}

// Maker returns an empty file system over lower (nil for none) that shows its
// records to observe.
type Maker func(lower vfs.FileSystem, observe func(*journal.Record)) Replayer

// Run runs all sessions against the file systems that mk makes: over an empty
// one of its kind that the prepared files are in, if layered, or with all
// files made directly.
func Run(t *testing.T, mk Maker, layered bool) {
	for _, s := range Sessions(t) {
		t.Run(s.File+"/"+s.Name, func(t *testing.T) { runSession(t, mk, layered, &s) })
	}
}

func runSession(t *testing.T, mk Maker, layered bool, s *Session) {
	var lower vfs.FileSystem
	if layered {
		l := mk(nil, nil)
		Play(t, Over(l), s, true)
		lower = l
	}
	var log []byte
	fs := mk(lower, func(r *journal.Record) { log = r.Append(log) })
	r := NewRunner(Over(fs))
	for _, line := range s.Lines {
		if !layered || !line.Lower {
			check(t, r, &line)
		}
	}
	r.Close()
	Replay(t, fs, mk(lower, nil), log)
}

// Play runs the lines of s that prepare the lower tree, or those that do not.
func Play(t *testing.T, sys System, s *Session, lower bool) {
	t.Helper()
	r := NewRunner(sys)
	defer r.Close()
	for _, line := range s.Lines {
		if line.Lower == lower {
			check(t, r, &line)
		}
	}
}

// check runs a line and compares the answer.
func check(t *testing.T, r *Runner, l *Line) {
	t.Helper()
	if got := r.Run(l); got != l.Want {
		t.Errorf("%s = %s, want %s", l, got, l.Want)
	}
}

// Replay applies the encoded journal of live to fs, which is empty, and compares
// the trees.
func Replay(t *testing.T, live vfs.FileSystem, fs Replayer, log []byte) {
	t.Helper()
	for len(log) > 0 {
		r, n, err := journal.Decode(log)
		if err == nil {
			err = fs.Apply(&r)
		}
		if err != nil {
			t.Fatalf("replay: %+v: %v", r, err)
		}
		log = log[n:]
	}
	if d := cmp.Diff(Tree(live), Tree(fs)); d != "" {
		t.Errorf("after replay of the journal (-live +replayed)\n%s", d)
	}
}

// Tree lists a file system with everything the guest can see but inode numbers,
// one line per name, hard links by the path of their first name.
func Tree(fs vfs.FileSystem) []string {
	d := dumper{first: map[vfs.Node]string{}}
	d.node("/", fs.Root())
	return d.lines
}

type dumper struct {
	lines []string
	first map[vfs.Node]string
}

func (d *dumper) node(path string, n vfs.Node) {
	if first, ok := d.first[n]; ok {
		d.lines = append(d.lines, path+" is "+first)
		return
	}
	d.first[n] = path
	a, err := n.Attr()
	line := fmt.Sprintf("%s %o %d:%d nlink %d size %d times %d %d %v", path, a.Mode, a.UID, a.GID, a.Nlink, a.Size,
		a.Atime, a.Mtime, err)
	names, _ := n.Listxattr()
	for _, name := range names {
		v, _ := n.Getxattr(name)
		line += fmt.Sprintf(" %s=%q", name, v)
	}
	switch a.Mode & abi.S_IFMT {
	case abi.S_IFLNK:
		target, _ := n.Readlink()
		line += " -> " + target
	case abi.S_IFREG:
		p := make([]byte, min(a.Size, 1<<20))
		k, err := n.ReadAt(p, 0)
		line += fmt.Sprintf(" %q %v", strings.TrimRight(string(p[:k]), "\x00"), err)
	}
	d.lines = append(d.lines, line)
	if a.Mode&abi.S_IFMT != abi.S_IFDIR {
		return
	}
	es, err := n.Entries()
	if err != nil {
		d.lines = append(d.lines, path+": "+err.Error())
	}
	for _, e := range es {
		c, err := n.Lookup(e.Name)
		if err != nil {
			d.lines = append(d.lines, path+e.Name+": "+err.Error())
			continue
		}
		d.node(strings.TrimSuffix(path, "/")+"/"+e.Name, c)
	}
}

// RunSession runs a session against any system, all files made directly.
func RunSession(t *testing.T, sys System, s *Session) {
	r := NewRunner(sys)
	defer r.Close()
	for _, line := range s.Lines {
		check(t, r, &line)
	}
}
