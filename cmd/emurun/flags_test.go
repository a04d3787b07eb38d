package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseSize(t *testing.T) {
	tests := []struct {
		in   string
		want uint64
	}{
		{"4096", 4096}, {"1k", 1024}, {"512M", 512 << 20}, {"2G", 2 << 30}, {"1.5GiB", 3 << 29}, {"2gb", 2 << 30},
		{"", 0}, {"x", 0}, {"-1", 0}, {"0", 0}, {"1E", 0}, {"99999999T", 0}, {"M", 0}, {"1MM", 0},
	}
	for _, tt := range tests {
		got, err := parseSize(tt.in)
		if got != tt.want || (err != nil) != (tt.want == 0) {
			t.Errorf("parseSize(%q) = %d, %v, want %d", tt.in, got, err, tt.want)
		}
	}
}

func TestParseVolume(t *testing.T) {
	tests := []struct {
		in   string
		want volume
		ok   bool
	}{
		{"/a:/b", volume{"/a", "/b", false}, true},
		{"a:/b:ro", volume{"a", "/b", true}, true},
		{"a:/b:rw", volume{"a", "/b", false}, true},
		{"/a", volume{}, false},
		{":/b", volume{}, false},
		{"/a:b", volume{}, false},
		{"/a:/b:x", volume{}, false},
	}
	for _, tt := range tests {
		got, err := parseVolume(tt.in)
		if (err == nil) != tt.ok {
			t.Errorf("parseVolume(%q): error %v", tt.in, err)
		}
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(volume{})); tt.ok && diff != "" {
			t.Errorf("parseVolume(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestEpoch(t *testing.T) {
	tests := []struct {
		in   string
		want int64
	}{
		{"0", 0}, {"1700000000", 1700000000e9}, {"2026-11-24", 1795478400e9}, {"2026-11-24T00:00:01Z", 1795478401e9},
	}
	for _, tt := range tests {
		var e epoch
		if err := e.Set(tt.in); err != nil || e.ns != tt.want {
			t.Errorf("epoch %q = %d, %v, want %d", tt.in, e.ns, err, tt.want)
		}
	}
	for _, bad := range []string{"", "soon", "99999999999", "2026-13-01"} {
		if err := new(epoch).Set(bad); err == nil {
			t.Errorf("epoch %q: no error", bad)
		}
	}
}
