package isa

import (
	"fmt"
	"strconv"
	"strings"
)

// prefixWord are the words that may begin an opcode column.
var prefixWord = map[string]Prefixes{
	"NP": PrefixNone, "66": Prefix66, "F3": PrefixF3, "F2": PrefixF2,
	"NFx": PrefixNone | Prefix66, "REP": PrefixF3 | PrefixF2,
}

// mapWord are the words that name an opcode map other than the primary one.
var mapWord = map[string]Map{"0F": Map0F, "0F38": Map0F38, "0F3A": Map0F3A}

// constraintWord are the words that may end an opcode column.
var constraintWord = map[string]func(*Opcode){
	"mod3":   func(o *Opcode) { o.Mod = ModReg },
	"anymod": func(o *Opcode) { o.Mod = ModIgnored },
	"W0":     func(o *Opcode) { o.W = Zero },
	"W1":     func(o *Opcode) { o.W = One },
	"B0":     func(o *Opcode) { o.B = Zero },
	"o16":    func(o *Opcode) { o.OpSize = 16 },
	"o32":    func(o *Opcode) { o.OpSize = 32 },
	"o64":    func(o *Opcode) { o.OpSize = 64 },
}

// parseOpcode reads an opcode column: [prefix] [map] byte [modrm] [/digit] {constraint},
// where a VEX word stands for prefix and map.
func parseOpcode(col string) (Opcode, error) {
	o := Opcode{Text: col, Prefixes: PrefixAny, Digit: -1, Fixed: -1}
	words := strings.Fields(col)
	if vex, ok := strings.CutPrefix(words[0], "VEX."); ok {
		if err := o.setVEX(vex); err != nil {
			return o, fmt.Errorf("opcode %q: %w", col, err)
		}
		words = words[1:]
	} else if len(words) > 1 {
		if p, ok := prefixWord[words[0]]; ok {
			o.Prefixes, words = p, words[1:]
		}
	}
	if len(words) > 1 && o.Encoding == Legacy {
		if m, ok := mapWord[words[0]]; ok {
			o.Map, words = m, words[1:]
		}
	}
	if len(words) == 0 {
		return o, fmt.Errorf("opcode %q: no opcode byte", col)
	}
	if err := o.setByte(words[0]); err != nil {
		return o, fmt.Errorf("opcode %q: %w", col, err)
	}
	for _, w := range words[1:] {
		if err := o.addWord(w); err != nil {
			return o, fmt.Errorf("opcode %q: %w", col, err)
		}
	}
	return o, nil
}

// The parts of a VEX word that demand one bit.
var (
	vexL = map[string]Constraint{"128": Zero, "256": One, "L0": Zero, "L1": One, "LIG": Any}
	vexW = map[string]Constraint{"W0": Zero, "W1": One, "WIG": Any}
)

// setVEX reads what follows "VEX.": length, prefix, map and W, all four.
func (o *Opcode) setVEX(word string) error {
	parts := strings.Split(word, ".")
	if len(parts) != 4 {
		return fmt.Errorf("VEX.%s: not length.prefix.map.W", word)
	}
	var ok [4]bool
	o.Encoding = VEX
	o.L, ok[0] = vexL[parts[0]]
	o.Prefixes, ok[1] = prefixWord[parts[1]]
	o.Map, ok[2] = mapWord[parts[2]]
	o.W, ok[3] = vexW[parts[3]]
	for i, found := range ok {
		if !found {
			return fmt.Errorf("VEX.%s: %q", word, parts[i])
		}
	}
	return nil
}

// setByte reads the opcode byte with its +r or +c.
func (o *Opcode) setByte(w string) error {
	w, o.PlusReg = strings.CutSuffix(w, "+r")
	w, o.PlusCond = strings.CutSuffix(w, "+c")
	b, err := strconv.ParseUint(w, 16, 8)
	if err != nil || len(w) != 2 {
		return fmt.Errorf("byte %q", w)
	}
	if o.PlusReg && b&7 != 0 || o.PlusCond && b&15 != 0 {
		return fmt.Errorf("byte %q has no room for the field", w)
	}
	o.Byte = uint8(b)
	return nil
}

// addWord takes in a word after the opcode byte.
func (o *Opcode) addWord(w string) error {
	if set, ok := constraintWord[w]; ok {
		set(o)
		return nil
	}
	if digit, ok := strings.CutPrefix(w, "/"); ok {
		d, err := strconv.ParseUint(digit, 8, 3)
		if err != nil {
			return fmt.Errorf("digit %q", w)
		}
		o.Digit, o.ModRM = int8(d), true
		return nil
	}
	hex, plusI := strings.CutSuffix(w, "+i")
	b, err := strconv.ParseUint(hex, 16, 8)
	if err != nil || len(hex) != 2 || o.Fixed >= 0 {
		return fmt.Errorf("word %q", w)
	}
	o.Fixed, o.FixedRM, o.ModRM, o.Mod = int16(b), plusI, true, ModReg
	return nil
}

// infer completes the opcode from the operands: whether there is a ModR/M byte
// and which mod values it may have.
func (o *Opcode) infer(ops []Operand) error {
	for _, op := range ops {
		if op.Kind.InRM() || op.Kind.InReg() {
			o.ModRM = true
		}
		if o.Mod == ModIgnored {
			continue
		}
		switch op.Kind {
		case KindM:
			if o.Mod == ModReg {
				return fmt.Errorf("operand %s with mod = 11", op.Code)
			}
			o.Mod = ModMem
		case KindR, KindN, KindU, KindST:
			o.Mod = ModReg
		}
	}
	if !o.ModRM && (o.Mod != ModAny || o.Digit >= 0) {
		return fmt.Errorf("a demand on a ModR/M byte that is not there")
	}
	return nil
}
