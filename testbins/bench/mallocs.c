// mallocs: allocation and release of blocks of mixed sizes.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
	static void *p[4096];
	uint64_t x = 88172645463325252u, n = 0;
	for (int i = 0; i < 5000000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		int k = x & 4095;
		free(p[k]);
		p[k] = malloc(16 + (x >> 20 & 511));
		n += *(char *)p[k] = x;
	}
	printf("%lu\n", n & 0xffff);
	return 0;
}
