package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// workload is a command.
type workload struct {
	name  string
	args  []string
	stdin string
}

// available reports whether the program is there.
func (w workload) available() bool {
	_, err := exec.LookPath(w.args[0])
	return err == nil
}

// command is a workload with its name and words.
func command(name string, args ...string) workload { return workload{name: name, args: args} }

func guest(name string) workload {
	return command(name, filepath.Join("testbins/bin/bench", name))
}

// data is a compressible file of 4 MiB that the program workloads read.
func data() string {
	path := filepath.Join(os.TempDir(), "emurun-bench.txt")
	if st, err := os.Stat(path); err == nil && st.Size() > 4<<20 {
		return path
	}
	var b strings.Builder
	x := uint64(88172645463325252)
	for b.Len() < 4<<20 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b.WriteString([]string{"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"}[x%7])
		b.WriteByte(" \n\t,.;"[(x>>8)%6])
		if x>>20&15 == 0 {
			b.WriteString(strings.Repeat("x", int(x>>30&7)))
		}
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		fatal(err)
	}
	return path
}

const pythonLoop = "t=0\nfor i in range(300000):\n  t=(t*31+i)%1000003\nprint(t,sorted(str(i) for i in range(20000))[777],2**0.5)"

const perlLoop = `my %h; for my $i (1..200000) { $h{$i % 1000} .= chr(65+$i%26) if $i =~ /[37]$/; } print length(join "", map { $h{$_} // "" } sort keys %h), "\n";`

func tables() []table {
	in := data()
	return []table{
		{title: "Integer kernels, CPU time", mips: true, workloads: []workload{
			guest("intloop"), guest("sieve"), guest("sha256"), guest("fib"), guest("qsort"), guest("nqueens"), guest("interp"), guest("mallocs"),
		}},
		{title: "Other kernels, CPU time", mips: true, workloads: []workload{
			guest("matmul"), guest("strops"), guest("syscalls"), guest("pingpong"), guest("forkexec"),
		}},
		{title: "Real programs, CPU time", mips: true, workloads: []workload{
			command("gzip -9", "gzip", "-9", "-c", in), command("bzip2", "bzip2", "-c", in), command("xz -1", "xz", "-1", "-T1", "-c", in),
			command("sort", "sort", in), command("grep -E", "grep", "-cE", "(al|be).*(ta|ma)$", in), command("mawk", "mawk", "{n+=NF} END {print n}", in),
			command("openssl sha256", "openssl", "dgst", "-sha256", in),
			command("python3", "/usr/bin/python3", "-S", "-c", pythonLoop), command("perl", "perl", "-e", perlLoop),
			command("lua5.4", "lua5.4", "-e", "local t={} for i=1,300000 do t[i]=(i*7919)%10007 end table.sort(t) print(t[777])"),
			command("sqlite3", "sqlite3", ":memory:", "create table t(a,b); with recursive c(x) as (select 1 union all select x+1 from c where x<50000) insert into t select x, x*7919%10007 from c; select sum(a*b), count(distinct b) from t;"),
			command("bash", "bash", "-c", "s=0; for ((i=0;i<60000;i++)); do s=$((s+i%7)); done; echo $s"),
		}},
		{title: "Start, wall time", wall: true, workloads: []workload{
			command("static hello", "testbins/bin/hello"), command("/bin/true", "/bin/true"), command("go hello", "testbins/bin/gohello", "x"),
			command("bash -c :", "bash", "-c", ":"), command("perl -e 1", "perl", "-e", "1"), command("python3 -c pass", "/usr/bin/python3", "-c", "pass"),
		}},
	}
}
