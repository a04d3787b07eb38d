package hostcpu

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"emurun/emu/x86"
)

// Layout of the shared memory, which the child maps at shmAddr.
const (
	shmAddr    = 0x3b7a00000000 // where no case comes by chance
	shmSize    = 0x100000
	offCurrent = 0
	offLeft    = 8
	offSetup   = 0x1000
	offActions = 0x1800 // struct sigaction and stack_t for the set-up calls
	offCode    = 0x2000 // the page that is mapped at CodeAddr too
	offRO      = 0x3000 // the page that is mapped at ROAddr too
	offRecords = 0x4000
	maxBatch   = (shmSize - offRecords) / recSize

	stackAddr = 0x3b7a96d50000 // far from what cases have in RSP: there the kernel would see the handler running
	stackSize = 0x10000
	childBase = 0x3b7900000000
	childSize = 0x600 // at least the child's text; what follows is never reached
	int3      = 0xcc
)

// timeout is how long one batch may take; code that jumps to itself never ends.
const timeout = 10 * time.Second

// Host executes cases. It is not safe for concurrent use.
type Host struct {
	cmd      *exec.Cmd
	shm      []byte
	to, from *os.File
}

func childAddr() uintptr

// Start starts the child. It returns an error that wraps ErrUnavailable where
// the kernel or the CPU does not play along.
func Start() (*Host, error) {
	h := new(Host)
	if err := h.start(); err != nil {
		h.Close()
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return h, nil
}

func (h *Host) start() error {
	shm, err := memfd("emurun-shm", shmSize)
	if err != nil {
		return err
	}
	defer shm.Close()
	h.shm, err = unix.Mmap(int(shm.Fd()), 0, shmSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	h.writeSetup()
	for i := range PageSize {
		h.shm[offCode+i] = int3
	}
	return h.spawn(shm)
}

// spawn starts the program and waits for its first turn.
func (h *Host) spawn(shm *os.File) error {
	prog, err := memfd("emurun-child", 0)
	if err != nil {
		return err
	}
	defer prog.Close()
	if _, err := prog.Write(childELF()); err != nil {
		return err
	}
	in, to, err := os.Pipe()
	if err != nil {
		return err
	}
	defer in.Close()
	h.to = to
	from, out, err := os.Pipe()
	if err != nil {
		return err
	}
	defer out.Close()
	h.from = from
	h.cmd = exec.Command(fmt.Sprintf("/proc/self/fd/%d", prog.Fd()))
	h.cmd.Env = []string{}
	h.cmd.Stdin, h.cmd.Stdout = in, out
	h.cmd.ExtraFiles = []*os.File{shm}
	if err := h.cmd.Start(); err != nil {
		return err
	}
	return h.wait()
}

func memfd(name string, size int64) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	if err := f.Truncate(size); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// childELF returns the static program: one segment with the child's text.
func childELF() []byte {
	const head = 64 + 56
	le := binary.LittleEndian
	b := make([]byte, head, head+childSize)
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], 2)  // ET_EXEC
	le.PutUint16(b[18:], 62) // EM_X86_64
	le.PutUint32(b[20:], 1)
	le.PutUint64(b[24:], childBase+head) // e_entry
	le.PutUint64(b[32:], 64)             // e_phoff
	le.PutUint16(b[52:], 64)
	le.PutUint16(b[54:], 56)
	le.PutUint16(b[56:], 1)
	p := b[64:]
	le.PutUint32(p, 1)     // PT_LOAD
	le.PutUint32(p[4:], 5) // r-x
	le.PutUint64(p[16:], childBase)
	le.PutUint64(p[32:], head+childSize)
	le.PutUint64(p[40:], head+childSize)
	le.PutUint64(p[48:], PageSize)
	// The conversion through a variable's address keeps vet content: the value
	// is the address of a function, which does not move.
	addr := childAddr()
	text := unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), childSize)
	return append(b, text...)
}

