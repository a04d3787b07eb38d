package tty

import (
	"strconv"

	"emurun/abi"
)

func itoa(n int) string { return strconv.Itoa(n) }

// receive takes one typed character, as the N_TTY discipline of Linux does
// (termios(3), "Canonical and noncanonical mode").
func (p *pty) receive(c byte) {
	m := &p.modes
	if m.Iflag&abi.ISTRIP != 0 {
		c &= 0x7f
	}
	if p.literal {
		p.literal = false
		p.accept(c)
		return
	}
	if m.Iflag&abi.IXON != 0 && p.flow(c) {
		return
	}
	if m.Lflag&abi.ISIG != 0 && p.signals(c) {
		return
	}
	switch {
	case c == '\r' && m.Iflag&abi.IGNCR != 0:
		return
	case c == '\r' && m.Iflag&abi.ICRNL != 0:
		c = '\n'
	case c == '\n' && m.Iflag&abi.INLCR != 0:
		c = '\r'
	}
	if m.Lflag&abi.ICANON != 0 && p.edit(c) {
		return
	}
	p.accept(c)
}

// is reports whether c is the special character i, which 0 disables.
func (p *pty) is(c byte, i int) bool { return c != 0 && c == p.modes.Cc[i] }

// flow handles ^S and ^Q.
func (p *pty) flow(c byte) bool {
	switch {
	case p.is(c, abi.VSTOP):
		p.stopped = true
	case p.is(c, abi.VSTART):
		p.stopped = false
		p.queue.Wake()
	default:
		if p.stopped && p.modes.Iflag&abi.IXANY != 0 {
			p.stopped = false
			p.queue.Wake()
		}
		return false
	}
	return true
}

// signals handles the characters that send a signal.
func (p *pty) signals(c byte) bool {
	var sig abi.Signal
	switch {
	case p.is(c, abi.VINTR):
		sig = abi.SIGINT
	case p.is(c, abi.VQUIT):
		sig = abi.SIGQUIT
	case p.is(c, abi.VSUSP):
		sig = abi.SIGTSTP
	default:
		return false
	}
	if p.modes.Lflag&abi.NOFLSH == 0 {
		p.line, p.ready, p.output = nil, nil, nil
	}
	if p.modes.Lflag&abi.ECHO != 0 {
		p.echo(c)
	}
	p.tty.signal(sig)
	return true
}

// edit handles the editing characters of canonical mode.
func (p *pty) edit(c byte) bool {
	m := &p.modes
	extended := m.Lflag&abi.IEXTEN != 0
	switch {
	case p.is(c, abi.VERASE):
		p.erase()
	case extended && p.is(c, abi.VWERASE):
		p.eraseWord()
	case p.is(c, abi.VKILL):
		p.kill(c)
	case extended && p.is(c, abi.VLNEXT):
		p.literal = true
		if m.Lflag&abi.ECHO != 0 && m.Lflag&abi.ECHOCTL != 0 {
			p.puts("^\b")
		}
	case extended && p.is(c, abi.VREPRINT) && m.Lflag&abi.ECHO != 0:
		p.echo(c)
		p.put('\n')
		for _, x := range p.line {
			p.echo(x)
		}
	case p.is(c, abi.VEOF):
		p.finish()
	case c == '\n', p.is(c, abi.VEOL), extended && p.is(c, abi.VEOL2):
		if m.Lflag&abi.ECHO != 0 || c == '\n' && m.Lflag&abi.ECHONL != 0 {
			p.echo(c)
		}
		p.line = append(p.line, c)
		p.finish()
	default:
		return false
	}
	return true
}

// finish makes the line readable; an empty one is the end of the file.
func (p *pty) finish() {
	p.ready = append(p.ready, chunk{p.line, true})
	p.line = nil
}

// accept takes an ordinary character.
func (p *pty) accept(c byte) {
	m := &p.modes
	if m.Lflag&abi.ICANON == 0 {
		if n := len(p.ready); n > 0 && !p.ready[n-1].line {
			p.ready[n-1].data = append(p.ready[n-1].data, c)
		} else {
			p.ready = append(p.ready, chunk{[]byte{c}, false})
		}
	} else {
		if len(p.line) >= maxInput-1 {
			if m.Iflag&abi.IMAXBEL != 0 {
				p.put('\a')
			}
			return
		}
		p.line = append(p.line, c)
	}
	if m.Lflag&abi.ECHO != 0 {
		p.echo(c)
	}
}

