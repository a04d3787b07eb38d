package inspect

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText writes v for people.
func (v *View) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "step %d, %s, up %.3f s, host name %s\n", v.Step, v.Time, float64(v.UptimeNs)/1e9, v.Hostname)
	if v.Status != nil {
		fmt.Fprintf(w, "ended with wait status %#x\n", *v.Status)
	}
	for i := range v.Processes {
		if err := v.Processes[i].writeText(w); err != nil {
			return err
		}
	}
	fmt.Fprintln(w, "\nmounts")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, m := range v.Mounts {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", m.At, m.Type, m.Source)
	}
	return t.Flush()
}

func (p *Process) writeText(w io.Writer) error {
	fmt.Fprintf(w, "\nprocess %d  %s  parent %d  group %d  session %d  uid %d  %d steps\n", p.PID, p.Name, p.PPID, p.Group, p.Session, p.UID, p.Steps)
	if p.Zombie {
		fmt.Fprintln(w, "  has ended, and waits to be waited for")
		return nil
	}
	fmt.Fprintf(w, "  program %s, in %s\n", p.Exe, p.Cwd)
	if len(p.Pending) > 0 {
		fmt.Fprintf(w, "  pending signals %s\n", strings.Join(p.Pending, " "))
	}
	for i := range p.Threads {
		p.Threads[i].writeText(w)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  maps")
	for _, m := range p.Maps {
		fmt.Fprintf(t, "    %s-%s\t%s\t%d KiB\t%s\n", m.Start, m.End, m.Perms, m.Size>>10, m.Name)
	}
	fmt.Fprintln(t, "  files")
	for _, f := range p.Files {
		fmt.Fprintf(t, "    %d\t%s\tat %d\t%s\n", f.FD, f.Mode, f.Pos, f.Path)
	}
	return t.Flush()
}

// perLine is how many registers stand on a line.
const perLine = 4

func (t *Thread) writeText(w io.Writer) {
	doing := "runs " + t.At
	if t.Call != "" {
		doing = "waits in " + t.Call
	}
	fmt.Fprintf(w, "  thread %d  %s  %s  %d steps", t.TID, t.State, doing, t.Steps)
	for i, r := range t.Regs {
		if i%perLine == 0 {
			fmt.Fprint(w, "\n   ")
		}
		fmt.Fprintf(w, " %7s %-18s", r.Name, r.Value)
	}
	fmt.Fprintln(w)
}
