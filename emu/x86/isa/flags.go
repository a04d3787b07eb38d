package isa

import (
	"fmt"
	"strings"

	"emurun/emu/x86"
)

// Flags says what a row does with RFLAGS.
type Flags struct {
	Text      string    // the column, "-" if flags are not touched
	Read      x86.Flags // inputs
	ReadCond  bool      // reads those of the condition in the opcode ("r=cc")
	Write     x86.Flags // outputs with a defined value
	WriteCond bool      // they are written only if the (masked) count is not 0

	// What the SDM leaves undefined, by when it does. Undef is always;
	// UndefNot1 unless the masked count is 1; UndefBig when the masked count
	// reaches the operand size. Each has a value nevertheless: Value.
	Undef, UndefNot1, UndefBig x86.Flags
	UndefCond                  bool // as WriteCond
	Value                      map[x86.Flags]UndefValue
}

// UndefValue is the value that an undefined flag gets.
type UndefValue byte

// The values of undefined flags, as the table writes them.
const (
	UndefZero     UndefValue = '0' // cleared
	UndefOne      UndefValue = '1' // set
	UndefKept     UndefValue = 'k' // unchanged
	UndefComputed UndefValue = 'c' // as the handler's comment says
)

// AllWritten returns every flag that may change.
func (f *Flags) AllWritten() x86.Flags { return f.Write | f.Undef | f.UndefNot1 | f.UndefBig }

// otherFlags are the bits that the letter x stands for.
const otherFlags = x86.TF | x86.IF | x86.NT | x86.RF | x86.AC | x86.ID

var flagLetter = map[rune]x86.Flags{
	'o': x86.OF, 's': x86.SF, 'z': x86.ZF, 'a': x86.AF, 'p': x86.PF, 'c': x86.CF,
	'd': x86.DF, 'x': otherFlags,
}

// parseFlags reads a flags column such as "w=oszpc? u=a:0? r=c".
func parseFlags(col string) (Flags, error) {
	f := Flags{Text: col, Value: map[x86.Flags]UndefValue{}}
	if col == "-" {
		return f, nil
	}
	for _, item := range strings.Fields(col) {
		key, val, ok := strings.Cut(item, "=")
		if !ok || val == "" {
			return f, fmt.Errorf("flags %q: no value", item)
		}
		if item == "r=cc" {
			f.ReadCond, f.Read = true, x86.OF|x86.SF|x86.ZF|x86.PF|x86.CF
			continue
		}
		if err := f.add(key, val); err != nil {
			return f, err
		}
	}
	return f, nil
}

// add takes in one item, key=val.
func (f *Flags) add(key, val string) error {
	val, cond := strings.CutSuffix(val, "?")
	letters, value, hasValue := strings.Cut(val, ":")
	var set x86.Flags
	for _, c := range letters {
		bit, ok := flagLetter[c]
		if !ok || set&bit != 0 {
			return fmt.Errorf("flags %s=%s: letter %q", key, val, c)
		}
		set |= bit
	}
	switch key {
	case "r":
		f.Read |= set
	case "w":
		f.Write, f.WriteCond = f.Write|set, cond
	case "u":
		f.Undef, f.UndefCond = f.Undef|set, cond
	case "u1":
		f.UndefNot1 |= set
	case "us":
		f.UndefBig |= set
	default:
		return fmt.Errorf("flags: key %q", key)
	}
	return f.setValue(key, set, value, hasValue)
}

// setValue records what the undefined flags of one item become.
func (f *Flags) setValue(key string, set x86.Flags, value string, hasValue bool) error {
	if hasValue != (key[0] == 'u') {
		return fmt.Errorf("flags %s: undefined flags, and only they, need a value", key)
	}
	if !hasValue {
		return nil
	}
	if len(value) != 1 || !strings.Contains("01kc", value) {
		return fmt.Errorf("flags %s: value %q", key, value)
	}
	for bit := x86.Flags(1); bit <= set; bit <<= 1 {
		if set&bit != 0 {
			f.Value[bit] = UndefValue(value[0])
		}
	}
	return nil
}
