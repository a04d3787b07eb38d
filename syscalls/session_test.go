package syscalls

import (
	goflag "flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"emurun/abi"

	"github.com/google/go-cmp/cmp"
)

var update = goflag.Bool("update", false, "rewrite testdata/sessions with what the host's kernel does")

// A session is a file of testdata/sessions: system calls as strace prints them.
// Each line is parsed, called, printed again and must come out the same. With -update the
// host's kernel is called instead and the file rewritten; TestSessionsHost checks that
// it still says the same.
//
// What a call writes to memory may be anything in the line, for the call only needs an
// address; a line may end after ")" before the first -update.

// world makes system calls for a session.
type world interface {
	// call returns the result, or minus an errno.
	call(nr uint64, a Args) int64
	pid() int
	ReadAt(p []byte, addr uint64) (int, error)
	WriteAt(p []byte, addr uint64) (int, error)
}

// sessionBase is where the memory of sessions begins; each argument of a call has
// sessionSlot bytes of it.
const (
	sessionBase = 0x10000000
	sessionSlot = 0x2000
	sessionSize = 7 * sessionSlot
)

// runSession runs the lines of a session and returns what they should be.
func runSession(w world, lines []string) (out []string, err error) {
	for i, line := range lines {
		if line == "" || line[0] == '#' {
			out = append(out, line)
			continue
		}
		got, err := runLine(w, line)
		if err != nil {
			return out, fmt.Errorf("line %d: %s: %w", i+1, line, err)
		}
		out = append(out, got)
	}
	return out, nil
}

func runLine(w world, line string) (string, error) {
	name, rest, ok := strings.Cut(line, "(")
	if !ok {
		return "", fmt.Errorf("no parenthesis")
	}
	nr, row := rowByName(name)
	if row == nil {
		return "", fmt.Errorf("no such call")
	}
	if i := strings.LastIndex(rest, ") ="); i >= 0 {
		rest = rest[:i]
	} else {
		rest = strings.TrimSuffix(rest, ")")
	}
	a, err := parseArgs(w, row, splitTop(rest))
	if err != nil {
		return "", err
	}
	head, n := enterText(row, a, w)
	ret, errno := w.call(uint64(nr), a), abi.Errno(0)
	if ret < 0 && ret > -4096 {
		ret, errno = 0, abi.Errno(-ret)
	}
	tail, result := exitText(row, a, w, n, uint64(ret), errno)
	text := head + tail + " = " + result
	text = dirSize.ReplaceAllString(text, "${1}SIZE")
	return strings.ReplaceAll(text, fmt.Sprintf("l_pid=%d", w.pid()), "l_pid=PID"), nil
}

func rowByName(name string) (int, *Row) {
	for nr := range Table {
		if Table[nr].Name == name {
			return nr, &Table[nr]
		}
	}
	return 0, nil
}

// splitTop splits at commas outside quotes and brackets.
func splitTop(s string) []string {
	var out []string
	depth, quoted, start := 0, false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case strings.IndexByte("[{(", c) >= 0:
			depth++
		case strings.IndexByte("]})", c) >= 0:
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	if t := strings.TrimSpace(s[start:]); t != "" {
		out = append(out, t)
	}
	return out
}

// parseArgs reads the arguments of a call and puts what they point to in memory.
func parseArgs(w world, row *Row, text []string) (Args, error) {
	var a Args
	for i, k := range row.Args {
		slot := uint64(sessionBase + i*sessionSlot)
		if k == Skip {
			text = append(text[:min(i, len(text))], append([]string{"0"}, text[min(i, len(text)):]...)...)
		}
		if i >= len(text) {
			break
		}
		v, err := parseArg(w, k, text[i], slot, row.Name, &a)
		if err != nil {
			return a, fmt.Errorf("argument %d, %s: %w", i+1, text[i], err)
		}
		a[i] = v
	}
	return a, nil
}

