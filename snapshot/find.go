package snapshot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// leastDigits is how many digits of a hash name a checkpoint.
const leastDigits = 6

// Find returns the checkpoint of s that ref means: "" the newest of all, the name of a job its
// newest, JOB@SEQ one of a job, a label the newest with it, or the only one whose hash begins with at least 6
// digits. Where a name is a job and a label, it is the job.
func Find(s Store, ref string) (Checkpoint, error) {
	all, err := Checkpoints(s)
	if err != nil {
		return Checkpoint{}, err
	}
	for _, match := range matchers(ref) {
		if i := slices.IndexFunc(all, match); i >= 0 {
			return all[i], nil
		}
	}
	var found []Checkpoint
	for _, c := range all {
		if len(ref) >= leastDigits && strings.HasPrefix(c.ID.String(), ref) {
			found = append(found, c)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return Checkpoint{}, fmt.Errorf("checkpoint %s: %d of them begin like this: give more digits", ref, len(found))
	case ref == "":
		return Checkpoint{}, fmt.Errorf("there are no checkpoints: %w", ErrNotFound)
	}
	return Checkpoint{}, notFound("checkpoint", ref)
}

// matchers returns what ref may mean, the first meaning first.
func matchers(ref string) []func(Checkpoint) bool {
	list := []func(Checkpoint) bool{
		func(c Checkpoint) bool { return ref == "" || c.Job == ref },
		func(c Checkpoint) bool { return c.Label == ref },
	}
	if job, number, ok := strings.Cut(ref, "@"); ok {
		seq, err := strconv.ParseUint(number, 10, 64)
		list = append(list, func(c Checkpoint) bool { return err == nil && c.Job == job && c.Seq == seq })
	}
	return list
}
