package overlay

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"emurun/abi"
	"emurun/vfs/commit"
)

// planner derives the operations that turn the tree at the mark into the present one.
type planner struct {
	fs     *FS
	do     func(commit.Op)
	pages  func(n *node, path string, pages []int64) // writes pages of n to path
	prefix string                                    // of temporary names
	temps  int

	dirs   []*node            // directories with other names than before
	added  map[*node]int      // how many names a file has that it had not
	gone   map[*node]bool     // directories that moved or were removed
	aside  map[*node]string   // temporary path of a file that moved
	placed map[*node]string   // path of a file that the build has put in place
	links  []commit.Op        // hard links, made when all files are in place
	tops   []*node            // new directories, parents first
	locked map[*node]struct{} // files whose mode Unlock changes
	made   []made             // what is new
	err    error              // why the host cannot have it all
}

// made is a new file at its path.
type made struct {
	n    *node
	path string
}

// plan emits the operations in order.
func (p *planner) plan() {
	p.added, p.gone, p.aside = map[*node]int{}, map[*node]bool{}, map[*node]string{}
	p.placed, p.locked = map[*node]string{}, map[*node]struct{}{}
	p.survey()
	p.unlock()
	p.clear()
	p.build()
	for i := range p.links {
		p.do(p.links[i])
	}
	p.contents()
	p.attributes()
}

