package kernel

import (
	"fmt"

	"emurun/abi"
	"emurun/emu/mem"
)

// ShmSegment is a System V shared memory segment, shmget(2).
type ShmSegment struct {
	ID     int32
	Perm   abi.IPCPerm
	Size   uint64 // as asked for; the Object has whole pages
	Object *mem.Object

	Atime, Dtime, Ctime int64 // seconds
	CPID, LPID          int32
}

// Limits of System V shared memory, /proc/sys/kernel/shmmax and shmmni.
const (
	ShmMax = 1<<64 - 1<<24 - 1
	ShmMni = 4096
)

// ipcIndexBits is how many bits of an identifier are the index in the table; the rest is
// a sequence number, so that an old identifier does not name a new segment.
const ipcIndexBits = 15

// ShmTable is the segments of a machine.
type ShmTable struct {
	segments []*ShmSegment // by index; nil where free
	next     int           // one more than the index given last
	seq      uint16
}

// Name is what /proc/PID/maps shows of an attachment.
func (s *ShmSegment) Name() string { return fmt.Sprintf("/SYSV%08x (deleted)", uint32(s.Perm.Key)) }

// Find returns the segment with the given identifier, or nil.
func (t *ShmTable) Find(id int32) *ShmSegment {
	t.sweep()
	if s := t.At(id & (1<<ipcIndexBits - 1)); s != nil && s.ID == id {
		return s
	}
	return nil
}

// At returns the segment at an index of the table, or nil.
func (t *ShmTable) At(index int32) *ShmSegment {
	if index < 0 || int(index) >= len(t.segments) {
		return nil
	}
	return t.segments[index]
}

// Key returns the segment with the given key, or nil.
func (t *ShmTable) Key(key int32) *ShmSegment {
	t.sweep()
	for _, s := range t.segments {
		if s != nil && s.Perm.Key == key && key != abi.IPC_PRIVATE {
			return s
		}
	}
	return nil
}

// attached notes that p got the attachments of its space by fork(2).
func (t *ShmTable) attached(p *Process, sec int64) {
	for _, s := range t.of(p.Mem) {
		s.Atime, s.LPID = sec, p.PID
	}
}

// detached notes that p gives up its attachments, by its end or execve(2).
func (t *ShmTable) detached(p *Process, sec int64) {
	for _, s := range t.of(p.Mem) {
		s.Dtime, s.LPID = sec, p.PID
	}
}

// of returns the segments that a space shows.
func (t *ShmTable) of(s *mem.Space) []*ShmSegment {
	var out []*ShmSegment
	if len(t.segments) == 0 || s == nil {
		return nil
	}
	for m := range s.Mappings() {
		if x := t.Mapped(m); x != nil {
			out = append(out, x)
		}
	}
	return out
}

// Mapped returns the segment that m shows, or nil.
func (t *ShmTable) Mapped(m *mem.Mapping) *ShmSegment {
	for _, s := range t.segments {
		if s != nil && m != nil && s.Object == m.Object {
			return s
		}
	}
	return nil
}

// Add enters s and gives it an identifier, or returns abi.ENOSPC.
func (t *ShmTable) Add(s *ShmSegment) error {
	t.sweep()
	i := 0
	for i < len(t.segments) && t.segments[i] != nil {
		i++
	}
	if i == ShmMni {
		return abi.ENOSPC
	}
	if i == len(t.segments) {
		t.segments = append(t.segments, nil)
	}
	if i < t.next {
		t.seq = (t.seq + 1) & 0x7fff
	}
	t.next = i + 1
	s.Perm.Seq = t.seq
	s.ID = int32(t.seq)<<ipcIndexBits | int32(i)
	t.segments[i] = s
	return nil
}

// Used returns the number of segments, the highest index, and their pages.
func (t *ShmTable) Used() (n int, highest int32, pages, resident uint64) {
	for i, s := range t.segments {
		if s != nil {
			n, highest = n+1, int32(i)
			pages += s.Object.Size() >> mem.PageShift
			resident += s.Object.Resident() >> mem.PageShift
		}
	}
	return n, highest, pages, resident
}

// Remove implements IPC_RMID: the segment goes with its last attachment.
func (t *ShmTable) Remove(s *ShmSegment) {
	s.Perm.Mode |= abi.SHM_DEST
	s.Perm.Key = abi.IPC_PRIVATE
	t.sweep()
}

// sweep frees removed segments that nothing is attached to any more.
func (t *ShmTable) sweep() {
	for i, s := range t.segments {
		if s != nil && s.Perm.Mode&abi.SHM_DEST != 0 && !s.Object.Mapped() {
			s.Object.Release()
			t.segments[i] = nil
		}
	}
}
