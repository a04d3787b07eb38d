package abi

import "encoding/binary"

// Keys, flags and commands of System V IPC, sysvipc(7).
const (
	IPC_PRIVATE = 0

	IPC_CREAT  = 0x200
	IPC_EXCL   = 0x400
	IPC_NOWAIT = 0x800

	IPC_RMID = 0
	IPC_SET  = 1
	IPC_STAT = 2
	IPC_INFO = 3
)

// Flags and commands of shmget(2), shmat(2) and shmctl(2).
const (
	SHM_HUGETLB   = 0x800
	SHM_NORESERVE = 0x1000

	SHM_RDONLY = 0x1000
	SHM_RND    = 0x2000
	SHM_REMAP  = 0x4000
	SHM_EXEC   = 0x8000

	SHM_LOCK     = 11
	SHM_UNLOCK   = 12
	SHM_STAT     = 13
	SHM_INFO     = 14
	SHM_STAT_ANY = 15

	SHM_DEST   = 0x200 // in the mode: goes with its last attachment
	SHM_LOCKED = 0x400
)

// IPCPerm is struct ipc_perm.
type IPCPerm struct {
	Key        int32
	UID, GID   uint32
	CUID, CGID uint32
	Mode       uint32
	Seq        uint16
}

// IPCPermSize is the size of IPCPerm in memory.
const IPCPermSize = 48

// Put writes m to p.
func (m *IPCPerm) Put(p []byte) {
	le := binary.LittleEndian
	clear(p[:IPCPermSize])
	for i, v := range []uint32{uint32(m.Key), m.UID, m.GID, m.CUID, m.CGID, m.Mode} {
		le.PutUint32(p[4*i:], v)
	}
	le.PutUint16(p[24:], m.Seq)
}

// Decode reads what IPC_SET takes: owner and mode.
func (m *IPCPerm) Decode(p []byte) {
	le := binary.LittleEndian
	m.UID, m.GID, m.Mode = le.Uint32(p[4:]), le.Uint32(p[8:]), le.Uint32(p[20:])
}

// ShmidDS is struct shmid_ds, shmctl(2).
type ShmidDS struct {
	Perm                IPCPerm
	Segsz               uint64
	Atime, Dtime, Ctime int64
	CPID, LPID          int32
	Nattch              uint64
}

// ShmidDSSize is the size of ShmidDS in memory.
const ShmidDSSize = 112

// Put writes d to p.
func (d *ShmidDS) Put(p []byte) {
	le := binary.LittleEndian
	clear(p[:ShmidDSSize])
	d.Perm.Put(p)
	for i, v := range []uint64{d.Segsz, uint64(d.Atime), uint64(d.Dtime), uint64(d.Ctime)} {
		le.PutUint64(p[48+8*i:], v)
	}
	le.PutUint32(p[80:], uint32(d.CPID))
	le.PutUint32(p[84:], uint32(d.LPID))
	le.PutUint64(p[88:], d.Nattch)
}
