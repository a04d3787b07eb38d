package wire

import (
	"strconv"
	"strings"
)

// step is one level of where a Decoder is.
type step struct {
	name  string
	index int // -1 if it is not an element
}

// Enter says that what follows belongs to name, for errors.
func (d *Decoder) Enter(name string) { d.place = append(d.place, step{name, -1}) }

// EnterElement says that what follows belongs to element i of the list name.
func (d *Decoder) EnterElement(name string, i int) { d.place = append(d.place, step{name, i}) }

// Leave ends the innermost Enter.
func (d *Decoder) Leave() { d.place = d.place[:len(d.place)-1] }

// where returns the place as "threads[3].regs: ".
func (d *Decoder) where() string {
	if len(d.place) == 0 {
		return ""
	}
	var names []string
	for _, s := range d.place {
		if s.index >= 0 {
			s.name += "[" + strconv.Itoa(s.index) + "]"
		}
		names = append(names, s.name)
	}
	return strings.Join(names, ".") + ": "
}