// parseArg reads one argument.
func parseArg(w world, k Kind, s string, slot uint64, call string, a *Args) (uint64, error) {
	switch {
	case s == "NULL":
		return 0, nil
	case s == "AT_FDCWD":
		return uint64(0xffffff9c), nil
	case s[0] == '"':
		b, err := unquote(s)
		if err != nil {
			return 0, err
		}
		_, err = w.WriteAt(append(b, 0), slot)
		return slot, err
	case k == PollFDs || k == FcntlArg || k == TimespecIn || k == EpollEventIn || k == IovIn || k == OffPtr || k == SockaddrIn || k == TimespecPair || k == OpenHow || k == SockvalIn:
		if s[0] == '{' || s[0] == '[' {
			return slot, parseStruct(w, k, s, slot, a)
		}
	case k == SocklenOut:
		_, err := w.WriteAt(words(abi.SockaddrMax), slot)
		return slot, err
	case kinds[k].out && k != FcntlArg && k != IoctlArg && (s[0] == '[' || s[0] == '{' || s[0] == '_'):
		return slot, nil
	}
	if kinds[k].out && !strings.HasPrefix(s, "0x") && k != FcntlArg && k != IoctlArg {
		return slot, nil
	}
	if k == IoctlArg && (s[0] == '[' || s[0] == '{') {
		n, _ := number(strings.Trim(s, "[]"))
		_, err := w.WriteAt(words(n), slot)
		return slot, err
	}
	return number(s)
}

// number reads numbers and names of flags joined by "|".
func number(s string) (uint64, error) {
	v := uint64(0)
	s = comment.ReplaceAllString(s, "")
	for _, part := range strings.Split(s, "|") {
		x, err := oneNumber(part)
		if err != nil {
			return 0, err
		}
		v |= x
	}
	return v, nil
}

// dirSize is the size of a directory, which is a matter of its file system.
var dirSize = regexp.MustCompile(`(S_IFDIR\|0\d+, st_size=)\d+`)

var comment = regexp.MustCompile(` /\*.*?\*/`)

func oneNumber(s string) (uint64, error) {
	if len(s) > 1 && s[0] == '0' && s[1] != 'x' {
		return strconv.ParseUint(s, 8, 64)
	}
	if n, err := strconv.ParseInt(s, 0, 64); err == nil {
		return uint64(n), nil
	}
	if v, ok := flagNames[s]; ok {
		return v, nil
	}
	return 0, fmt.Errorf("%q is no number and no flag", s)
}

// flagNames is every name in the tables of flags.
var flagNames = func() map[string]uint64 {
	m := map[string]uint64{"FD_CLOEXEC": 1, "F_OK": 0, "AT_EACCESS": abi.AT_EACCESS, "PROT_NONE": 0}
	for _, l := range [][]flag{openFlags, accMode, atFlags, accessMode, whence, prot, mapType, mapFlags, pollEvents, epollOp, epollEvents,
		epollFlags, eventfdFlags, timerfdFlags, timerfdSetFlags, signalfdFlags, clockID, sockDomain, sockType, sockFlags, sockProto, msgFlags,
		shutHow, sockLevel, soOptions, fcntlCmd, lockType, seals, flockOp, memfdFlags, fallocMode, fadvice, rwFlags, spliceFlags,
		xattrFlags, renameFlags, closeRangeFlags, resolveFlags, statxMask, ioctlReq, fileTypes, modeBits, syncRangeFlags} {
		for _, f := range l {
			m[f.name] = f.value
		}
	}
	return m
}()

// unquote reads a C string.
func unquote(s string) ([]byte, error) {
	s = strings.TrimSuffix(s, "...")
	t, err := strconv.Unquote(octalThree(s))
	return []byte(t), err
}

// octalThree makes every octal escape three digits long, as Go wants them.
func octalThree(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i])
		if s[i] != '\\' || i+1 >= len(s) {
			continue
		}
		i++
		n := 0
		for n < 3 && i+n < len(s) && s[i+n] >= '0' && s[i+n] <= '7' {
			n++
		}
		if n == 0 {
			b.WriteByte(s[i])
			continue
		}
		b.WriteString(strings.Repeat("0", 3-n))
		b.WriteString(s[i : i+n])
		i += n - 1
	}
	return b.String()
}

