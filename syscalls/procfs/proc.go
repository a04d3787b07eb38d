package procfs

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"emurun/abi"
	"emurun/emu/x86"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// New returns a /proc for the machine. dev is its device number.
func New(k *kernel.Kernel, dev uint64) *FS { return newFS(k, dev, abi.PROC_SUPER_MAGIC) }

// NewSys returns the little of /sys that programs look at.
func NewSys(k *kernel.Kernel, dev uint64) *FS { return newFS(k, dev, abi.SYSFS_MAGIC) }

func newFS(k *kernel.Kernel, dev uint64, magic int64) *FS {
	f := &FS{k: k, dev: dev, magic: magic}
	f.begin()
	f.root = &dir{head{fs: f, ino: 1, mode: abi.S_IFDIR | 0o555}}
	return f
}

// begin sets what the root shows.
func (f *FS) begin() {
	f.list, f.find = f.rootList, f.findPID
	if f.magic == abi.SYSFS_MAGIC {
		f.list, f.find = f.sysList, nil
	}
}

// rootList is the entries of /proc.
func (f *FS) rootList() []entry {
	k := f.k
	l := []entry{
		link("self", func() (string, error) { return f.self("%d", false) }),
		link("thread-self", func() (string, error) { return f.self("%d/task/%d", true) }),
		link("mounts", func() (string, error) { return "self/mounts", nil }),
		link("net", func() (string, error) { return "self/net", nil }),
		text("cpuinfo", cpuinfo),
		text("meminfo", f.meminfo),
		text("stat", f.stat),
		text("uptime", func(w *bytes.Buffer) error {
			s := seconds(k.Now())
			_, err := fmt.Fprintf(w, "%s %s\n", s, s)
			return err
		}),
		constant("version", fmt.Sprintf("%s version %s (emurun) %s", kernel.Sysname, kernel.Release, kernel.Version)),
		text("loadavg", func(w *bytes.Buffer) error {
			running, all := f.countThreads()
			_, err := fmt.Fprintf(w, "0.00 0.00 0.00 %d/%d %d\n", running, all, k.LastPID())
			return err
		}),
		constant("filesystems", "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\nnodev\tdevpts\n\text4\nnodev\toverlay"),
		constant("cmdline", "emurun"),
		constant("devices", "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/ptmx\n136 pts\n\nBlock devices:"),
		constant("swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority"),
		constant("partitions", "major minor  #blocks  name\n"),
		text("diskstats", nothing),
		text("modules", nothing),
		text("interrupts", func(w *bytes.Buffer) error { _, err := w.WriteString("           CPU0       \n"); return err }),
		subdir("sys", f.sysctl),
		subdir("tty", func() []entry { return nil }),
	}
	for _, p := range k.Processes() {
		l = append(l, f.processEntry(p))
	}
	return l
}

func nothing(*bytes.Buffer) error { return nil }

// findPID looks up /proc/PID, and /proc/TID, which exists without being listed.
func (f *FS) findPID(name string) (entry, bool) {
	n, err := strconv.ParseInt(name, 10, 32)
	if err != nil || strconv.FormatInt(n, 10) != name {
		return entry{}, false
	}
	if p := f.k.Process(int32(n)); p != nil {
		return f.processEntry(p), true
	}
	if t := f.k.Thread(int32(n)); t != nil {
		e := f.processEntry(t.Proc)
		e.name = name
		return e, true
	}
	return entry{}, false
}

// self is the target of /proc/self and /proc/thread-self.
func (f *FS) self(format string, thread bool) (string, error) {
	t := f.k.Current()
	switch {
	case t == nil:
		return "", abi.ENOENT
	case thread:
		return fmt.Sprintf(format, t.Proc.PID, t.TID), nil
	}
	return fmt.Sprintf(format, t.Proc.PID), nil
}

// seconds formats ns as proc(5) does, with hundredths.
func seconds(ns int64) string { return fmt.Sprintf("%d.%02d", ns/1e9, ns/1e7%100) }

// ticks converts ns to clock ticks.
func ticks(ns int64) int64 { return ns / (1e9 / abi.CLK_TCK) }

func (f *FS) countThreads() (running, all int) {
	for _, p := range f.k.Processes() {
		for _, t := range p.Threads() {
			all++
			if t.StateLetter() == 'R' {
				running++
			}
		}
	}
	return running, all
}

