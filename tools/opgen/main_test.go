package main

import (
	"go/format"
	"os"
	"path/filepath"
	"testing"
)

// The interpreter's directory and the profile, as its go:generate line names them.
const (
	interpDir = "../../emu/interp"
	pairsFile = "pairs.txt"
)

// TestGenerated fails if the generated files are not what the rows and handlers give. Run
// go generate ./emu/interp.
func TestGenerated(t *testing.T) {
	files, err := generate(interpDir, pairsFile, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sortedKeys(files) {
		want, err := format.Source([]byte(header + files[name]))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := os.ReadFile(filepath.Join(interpDir, name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is stale: go generate ./emu/interp", name)
		}
	}
}

// spliceCases show what becomes of a handler's body.
var spliceCases = []struct {
	name, src string
	bound     map[string]string
	args      []string
	outs      []string
	nf        bool
	want      string
}{
	{
		"a result", "func not[T word](x T) T { return ^x }",
		map[string]string{"T": "uint32"}, []string{"v0_"}, []string{"r0_"}, false,
		"x_1 := v0_\nr0_ = ^x_1\n",
	},
	{
		"flags dropped", "func add[T word](c *CPU, x, y T) T {\n\tr := x + y\n\tflagsAdd(c, r, y)\n\treturn r\n}",
		map[string]string{"T": "uint64"}, []string{"c", "v0_", "v1_"}, []string{"r0_"}, true,
		"x_1 := v0_\n_ = x_1\ny_1 := v1_\n_ = y_1\nr_1 := x_1 + y_1\n_ = r_1\nr0_ = r_1\n",
	},
	{
		"an early return and a constant", "func f[T word](x T, n uint8) T {\n\tn &= countMask[T]()\n\tif n == 0 {\n\t\treturn x\n\t}\n\treturn x << n\n}",
		map[string]string{"T": "uint8"}, []string{"v0_", "v1_"}, []string{"r0_"}, false,
		"x_1 := v0_\nn_1 := v1_\nn_1 &= uint8(31)\nif n_1 == 0 {\nr0_ = x_1\n} else {\nr0_ = x_1 << n_1\n}\n",
	},
	{
		"a branch that the type decides", "func f[T word](x T) T {\n\tif bitsOf[T]() == 64 {\n\t\treturn 1\n\t}\n\treturn 2\n}",
		map[string]string{"T": "uint64"}, []string{"v0_"}, []string{"r0_"}, false,
		"x_1 := v0_\nr0_ = 1\n",
	},
	{
		"a fault", "func f(c *CPU, x uint8) bool {\n\tif x == 0 {\n\t\treturn fault(c, 1, 0)\n\t}\n\treturn true\n}",
		nil, []string{"c", "v0_"}, nil, false,
		"x_1 := v0_\nif x_1 == 0 {\nfault(c, 1, 0)\ngoto fault\n} else {\n}\n",
	},
}

func TestSplice(t *testing.T) {
	for _, c := range spliceCases {
		t.Run(c.name, func(t *testing.T) {
			h, err := parseHandler(c.src)
			if err != nil {
				t.Fatal(err)
			}
			g := &generator{handlers: map[string]*handler{}}
			got, err := g.splice(h, c.bound, c.args, c.outs, c.nf, "goto fault")
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestSpliceRefuses names what a handler in the switch must not do.
func TestSpliceRefuses(t *testing.T) {
	for name, src := range map[string]string{
		"return in a loop": "func f(x uint8) uint8 {\n\tfor {\n\t\treturn x\n\t}\n}",
		"computed ok":      "func f(x uint8) bool {\n\treturn x == 0\n}",
	} {
		h, err := parseHandler(src)
		if err != nil {
			t.Fatal(err)
		}
		g := &generator{handlers: map[string]*handler{}}
		if out, err := g.splice(h, nil, []string{"v0_"}, nil, false, "goto fault"); err == nil {
			t.Errorf("%s: no error, but %s", name, out)
		}
	}
}
