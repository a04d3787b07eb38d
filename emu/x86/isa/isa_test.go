package isa

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/emu/x86"
)

// table returns the rows.
func table(t *testing.T) []Row {
	t.Helper()
	rows, err := Rows()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRows(t *testing.T) {
	rows := table(t)
	if len(rows) < 800 {
		t.Errorf("%d rows", len(rows))
	}
	for i := range rows {
		r := &rows[i]
		if r.ID != i+1 {
			t.Errorf("%s: ID %d, want %d", r.Name, r.ID, i+1)
		}
		if (r.Handler == "") != r.Has(Priv) {
			t.Errorf("%s.isa:%d %s: handler %q", r.File, r.Line, r, r.Handler)
		}
	}
}

func TestParseRow(t *testing.T) {
	got, err := Parse("t", "# a comment\n\nSHL  Ev,CL  66 0F3A D3 /4 W1  rw,r  w=oszpc? u=a:0? u1=o:c r=d  SSE2  lock cold handler=shl alias=X rsp:rw [rdi]:w")
	if err != nil {
		t.Fatal(err)
	}
	flags := Flags{
		Text: "w=oszpc? u=a:0? u1=o:c r=d", Read: x86.DF, Write: x86.OF | x86.SF | x86.ZF | x86.PF | x86.CF, WriteCond: true,
		Undef: x86.AF, UndefCond: true, UndefNot1: x86.OF,
		Value: map[x86.Flags]UndefValue{x86.AF: UndefZero, x86.OF: UndefComputed},
	}
	want := []Row{{
		Name: "Shl_EvCL_X", Mnemonic: "SHL", Handler: "shl", File: "t", Line: 3,
		Enc: Opcode{Text: "66 0F3A D3 /4 W1", Map: Map0F3A, Prefixes: Prefix66, Byte: 0xd3, ModRM: true, Digit: 4, Fixed: -1, W: One},
		Operands: []Operand{
			{Code: "Ev", Kind: KindE, Size: SizeV, Role: RoleReadWrite},
			{Code: "CL", Kind: KindReg, Size: SizeB, Role: RoleRead, Reg: 1},
		},
		Implicit: []Implicit{{Reg: "rsp", Role: RoleReadWrite}, {Memory: true, Reg: "rdi", Role: RoleWrite}},
		Flags:    flags, Feature: "SSE2", Attr: Lock | Cold | Alias,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseVEX(t *testing.T) {
	got, err := Parse("t", "VPSLLQ  Hx,Ux,Ib  VEX.256.66.0F.WIG 73 /6  w,r,r  -  AVX2  cold")
	if err != nil {
		t.Fatal(err)
	}
	want := Opcode{
		Text: "VEX.256.66.0F.WIG 73 /6", Encoding: VEX, Map: Map0F, Prefixes: Prefix66, Byte: 0x73,
		ModRM: true, Digit: 6, Fixed: -1, Mod: ModReg, L: One,
	}
	if diff := cmp.Diff(want, got[0].Enc); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestParseError has a row that is wrong in each way and the complaint about it.
func TestParseError(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"ADD  Ev,Gv  01  rw,r  -  -", "6 columns"},
		{"ADD  Ev,Gv  01  rw,r  -  -  -  -", "8 columns"},
		{"add  Ev,Gv  01  rw,r  -  -  -", "mnemonic"},
		{"ADD  Ev,Kv  01  rw,r  -  -  -", "letter"},
		{"ADD  Ev,Gk  01  rw,r  -  -  -", "size"},
		{"ADD  Ev,,Gv  01  rw,r,r  -  -  -", "empty"},
		{"ADD  Ev,Gv  01  rw  -  -  -", "not one role"},
		{"ADD  Ev,Gv  01  rw,x  -  -  -", "role"},
		{"ADD  Ev,Gv  01  rw,a  -  -  -", "not M"},
		{"ADD  M,Gv  01  rw,r  -  -  -", "no size"},
		{"ADD  Ev,Gv  NP 0F  rw,r  -  -  -", ""},
		{"ADD  Ev,Gv  1  rw,r  -  -  -", "byte"},
		{"ADD  Ev,Gv  01 X  rw,r  -  -  -", "word"},
		{"ADD  Ev,Gv  01 /9  rw,r  -  -  -", "digit"},
		{"ADD  Ev,Gv  01 C0 C1  rw,r  -  -  -", "word"},
		{"VADDPS  Vx,Hx,Wx  VEX.128.NP.0F 58  w,r,r  -  -  -", "not length.prefix.map.W"},
		{"VADDPS  Vx,Hx,Wx  VEX.512.NP.0F.WIG 58  w,r,r  -  -  -", "\"512\""},
		{"VADDPS  Vx,Hx,Wx  VEX.128.NP.0F.WIG  w,r,r  -  -  -", "no opcode byte"},
		{"PUSH  Zv  51+r  r  -  -  -", "no room"},
		{"PUSH  Ev  50+r  r  -  -  -", "go together"},
		{"PUSH  Zv  50  r  -  -  -", "go together"},
		{"JCC  Jb  70+c  r  -  -  -", "go together"},
		{"NOP  -  90 mod3  -  -  -  -", "not there"},
		{"LEA  Gv,M  8D mod3  w,a  -  -  -", "mod = 11"},
		{"ADD  Ev,Gv  01  rw,r  oszapc  -  -", "no value"},
		{"ADD  Ev,Gv  01  rw,r  w=q  -  -", "letter"},
		{"ADD  Ev,Gv  01  rw,r  w=cc  -  -", "letter"},
		{"ADD  Ev,Gv  01  rw,r  k=c  -  -", "key"},
		{"ADD  Ev,Gv  01  rw,r  u=a  -  -", "need a value"},
		{"ADD  Ev,Gv  01  rw,r  w=a:0  -  -", "need a value"},
		{"ADD  Ev,Gv  01  rw,r  u=a:2  -  -", "value"},
		{"ADD  Ev,Gv  01  rw,r  -  -  hot", "attribute"},
		{"ADD  Ev,Gv  01  rw,r  -  -  lock lock", "twice"},
		{"CMP  Ev,Gv  39  r,r  -  -  lock", "without a destination"},
		{"MOVS  Yb,Xb  A4  w,r  -  -  rep", "rep without string"},
		{"PUSH  Zv  50+r  r  -  -  r99:r", "implicit"},
		{"PUSH  Zv  50+r  r  -  -  rsp:q", "role"},
	} {
		_, err := Parse("t", c.line)
		if c.want == "" {
			if err != nil {
				t.Errorf("%q: %v", c.line, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "t.isa:1: ") {
			t.Errorf("%q: error %v, want one with %q", c.line, err, c.want)
		}
	}
}

// noInstructions are features that are no instructions of their own.
var noInstructions = []string{"NX", "LM", "CONSTANT_TSC", "OSXSAVE", "ERMS"}

// TestFeatures checks that the virtual CPU advertises what has rows, and only that.
func TestFeatures(t *testing.T) {
	advertised, _ := x86.Features(x86.LevelV2)
	have := map[string]bool{"": true}
	for _, r := range table(t) {
		if r.Feature != "" && !slices.Contains(advertised, r.Feature) {
			t.Errorf("%s: feature %s is not in CPUID", r.Name, r.Feature)
		}
		have[r.Feature] = true
	}
	for _, f := range advertised {
		if have[f] == slices.Contains(noInstructions, f) {
			t.Errorf("feature %s: has rows: %v", f, have[f])
		}
	}
}

// TestAlignment checks that legacy SSE memory operands of 16 bytes are aligned,
// but for those that the SDM lets be unaligned (Vol. 1, 4.1.1).
func TestAlignment(t *testing.T) {
	unaligned := []string{"MOVUPS", "MOVUPD", "MOVDQU", "LDDQU", "PCMPESTRM", "PCMPESTRI", "PCMPISTRM", "PCMPISTRI"}
	for _, r := range table(t) {
		wide := slices.ContainsFunc(r.Operands, func(o Operand) bool {
			return o.Size == SizeX && (o.Kind == KindW || o.Kind == KindM)
		})
		if want := wide && !slices.Contains(unaligned, r.Mnemonic) || strings.HasPrefix(r.Mnemonic, "FX") && r.Feature == "FXSR"; r.Has(Align16) != want {
			t.Errorf("%s: align16 %v, want %v", r.Name, r.Has(Align16), want)
		}
	}
}

// TestMMXState checks that every row with an MMX register switches to MMX state.
func TestMMXState(t *testing.T) {
	for _, r := range table(t) {
		mmx := slices.ContainsFunc(r.Operands, func(o Operand) bool {
			return o.Kind == KindP || o.Kind == KindQ || o.Kind == KindN
		})
		if mmx != r.Has(MMX) {
			t.Errorf("%s: mmx %v, want %v", r.Name, r.Has(MMX), mmx)
		}
	}
}