// fields reads `{a=1, b=X|Y}` into a map, and the order into a list.
func fields(s string) map[string]string {
	m := map[string]string{}
	for _, f := range splitTop(strings.Trim(s, "{}")) {
		name, v, _ := strings.Cut(f, "=")
		m[name] = v
	}
	return m
}

// parseStruct puts a structure into memory.
func parseStruct(w world, k Kind, s string, slot uint64, a *Args) error {
	b := make([]byte, sessionSlot/2)
	n := 0
	get := func(m map[string]string, name string) uint64 {
		v, _ := number(m[name])
		return v
	}
	switch k {
	case OffPtr, SockvalIn:
		v, err := number(strings.Trim(s, "[]"))
		if err != nil {
			return err
		}
		le.PutUint64(b, v)
		n = 8
	case PollFDs:
		for _, e := range splitTop(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")) {
			m := fields(e)
			(&abi.Pollfd{FD: int32(get(m, "fd")), Events: uint16(get(m, "events"))}).Put(b[n:])
			n += abi.PollfdSize
		}
	case FcntlArg:
		m := fields(s)
		if a[1] == abi.F_GETLK || a[1] == abi.F_OFD_GETLK {
			m["l_type"] = "F_WRLCK" // the line shows the answer
		}
		(&abi.Flock{Type: int16(get(m, "l_type")), Whence: int16(get(m, "l_whence")), Start: int64(get(m, "l_start")), Len: int64(get(m, "l_len"))}).Put(b)
		n = abi.FlockSize
	case TimespecIn:
		m := fields(s)
		abi.Timespec{Sec: int64(get(m, "tv_sec")), Nsec: int64(get(m, "tv_nsec"))}.Put(b)
		n = abi.TimespecSize
	case TimespecPair:
		for i, e := range splitTop(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")) {
			t := abi.Timespec{Nsec: map[string]int64{"UTIME_NOW": abi.UTIME_NOW, "UTIME_OMIT": abi.UTIME_OMIT}[e]}
			if e[0] == '{' {
				m := fields(e)
				t = abi.Timespec{Sec: int64(get(m, "tv_sec")), Nsec: int64(get(m, "tv_nsec"))}
			}
			t.Put(b[16*i:])
		}
		n = 32
	case EpollEventIn:
		m := fields(s)
		d := fields(m["data"])
		(&abi.EpollEvent{Events: uint32(get(m, "events")), Data: get(d, "u64")}).Put(b)
		n = abi.EpollEventSize
	case OpenHow:
		m := fields(s)
		(&abi.OpenHow{Flags: get(m, "flags"), Mode: get(m, "mode"), Resolve: get(m, "resolve")}).Put(b)
		n = abi.OpenHowSize
	case IovIn:
		at := 512
		for _, e := range splitTop(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")) {
			data, err := unquote(fields(e)["iov_base"])
			if err != nil {
				return err
			}
			(&abi.Iovec{Base: slot + uint64(at), Len: uint64(len(data))}).Put(b[n:])
			copy(b[at:], data)
			n, at = n+abi.IovecSize, at+len(data)
		}
		n = at
	case SockaddrIn:
		m := fields(s)
		sa := abi.Sockaddr{Family: uint16(get(m, "sa_family"))}
		p := m["sun_path"]
		path, err := unquote(strings.TrimPrefix(p, "@"))
		if err != nil {
			return err
		}
		if sa.Path = string(path); strings.HasPrefix(p, "@") {
			sa.Path = "\x00" + sa.Path
		}
		n = copy(b, sa.Encode())
	}
	_, err := w.WriteAt(b[:n], slot)
	return err
}

func sessionFiles(t *testing.T) []string {
	files, err := filepath.Glob("testdata/sessions/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no sessions", err)
	}
	return files
}

func readSession(t *testing.T, file string) []string {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// TestSessions runs the sessions on the machine.
func TestSessions(t *testing.T) {
	for _, file := range sessionFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want := readSession(t, file)
			got, err := runSession(newGuest(t), want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-kernel +machine)\n%s", diff)
			}
		})
	}
}
