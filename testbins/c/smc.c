// smc: code that writes code: its own next instruction, a page it made, and a page
// seen through two mappings.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef int fn(int);

int main(void) {
	unsigned char *p = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static const unsigned char add[] = {0x8d, 0x47, 1, 0xc3}; // lea 1(%rdi),%eax; ret
	memcpy(p, add, sizeof add);
	int sum = 0;
	for (int i = 0; i < 100; i++) {
		sum += ((fn *)p)(i);
		p[2]++;
	}
	printf("patched calls %d\n", sum);
	// movb $7, imm of the next instruction; mov $1,%eax; ret
	static const unsigned char self[] = {0xc6, 0x05, 1, 0, 0, 0, 7, 0xb8, 1, 0, 0, 0, 0xc3};
	memcpy(p + 64, self, sizeof self);
	printf("own next instruction %d\n", ((int (*)(void))(p + 64))());
	int fd = memfd_create("code", 0);
	ftruncate(fd, 4096);
	unsigned char *w = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned char *x = mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	memcpy(w, add, sizeof add);
	int a = ((fn *)x)(1);
	w[2] = 50;
	int b = ((fn *)x)(1);
	pwrite(fd, "\x64", 1, 2);
	printf("two views %d %d %d\n", a, b, ((fn *)x)(1));
	mprotect(p, 4096, PROT_READ);
	mprotect(p, 4096, PROT_READ | PROT_EXEC);
	printf("after mprotect %d\n", ((fn *)p)(1));
	return 0;
}
