package decode

import (
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// at completes an expected Inst with what most instructions have.
func at(in Inst) Inst {
	if in.AddrSize == 0 {
		in.AddrSize = 8
	}
	if in.OpSize == 0 {
		in.OpSize = 4
	}
	if !in.IsMem {
		in.Base, in.Index = None, None
	}
	return in
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		text, bytes string
		want        Inst
	}{
		{"add %ecx,%eax", "01c8", Inst{Row: RowAdd_EvGv, Len: 2, HasModRM: true, Reg: 1}},
		{"add %r9,%r8", "4d01c8", Inst{Row: RowAdd_EvGv, Len: 3, OpSize: 8, HasModRM: true, Rex: true, W: true, Reg: 9, RM: 8}},
		{"lock add %eax,(%rcx)", "f00101", Inst{Row: RowAdd_EvGv, Len: 3, Lock: true, HasModRM: true, IsMem: true, Base: 1, Index: None}},
		{"mov %fs:0x28,%rax", "64488b042528000000", Inst{Row: RowMov_GvEv, Len: 9, OpSize: 8, Seg: SegFS, HasModRM: true, Rex: true, W: true, IsMem: true, Base: None, Index: None, Disp: 0x28}},
		{"mov -8(%rbp,%r12,4),%dx", "66428b54a5f8", Inst{Row: RowMov_GvEv, Len: 6, OpSize: 2, HasModRM: true, Rex: true, IsMem: true, Base: 5, Index: 12, Scale: 2, Reg: 2, Disp: -8}},
		{"lea 0x10(%rip),%rdi", "488d3d10000000", Inst{Row: RowLea_GvM, Len: 7, OpSize: 8, HasModRM: true, Rex: true, W: true, IsMem: true, RIPRel: true, Base: None, Index: None, Reg: 7, Disp: 16}},
		{"movabs $-2,%r10", "49bafeffffffffffffff", Inst{Row: RowMov_ZvIv, Len: 10, OpSize: 8, Rex: true, W: true, RM: 10, Imm: -2}},
		{"push %r15", "4157", Inst{Row: RowPush_Zv, Len: 2, OpSize: 8, Rex: true, RM: 15}},
		{"push %ax", "6650", Inst{Row: RowPush_Zv, Len: 2, OpSize: 2}},
		{"jne .-2", "75fe", Inst{Row: RowJcc_Jb, Len: 2, OpSize: 8, Cond: 5, Imm: -2}},
		{"setg %cl", "0f9fc1", Inst{Row: RowSetcc_Eb, Len: 3, HasModRM: true, Cond: 15, Reg: 0, RM: 1}},
		{"CS after FS means nothing", "642e8b03", Inst{Row: RowMov_GvEv, Len: 4, Seg: SegFS, HasModRM: true, IsMem: true, Base: 3, Index: None}},
		{"the last of FS and GS", "64658b03", Inst{Row: RowMov_GvEv, Len: 4, Seg: SegGS, HasModRM: true, IsMem: true, Base: 3, Index: None}},
		{"data16 jmp, as Intel CPUs read it", "66e900000001", Inst{Row: RowJmp_Jz, Len: 6, OpSize: 8, Imm: 1 << 24}},
		{"rep movsq", "f348a5", Inst{Row: RowRep_movs_YvXv, Len: 3, OpSize: 8, Rex: true, W: true, Rep: 0xf3}},
		{"movsb", "a4", Inst{Row: RowMovs_YbXb, Len: 1}},
		{"nop", "90", Inst{Row: RowNop, Len: 1}},
		{"xchg %r8d,%eax", "4190", Inst{Row: RowXchg_ZvrAX, Len: 2, Rex: true, RM: 8}},
		{"pause", "f390", Inst{Row: RowPause, Len: 2}},
		{"REX not before the opcode is ignored", "486601c8", Inst{Row: RowAdd_EvGv, Len: 4, OpSize: 2, HasModRM: true, Reg: 1}},
		{"endbr64", "f30f1efa", Inst{Row: RowEndbr64, Len: 4, HasModRM: true, Reg: 7, RM: 2}},
		{"rdsspq: a hint without CET", "f3480f1ec8", Inst{Row: RowNop_Ev_0F1E, Len: 5, OpSize: 8, HasModRM: true, Rex: true, W: true, Reg: 1}},
		{"tzcnt without BMI1 is bsf", "f30fbcc1", Inst{Row: RowBsf_GvEv, Len: 4, HasModRM: true, RM: 1}},
		{"popcnt %cx,%ax", "66f30fb8c1", Inst{Row: RowPopcnt_GvEv, Len: 5, OpSize: 2, HasModRM: true, RM: 1}},
		{"enter $0x10,$1", "c8100001", Inst{Row: RowEnter_IwIb, Len: 4, OpSize: 8, Imm: 16, Imm2: 1}},
		{"movabs 0x1122334455667788,%al", "a08877665544332211", Inst{Row: RowMov_ALOb, Len: 9, Disp: 0x1122334455667788}},
		{"addr32 movabs", "67a088776655", Inst{Row: RowMov_ALOb, Len: 6, AddrSize: 4, Disp: 0x55667788}},
		{"mov %fs,%eax", "8ce0", Inst{Row: RowMov_EvSw, Len: 2, HasModRM: true, Reg: 4}},
	} {
		code, err := hex.DecodeString(c.bytes)
		if err != nil {
			t.Fatal(err)
		}
		var got Inst
		if err := Decode(code, &got); err != nil {
			t.Errorf("%s (%s): %v", c.text, c.bytes, err)
			continue
		}
		if diff := cmp.Diff(at(c.want), got); diff != "" {
			t.Errorf("%s (%s): (-want +got)\n%s", c.text, c.bytes, diff)
		}
		for n := range code {
			if err := Decode(code[:n], &got); err != ErrTruncated {
				t.Errorf("%s, first %d bytes: %v, want %v", c.text, n, err, ErrTruncated)
			}
		}
	}
}

