//go:build crashpoints

package crashpoint

import (
	"fmt"
	"os"
)

func init() {
	if err := FromEnv(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