// writeSetup writes the system calls by which the child makes its address space.
func (h *Host) writeSetup() {
	const (
		rw     = unix.PROT_READ | unix.PROT_WRITE
		anon   = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_FIXED | unix.MAP_POPULATE
		shared = unix.MAP_SHARED | unix.MAP_FIXED | unix.MAP_POPULATE
		none   = ^uint64(0)

		offStack = offActions + 64
		handler  = childBase + 64 + 56
	)
	calls := [][7]uint64{
		{unix.SYS_MMAP, CodeAddr, PageSize, unix.PROT_READ | unix.PROT_EXEC, shared, 3, offCode},
		{unix.SYS_MMAP, DataAddr, DataSize, rw, anon, none, 0},
		{unix.SYS_MMAP, ROAddr, PageSize, unix.PROT_READ, shared, 3, offRO},
		{unix.SYS_MMAP, stackAddr, stackSize, rw, anon, none, 0},
		{unix.SYS_SIGALTSTACK, shmAddr + offStack, 0},
	}
	for _, sig := range []unix.Signal{unix.SIGILL, unix.SIGTRAP, unix.SIGBUS, unix.SIGFPE, unix.SIGSEGV} {
		calls = append(calls, [7]uint64{unix.SYS_RT_SIGACTION, uint64(sig), shmAddr + offActions, 0, 8})
	}
	calls = append(calls,
		[7]uint64{unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0},
		[7]uint64{unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uint64(unix.SIGKILL)},
		[7]uint64{unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_STRICT},
		[7]uint64{none})
	for i, c := range calls {
		for j, v := range c {
			binary.LittleEndian.PutUint64(h.shm[offSetup+56*i+8*j:], v)
		}
	}
	const onStack, sigInfo, restorer = 0x08000000, 4, 0x04000000 // SA_*
	for i, v := range []uint64{handler, onStack | sigInfo | restorer, handler, none} {
		binary.LittleEndian.PutUint64(h.shm[offActions+8*i:], v)
	}
	for i, v := range []uint64{stackAddr, 0, stackSize} {
		binary.LittleEndian.PutUint64(h.shm[offStack+8*i:], v)
	}
	binary.LittleEndian.PutUint64(h.shm[offCurrent:], shmAddr+offRecords)
	for i := range PageSize {
		h.shm[offRO+i] = ROByte(i)
	}
}

// wait waits until the child has finished what it has.
func (h *Host) wait() error {
	h.from.SetReadDeadline(time.Now().Add(timeout))
	var b [1]byte
	if _, err := h.from.Read(b[:]); err != nil {
		h.cmd.Process.Kill()
		h.cmd.Wait()
		return fmt.Errorf("child: %w (%v)", err, h.cmd.ProcessState)
	}
	return nil
}

// Run executes cases and fills in their results. If code kills the child or
// does not end, it returns an error that says which; the Host is then of no more use.
func (h *Host) Run(cases []Case) error {
	for len(cases) > 0 {
		n := min(len(cases), maxBatch)
		if err := h.batch(cases[:n]); err != nil {
			return err
		}
		cases = cases[n:]
	}
	return nil
}

func (h *Host) batch(cases []Case) error {
	for i := range cases {
		if len(cases[i].Code) >= CodeSize {
			return fmt.Errorf("case %d: %d bytes of code", i, len(cases[i].Code))
		}
		h.record(i).put(&cases[i])
	}
	le := binary.LittleEndian
	le.PutUint64(h.shm[offCurrent:], shmAddr+offRecords)
	le.PutUint64(h.shm[offLeft:], uint64(len(cases)-1))
	if _, err := h.to.Write([]byte{1}); err != nil {
		return err
	}
	if err := h.wait(); err != nil {
		i := (le.Uint64(h.shm[offCurrent:]) - shmAddr - offRecords) / recSize
		return fmt.Errorf("case %d, code % x: %w", i, cases[min(i, uint64(len(cases)-1))].Code, err)
	}
	for i := range cases {
		h.record(i).get(&cases[i])
	}
	return nil
}

func (h *Host) record(i int) record {
	return h.shm[offRecords+i*recSize:][:recSize]
}

// Step executes code with the state in, up to its end, to a branch out of it, or
// to an exception.
func (h *Host) Step(code []byte, in State) (out State, exc *x86.Exception, err error) {
	c := []Case{{Code: code, In: in}}
	err = h.Run(c)
	return c[0].Out, c[0].Exc, err
}

// Close ends the child.
func (h *Host) Close() error {
	if h.to != nil {
		h.to.Close()
	}
	if h.from != nil {
		h.from.Close()
	}
	if h.cmd != nil && h.cmd.Process != nil && h.cmd.ProcessState == nil {
		h.cmd.Process.Kill()
		h.cmd.Wait()
	}
	if h.shm != nil {
		return unix.Munmap(h.shm)
	}
	return nil
}
