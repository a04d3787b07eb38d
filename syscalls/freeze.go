package syscalls

import (
	"emurun/emu/mem"
	"emurun/snapshot/wire"
	"emurun/syscalls/kernel"
)

// Kinds adds the objects of this package to k. kern is the kernel of the machine that thaws.
func Kinds(k *wire.Kinds, kern *kernel.Kernel) {
	wire.Add(k, "syscalls.memfd", func() *memfd { return &memfd{k: kern} })
}

// Freeze writes n; its content is the Object's.
func (n *memfd) Freeze(e *wire.Encoder) {
	n.FreezeDefaults(e)
	n.attr.Freeze(e)
	e.Ref(n.obj)
	e.Uint32(n.seals)
}

// Thaw reads n.
func (n *memfd) Thaw(d *wire.Decoder) {
	n.ThawDefaults(d)
	n.attr.Thaw(d)
	if n.obj = wire.Ref[*mem.Object](d); n.obj == nil {
		d.Fail("a memfd without content")
	}
	n.seals = d.Uint32()
}
