// Command syscallgen writes docs/syscalls.md from the system call table.
package main

import (
	"fmt"
	"os"
	"strings"

	"emurun/syscalls"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: syscallgen docs/syscalls.md")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], []byte(document()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "syscallgen:", err)
		os.Exit(1)
	}
}

const intro = `# System calls

What a program finds behind each system call number of x86-64 Linux. Written from the table in
` + "`syscalls/table.go`" + ` by ` + "`go generate ./syscalls`" + `; do not edit.

A call without a handler fails with ENOSYS for the reason given; a note on an implemented one says
what is partial. Numbers that are not listed do not exist on Linux either.
`

// document returns the text of docs/syscalls.md.
func document() string {
	var b strings.Builder
	b.WriteString(intro)
	implemented, rows := 0, 0
	var calls, missing strings.Builder
	for nr := range syscalls.Table {
		r := &syscalls.Table[nr]
		switch {
		case r.Name == "":
			continue
		case r.Handler != nil:
			implemented++
			fmt.Fprintf(&calls, "| %d | `%s` | %s |\n", nr, r.Name, r.Note)
		default:
			fmt.Fprintf(&missing, "| %d | `%s` | %s |\n", nr, r.Name, r.Note)
		}
		rows++
	}
	fmt.Fprintf(&b, "\n%d of %d calls are implemented.\n", implemented, rows)
	fmt.Fprintf(&b, "\n## Implemented\n\n| number | call | note |\n|---:|---|---|\n%s", calls.String())
	fmt.Fprintf(&b, "\n## ENOSYS\n\n| number | call | why |\n|---:|---|---|\n%s", missing.String())
	return b.String()
}
