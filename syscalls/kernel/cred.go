package kernel

import (
	"slices"

	"emurun/abi"
)

// Cred is a process's credentials, credentials(7).
type Cred struct {
	RUID, EUID, SUID, FSUID uint32
	RGID, EGID, SGID, FSGID uint32
	Groups                  []uint32

	// The capability sets, capabilities(7). Full for root, empty for others.
	Permitted, Effective, Inheritable, Bounding, Ambient uint64
	KeepCaps                                             bool
	Securebits                                           uint32
	NoNewPrivs                                           bool
}

// NewCred returns the credentials of a program started by the given user.
func NewCred(uid, gid uint32, groups []uint32) Cred {
	c := Cred{
		RUID: uid, EUID: uid, SUID: uid, FSUID: uid,
		RGID: gid, EGID: gid, SGID: gid, FSGID: gid,
		Groups: slices.Clone(groups), Bounding: abi.CAP_FULL_SET,
	}
	if uid == 0 {
		c.Permitted, c.Effective = abi.CAP_FULL_SET, abi.CAP_FULL_SET
	}
	return c
}

// Capable reports whether the effective set has capability n.
func (c *Cred) Capable(n uint) bool { return c.Effective>>n&1 != 0 }

// InGroup reports whether gid is the file system group or a supplementary group.
func (c *Cred) InGroup(gid uint32) bool {
	return c.FSGID == gid || slices.Contains(c.Groups, gid)
}

// clone returns a copy that shares nothing.
func (c *Cred) clone() Cred {
	n := *c
	n.Groups = slices.Clone(c.Groups)
	return n
}

// SetUIDs changes the user IDs and adjusts the capabilities as capabilities(7),
// "Effect of user ID changes on capabilities", says.
func (c *Cred) SetUIDs(r, e, s uint32) {
	hadRoot := c.RUID == 0 || c.EUID == 0 || c.SUID == 0
	hasRoot := r == 0 || e == 0 || s == 0
	wasRoot := c.EUID == 0
	c.RUID, c.EUID, c.SUID = r, e, s
	if hadRoot && !hasRoot {
		if !c.KeepCaps {
			c.Permitted, c.Effective = 0, 0
		}
		c.Ambient = 0
	}
	switch {
	case wasRoot && e != 0:
		c.Effective = 0
	case !wasRoot && e == 0:
		c.Effective = c.Permitted
	}
	c.SetFSUID(e)
}

// fsCaps are the capabilities that follow the file system user ID.
const fsCaps = 1<<abi.CAP_CHOWN | 1<<abi.CAP_DAC_OVERRIDE | 1<<abi.CAP_DAC_READ_SEARCH |
	1<<abi.CAP_FOWNER | 1<<abi.CAP_FSETID

// SetFSUID changes the file system user ID, setfsuid(2).
func (c *Cred) SetFSUID(u uint32) {
	switch {
	case c.FSUID == 0 && u != 0:
		c.Effective &^= fsCaps
	case c.FSUID != 0 && u == 0:
		c.Effective |= c.Permitted & fsCaps
	}
	c.FSUID = u
}

// SetGIDs changes the group IDs.
func (c *Cred) SetGIDs(r, e, s uint32) { c.RGID, c.EGID, c.SGID, c.FSGID = r, e, s, e }
