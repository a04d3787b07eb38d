package machine

import (
	"iter"
	"strings"
)

func hasSlash(name string) bool { return strings.Contains(name, "/") }

// splitPath yields the directories of a PATH; an empty one is the working directory.
func splitPath(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for dir := range strings.SplitSeq(path, ":") {
			if dir == "" {
				dir = "."
			}
			if !yield(dir) {
				return
			}
		}
	}
}
