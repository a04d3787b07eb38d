//go:build linux

package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"emurun/abi"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
	"emurun/vfs"
)

// told tells all of a file that the crash tests compare.
func told(mode, nlink uint32, size, mtime int64, content []byte) string {
	switch mode & abi.S_IFMT {
	case abi.S_IFDIR:
		return fmt.Sprintf("%o", mode)
	case abi.S_IFLNK:
		return fmt.Sprintf("%o to %s", mode, content)
	}
	return fmt.Sprintf("%o, %d links, %d bytes, time %d, %x", mode, nlink, size, mtime, sha256.Sum256(content))
}

// files returns the job's files on the host.
func (s *scene) files() map[string]string {
	s.t.Helper()
	all := map[string]string{}
	root := s.path("work")
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st syscall.Stat_t
		if err := syscall.Lstat(path, &st); err != nil {
			return err
		}
		var content []byte
		switch st.Mode & abi.S_IFMT {
		case abi.S_IFREG:
			content, err = os.ReadFile(path)
		case abi.S_IFLNK:
			var to string
			to, err = os.Readlink(path)
			content = []byte(to)
		}
		name, _ := filepath.Rel(root, path)
		all[name] = told(st.Mode, uint32(st.Nlink), st.Size, st.Mtim.Nano(), content)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// frozenFiles returns the job's files in a checkpoint; false if the guest, which
// first looks at all of them, had not done so.
func (s *scene) frozenFiles(k snapshot.Checkpoint) (map[string]string, bool) {
	s.t.Helper()
	store, err := dirstore.Open(s.store)
	if err != nil {
		s.t.Fatal(err)
	}
	defer store.Close()
	m, err := thawStill(store, k)
	if err != nil {
		s.t.Fatal(err)
	}
	defer m.files.close()
	all := map[string]string{}
	d, err := m.files.context().Walk(nil, s.path("work"), true)
	if err == nil {
		err = frozenFile(d.Node, ".", all)
	}
	if errors.Is(err, abi.EIO) && k.Seq < 20 {
		return nil, false
	}
	if err != nil {
		s.t.Fatalf("files of checkpoint %d: %v", k.Seq, err)
	}
	return all, true
}

// frozenFile tells of n and what is in it.
func frozenFile(n vfs.Node, name string, all map[string]string) error {
	a, err := n.Attr()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var content []byte
	switch a.Mode & abi.S_IFMT {
	case abi.S_IFREG:
		content = make([]byte, a.Size)
		for done := 0; done < len(content) && err == nil; {
			var k int
			if k, err = vfs.ReadContent(n, content[done:], int64(done)); k == 0 && err == nil {
				err = fmt.Errorf("ends at %d of %d", done, len(content))
			}
			done += k
		}
	case abi.S_IFLNK:
		var to string
		to, err = n.Readlink()
		content = []byte(to)
	case abi.S_IFDIR:
		err = frozenEntries(n, name, all)
	}
	all[name] = told(a.Mode, a.Nlink, a.Size, int64(a.Mtime), content)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func frozenEntries(n vfs.Node, name string, all map[string]string) error {
	list, err := n.Entries()
	if err != nil {
		return err
	}
	for _, e := range list {
		child, err := n.Lookup(e.Name)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", name, e.Name, err)
		}
		if err := frozenFile(child, filepath.Join(name, e.Name), all); err != nil {
			return err
		}
	}
	return nil
}
