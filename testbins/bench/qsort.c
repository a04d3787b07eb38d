// qsort: the C library's sort with a comparison callback.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int cmp(const void *a, const void *b) {
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

int main(void) {
	enum { N = 1000000 };
	uint64_t *v = malloc(N * sizeof *v), x = 88172645463325252u, s = 0;
	for (int i = 0; i < N; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		v[i] = x;
	}
	qsort(v, N, sizeof *v, cmp);
	for (int i = 0; i < N; i += 1000)
		s = s * 31 + v[i];
	printf("%lx\n", s);
	return 0;
}
