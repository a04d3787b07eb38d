package syscalls

import (
	"encoding/binary"
	"testing"

	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
	"emurun/syscalls/kernel"
	"emurun/vfs"
	"emurun/vfs/memfs"
)

// guest is a process of a machine with an empty file system in memory.
type guest struct{ t *kernel.Thread }

// tinyELF is a program of one page that is never run.
func tinyELF() []byte {
	le := binary.LittleEndian
	b := make([]byte, 4096)
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], 2)  // ET_EXEC
	le.PutUint16(b[18:], 62) // EM_X86_64
	le.PutUint32(b[20:], 1)
	le.PutUint64(b[24:], 0x400000)
	le.PutUint64(b[32:], 64)
	le.PutUint16(b[52:], 64)
	le.PutUint16(b[54:], 56)
	le.PutUint16(b[56:], 1)
	p := b[64:]
	le.PutUint32(p, 1)     // PT_LOAD
	le.PutUint32(p[4:], 5) // R and X
	le.PutUint64(p[16:], 0x400000)
	le.PutUint64(p[24:], 0x400000)
	le.PutUint64(p[32:], 4096)
	le.PutUint64(p[40:], 4096)
	le.PutUint64(p[48:], 4096)
	return b
}

// newGuest boots a machine in /tmp of a new file system, with descriptors 0 to 2
// taken and SIGPIPE ignored.
func newGuest(t *testing.T) *guest {
	t.Helper()
	var k *kernel.Kernel
	clock := func() vfs.Time {
		if k == nil {
			return 0
		}
		return vfs.Time(k.Realtime())
	}
	ns := vfs.NewNamespace(memfs.New(memfs.Options{Dev: 1, Mode: 0o755, Clock: clock}), "none", "tmpfs", 0)
	ctx := &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root()}
	f, err := ctx.Open(nil, "/init", vfs.How{Flags: abi.O_CREAT | abi.O_RDWR, Mode: 0o755})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(tinyELF()); err != nil {
		t.Fatal(err)
	}
	f.Unref()
	if err := ctx.Mkdir(nil, "/tmp", 0o755); err != nil {
		t.Fatal(err)
	}
	pool := mem.NewPool(64 << 20)
	t.Cleanup(pool.Close)
	k = kernel.New(kernel.Config{EpochNs: 1e18, NS: ns, Pool: pool, NewEngine: func(*mem.Space) emu.Engine { return nil }})
	ns.Special = Special(k)
	std := make([]*vfs.OpenFile, 3)
	std[0], std[1] = k.Anon.OpenPipe(0, 0)
	std[2] = std[1].Ref()
	if _, err := k.Boot(kernel.BootArgs{Path: "/init", Argv: []string{"init"}, Cwd: "/tmp", Umask: 0o22, Cred: kernel.NewCred(0, 0, nil), Files: std}); err != nil {
		t.Fatal(err)
	}
	th := k.Next().Thread
	th.Proc.SetAction(abi.SIGPIPE, abi.Sigaction{Handler: abi.SIG_IGN})
	g := &guest{th}
	if r := g.call(abi.SYS_mmap, Args{sessionBase, sessionSize, rw, private | abi.MAP_FIXED, minusOne, 0}); r != sessionBase {
		t.Fatal("mmap", r)
	}
	return g
}

// call makes a system call through the registers.
func (g *guest) call(nr uint64, a Args) int64 {
	r := &g.t.CPU.R
	r[x86.RAX], r[x86.RDI], r[x86.RSI], r[x86.RDX], r[x86.R10], r[x86.R8], r[x86.R9] = nr, a[0], a[1], a[2], a[3], a[4], a[5]
	if err := Dispatch(g.t); err != nil {
		panic(err)
	}
	if g.t.InCall() {
		panic("a session's call waits")
	}
	ret := int64(r[x86.RAX])
	g.t.ReturnToUser()
	return ret
}

func (g *guest) pid() int                                   { return int(g.t.Proc.PID) }
func (g *guest) ReadAt(p []byte, addr uint64) (int, error)  { return g.t.Proc.Mem.ReadAt(p, addr) }
func (g *guest) WriteAt(p []byte, addr uint64) (int, error) { return g.t.Proc.Mem.WriteAt(p, addr) }
