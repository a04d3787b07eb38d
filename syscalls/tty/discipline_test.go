package tty

import (
	"testing"

	"emurun/abi"

	"github.com/google/go-cmp/cmp"
)

// What is typed, what the terminal shows of it, and what reads return, in the
// modes a terminal begins with or changed by set.
func TestDiscipline(t *testing.T) {
	raw := func(m *abi.Termios) { m.Lflag &^= abi.ICANON | abi.ECHO | abi.ISIG; m.Oflag &^= abi.OPOST }
	tests := []struct {
		name, typed, shown string
		reads              []string
		set                func(*abi.Termios)
	}{
		{"a line", "ls\r", "ls\r\n", []string{"ls\n"}, nil},
		{"two lines", "a\rb\r", "a\r\nb\r\n", []string{"a\n", "b\n"}, nil},
		{"erase", "ab\x7fc\r", "ab\b \bc\r\n", []string{"ac\n"}, nil},
		{"erase at the beginning", "\x7fa\r", "a\r\n", []string{"a\n"}, nil},
		{"erase a control character", "\x01\x7f\r", "^A\b \b\b \b\r\n", []string{"\n"}, nil},
		{"erase a word", "one two\x17\r", "one two\b \b\b \b\b \b\r\n", []string{"one \n"}, nil},
		{"kill", "abc\x15x\r", "abc\b \b\b \b\b \bx\r\n", []string{"x\n"}, nil},
		{"end of file", "\x04", "", []string{""}, nil},
		{"end of file after text", "ab\x04", "ab", []string{"ab"}, nil},
		{"literal", "\x16\x03\r", "^\b^C\r\n", []string{"\x03\n"}, nil},
		{"interrupt drops the line", "abc\x03x\r", "^Cx\r\n", []string{"x\n"}, nil},
		{"no line yet", "abc", "abc", nil, nil},
		{"raw", "a\r\x03\x04", "", []string{"a\r\x03\x04"}, func(m *abi.Termios) { raw(m); m.Iflag &^= abi.ICRNL | abi.IXON }},
		{"no echo", "pw\r", "", []string{"pw\n"}, func(m *abi.Termios) { m.Lflag &^= abi.ECHO }},
		{"UTF-8", "\u00e4\x7f\r", "\u00e4\b \b\r\n", []string{"\n"}, func(m *abi.Termios) { m.Iflag |= abi.IUTF8 }},
	}
	for _, tt := range tests {
		p := newPty()
		p.tty = &TTY{pty: p}
		if tt.set != nil {
			tt.set(&p.modes)
		}
		m := &Master{pty: p}
		if n, err := m.Write([]byte(tt.typed), 0); err != nil || n != len(tt.typed) {
			t.Errorf("%s: write: %d, %v", tt.name, n, err)
		}
		shown := make([]byte, 100)
		n, _ := m.Read(shown, 0)
		if diff := cmp.Diff(tt.shown, string(shown[:n])); diff != "" {
			t.Errorf("%s: shown (-want +got)\n%s", tt.name, diff)
		}
		var reads []string
		for {
			b := make([]byte, 100)
			n, err := p.Read(b)
			if err != nil {
				break
			}
			reads = append(reads, string(b[:n]))
		}
		if diff := cmp.Diff(tt.reads, reads); diff != "" {
			t.Errorf("%s: read (-want +got)\n%s", tt.name, diff)
		}
	}
}
