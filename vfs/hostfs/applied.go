package hostfs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"emurun/internal/crashpoint"
)

// appliedMagic begins a file that says which checkpoint of a job the host's files are.
const appliedMagic = "emurun applied 1\n"

// appliedName is the path of the file for a job.
func appliedName(state, store, job string) string {
	h := sha256.Sum256([]byte(store + "\x00" + job))
	return filepath.Join(state, hex.EncodeToString(h[:16])+".applied")
}

// markApplied remembers that the host's files are those of o, durably.
func markApplied(state string, o Owner) error {
	if (o == Owner{}) {
		return nil
	}
	if err := crashpoint.Reach("mark.create"); err != nil {
		return err
	}
	f, err := createLocked(state)
	if err != nil {
		return err
	}
	name := f.Name()
	_, err = tearable{f, "mark.write"}.Write([]byte(appliedMagic + o.Name + "\n"))
	if err == nil {
		err = crashpoint.Reach("mark.sync")
	}
	if err == nil {
		err = syncFile(f)
	}
	if err == nil {
		err = crashpoint.Reach("mark.rename")
	}
	if err == nil {
		f, err = renameLocked(f, name, appliedName(state, o.Store, o.Job))
	}
	if err != nil {
		return errors.Join(err, removeLocked(f, name))
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := crashpoint.Reach("mark.syncdir"); err != nil {
		return err
	}
	return syncDir(state)
}

// Applied returns the name of the checkpoint of a job that the host's files were last brought to;
// empty if there was none. After Recover it is where they are now.
func Applied(state, store, job string) (string, error) {
	text, err := os.ReadFile(appliedName(state, store, job))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	name, ok := strings.CutPrefix(strings.TrimSuffix(string(text), "\n"), appliedMagic)
	if err == nil && !ok {
		err = errors.New(appliedName(state, store, job) + ": not written by this version of emurun")
	}
	return name, err
}
