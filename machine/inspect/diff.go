package inspect

import (
	"fmt"
	"sort"
)

// Diff says in lines of text what changed from a to b.
func Diff(a, b *View) []string {
	d := &differ{}
	if a.Step != b.Step {
		d.add("step: %d, then %d", a.Step, b.Step)
	}
	before := map[int32]*Process{}
	for i := range a.Processes {
		before[a.Processes[i].PID] = &a.Processes[i]
	}
	for i := range b.Processes {
		p := &b.Processes[i]
		if old := before[p.PID]; old != nil {
			d.process(old, p)
			delete(before, p.PID)
		} else {
			d.add("process %d (%s) is new", p.PID, p.Name)
		}
	}
	for i := range a.Processes {
		if p := &a.Processes[i]; before[p.PID] != nil {
			d.add("process %d (%s) is gone", p.PID, p.Name)
		}
	}
	return d.lines
}

// differ collects differences.
type differ struct{ lines []string }

func (d *differ) add(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// changed adds a difference of one property.
func (d *differ) changed(what, a, b string) {
	if a != b {
		d.add("%s: %s, then %s", what, or(a), or(b))
	}
}

func or(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (d *differ) process(a, b *Process) {
	at := fmt.Sprintf("process %d", a.PID)
	d.changed(at+", program", a.Exe, b.Exe)
	d.changed(at+", working directory", a.Cwd, b.Cwd)
	if a.Zombie != b.Zombie {
		d.add("%s has ended", at)
	}
	threads := map[int32]*Thread{}
	for i := range a.Threads {
		threads[a.Threads[i].TID] = &a.Threads[i]
	}
	for i := range b.Threads {
		t := &b.Threads[i]
		if old := threads[t.TID]; old != nil {
			d.thread(old, t)
			delete(threads, t.TID)
		} else {
			d.add("thread %d is new", t.TID)
		}
	}
	for tid := range threads { // order: sorted below
		d.add("thread %d is gone", tid)
	}
	sort.Strings(d.lines[len(d.lines)-len(threads):])
	d.list(at+", map", mapLines(a.Maps), mapLines(b.Maps))
	d.list(at+", file", fileLines(a.Files), fileLines(b.Files))
}

func (d *differ) thread(a, b *Thread) {
	at := fmt.Sprintf("thread %d", a.TID)
	d.changed(at+", state", a.State, b.State)
	d.changed(at+", call", a.Call, b.Call)
	values := map[string]string{}
	for _, r := range a.Regs {
		values[r.Name] = r.Value
	}
	for _, r := range b.Regs {
		d.changed(at+", "+r.Name, values[r.Name], r.Value)
		delete(values, r.Name)
	}
	for _, r := range a.Regs {
		if v, only := values[r.Name]; only {
			d.changed(at+", "+r.Name, v, "0x0")
		}
	}
}

func mapLines(list []Map) (lines []string) {
	for _, m := range list {
		lines = append(lines, fmt.Sprintf("%s-%s %s %s", m.Start, m.End, m.Perms, m.Name))
	}
	return lines
}

func fileLines(list []File) (lines []string) {
	for _, f := range list {
		lines = append(lines, fmt.Sprintf("%d %s %s at %d", f.FD, f.Mode, f.Path, f.Pos))
	}
	return lines
}

// list adds the lines that only one of two lists has.
func (d *differ) list(what string, a, b []string) {
	in := map[string]bool{}
	for _, s := range b {
		in[s] = true
	}
	for _, s := range a {
		if !in[s] {
			d.add("%s gone: %s", what, s)
		}
		delete(in, s)
	}
	for _, s := range b {
		if in[s] {
			d.add("%s new: %s", what, s)
		}
	}
}
