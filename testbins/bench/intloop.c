// intloop: a dependent chain of integer operations.
#include <stdint.h>
#include <stdio.h>

int main(void) {
	uint64_t x = 88172645463325252u, s = 0;
	for (long i = 0; i < 100000000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		s += x;
	}
	printf("%lx\n", s);
	return 0;
}
