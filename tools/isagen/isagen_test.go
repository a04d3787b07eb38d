package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/emu/x86/isa"
)

// TestUpToDate fails when a generated file is not what the table says.
func TestUpToDate(t *testing.T) {
	rows, err := isa.Rows()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outputs {
		want, err := o.render(rows)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("../..", o.path))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
			t.Errorf("%s is stale: go generate ./emu/decode\n%.2000s", o.path, diff)
		}
	}
}

// TestConflict checks that two rows for one encoding are refused, and that the
// one that demands more wins without complaint.
func TestConflict(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       string
	}{
		{"same bytes", "ADD  Eb,Gb  00  rw,r  -  -  -\nSUB  Eb,Gb  00  rw,r  -  -  -", "match the same encoding"},
		{"overlapping prefixes", "ADD  Eb,Gb  NFx 00  rw,r  -  -  -\nSUB  Eb,Gb  REP 00  rw,r  -  -  -\nOR  Eb,Gb  F3 00  rw,r  -  -  -", ""},
		{"equal prefixes", "ADD  Eb,Gb  F3 00  rw,r  -  -  -\nSUB  Eb,Gb  F3 00  rw,r  -  -  -", "match the same encoding"},
		{"digit against prefix", "INC  Eb  FE /0  rw  -  -  -\nDEC  Eb  F3 FE  rw  -  -  -", ""},
		{"+r against a byte", "PUSH  Zv  50+r  r  -  -  -\nPOP  -  51  -  -  -  -", "disagree|match the same encoding"},
		{"VEX beside legacy", "ADDPS  Vx,Wx  NP 0F 58  rw,r  -  -  -\nVADDPS  Vx,Hx,Wx  VEX.LIG.NP.0F.WIG 58  w,r,r  -  -  -", ""},
		{"VEX lengths", "VADDPS  Vx,Hx,Wx  VEX.128.NP.0F.WIG 58  w,r,r  -  -  -\nVADDPD  Vx,Hx,Wx  VEX.256.NP.0F.W0 58  w,r,r  -  -  -", ""},
		{"VEX twice", "VADDPS  Vx,Hx,Wx  VEX.128.NP.0F.W0 58  w,r,r  -  -  -\nVADDPD  Vx,Hx,Wx  VEX.LIG.NP.0F.WIG 58  w,r,r  -  -  -", ""},
		{"VEX equal", "VADDPS  Vx,Hx,Wx  VEX.128.NP.0F.WIG 58  w,r,r  -  -  -\nVADDPD  Vx,Hx,Wx  VEX.LIG.NP.0F.W0 58  w,r,r  -  -  -", "match the same encoding"},
		{"ModR/M or not", "ADD  Eb,Gb  00  rw,r  -  -  -\nNOP  -  F3 00  -  -  -  -", "disagree"},
	} {
		rows, err := isa.Parse("t", c.text)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for i := range rows {
			rows[i].ID = i + 1
		}
		_, err = buildForest(rows)
		ok := (err == nil) == (c.want == "")
		if err != nil {
			ok = false
			for _, w := range strings.Split(c.want, "|") {
				ok = ok || w != "" && strings.Contains(err.Error(), w)
			}
		}
		if !ok {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}