// cpuinfo writes /proc/cpuinfo of the virtual CPU.
func cpuinfo(w *bytes.Buffer) error {
	_, flags := x86.Features(x86.LevelV2)
	_, err := fmt.Fprintf(w, `processor	: 0
vendor_id	: %s
cpu family	: %d
model		: %d
model name	: %s
stepping	: %d
microcode	: 0x0
cpu MHz		: 1000.000
cache size	: 8192 KB
physical id	: 0
siblings	: 1
core id		: 0
cpu cores	: 1
apicid		: 0
initial apicid	: 0
fpu		: yes
fpu_exception	: yes
cpuid level	: 13
wp		: yes
flags		: %s
bugs		:
bogomips	: 2000.00
clflush size	: 64
cache_alignment	: 64
address sizes	: 39 bits physical, 48 bits virtual
power management:

`, x86.Vendor, x86.Family, x86.Model, x86.Brand, x86.Stepping, strings.Join(flags, " "))
	return err
}

// meminfo writes /proc/meminfo.
func (f *FS) meminfo(w *bytes.Buffer) error {
	total, free := f.k.MemoryInfo()
	total, free = total/1024, free/1024
	for _, x := range []struct {
		name string
		kb   uint64
	}{
		{"MemTotal", total}, {"MemFree", free}, {"MemAvailable", free}, {"Buffers", 0}, {"Cached", 0}, {"SwapCached", 0},
		{"Active", 0}, {"Inactive", 0}, {"Active(anon)", 0}, {"Inactive(anon)", 0}, {"Active(file)", 0}, {"Inactive(file)", 0},
		{"Unevictable", 0}, {"Mlocked", 0}, {"SwapTotal", 0}, {"SwapFree", 0}, {"Dirty", 0}, {"Writeback", 0},
		{"AnonPages", total - free}, {"Mapped", 0}, {"Shmem", 0}, {"KReclaimable", 0}, {"Slab", 0}, {"SReclaimable", 0},
		{"SUnreclaim", 0}, {"KernelStack", 0}, {"PageTables", 0}, {"NFS_Unstable", 0}, {"Bounce", 0}, {"WritebackTmp", 0},
		{"CommitLimit", total}, {"Committed_AS", total - free}, {"VmallocTotal", 34359738367}, {"VmallocUsed", 0},
		{"VmallocChunk", 0}, {"Percpu", 0},
	} {
		fmt.Fprintf(w, "%-16s%8d kB\n", x.name+":", x.kb)
	}
	_, err := w.WriteString("HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugePages_Surp:        0\nHugepagesize:       2048 kB\nHugetlb:               0 kB\n")
	return err
}

// stat writes /proc/stat: the time is all user time of the only CPU.
func (f *FS) stat(w *bytes.Buffer) error {
	k := f.k
	busy := ticks(int64(k.Steps()) * k.Config().NsPerStep)
	idle := max(0, ticks(k.Now())-busy)
	for _, name := range []string{"cpu ", "cpu0"} {
		fmt.Fprintf(w, "%s %d 0 0 %d 0 0 0 0 0 0\n", name, busy, idle)
	}
	running, _ := f.countThreads()
	_, err := fmt.Fprintf(w, "intr 0\nctxt %d\nbtime %d\nprocesses %d\nprocs_running %d\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
		0, k.Config().EpochNs/1e9, int(k.LastPID())-kernel.FirstPID+1, running)
	return err
}

// number is an entry that is a decimal number.
func number(name string, n int64) entry { return constant(name, strconv.FormatInt(n, 10)) }

// knob is a number that root may write without effect.
func knob(name string, n int64) entry {
	return setting(name, func(w *bytes.Buffer) error {
		_, err := fmt.Fprintln(w, n)
		return err
	}, func([]byte) error { return nil })
}

// sysctl is /proc/sys.
func (f *FS) sysctl() []entry {
	return []entry{
		subdir("kernel", f.sysKernel),
		subdir("vm", func() []entry {
			return []entry{
				knob("overcommit_memory", 0), knob("overcommit_ratio", 50), knob("max_map_count", 65530), knob("swappiness", 60),
				knob("mmap_min_addr", 65536), knob("nr_hugepages", 0), knob("legacy_va_layout", 0),
			}
		}),
		subdir("fs", func() []entry {
			return []entry{
				number("file-max", 9223372036854775807), number("nr_open", 1<<20), number("pipe-max-size", abi.PIPE_MAX_SIZE),
				knob("protected_hardlinks", 1), knob("protected_symlinks", 1), knob("protected_fifos", 1), knob("protected_regular", 2),
				number("overflowuid", 65534), number("overflowgid", 65534), constant("file-nr", "0\t0\t9223372036854775807"),
				number("aio-max-nr", 0), number("mount-max", 100000),
				subdir("inotify", func() []entry {
					return []entry{knob("max_user_watches", 65536), knob("max_user_instances", 128), knob("max_queued_events", 16384)}
				}),
				subdir("epoll", func() []entry { return []entry{knob("max_user_watches", 1000000)} }),
				subdir("mqueue", func() []entry { return []entry{knob("msg_max", 10)} }),
			}
		}),
		subdir("net", func() []entry {
			return []entry{
				subdir("core", func() []entry {
					return []entry{knob("somaxconn", abi.SOMAXCONN), knob("rmem_max", 212992), knob("wmem_max", 212992), knob("rmem_default", 212992), knob("wmem_default", 212992)}
				}),
				subdir("ipv4", func() []entry {
					return []entry{constant("ip_local_port_range", "32768\t60999"), knob("tcp_keepalive_time", 7200), knob("ip_unprivileged_port_start", 1024)}
				}),
				subdir("unix", func() []entry { return []entry{knob("max_dgram_qlen", 10)} }),
			}
		}),
	}
}

