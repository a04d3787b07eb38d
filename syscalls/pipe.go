package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// installPair gives two files descriptors and writes the numbers to addr.
func installPair(t *kernel.Thread, f, g *vfs.OpenFile, addr uint64, cloexec bool) (uint64, error) {
	fds, limit := t.Proc.FDs, t.Proc.Limits[abi.RLIMIT_NOFILE].Cur
	a, err := fds.Install(f, 0, limit, cloexec)
	if err != nil {
		f.Unref()
		g.Unref()
		return 0, err
	}
	b, err := fds.Install(g, 0, limit, cloexec)
	if err != nil {
		_ = fds.Close(a) // cannot fail: it was just installed
		g.Unref()
		return 0, err
	}
	var p [8]byte
	le.PutUint32(p[:], uint32(a))
	le.PutUint32(p[4:], uint32(b))
	if err := t.Write(p[:], addr); err != nil {
		_, _ = fds.Close(a), fds.Close(b) // neither can fail
		return 0, err
	}
	return 0, nil
}

// pipe implements pipe(2).
func pipe(t *kernel.Thread, a Args) (uint64, error) { return pipe2(t, Args{a[0]}) }

// pipe2 implements pipe2(2).
func pipe2(t *kernel.Thread, a Args) (uint64, error) {
	flags := a.Uint(1)
	if flags&^(abi.O_CLOEXEC|abi.O_DIRECT|abi.O_NONBLOCK) != 0 {
		return 0, abi.EINVAL
	}
	r, w := t.Kernel().Anon.OpenPipe(now(t), flags)
	return installPair(t, r, w, a[0], flags&abi.O_CLOEXEC != 0)
}

// Special returns what opens FIFOs and sockets for vfs.Namespace: open(2) of a
// FIFO waits for its other side; a socket cannot be opened.
func Special(k *kernel.Kernel) func(*vfs.Context, *vfs.Dentry, vfs.Attr, uint32) (vfs.File, error) {
	return func(_ *vfs.Context, _ *vfs.Dentry, a vfs.Attr, flags uint32) (vfs.File, error) {
		t := k.Current()
		if a.Mode&abi.S_IFMT != abi.S_IFIFO || t == nil {
			return nil, abi.ENXIO
		}
		p := k.Anon.Fifo(&a)
		end, err := p.OpenFifo(t.TID, flags)
		if err == abi.EAGAIN {
			t.WaitsInOpen(p)
			if err = t.Park(kernel.Forever, p.Queue()); !kernel.Parked(err) {
				p.CancelOpen(t.TID)
			}
		}
		if err != nil {
			return nil, err
		}
		return end, nil
	}
}
