package snapshot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot"
)

func TestRetain(t *testing.T) {
	at := func(id byte, job string, epoch, seq uint64, label string) snapshot.Checkpoint {
		return snapshot.Checkpoint{ID: snapshot.Hash{id}, Manifest: &snapshot.Manifest{Job: job, Epoch: epoch, Seq: seq, Label: label}}
	}
	all := []snapshot.Checkpoint{
		at(1, "a", 0, 1, ""), at(2, "a", 0, 2, "keep"), at(3, "a", 0, 3, ""), at(4, "a", 0, 4, ""),
		at(5, "a", 1, 2, ""), // a later lease
		at(6, "b", 0, 1, ""),
	}
	tests := []struct {
		keep int
		want []byte
	}{{3, []byte{1}}, {1, []byte{4, 3, 1}}, {0, []byte{4, 3, 1}}, {9, nil}}
	for _, tt := range tests {
		var got []byte
		for _, id := range snapshot.Retain(all, tt.keep) {
			got = append(got, id[0])
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("keep %d (-want +got):\n%s", tt.keep, diff)
		}
	}
	if all[0].ID != (snapshot.Hash{1}) {
		t.Error("Retain reorders its argument")
	}
}