func (f *FS) sysKernel() []entry {
	k := f.k
	name := func(get func() string) func(*bytes.Buffer) error {
		return func(w *bytes.Buffer) error {
			_, err := fmt.Fprintln(w, get())
			return err
		}
	}
	return []entry{
		constant("ostype", kernel.Sysname), constant("osrelease", kernel.Release), constant("version", kernel.Version),
		constant("arch", "x86_64"),
		text("hostname", name(k.Hostname)), text("domainname", name(k.Domainname)),
		number("pid_max", kernel.PIDMax), number("threads-max", kernel.MaxThreads), number("ngroups_max", 65536), number("cap_last_cap", 40),
		knob("randomize_va_space", 0), knob("core_uses_pid", 0), constant("core_pattern", "core"), knob("dmesg_restrict", 1),
		subdir("yama", func() []entry { return []entry{knob("ptrace_scope", 0)} }), knob("kptr_restrict", 1), knob("perf_event_paranoid", 4), number("overflowuid", 65534),
		number("overflowgid", 65534), number("tainted", 0), knob("panic", 0), knob("sched_autogroup_enabled", 0),
		constant("shmmax", strconv.FormatUint(kernel.ShmMax, 10)), constant("shmall", strconv.FormatUint(kernel.ShmMax, 10)), number("shmmni", kernel.ShmMni),
		number("msgmax", 8192), number("msgmnb", 16384), number("msgmni", 32000), constant("sem", "32000\t1024000000\t500\t32000"),
		constant("printk", "4\t4\t1\t7"), number("unprivileged_bpf_disabled", 2),
		subdir("random", func() []entry {
			return []entry{
				text("boot_id", name(k.BootID)), text("uuid", name(k.NewUUID)), number("entropy_avail", 256), number("poolsize", 256),
			}
		}),
		subdir("pty", func() []entry { return []entry{number("max", 4096), number("nr", 0)} }),
		subdir("keys", func() []entry { return []entry{number("maxkeys", 200)} }),
	}
}

// sysList is the entries of /sys.
func (f *FS) sysList() []entry {
	empty := func() []entry { return nil }
	cpu := func() []entry {
		return []entry{
			constant("online", "0"), constant("possible", "0"), constant("present", "0"), constant("offline", ""), number("kernel_max", 0),
			subdir("cpu0", func() []entry {
				return []entry{subdir("topology", func() []entry {
					return []entry{number("core_id", 0), number("physical_package_id", 0), constant("thread_siblings", "1"), constant("thread_siblings_list", "0"), constant("core_siblings_list", "0")}
				})}
			}),
		}
	}
	node := func() []entry {
		return []entry{constant("online", "0"), constant("possible", "0"), subdir("node0", func() []entry {
			return []entry{constant("cpulist", "0"), constant("cpumap", "1"), text("meminfo", f.meminfo)}
		})}
	}
	system := func() []entry { return []entry{subdir("cpu", cpu), subdir("node", node)} }
	mm := func() []entry {
		return []entry{subdir("transparent_hugepage", func() []entry {
			return []entry{constant("enabled", "always madvise [never]"), constant("defrag", "always defer defer+madvise madvise [never]"), number("hpage_pmd_size", 2<<20)}
		})}
	}
	return []entry{
		subdir("devices", func() []entry { return []entry{subdir("system", system), subdir("virtual", empty)} }),
		subdir("kernel", func() []entry { return []entry{subdir("mm", mm), subdir("security", empty)} }),
		subdir("fs", func() []entry { return []entry{subdir("cgroup", empty)} }),
		subdir("class", func() []entry { return []entry{subdir("net", empty), subdir("tty", empty), subdir("block", empty)} }),
		subdir("block", empty), subdir("bus", empty), subdir("module", empty), subdir("power", empty), subdir("dev", empty),
	}
}

var _ vfs.FileSystem = (*FS)(nil)