// known returns the nodes that the host has and that have changed, by number.
func (p *planner) known() []*node {
	var out []*node
	for _, n := range p.fs.changed {
		if n.onHost() {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, compareInos)
	return out
}

// survey finds the changed directories, and which files get names and lose them.
func (p *planner) survey() {
	for _, d := range p.known() {
		if !d.isDir() || len(d.past.names) == 0 {
			continue
		}
		p.dirs = append(p.dirs, d)
		for name, b := range d.past.names { // order: fills a set
			if b != nil && b != d.after(name) && b.isDir() {
				p.gone[b] = true
			}
		}
		p.surveyAdded(d, sortedNames(d.past.names))
	}
}

// surveyAdded counts those names in d that are new, and all in new directories below it.
func (p *planner) surveyAdded(d *node, names []string) {
	for _, name := range names {
		after := d.after(name)
		if after == nil || after == d.before(name) {
			continue
		}
		p.added[after]++
		if after.isDir() && !after.onHost() {
			p.surveyAdded(after, after.newNames())
		}
	}
}

// newNames returns the names in a directory that is new on the host. One of the lower tree, which
// another run had removed, has those that are there again, too.
func (n *node) newNames() []string {
	names := maps.Clone(n.names)
	if n.past != nil && len(n.past.now) > 0 {
		names = mergeMaps(maps.Clone(n.past.now), n.names)
	}
	return sortedNames(names)
}

func compareInos(a, b *node) int { return cmp.Compare(a.attr.Ino, b.attr.Ino) }

func sortedNames(names map[string]*node) []string { return slices.Sorted(maps.Keys(names)) }

// path is the path of a directory in the whole tree.
func (n *node) path() string {
	if n.up == nil {
		return ""
	}
	return join(n.up.path(), n.name)
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// depth counts the components of a path.
func depth(path string) int {
	if path == "" {
		return 0
	}
	return strings.Count(path, "/") + 1
}

// stable returns the nearest directory at or above d that keeps its path.
func (p *planner) stable(d *node) *node {
	s := d
	for x := d; x != nil; x, _ = x.oldPlace() {
		if p.gone[x] {
			s, _ = x.oldPlace()
		}
	}
	return s
}

// temp returns a new temporary path in dir.
func (p *planner) temp(dir string) string {
	p.temps++
	return join(dir, p.prefix+strconv.Itoa(p.temps))
}

// unlock makes changeable what the guest changed although its mode on the host
// forbids that to its owner: the guest had changed the mode before.
func (p *planner) unlock() {
	for _, n := range p.known() {
		need := uint32(0o200)
		if n.isDir() {
			need = 0o700
		}
		mode, path := n.was().Mode, n.pathBefore()
		if path == "" && n != p.fs.root || n.attr.Nlink == 0 && !n.isDir() {
			continue
		}
		if n.touched() && mode&need != need && mode&abi.S_IFMT != abi.S_IFLNK {
			p.locked[n] = struct{}{}
			p.do(commit.Op{Kind: commit.Unlock, Path: path, Mode: mode&0o7777 | need})
		}
	}
}

// pathBefore is a path of n at the mark; "" for the root and if none is known.
func (n *node) pathBefore() string {
	if n.isDir() {
		return n.oldPath()
	}
	for _, s := range n.places() {
		if s.dir.onHost() && s.dir.before(s.name) == n {
			return join(s.dir.oldPath(), s.name)
		}
	}
	return ""
}

// clear puts aside the files that moved and removes those that are gone, deepest
// directories first, so that all paths are still those of the mark.
func (p *planner) clear() {
	dirs := slices.Clone(p.dirs)
	slices.SortStableFunc(dirs, func(a, b *node) int { return depth(b.oldPath()) - depth(a.oldPath()) })
	for _, d := range dirs {
		for _, name := range sortedNames(d.past.names) {
			if b := d.before(name); b != nil && b != d.after(name) {
				p.clearName(d, name, b)
			}
		}
	}
}

// clearName takes b away from its place at the mark.
func (p *planner) clearName(d *node, name string, b *node) {
	path := join(d.oldPath(), name)
	after := d.after(name)
	switch {
	case p.added[b] > 0 && p.aside[b] == "":
		p.aside[b] = p.temp(p.stable(d).oldPath())
		p.do(commit.Op{Kind: commit.Aside, Path: path, Other: p.aside[b], ID: b.hostID()})
	case b.isDir():
		p.do(commit.Op{Kind: commit.Rmdir, Path: path, ID: b.hostID()})
	case after != nil && !after.isDir():
		// What comes replaces it in one step.
	default:
		p.do(commit.Op{Kind: commit.Unlink, Path: path, ID: b.hostID()})
	}
}

// hostID is the inode number of n on the host; 0: unknown.
func (n *node) hostID() uint64 {
	if n.fs.foreign {
		return 0
	}
	if h, ok := n.lower.(interface{ HostID() uint64 }); ok && n.id == 0 {
		return h.HostID()
	}
	return n.id
}

// build puts every new name in place, from above.
func (p *planner) build() {
	dirs := slices.DeleteFunc(slices.Clone(p.dirs), func(d *node) bool { return d.attr.Nlink == 0 })
	slices.SortFunc(dirs, func(a, b *node) int {
		return slices.Compare(strings.Split(a.path(), "/"), strings.Split(b.path(), "/"))
	})
	for _, d := range dirs {
		p.buildDir(d, sortedNames(d.past.names))
	}
}

// buildDir puts those names of d in place that are new.
func (p *planner) buildDir(d *node, names []string) {
	for _, name := range names {
		n := d.after(name)
		if n == nil || n == d.before(name) {
			continue
		}
		path := join(d.path(), name)
		switch {
		case p.placed[n] != "":
			p.link(p.placed[n], path, d)
		case n.isDir() && !n.onHost():
			p.do(commit.Op{Kind: commit.Mkdir, Path: path})
			p.tops = append(p.tops, n)
			p.made = append(p.made, made{n, path})
			p.buildDir(n, n.newNames())
		case !n.onHost():
			p.made = append(p.made, made{n, path})
			p.placed[n] = path
			p.create(n, path, d)
		case p.aside[n] != "":
			p.placed[n] = path
			p.do(commit.Op{Kind: commit.Place, Path: p.aside[n], Other: path})
		default: // a new name of a file that stays where it was
			p.link(p.stayed(n), path, d)
		}
	}
}

// link makes path, in d, another name of from, later.
func (p *planner) link(from, path string, d *node) {
	p.links = append(p.links, commit.Op{Kind: commit.Link, Path: from, Other: path, Name: p.temp(d.path())})
}

// create makes a new file under a temporary name and puts it in place when it is
// complete.
func (p *planner) create(n *node, path string, d *node) {
	temp := p.temp(d.path())
	switch n.attr.Mode & abi.S_IFMT {
	case abi.S_IFREG:
		p.do(commit.Op{Kind: commit.Create, Path: temp})
		p.pages(n, temp, n.allPages())
		p.do(commit.Op{Kind: commit.Truncate, Path: temp, Size: n.attr.Size})
	case abi.S_IFLNK:
		target, err := n.Readlink()
		p.unknown(n, err)
		p.do(commit.Op{Kind: commit.Symlink, Path: temp, Other: target})
	default:
		p.do(commit.Op{Kind: commit.Mknod, Path: temp, Mode: n.attr.Mode, Rdev: n.attr.Rdev})
	}
	p.attrs(n, temp)
	p.do(commit.Op{Kind: commit.Place, Path: temp, Other: path})
}
