package control

import (
	"fmt"
	"os"
	"path/filepath"
)

// short calls do with a name of the socket path that fits into its address, whose limit
// is 107 bytes, unix(7).
func short(path string, do func(string) error) error {
	const limit = 107
	if len(path) <= limit {
		return do(path)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return do(fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)))
}