func TestDecodeError(t *testing.T) {
	for _, c := range []struct {
		text, bytes string
		want        error
	}{
		{"nothing", "", ErrTruncated},
		{"only prefixes", "6666", ErrTruncated},
		{"push %es", "06", ErrInvalid},
		{"aaa", "37", ErrInvalid},
		{"lock add to a register", "f001c8", ErrInvalid},
		{"lock mov", "f08901", ErrInvalid},
		{"lock cmp", "f03901", ErrInvalid},
		{"lea of a register", "8dc0", ErrInvalid},
		{"mov to CS", "8ec8", ErrInvalid},
		{"mov from segment 6", "8cf0", ErrInvalid},
		{"pop /1", "8fc8", ErrInvalid},
		{"vzeroupper", "c5f877", ErrInvalid},
		{"EVEX", "62f17c48100000000000", ErrInvalid},
		{"group 5 /7", "ffff", ErrInvalid},
		{"15 bytes", "6666666666666666666666666690", nil},
		{"16 bytes", "666666666666666666666666666666909090", ErrTooLong},
		{"16 bytes, the last an immediate", "66666666666666666666666666b8000000", ErrTooLong},
	} {
		code, err := hex.DecodeString(c.bytes)
		if err != nil {
			t.Fatal(err)
		}
		var in Inst
		if got := Decode(code, &in); got != c.want {
			t.Errorf("%s (%s): %v, want %v", c.text, c.bytes, got, c.want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	var all []byte
	for _, s := range []string{"01c8", "4d01c8", "64488b042528000000", "66428b54a5f8", "488d3d10000000", "4157", "75fe", "e800000001", "85c0", "c3"} {
		code, _ := hex.DecodeString(s)
		all = append(all, code...)
	}
	for range 15 {
		all = append(all, 0x90)
	}
	var in Inst
	n := 0
	for b.Loop() {
		for pos := 0; pos < len(all)-15; n++ {
			if Decode(all[pos:], &in) != nil {
				b.Fatal("invalid")
			}
			pos += int(in.Len)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/inst")
}
