package main

import (
	"bytes"
	"fmt"
	"strings"

	"emurun/emu/x86"
	"emurun/emu/x86/isa"
)

// groups are the sections of docs/isa.md: the files of the table, in the SDM's order.
var groups = []struct{ file, title string }{
	{"data_transfer", "Data transfer"},
	{"arithmetic", "Binary arithmetic"},
	{"logical", "Logical, and TEST"},
	{"shift_rotate", "Shift and rotate"},
	{"bit_byte", "Bit and byte"},
	{"control_transfer", "Control transfer"},
	{"string", "String"},
	{"io", "I/O"},
	{"flag_control", "Flag control"},
	{"segment", "Segment registers"},
	{"misc", "Miscellaneous"},
	{"x87", "x87 FPU"},
	{"mmx", "MMX"},
	{"sse", "SSE"},
	{"sse2", "SSE2"},
	{"sse3", "SSE3 and SSSE3"},
	{"sse4", "SSE4.1 and SSE4.2"},
	{"xsave", "XSAVE"},
	{"system", "System"},
}

const docIntro = `# Instructions

<!-- Written by tools/isagen from emu/x86/isa; DO NOT EDIT. -->

Every encoding form that emurun decodes, from the table that the decoder and the engines are generated
from. An encoding that is not here raises #UD. Operand codes are those of the Intel SDM, Vol. 2,
appendix A; ` + "`go doc emurun/emu/x86/isa`" + ` explains every column.

- **roles**: r read, w written, rw both, a address only, - not accessed.
- **flags**: r= read, w= written, u= undefined by the SDM, u1= undefined unless the count is 1, us= undefined
  when the count reaches the operand size; after the colon the value they get here: 0 cleared, 1 set,
  k kept, c computed. ? means only if the masked count is not 0.
- **privileged** forms raise #GP, as in user mode on a real CPU.

`

// renderDoc writes docs/isa.md.
func renderDoc(rows []isa.Row) ([]byte, error) {
	byFile := map[string][]*isa.Row{}
	for i := range rows {
		byFile[rows[i].File] = append(byFile[rows[i].File], &rows[i])
	}
	if len(byFile) != len(groups) {
		return nil, fmt.Errorf("%d files in the table, %d groups", len(byFile), len(groups))
	}
	var b bytes.Buffer
	b.WriteString(docIntro)
	summary(&b, rows)
	for _, g := range groups {
		list := byFile[g.file]
		if list == nil {
			return nil, fmt.Errorf("no file %s.isa", g.file)
		}
		fmt.Fprintf(&b, "## %s\n\n", g.title)
		b.WriteString("| instruction | opcode | roles | flags | feature | notes |\n|---|---|---|---|---|---|\n")
		for _, r := range list {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r, r.Enc.Text, roles(r), r.Flags.Text, dash(r.Feature), dash(notes(r)))
		}
		b.WriteString("\n")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// summary writes how many forms each feature has.
func summary(b *bytes.Buffer, rows []isa.Row) {
	count := map[string]int{}
	for i := range rows {
		count[rows[i].Feature]++
	}
	fmt.Fprintf(b, "%d forms: %d of the base architecture", len(rows), count[""])
	names, _ := x86.Features(x86.LevelV2)
	for _, f := range names {
		if count[f] > 0 {
			fmt.Fprintf(b, ", %d %s", count[f], f)
		}
	}
	b.WriteString(".\n\n")
}

// roles returns the roles column.
func roles(r *isa.Row) string {
	var list []string
	for _, o := range r.Operands {
		list = append(list, o.Role.String())
	}
	return dash(strings.Join(list, ","))
}

// noteText are the attributes that a reader of the reference cares about.
var noteText = []struct {
	attr isa.Attr
	text string
}{
	{isa.Priv, "privileged"},
	{isa.Lock, "LOCK"},
	{isa.D64, "64-bit by default"},
	{isa.F64, "64-bit always"},
	{isa.Align16, "aligned to 16"},
	{isa.BitString, "bit string"},
	{isa.Alias, "second encoding"},
}

// notes returns the notes column: attributes and implicit operands.
func notes(r *isa.Row) string {
	var list []string
	for _, n := range noteText {
		if r.Has(n.attr) {
			list = append(list, n.text)
		}
	}
	for _, m := range r.Implicit {
		reg := strings.ToUpper(m.Reg)
		if m.Memory {
			reg = "[" + reg + "]"
		}
		list = append(list, fmt.Sprintf("%s:%s", reg, m.Role))
	}
	return strings.Join(list, ", ")
}

// dash returns s, or "-" for an empty cell.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
