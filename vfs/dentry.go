package vfs

// Dentry is a name in the tree of a Namespace: the node it leads to and the
// directory it stands in, which is what "..", getcwd(2) and /proc/self/fd need.
type Dentry struct {
	Parent *Dentry // nil for the root
	Name   string
	Node   Node
}
