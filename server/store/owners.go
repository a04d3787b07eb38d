package store

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"emurun/snapshot"
)

// ownersFile remembers who put which packs, so that a server that is restarted in the
// middle of a checkpoint does not ask for all of it again. It is written without a sync: what
// a power cut takes is only put again. A line is owner, name, size and whether a
// checkpoint names it, with tabs between; the last one of a pack counts.
type ownersFile struct {
	name string
	f    *os.File
	bad  error // why nothing more is noted
}

const ownersName = "owners"

// maxOwnersLine is more than any line has.
const maxOwnersLine = 1 << 10

// open reads what is there into u.
func (o *ownersFile) open(u *uses, now time.Time) error {
	f, err := os.OpenFile(o.name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxOwnersLine)
	for lines.Scan() {
		field := strings.Split(lines.Text(), "\t")
		if len(field) != 4 {
			continue
		}
		name, err1 := snapshot.ParseHash(field[1])
		size, err2 := strconv.ParseInt(field[2], 10, 64)
		if err1 == nil && err2 == nil && size >= 0 && size <= MaxPack {
			u.own(field[0], name, size, field[3] == "1", now)
		}
	}
	o.f = f
	return nil
}

func ownersLine(owner string, name snapshot.Hash, up upload) string {
	committed := 0
	if up.committed {
		committed = 1
	}
	return fmt.Sprintf("%s\t%v\t%d\t%d\n", owner, name, up.size, committed)
}

// note adds a line.
func (o *ownersFile) note(owner string, name snapshot.Hash, up upload) {
	if o.f == nil || o.bad != nil {
		return
	}
	_, o.bad = o.f.WriteString(ownersLine(owner, name, up))
}

// rewrite writes the file anew, with what is in owners.
func (o *ownersFile) rewrite(owners map[string]*ownership) error {
	if o.f == nil {
		return nil
	}
	f, err := os.OpenFile(o.name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for who, own := range owners { // order: each line alone
		for name, up := range own.packs {
			w.WriteString(ownersLine(who, name, up))
		}
	}
	err = w.Flush()
	if err == nil {
		err = os.Rename(o.name+".new", o.name)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	old := o.f
	o.f, o.bad = f, nil
	return old.Close()
}

// close closes the file.
func (o *ownersFile) close() error {
	if o.f == nil {
		return nil
	}
	if err := o.f.Close(); !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}
