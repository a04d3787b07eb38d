package loader

import (
	"encoding/binary"

	"emurun/abi"
	"emurun/emu/mem"
)

// Limits of arguments and environment, execve(2).
const (
	// MaxArgStrlen is the size of the longest string, with its zero.
	MaxArgStrlen = 32 * mem.PageSize
	argMax       = 128 << 10
	stackSlack   = 128 << 10 // mapped below what is used at first
)

// ArgLimit returns how many bytes arguments and environment may have together, with
// their pointers, under a stack limit.
func ArgLimit(stackLimit uint64) uint64 { return max(min(stackLimit/4, 6<<20), argMax) }

// stack builds the initial stack, growing down from the top of the address space. The
// first error sticks.
type stack struct {
	space *mem.Space
	exec  bool
	sp    uint64
	err   error

	execfn     uint64
	argv, envp []uint64
	auxv       []byte
}

// strings maps the stack and writes the file name, the environment and the arguments.
func (st *stack) strings(a Args) error {
	limit := ArgLimit(st.space.Limits.Stack)
	used := uint64(len(a.Argv)+len(a.Envp)) * 8
	for _, list := range [][]string{{a.Filename}, a.Envp, a.Argv} {
		for _, x := range list {
			if len(x) >= MaxArgStrlen {
				return fail(abi.E2BIG, "gets an argument that is too long")
			}
			if used += uint64(len(x)) + 1; used > limit {
				return fail(abi.E2BIG, "gets too many arguments")
			}
		}
	}
	st.space.SetStackLimit(st.space.Limits.Stack)
	if err := st.mapStack(used); err != nil {
		return fatal(err)
	}
	l := &st.space.Layout
	st.sp = mem.Limit - 8
	st.execfn = st.pushString(a.Filename)
	l.EnvEnd = st.sp
	st.envp = st.pushStrings(a.Envp)
	l.EnvStart, l.ArgEnd = st.sp, st.sp
	st.argv = st.pushStrings(a.Argv)
	l.ArgStart = st.sp
	return fatal(st.err)
}

// mapStack maps a stack with room for used bytes and some slack.
func (st *stack) mapStack(used uint64) error {
	size := pageUp(used+mem.PageSize) + stackSlack
	prot := mem.Read | mem.Write
	if st.exec {
		prot |= mem.Exec
	}
	m := mem.Mapping{Start: mem.Limit - size, End: mem.Limit, Prot: prot, Flags: mem.GrowsDown, Name: "[stack]"}
	return st.space.Map(m)
}

func (st *stack) push(b []byte) uint64 {
	st.sp -= uint64(len(b))
	if _, err := st.space.WriteAt(b, st.sp); err != nil && st.err == nil {
		st.err = err
	}
	return st.sp
}

func (st *stack) pushString(x string) uint64 { return st.push(append([]byte(x), 0)) }

// pushStrings writes list so that its first string has the lowest address.
func (st *stack) pushStrings(list []string) []uint64 {
	at := make([]uint64, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		at[i] = st.pushString(list[i])
	}
	return at
}

// auxEntry is an entry of the auxiliary vector.
type auxEntry struct{ key, value uint64 }

// auxv returns the entries in Linux's order; finish fills in the addresses on the stack.
func (info Info) auxv(h *header, prog image, base uint64) []auxEntry {
	secure := uint64(0)
	if info.Secure {
		secure = 1
	}
	return []auxEntry{
		{abi.AT_MINSIGSTKSZ, info.MinSigStack},
		{abi.AT_HWCAP, info.HWCAP},
		{abi.AT_PAGESZ, mem.PageSize},
		{abi.AT_CLKTCK, 100},
		{abi.AT_PHDR, prog.phdr},
		{abi.AT_PHENT, phdrSize},
		{abi.AT_PHNUM, uint64(h.phnum)},
		{abi.AT_BASE, base},
		{abi.AT_FLAGS, 0},
		{abi.AT_ENTRY, prog.entry},
		{abi.AT_UID, uint64(info.UID)},
		{abi.AT_EUID, uint64(info.EUID)},
		{abi.AT_GID, uint64(info.GID)},
		{abi.AT_EGID, uint64(info.EGID)},
		{abi.AT_SECURE, secure},
		{abi.AT_RANDOM, 0},
		{abi.AT_HWCAP2, info.HWCAP2},
		{abi.AT_EXECFN, 0},
		{abi.AT_PLATFORM, 0},
		{abi.AT_NULL, 0},
	}
}

// finish writes everything below the strings and returns the initial RSP, at which argc
// is.
func (st *stack) finish(a Args, aux []auxEntry, info Info) uint64 {
	st.sp &^= 15
	platform := st.pushString("x86_64")
	random := st.push(info.Random[:])
	le := binary.LittleEndian
	for _, e := range aux {
		switch e.key {
		case abi.AT_RANDOM:
			e.value = random
		case abi.AT_EXECFN:
			e.value = st.execfn
		case abi.AT_PLATFORM:
			e.value = platform
		}
		st.auxv = le.AppendUint64(le.AppendUint64(st.auxv, e.key), e.value)
	}
	b := le.AppendUint64(nil, uint64(len(a.Argv)))
	for _, list := range [][]uint64{st.argv, st.envp} {
		for _, p := range list {
			b = le.AppendUint64(b, p)
		}
		b = le.AppendUint64(b, 0)
	}
	b = append(b, st.auxv...)
	st.sp = (st.sp-uint64(len(b)))&^15 + uint64(len(b)) // push subtracts the length again
	st.push(b)
	st.space.Layout.StartStack = st.sp
	return st.sp
}
