package vfs

import "emurun/abi"

// counted is a node that counts its writers: every one that embeds NodeDefaults
// and is a pointer.
type counted interface{ writeCount() *int }

// writeCount is how many descriptions have the file open for writing or, below 0,
// how many programs run it: never both, execve(2) and open(2) ETXTBSY.
func (d *NodeDefaults) writeCount() *int { return &d.writers }

// addWriters adds n to the writers of the file.
func addWriters(node Node, n int) {
	if c, ok := node.(counted); ok {
		*c.writeCount() += n
	}
}

// MayRun returns ETXTBSY if somebody has the file open for writing.
func MayRun(n Node) error {
	if c, ok := n.(counted); ok && *c.writeCount() > 0 {
		return abi.ETXTBSY
	}
	return nil
}

// Run says that a program runs the file; nobody can open it for writing until
// as many EndRun.
func Run(n Node) { addWriters(n, -1) }

// EndRun undoes Run.
func EndRun(n Node) { addWriters(n, 1) }

// running returns ETXTBSY if a program runs the file.
func running(n Node) error {
	if c, ok := n.(counted); ok && *c.writeCount() < 0 {
		return abi.ETXTBSY
	}
	return nil
}

// RemovePrivs takes the set-user-ID and set-group-ID bits from a regular file that c is
// about to write to, write(2), unless c has CAP_FSETID.
func (c *Context) RemovePrivs(n Node) error {
	if c.Cred.super() {
		return nil
	}
	a, err := n.Attr()
	if err != nil || a.Mode&abi.S_IFMT != abi.S_IFREG {
		return err
	}
	mode := withoutSuid(a.Mode)
	if mode == a.Mode {
		return nil
	}
	return n.SetAttr(AttrMode, Attr{Mode: mode}, c.Now)
}
