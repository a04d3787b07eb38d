package trace

import (
	"fmt"
	"io"
	"strings"

	"emurun/abi"
	"emurun/machine"
	"emurun/syscalls"
)

// String returns r as one line:
//
//	1234 1000 0x401234 add rax, rbx    RAX=0x5 RFLAGS=0x246
func (r *Record) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d ", r.Step)
	if r.TID != 0 {
		fmt.Fprintf(&b, "%d ", r.TID)
	}
	b.WriteString(r.what())
	if r.Kind.hasEffects() {
		r.effects(&b)
	}
	if r.Kind == Memory {
		r.memory(&b)
	}
	return strings.TrimRight(b.String(), " ")
}

// what says what happened, without its effects.
func (r *Record) what() string {
	switch r.Kind {
	case Instruction:
		return fmt.Sprintf("%#x %-36s", r.RIP, r.instruction())
	case Fault:
		if len(r.Code) == 0 {
			return fmt.Sprintf("%#x fault %v", r.RIP, r.Fault)
		}
		return fmt.Sprintf("%#x %s: fault %v", r.RIP, r.instruction(), r.Fault)
	case Turn:
		return fmt.Sprintf("goes on at %#x", r.Next)
	case Block:
		return fmt.Sprintf("block ends at %#x", r.Next)
	case Call:
		return "call " + r.Syscall.String()
	case Signal:
		return fmt.Sprintf("signal %v, code %d", abi.Signal(r.Signal.Signo), r.Signal.Code)
	case Exit:
		return r.Ended.what(r.PID)
	case Input:
		return "input " + r.Input.what()
	case State:
		return fmt.Sprintf("state %x", r.Sum)
	case End:
		return "end: " + [numEndReasons]string{"the program has ended", "the trace was to go to here", "the run was stopped"}[r.Reason]
	}
	return r.Kind.String()
}

// what says what came in, without its moment.
func (in *Outside) what() string {
	s := fmt.Sprintf("%v from port %d", machine.InputKind(in.Kind), in.Port)
	switch machine.InputKind(in.Kind) {
	case machine.InputSignal:
		return abi.Signal(in.Number).String()
	case machine.InputTime:
		return fmt.Sprintf("time to %d ns, ready %04b", in.Number, in.Set)
	case machine.InputRead:
		s += fmt.Sprintf(": %d bytes", in.Size)
		if in.Size <= maxData {
			s += fmt.Sprintf(" %q", in.Data)
		}
	default:
		s += fmt.Sprintf(": %d", in.Number)
	}
	if in.Errno != 0 {
		s += ", " + abi.Errno(in.Errno).Error()
	}
	return s
}

func (e *Ended) what(pid int32) string {
	name := "the thread"
	if e.Process {
		name = fmt.Sprintf("process %d", pid)
	}
	if sig := abi.Signal(e.Status & 0x7f); sig != 0 {
		return fmt.Sprintf("%s is killed by %v", name, sig)
	}
	return fmt.Sprintf("%s exits with %d", name, e.Status>>8&0xff)
}

// instruction returns the disassembly.
func (r *Record) instruction() string { return machine.Disassemble(r.Code, r.RIP) }

// effects writes the registers and the memory that changed.
func (r *Record) effects(b *strings.Builder) {
	for _, c := range r.Regs {
		fmt.Fprintf(b, " %s=%#x", strings.ReplaceAll(RegName(c.Reg), " ", "."), c.New)
	}
	r.memory(b)
	if r.Chain != 0 {
		fmt.Fprintf(b, " chain=%016x", r.Chain)
	}
}

func (r *Record) memory(b *strings.Builder) {
	const show = 4
	for _, w := range r.Memory {
		owner := ""
		if w.PID != r.PID {
			owner = fmt.Sprintf("%d:", w.PID)
		}
		fmt.Fprintf(b, " [%s%#x]=", owner, w.Addr)
		for i, v := range w.Words[:min(show, len(w.Words))] {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "%#x", v)
		}
		if len(w.Words) > show {
			fmt.Fprintf(b, ",… (%d words)", len(w.Words))
		}
	}
}

// noMemory is the memory of a trace: it is not there.
type noMemory struct{}

func (noMemory) ReadAt([]byte, uint64) (int, error)  { return 0, abi.EFAULT }
func (noMemory) WriteAt([]byte, uint64) (int, error) { return 0, abi.EFAULT }

// String returns s as strace(1) prints it, with addresses instead of what is there.
func (s *Syscall) String() string {
	row := syscalls.Lookup(s.Number)
	if row == nil {
		row = &syscalls.Row{Name: fmt.Sprintf("syscall_%#x", s.Number)}
	}
	ret, errno := uint64(s.Result), abi.Errno(0)
	if e := -s.Result; e > 0 && e < 4096 {
		ret, errno = 0, abi.Errno(e)
	}
	text := syscalls.Format(row, s.Args, noMemory{}, ret, errno)
	if s.State == Returned {
		return text
	}
	text = text[:strings.LastIndex(text, " = ")]
	return text + [numSyscallStates]string{" waits", "", " does not return"}[s.State]
}

// Print writes all records of t as lines.
func Print(w io.Writer, t *Reader) error {
	for {
		r, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, r); err != nil {
			return err
		}
	}
}
