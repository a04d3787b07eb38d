package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// optional is a flag that may stand alone or carry a value: --strace, --strace=FILE.
type optional struct {
	given bool
	value string
}

// Set implements cli.Generic; the flag package passes "true" for a bare flag.
func (o *optional) Set(s string) error {
	o.given, o.value = true, s
	if s == "true" {
		o.value = ""
	}
	return nil
}

func (o *optional) String() string { return o.value }

// IsBoolFlag tells the flag package that the value is optional.
func (o *optional) IsBoolFlag() bool { return true }

// size is a number of bytes with an optional suffix: 512M, 2G, 1.5GiB.
type size uint64

// Set implements cli.Generic.
func (z *size) Set(s string) error {
	n, err := parseSize(s)
	*z = size(n)
	return err
}

func (z *size) String() string {
	if *z == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(*z), 10)
}

var errSize = errors.New("want a number of bytes such as 512M or 2GiB")

func parseSize(s string) (uint64, error) {
	t := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(s), "B"), "I")
	shift := 0
	if i := strings.IndexAny(t, "KMGT"); i >= 0 && i == len(t)-1 {
		shift = 10 * (1 + strings.IndexByte("KMGT", t[i]))
		t = t[:i]
	}
	f, err := strconv.ParseFloat(t, 64)
	if err != nil || f <= 0 || f >= float64(uint64(1)<<(63-shift)) {
		return 0, errSize
	}
	return uint64(f * float64(uint64(1)<<shift)), nil
}

// epoch is a point in time: RFC 3339, a date, or seconds since 1970.
type epoch struct {
	given bool
	ns    int64
}

// Set implements cli.Generic.
func (e *epoch) Set(s string) error {
	e.given = true
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n > 1<<33 || n < 0 {
			return fmt.Errorf("%d is not a sensible number of seconds since 1970", n)
		}
		e.ns = n * int64(time.Second)
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			e.ns = t.UnixNano()
			return nil
		}
	}
	return errors.New("want a time such as 2026-11-24, 2026-11-24T12:00:00Z, or seconds since 1970")
}

func (e *epoch) String() string {
	if !e.given {
		return ""
	}
	return time.Unix(0, e.ns).UTC().Format(time.RFC3339Nano)
}

// seed is a 64-bit number, in any base Go writes.
type seed struct {
	given bool
	n     uint64
}

// Set implements cli.Generic.
func (z *seed) Set(s string) error {
	n, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		return errors.New("want a number from 0 to 2^64-1")
	}
	z.given, z.n = true, n
	return nil
}

func (z *seed) String() string {
	if !z.given {
		return ""
	}
	return strconv.FormatUint(z.n, 10)
}

// volume is HOST:GUEST[:ro].
type volume struct {
	host, guest string
	readOnly    bool
}

func parseVolume(s string) (volume, error) {
	parts := strings.Split(s, ":")
	v := volume{}
	if len(parts) == 3 && (parts[2] == "ro" || parts[2] == "rw") {
		v.readOnly = parts[2] == "ro"
		parts = parts[:2]
	}
	if len(parts) != 2 || parts[0] == "" || !strings.HasPrefix(parts[1], "/") {
		return v, fmt.Errorf("volume %q: want HOST:GUEST or HOST:GUEST:ro, with GUEST beginning with /", s)
	}
	v.host, v.guest = parts[0], parts[1]
	return v, nil
}

// options are the flags of a run.
type options struct {
	strace, trace optional
	memory        size
	epoch         epoch
	seed          seed
	every         every
	looker        looker    // looks at the machine; nil for none
	recorder      *recorder // nil for a run that is not recorded
	tracing       *tracing  // nil for a run that is not traced
}

func (o *options) flags() []cli.Flag {
	files, repeat, watch := "files", "repeating a run", "watching"
	return []cli.Flag{
		&cli.StringFlag{Category: files, Name: "root", Usage: "use `DIR|TAR` as the root file system instead of the host's"},
		&cli.StringSliceFlag{Category: files, Name: "volume", Aliases: []string{"v"}, Usage: "mount a host folder: `HOST:GUEST[:ro]` (repeatable)"},
		&cli.BoolFlag{Category: files, Name: "discard", Usage: "drop what the program wrote instead of applying it at its exit", DisableDefaultText: true},
		&cli.StringFlag{Category: files, Name: "workdir", Aliases: []string{"w"}, Usage: "start in the guest's `DIR`"},
		&cli.StringSliceFlag{Category: files, Name: "env", Aliases: []string{"e"}, Usage: "set `NAME=VALUE`, pass on NAME, or remove it with NAME= (repeatable)"},
		&cli.BoolFlag{Category: files, Name: "clear-env", Usage: "begin with an empty environment", DisableDefaultText: true},
		&cli.GenericFlag{Category: files, Name: "memory", Aliases: []string{"m"}, Value: &o.memory, Usage: "give the program at most `SIZE` of memory, such as 512M or 2GiB", DefaultText: "half of the host's"},
		&cli.GenericFlag{Category: repeat, Name: "seed", Value: &o.seed, Usage: "take all randomness from `N`", DefaultText: "fresh"},
		&cli.GenericFlag{Category: repeat, Name: "epoch", Value: &o.epoch, Usage: "start the guest's clock at `TIME`", DefaultText: "now"},
		&cli.Uint64Flag{Category: repeat, Name: "max-steps", Usage: "stop the machine after `N` instructions", DefaultText: "no limit"},
		&cli.DurationFlag{Category: repeat, Name: "timeout", Usage: "stop the machine after `TIME` on the host's clock, such as 90s", DefaultText: "no limit"},
		&cli.GenericFlag{Category: watch, Name: "strace", Value: &o.strace, Usage: "print system calls to stderr, or to a file with --strace=FILE"},
		&cli.GenericFlag{Category: watch, Name: "trace", Value: &o.trace, Usage: "print every instruction with the registers it changes, to stderr or --trace=FILE"},
		&cli.BoolFlag{Category: watch, Name: "stats", Usage: "print steps, state hash, seed and epoch to stderr at the end", DisableDefaultText: true},
		&cli.BoolFlag{Category: watch, Name: "json", Usage: "with --stats: print them as one JSON object", DisableDefaultText: true},
	}
}
