// Crashguest is the guest of the crash tests: it changes files in its working directory in
// every way there is, again and again, prints what it reads back, and always does the same. Its argument
// says how many rounds it makes.
package main

import (
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

const mapped = 5 * 4096

type guest struct {
	log     *os.File // appended to
	hidden  *os.File // unlinked, and open all the time
	mapping []byte
}

func main() {
	rounds, err := strconv.Atoi(os.Args[1])
	must(err)
	see() // so that a checkpoint has it
	g := begin()
	for i := range rounds {
		g.round(i)
	}
	see()
}

// see prints all that is there.
func see() {
	must(filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		must(err)
		if d.Type().IsRegular() {
			fmt.Printf("%s %x\n", path, sum(path))
		} else {
			fmt.Println(path)
		}
		return nil
	}))
}

func begin() *guest {
	g := &guest{log: open("log", os.O_RDWR|os.O_CREATE|os.O_APPEND), hidden: open("hidden", os.O_RDWR|os.O_CREATE)}
	must(os.Remove("hidden"))
	f := open("map", os.O_RDWR|os.O_CREATE)
	must(f.Truncate(mapped))
	var err error
	g.mapping, err = syscall.Mmap(int(f.Fd()), 0, mapped, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	must(err)
	must(f.Close())
	return g
}

// round makes each kind of change once.
func (g *guest) round(i int) {
	_, err := fmt.Fprintf(g.log, "round %d\n", i)
	must(err)
	name := fmt.Sprintf("file%d", i%4)
	must(os.WriteFile("new", content(i, 1+i*7919%20000), 0o644))
	must(os.Rename("new", name)) // over the one of an earlier round
	old := open("old", os.O_RDWR)
	at(old, i, int64(i*977%30000), 700) // in place, and sometimes over the end
	must(old.Close())
	must(os.Truncate("cut", int64(i*3001%25000)))
	copy(g.mapping[i*1013%(mapped-300):], content(i, 300))
	at(g.hidden, i, int64(i*511), 511)
	folders(i)
	links(i, name)
	fmt.Printf("round %d: log %x old %x cut %x map %x hidden %x\n", i, sum("log"), sum("old"), sum("cut"),
		crc32.ChecksumIEEE(g.mapping), sumOf(g.hidden))
}

// folders makes a folder, moves it and removes it, each in another round.
func folders(i int) {
	a, b := fmt.Sprintf("a%d", i/3), fmt.Sprintf("b%d", i/3)
	switch i % 3 {
	case 0:
		must(os.Mkdir(a, 0o755))
		must(os.WriteFile(a+"/inner", content(i, 5000), 0o600))
	case 1:
		must(os.Rename(a, b))
		must(os.WriteFile(b+"/second", content(i, 10), 0o600))
		must(os.Chmod(b+"/inner", 0o640))
	case 2:
		must(os.RemoveAll(b))
	}
}

// links makes hard and symbolic links to name.
func links(i int, name string) {
	hard, soft := fmt.Sprintf("hard%d", i%3), fmt.Sprintf("soft%d", i%5)
	_ = os.Remove(hard)
	must(os.Link(name, hard))
	_ = os.Remove(soft)
	must(os.Symlink(name, soft))
	if i == 5 {
		must(os.Rename("doomed", "moved")) // it was there before
	}
	if i == 9 {
		must(os.Remove("moved"))
		must(os.Remove("dir/inner"))
		must(os.Remove("dir"))
	}
}

func open(name string, flags int) *os.File {
	f, err := os.OpenFile(name, flags, 0o644)
	must(err)
	return f
}

func at(f *os.File, i int, off int64, n int) {
	_, err := f.WriteAt(content(i, n), off)
	must(err)
}

// content returns n bytes that tell the round.
func content(i, n int) []byte {
	p := make([]byte, n)
	x := uint32(i)*2654435761 + 12345
	for k := range p {
		x = x*1664525 + 1013904223
		p[k] = byte(x >> 24)
	}
	return p
}

func sum(name string) uint32 {
	p, err := os.ReadFile(name)
	must(err)
	return crc32.ChecksumIEEE(p)
}

func sumOf(f *os.File) uint32 {
	p, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<30))
	must(err)
	return crc32.ChecksumIEEE(p)
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
