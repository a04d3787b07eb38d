package trace

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON is a record for programs to read. Addresses and values are hexadecimal, because a
// number of 64 bits is more than JSON readers keep.
type JSON struct {
	Kind   string            `json:"kind"`
	Step   uint64            `json:"step"`
	PID    int32             `json:"pid,omitempty"`
	TID    int32             `json:"tid,omitempty"`
	RIP    string            `json:"rip,omitempty"`
	Next   string            `json:"next,omitempty"`
	Code   string            `json:"code,omitempty"`
	Text   string            `json:"text"`
	Regs   map[string]string `json:"regs,omitempty"`
	Memory []JSONWrite       `json:"memory,omitempty"`
	Result *int64            `json:"result,omitempty"`
	Chain  string            `json:"chain,omitempty"`
}

// JSONWrite is a run of words of memory.
type JSONWrite struct {
	PID   int32    `json:"pid"`
	Addr  string   `json:"addr"`
	Words []string `json:"words"`
}

func hexText(v uint64) string { return fmt.Sprintf("%#x", v) }

// JSON returns r for programs; nil of nil.
func (r *Record) JSON() *JSON {
	if r == nil {
		return nil
	}
	j := &JSON{Kind: r.Kind.String(), Step: r.Step, PID: r.PID, TID: r.TID, Text: r.what()}
	if r.Kind.hasEffects() {
		j.RIP, j.Next = hexText(r.RIP), hexText(r.Next)
	}
	switch {
	case r.Kind == Instruction:
		j.Text = r.instruction()
	case r.Kind == Call && r.Syscall.State == Returned:
		result := r.Syscall.Result
		j.Result = &result
	}
	if len(r.Code) > 0 {
		j.Code = fmt.Sprintf("%x", r.Code)
	}
	if r.Chain != 0 {
		j.Chain = fmt.Sprintf("%016x", r.Chain)
	}
	if len(r.Regs) > 0 {
		j.Regs = map[string]string{}
	}
	for _, c := range r.Regs {
		j.Regs[RegName(c.Reg)] = hexText(c.New)
	}
	for _, w := range r.Memory {
		words := make([]string, len(w.Words))
		for i, v := range w.Words {
			words[i] = hexText(v)
		}
		j.Memory = append(j.Memory, JSONWrite{w.PID, hexText(w.Addr), words})
	}
	return j
}

// JSON returns the registers of s by name; nil of nil.
func (s *ThreadState) JSON() map[string]any {
	if s == nil {
		return nil
	}
	m := map[string]any{"RIP": hexText(s.RIP)}
	for n, v := range s.Regs {
		if v != 0 || n <= RegRFLAGS {
			m[RegName(uint8(n))] = hexText(v)
		}
	}
	return m
}

// PrintJSON writes all records of t, one JSON object a line.
func PrintJSON(w io.Writer, t *Reader) error {
	e := json.NewEncoder(w)
	for {
		r, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := e.Encode(r.JSON()); err != nil {
			return err
		}
	}
}
