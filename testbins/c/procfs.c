// procfs: what a program reads of itself.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void grep(const char *path, const char *word) {
	char line[4096];
	FILE *f = fopen(path, "r");
	int n = 0;
	while (f && fgets(line, sizeof line, f))
		if (strstr(line, word))
			n++;
	printf("%s has %s: %d\n", strncmp(path, "/proc/self", 10) && strstr(path, "comm") ? "comm" : path, word, n > 0);
	if (f)
		fclose(f);
}

int main(int argc, char **argv) {
	(void)argc;
	char buf[4096];
	ssize_t n = readlink("/proc/self/exe", buf, sizeof buf - 1);
	buf[n > 0 ? n : 0] = 0;
	printf("exe %s\n", strrchr(buf, '/') ? strrchr(buf, '/') + 1 : "?");
	int fd = open("/proc/self/cmdline", O_RDONLY);
	n = read(fd, buf, sizeof buf);
	printf("cmdline ends %s\n", n > 0 && buf[n - 1] == 0 ? "with NUL" : "wrong");
	grep("/proc/self/maps", "[stack]");
	grep("/proc/self/maps", "r-xp");
	grep("/proc/self/status", "VmRSS");
	grep("/proc/self/status", "Threads:\t1");
	grep("/proc/cpuinfo", "sse4_2");
	grep("/proc/meminfo", "MemTotal");
	grep("/proc/self/mounts", "/proc");
	snprintf(buf, sizeof buf, "/proc/%d/comm", getpid());
	grep(buf, strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0]);
	int dn = open("/dev/null", O_RDWR), z = open("/dev/zero", O_RDONLY), full = open("/dev/full", O_WRONLY);
	buf[0] = 1;
	printf("null %zd %zd zero %zd %d full %zd\n", write(dn, "x", 1), read(dn, buf, 1), read(z, buf, 10), buf[0], write(full, "x", 1));
	int u = open("/dev/urandom", O_RDONLY);
	printf("urandom %zd\n", read(u, buf, 16));
	snprintf(buf, sizeof buf, "/proc/self/fd/%d", dn);
	char link[64] = {0};
	readlink(buf, link, 63);
	printf("fd link %s\n", link);
	return 0;
}
