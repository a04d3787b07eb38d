package loader

import (
	"bytes"

	"emurun/abi"
)

// headSize is how much of a file decides what it is; a "#!" line ends there.
const headSize = 256

// parseScript returns the interpreter and its argument from the first line of a script,
// as execve(2) describes: everything behind the interpreter is one argument, without
// blanks around it. A line that is cut is accepted if at least the interpreter is
// whole.
func parseScript(head []byte) (name, arg string, err error) {
	line := head[2 : headSize-1]
	if i := bytes.IndexByte(head[2:], '\n'); i >= 0 {
		line = head[2:][:i]
	} else if rest := bytes.TrimLeft(line, " \t"); !bytes.ContainsAny(rest, " \t\x00") {
		return "", "", fail(abi.ENOEXEC, "has an interpreter line that is too long or empty")
	}
	line = bytes.Trim(line, " \t")
	end := bytes.IndexAny(line, " \t\x00")
	if end < 0 {
		end = len(line)
	}
	if len(line) == 0 {
		return "", "", fail(abi.ENOEXEC, "has an empty interpreter line")
	}
	rest := line[end:]
	if len(rest) > 0 && rest[0] != 0 {
		rest = bytes.TrimLeft(rest, " \t")
		if i := bytes.IndexByte(rest, 0); i >= 0 {
			rest = rest[:i]
		}
		arg = string(rest)
	}
	return string(line[:end]), arg, nil
}
