package trace

import (
	"fmt"
	"slices"
	"strings"
)

// Text says in words where and in what two traces differ, whose names are a and b:
//
//	step 1234, thread 1000, at 0x401234 `add rax, rbx`: RAX is 0x5, golden has 0x6; the last
//	system call was read(3, 0x7fff10, 16) = 16 at step 1200
func (d *Difference) Text(a, b string) string {
	var s strings.Builder
	s.WriteString(d.place())
	s.WriteString(": ")
	s.WriteString(strings.Join(d.Differences(a, b), "; "))
	if c := d.LastCall; c != nil {
		fmt.Fprintf(&s, "; the last system call was %v at step %d", &c.Syscall, c.Step)
	}
	return s.String()
}

// place says where the traces part.
func (d *Difference) place() string {
	r := d.A
	if r == nil {
		r = d.B
	}
	s := fmt.Sprintf("step %d", r.Step)
	if d.B != nil {
		s = fmt.Sprintf("step %d", min(r.Step, d.B.Step))
	}
	if r.TID != 0 {
		s += fmt.Sprintf(", thread %d", r.TID)
	}
	switch {
	case r.Kind == Instruction || r.Kind == Fault && len(r.Code) > 0:
		s += fmt.Sprintf(", at %#x `%s`", r.RIP, r.instruction())
	case r.Kind == Call:
		s += fmt.Sprintf(", in %v", &r.Syscall)
	case r.Kind == Block:
		from, to := d.Range()
		s += fmt.Sprintf(", in the block of steps %d to %d", from, to)
	}
	return s
}

// Differences says in what the records differ, one clause each.
func (d *Difference) Differences(a, b string) []string {
	switch {
	case d.A == nil:
		return []string{fmt.Sprintf("%s is over, %s goes on: %s", a, b, d.B.brief())}
	case d.B == nil:
		return []string{fmt.Sprintf("%s is over, %s goes on: %s", b, a, d.A.brief())}
	case d.A.Kind != d.B.Kind || d.A.TID != d.B.TID || d.A.PID != d.B.PID || d.A.Step != d.B.Step || string(d.A.Code) != string(d.B.Code):
		return []string{fmt.Sprintf("%s has %s, %s has %s", a, d.A.brief(), b, d.B.brief())}
	}
	var list []string
	if !equalBody(d.A, d.B) {
		list = append(list, d.body(b))
	}
	list = append(list, d.regs(b)...)
	if d.A.Next != d.B.Next {
		list = append(list, fmt.Sprintf("it goes on at %#x, %s at %#x", d.A.Next, b, d.B.Next))
	}
	list = append(list, d.memory(b)...)
	if d.A.Chain != d.B.Chain {
		list = append(list, "the registers differ, here or since the stop before")
	}
	return list
}

// brief says in a few words what r is.
func (r *Record) brief() string {
	s := strings.TrimSpace(r.what())
	if r.TID != 0 {
		s = fmt.Sprintf("thread %d %s", r.TID, s)
	}
	return fmt.Sprintf("%s at step %d", s, r.Step)
}

// body says how what the records have of their own differs.
func (d *Difference) body(b string) string {
	x, y := d.A, d.B
	switch {
	case x.Kind == State:
		return fmt.Sprintf("the state's hash is %x…, %s has %x…: registers and writes were the same so far", x.Sum[:4], b, y.Sum[:4])
	case x.Kind == Call && x.Syscall.Number == y.Syscall.Number && x.Syscall.Args == y.Syscall.Args && x.Syscall.State == y.Syscall.State:
		return fmt.Sprintf("the result is %d, %s has %d", x.Syscall.Result, b, y.Syscall.Result)
	}
	return fmt.Sprintf("it is %s, %s has %s", strings.TrimSpace(x.what()), b, strings.TrimSpace(y.what()))
}

// after returns the value of a register after r.
func (d *Difference) after(r *Record, reg uint8) uint64 {
	for _, c := range r.Regs {
		if c.Reg == reg {
			return c.New
		}
	}
	if d.Before != nil {
		return d.Before.Regs[reg]
	}
	return 0
}

// regs lists the registers that differ.
func (d *Difference) regs(b string) []string {
	var set regSet
	for _, r := range []*Record{d.A, d.B} {
		for _, c := range r.Regs {
			set.add(c.Reg)
		}
	}
	var list []string
	for n := range uint8(NumRegs) {
		if set[n>>6]>>(n&63)&1 == 0 {
			continue
		}
		if x, y := d.after(d.A, n), d.after(d.B, n); x != y {
			list = append(list, fmt.Sprintf("%s is %#x, %s has %#x", RegName(n), x, b, y))
		}
	}
	return list
}

// place of a word of memory.
type wordAt struct {
	pid  int32
	addr uint64
}

// words lists the words that r changed.
func (r *Record) words() (places []wordAt, values map[wordAt]uint64) {
	values = map[wordAt]uint64{}
	for _, w := range r.Memory {
		for i, v := range w.Words {
			at := wordAt{w.PID, w.Addr + 8*uint64(i)}
			places = append(places, at)
			values[at] = v
		}
	}
	return places, values
}

// memory lists the words of memory that differ, the first few.
func (d *Difference) memory(b string) []string {
	places, x := d.A.words()
	more, y := d.B.words()
	for _, at := range more {
		if _, ok := x[at]; !ok {
			places = append(places, at)
		}
	}
	slices.SortFunc(places, func(p, q wordAt) int {
		if p.pid != q.pid {
			return int(p.pid) - int(q.pid)
		}
		return int(int64(p.addr) - int64(q.addr))
	})
	const show = 4
	var list []string
	n := 0
	for _, at := range places {
		v, inA := x[at]
		w, inB := y[at]
		if inA == inB && v == w {
			continue
		}
		if n++; n > show {
			continue
		}
		switch {
		case !inA:
			list = append(list, fmt.Sprintf("the word at %#x does not change, in %s it becomes %#x", at.addr, b, w))
		case !inB:
			list = append(list, fmt.Sprintf("the word at %#x becomes %#x, in %s it does not change", at.addr, v, b))
		default:
			list = append(list, fmt.Sprintf("the word at %#x is %#x, %s has %#x", at.addr, v, b, w))
		}
	}
	if n > show {
		list = append(list, fmt.Sprintf("%d more words differ", n-show))
	}
	return list
}

// States returns a table of the registers before the difference and after it in both traces;
// empty if they are not known. Of the wide registers only those that differ are listed.
func (d *Difference) States(a, b string) string {
	if d.Before == nil || d.Mode != Full || d.A == nil || d.B == nil {
		return ""
	}
	var s strings.Builder
	row := func(name string, before, x, y uint64) {
		mark := ""
		if x != y {
			mark = "  differs"
		}
		fmt.Fprintf(&s, "%-18s %#18x %#18x %#18x%s\n", name, before, x, y, mark)
	}
	width := 18
	fmt.Fprintf(&s, "%-18s %*s %*s %*s\n", "", width, "before", width, a, width, b)
	row("RIP", d.Before.RIP, d.A.Next, d.B.Next)
	for n := range uint8(NumRegs) {
		x, y := d.after(d.A, n), d.after(d.B, n)
		if n <= RegRFLAGS || x != y {
			row(RegName(n), d.Before.Regs[n], x, y)
		}
	}
	return s.String()
}
