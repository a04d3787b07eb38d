package kernel

import (
	"emurun/abi"
	"emurun/emu/mem"
	"emurun/snapshot/wire"
)

// freeze writes the segments by index.
func (t *ShmTable) freeze(e *wire.Encoder) {
	e.Uint32(uint32(t.next))
	e.Uint16(t.seq)
	e.Count(len(t.segments))
	for _, s := range t.segments {
		if s == nil {
			e.Ref(nil)
			continue
		}
		e.Ref(s.Object)
		s.freeze(e)
	}
}

func (t *ShmTable) thaw(d *wire.Decoder) {
	t.next = int(d.Uint32())
	t.seq = d.Uint16()
	t.segments = nil
	for i := range d.Count(ShmMni, 4) {
		o := wire.Ref[*mem.Object](d)
		if o == nil {
			t.segments = append(t.segments, nil)
			continue
		}
		s := &ShmSegment{Object: o}
		s.thaw(d)
		if s.ID < 0 || int(s.ID)&(1<<ipcIndexBits-1) != i {
			d.Fail("segment %d has the identifier %d", i, s.ID)
		}
		t.segments = append(t.segments, s)
	}
	if t.next > ShmMni || t.seq > 0x7fff {
		d.Fail("the next segment is %d, sequence %d", t.next, t.seq)
	}
}

func (s *ShmSegment) freeze(e *wire.Encoder) {
	p := &s.Perm
	e.Int32(s.ID)
	for _, v := range []uint32{uint32(p.Key), p.UID, p.GID, p.CUID, p.CGID, p.Mode} {
		e.Uint32(v)
	}
	e.Uint16(p.Seq)
	e.Uint64(s.Size)
	e.Int64(s.Atime)
	e.Int64(s.Dtime)
	e.Int64(s.Ctime)
	e.Int32(s.CPID)
	e.Int32(s.LPID)
}

func (s *ShmSegment) thaw(d *wire.Decoder) {
	s.ID = d.Int32()
	s.Perm = abi.IPCPerm{
		Key: d.Int32(), UID: d.Uint32(), GID: d.Uint32(), CUID: d.Uint32(), CGID: d.Uint32(),
		Mode: d.Uint32(), Seq: d.Uint16(),
	}
	s.Size = d.Uint64()
	s.Atime = d.Int64()
	s.Dtime = d.Int64()
	s.Ctime = d.Int64()
	s.CPID = d.Int32()
	s.LPID = d.Int32()
}
