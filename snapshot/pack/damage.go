package pack

import (
	"bytes"
	"fmt"

	"emurun/snapshot"
)

// Damage compares the pack p with its name and, where it differs, says where. Bytes that
// are no pack, but named in the same way, are only compared.
func Damage(p []byte, name snapshot.Hash) []error {
	if snapshot.Sum(p) == name {
		return nil
	}
	if !bytes.HasPrefix(p, []byte(magic)) {
		return []error{errName}
	}
	x, err := ReadIndex(bytes.NewReader(p), int64(len(p)))
	if err != nil {
		return []error{err}
	}
	if list := damagedFrames(p, x); list != nil {
		return list
	}
	return []error{errName}
}

var errName = fmt.Errorf("its hash is not its name: %w", snapshot.ErrCorrupt)

// damagedFrames returns an error per damaged frame.
func damagedFrames(p []byte, x *Index) []error {
	var list []error
	for i, f := range x.Frames {
		if _, err := f.Open(p[f.Offset : f.Offset+f.Size]); err != nil {
			n := 0
			for _, c := range x.Chunks {
				if c.Frame == uint32(i) {
					n++
				}
			}
			list = append(list, fmt.Errorf("%d chunks lost: %w", n, err))
		}
	}
	return list
}
