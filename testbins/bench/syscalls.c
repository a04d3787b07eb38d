// syscalls: two million calls of getppid(2), which needs nothing of the host.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
	long n = 0;
	for (int i = 0; i < 2000000; i++)
		n += syscall(SYS_getppid) != 0;
	printf("%ld\n", n);
	return 0;
}
