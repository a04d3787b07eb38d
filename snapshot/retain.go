package snapshot

import (
	"bytes"
	"cmp"
	"slices"
)

// Checkpoint is a manifest with its name.
type Checkpoint struct {
	ID Hash
	*Manifest
}

// KeepNewest is how many checkpoints of a job are kept when nothing else is said.
const KeepNewest = 3

// Retain returns which of the checkpoints to delete: of each job all but the newest
// keep, at least one, and those with a label. Newest first is the order of the result.
func Retain(all []Checkpoint, keep int) []Hash {
	sorted := slices.Clone(all)
	Sort(sorted)
	kept := map[string]int{}
	var drop []Hash
	for _, c := range sorted {
		switch {
		case c.Label != "":
		case kept[c.Job] < max(keep, 1):
			kept[c.Job]++
		default:
			drop = append(drop, c.ID)
		}
	}
	return drop
}

// Sort puts the newest checkpoint first: by lease epoch, number and time.
func Sort(list []Checkpoint) {
	slices.SortFunc(list, func(a, b Checkpoint) int {
		return cmp.Or(cmp.Compare(b.Epoch, a.Epoch), cmp.Compare(b.Seq, a.Seq),
			cmp.Compare(b.Created, a.Created), bytes.Compare(a.ID[:], b.ID[:]))
	})
}

// Checkpoints returns the readable checkpoints of s, newest first.
func Checkpoints(s Store) ([]Checkpoint, error) {
	ids, err := s.List()
	if err != nil {
		return nil, err
	}
	var list []Checkpoint
	for _, id := range ids {
		if m, err := s.Manifest(id); err == nil {
			list = append(list, Checkpoint{id, m})
		}
	}
	Sort(list)
	return list, nil
}
