// memory: shared and private mappings across fork, file mappings, mprotect,
// mremap, brk, madvise.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int *private = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*shared = *private = 1;
	if (fork() == 0) {
		*shared = *private = 2;
		_exit(0);
	}
	wait(0);
	printf("shared %d private %d\n", *shared, *private);
	char name[] = "/tmp/memoryXXXXXX";
	int fd = mkstemp(name);
	unlink(name);
	ftruncate(fd, 10000);
	pwrite(fd, "file contents", 13, 5000);
	char *m = mmap(0, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096);
	printf("mapped %.13s\n", m + 5000);
	memcpy(m + 5000, "CHANGED", 7);
	char buf[32] = {0};
	pread(fd, buf, 13, 5000);
	printf("read back %s, private sees %.13s\n", buf, p + 904);
	p[904] = 'x';
	pread(fd, buf, 13, 5000);
	printf("private write stays: %s\n", buf);
	pwrite(fd, "WRITE", 5, 5000);
	printf("write seen through map: %.13s\n", m + 5000);
	printf("tail zero: %d\n", m[10001]);
	char *big = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(big, 7, 1 << 20);
	char *moved = mremap(big, 1 << 20, 1 << 21, MREMAP_MAYMOVE);
	printf("mremap %d %d %d\n", moved != MAP_FAILED, moved[(1 << 20) - 1], moved[1 << 20]);
	madvise(moved, 8192, MADV_DONTNEED);
	printf("dontneed %d %d\n", moved[0], moved[8192]);
	printf("mprotect unmapped: %d", mprotect((void *)0x100000, 4096, PROT_READ));
	printf(" %s\n", strerror(errno));
	printf("munmap odd: %d", munmap((void *)1, 4096));
	printf(" %s\n", strerror(errno));
	printf("mmap zero: %d", mmap(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	printf(" %s\n", strerror(errno));
	printf("fixed noreplace: %d", mmap(moved, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED);
	printf(" %s\n", strerror(errno));
	char *b = (char *)syscall(SYS_brk, 0);
	char *e = (char *)syscall(SYS_brk, b + 100000);
	memset(b, 1, 100000);
	printf("brk grew %ld\n", (long)(e - b));
	return 0;
}