// width is how many columns the echo of c takes.
func (p *pty) width(c byte) int {
	switch {
	case c == '\t':
		return 1
	case (c < ' ' || c == 0x7f) && p.modes.Lflag&abi.ECHOCTL != 0:
		return 2
	case c < ' ' || c == 0x7f:
		return 0
	case p.modes.Iflag&abi.IUTF8 != 0 && c&0xc0 == 0x80:
		return 0 // continues a character
	}
	return 1
}

// pop takes the last character of the line back: all its bytes under IUTF8.
func (p *pty) pop() bool {
	if len(p.line) == 0 {
		return false
	}
	n := len(p.line) - 1
	for p.modes.Iflag&abi.IUTF8 != 0 && n > 0 && p.line[n]&0xc0 == 0x80 {
		n--
	}
	cols := 0
	for _, c := range p.line[n:] {
		cols += p.width(c)
	}
	p.line = p.line[:n]
	if p.modes.Lflag&abi.ECHO == 0 {
		return true
	}
	if p.modes.Lflag&abi.ECHOE == 0 {
		p.echo(p.modes.Cc[abi.VERASE])
		return true
	}
	for range cols {
		p.puts("\b \b")
	}
	return true
}

func (p *pty) erase() { p.pop() }

// eraseWord takes back blanks and then a word.
func (p *pty) eraseWord() {
	word := func() bool {
		c := p.line[len(p.line)-1]
		return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80
	}
	for len(p.line) > 0 && !word() {
		p.pop()
	}
	for len(p.line) > 0 && word() {
		p.pop()
	}
}

// kill takes the whole line back.
func (p *pty) kill(c byte) {
	m := &p.modes
	if m.Lflag&abi.ECHO != 0 && m.Lflag&abi.ECHOKE != 0 && m.Lflag&abi.ECHOE != 0 {
		for p.pop() {
		}
		return
	}
	p.line = nil
	if m.Lflag&abi.ECHO == 0 {
		return
	}
	p.echo(c)
	if m.Lflag&abi.ECHOK != 0 {
		p.put('\n')
	}
}

// echo shows a typed character; control characters as ^X under ECHOCTL.
func (p *pty) echo(c byte) {
	if p.modes.Lflag&abi.ECHOCTL != 0 && (c < ' ' || c == 0x7f) && c != '\t' && c != '\n' {
		p.emit('^')
		p.emit(c ^ 0x40)
		return
	}
	p.put(c)
}

func (p *pty) puts(s string) {
	for i := range len(s) {
		p.emit(s[i])
	}
}

// put sends one character through the output modes.
func (p *pty) put(c byte) {
	m := &p.modes
	if m.Oflag&abi.OPOST == 0 {
		p.output = append(p.output, c)
		return
	}
	switch {
	case c == '\n' && m.Oflag&abi.ONLCR != 0:
		p.emit('\r')
		p.emit('\n')
		p.column = 0
	case c == '\r' && m.Oflag&abi.OCRNL != 0:
		p.emit('\n')
	case c == '\r' && m.Oflag&abi.ONOCR != 0 && p.column == 0:
	case c == '\t' && m.Oflag&abi.TABDLY == abi.XTABS:
		for n := 8 - p.column%8; n > 0; n-- {
			p.emit(' ')
		}
	case m.Oflag&abi.OLCUC != 0 && c >= 'a' && c <= 'z':
		p.emit(c - 'a' + 'A')
	default:
		p.emit(c)
	}
}

// emit sends one character as it is and keeps count of the column.
func (p *pty) emit(c byte) {
	p.output = append(p.output, c)
	switch {
	case c == '\r':
		p.column = 0
	case c == '\b':
		p.column = max(0, p.column-1)
	case c == '\t':
		p.column = (p.column + 8) &^ 7
	case c >= ' ':
		p.column++
	}
}
