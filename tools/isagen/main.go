// Isagen writes what is generated from the opcode table: the tables of
// emu/decode and the reference docs/isa.md. It is run by go generate; its own
// test fails when the files are not what the table says.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"emurun/emu/x86/isa"
)

// outputs are the generated files, by their path in the module.
var outputs = []struct {
	path   string
	render func([]isa.Row) ([]byte, error)
}{
	{"emu/decode/tables.go", renderTables},
	{"emu/decode/rows_gen.go", renderRows},
	{"docs/isa.md", renderDoc},
}

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := run(root); err != nil {
		fmt.Fprintln(os.Stderr, "isagen:", err)
		os.Exit(1)
	}
}

// run writes every output below root, the module's folder.
func run(root string) error {
	rows, err := isa.Rows()
	if err != nil {
		return err
	}
	for _, o := range outputs {
		text, err := o.render(rows)
		if err != nil {
			return fmt.Errorf("%s: %w", o.path, err)
		}
		if err := os.WriteFile(filepath.Join(root, o.path), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
