package isa

import (
	"bufio"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

//go:embed *.isa
var files embed.FS

// Rows returns the whole table. The order, and so each ID, is fixed by the
// names of the files and the lines in them.
func Rows() ([]Row, error) {
	names, err := fs.Glob(files, "*.isa") // sorted
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		more, err := Parse(strings.TrimSuffix(name, ".isa"), string(text))
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	for i := range rows {
		rows[i].ID = i + 1
	}
	return rows, checkNames(rows)
}

// checkNames fails if two rows have one name.
func checkNames(rows []Row) error {
	seen := map[string]*Row{}
	for i := range rows {
		r := &rows[i]
		if o := seen[r.Name]; o != nil {
			return fmt.Errorf("%s.isa:%d: name %s is also at %s.isa:%d", r.File, r.Line, r.Name, o.File, o.Line)
		}
		seen[r.Name] = r
	}
	return nil
}

// Parse reads the rows of one file; IDs are left 0.
func Parse(file, text string) ([]Row, error) {
	var rows []Row
	sc := bufio.NewScanner(strings.NewReader(text))
	for line := 1; sc.Scan(); line++ {
		s := strings.TrimSpace(sc.Text())
		if s == "" || s[0] == '#' {
			continue
		}
		r, err := parseRow(s)
		if err != nil {
			return nil, fmt.Errorf("%s.isa:%d: %w", file, line, err)
		}
		r.File, r.Line = file, line
		rows = append(rows, r)
	}
	return rows, sc.Err()
}

var (
	columnGap    = regexp.MustCompile(`\s{2,}`)
	mnemonicForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
)

// parseRow reads one line.
func parseRow(line string) (Row, error) {
	cols := columnGap.Split(line, -1)
	if len(cols) != 7 {
		return Row{}, fmt.Errorf("%d columns, want 7", len(cols))
	}
	r := Row{Mnemonic: cols[0]}
	if !mnemonicForm.MatchString(r.Mnemonic) {
		return r, fmt.Errorf("mnemonic %q", r.Mnemonic)
	}
	r.Handler = strings.ToLower(strings.ReplaceAll(r.Mnemonic, "_", ""))
	var err error
	if r.Operands, err = parseOperands(cols[1], cols[3]); err != nil {
		return r, err
	}
	if r.Enc, err = parseOpcode(cols[2]); err != nil {
		return r, err
	}
	if err = r.Enc.infer(r.Operands); err != nil {
		return r, err
	}
	if r.Flags, err = parseFlags(cols[4]); err != nil {
		return r, err
	}
	if cols[5] != "-" {
		r.Feature = cols[5]
	}
	suffix, err := r.parseAttributes(cols[6])
	if err != nil {
		return r, err
	}
	r.Name = rowName(&r, suffix)
	return r, r.check()
}

// parseAttributes reads the attributes column: attribute names, handler=name,
// alias=suffix, name=suffix and implicit operands such as rsp:rw or [rsp]:w.
func (r *Row) parseAttributes(col string) (suffix string, err error) {
	if col == "-" {
		return "", nil
	}
	for _, word := range strings.Fields(col) {
		if h, ok := strings.CutPrefix(word, "handler="); ok {
			r.Handler = h
			continue
		}
		if s, ok := strings.CutPrefix(word, "alias="); ok {
			suffix, r.Attr = s, r.Attr|Alias
			continue
		}
		if s, ok := strings.CutPrefix(word, "name="); ok {
			suffix = s
			continue
		}
		if strings.Contains(word, ":") {
			if err := r.addImplicit(word); err != nil {
				return "", err
			}
			continue
		}
		a, ok := attrByName(word)
		if !ok || r.Has(a) {
			return "", fmt.Errorf("attribute %q unknown or twice", word)
		}
		r.Attr |= a
	}
	if r.Has(Alias) && suffix == "" {
		suffix = "alias"
	}
	if r.Has(Priv) {
		r.Handler = ""
	}
	return suffix, nil
}

// attrByName returns the attribute that the table calls name.
func attrByName(name string) (Attr, bool) {
	for i, n := range attrName {
		if n == name {
			return 1 << i, true
		}
	}
	return 0, false
}

var implicitReg = regexp.MustCompile(`^(r[a-d]x|[a-d]x|[a-d][lh]|r(sp|bp|si|di|11)|xmm0)$`)

// addImplicit takes in an implicit operand, reg:role or [reg]:role.
func (r *Row) addImplicit(word string) error {
	reg, role, _ := strings.Cut(word, ":")
	m := Implicit{Reg: reg}
	if strings.HasPrefix(reg, "[") && strings.HasSuffix(reg, "]") {
		m.Memory, m.Reg = true, reg[1:len(reg)-1]
	}
	if !implicitReg.MatchString(m.Reg) {
		return fmt.Errorf("implicit operand %q", word)
	}
	var err error
	if m.Role, err = parseRole(role); err != nil {
		return fmt.Errorf("implicit operand %q: %w", word, err)
	}
	r.Implicit = append(r.Implicit, m)
	return nil
}

// rowName makes the Go name: mnemonic, operand codes, suffix.
func rowName(r *Row, suffix string) string {
	name := r.Mnemonic[:1] + strings.ToLower(r.Mnemonic[1:])
	if len(r.Operands) > 0 {
		name += "_"
	}
	for _, o := range r.Operands {
		name += o.Code
	}
	if suffix != "" {
		name += "_" + suffix
	}
	return name
}

// check refuses combinations that mean nothing.
func (r *Row) check() error {
	switch {
	case r.Has(Lock) && (len(r.Operands) == 0 || !r.Operands[0].Kind.IsMemory() || !r.Operands[0].Role.Writes()):
		return fmt.Errorf("%s: lock without a destination that may be memory", r)
	case r.Has(Rep) && !r.Has(StringOp):
		return fmt.Errorf("%s: rep without string", r)
	case r.Enc.PlusReg != hasKind(r.Operands, KindZ):
		return fmt.Errorf("%s: +r and operand Z go together", r)
	case r.Enc.PlusCond != r.Flags.ReadCond && !r.Has(X87):
		return fmt.Errorf("%s: +c and r=cc go together", r)
	}
	for _, o := range r.Operands {
		if o.Role == RoleAddress && o.Kind != KindM {
			return fmt.Errorf("%s: role a of %s, which is not M", r, o.Code)
		}
		if o.Size == SizeNone && o.Role != RoleAddress && o.Role != RoleNone {
			return fmt.Errorf("%s: operand %s has no size", r, o.Code)
		}
	}
	return nil
}

// hasKind reports whether some operand is of the kind.
func hasKind(ops []Operand, k Kind) bool {
	for _, o := range ops {
		if o.Kind == k {
			return true
		}
	}
	return false
}
