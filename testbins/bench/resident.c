// resident MIB: fills MIB mebibytes, and then asks for checkpoints by writing to
// /proc/self/checkpoint: "full" of all of it, "one" with one page of a hundred changed, "mib64" with
// 64 MiB changed, "none" with nothing changed. Between them it computes, so that storing has something to be behind.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t state = 88172645463325252u;

static uint64_t next(void) {
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

// Words of a page: each eighth is random, as pointers and floating-point numbers are between
// small integers and zeroes.
static void fill(uint64_t *page) {
	for (int i = 0; i < 512; i++)
		page[i] = i % 8 == 0 ? next() : i % 8 < 4 ? (uint64_t)i : 0;
}

static void checkpoint(const char *label) {
	int fd = open("/proc/self/checkpoint", O_WRONLY);
	if (fd < 0 || write(fd, label, strlen(label)) < 0)
		perror("checkpoint");
	close(fd);
	for (volatile int i = 0; i < 2000000; i++)
		;
}

int main(int argc, char **argv) {
	size_t mib = argc > 1 ? strtoul(argv[1], 0, 10) : 64, pages = mib * 256;
	uint64_t *p = mmap(0, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < pages; i++)
		fill(p + i * 512);
	checkpoint("full");
	for (size_t i = 0; i < pages; i += 100)
		p[i * 512 + 1]++;
	checkpoint("one");
	for (size_t i = 0; i < pages && i < 64 * 256; i++)
		fill(p + i * 512);
	checkpoint("mib64");
	checkpoint("none");
	puts("done");
	return 0;
}
