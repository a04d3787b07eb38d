#include "kernel.h"
#ifndef COUNT
#define COUNT 200000
#endif
static u64 v[COUNT];
static void sort(long lo, long hi) {
	while (lo < hi) {
		u64 p = v[(lo + hi) / 2];
		long i = lo, j = hi;
		while (i <= j) {
			while (v[i] < p) i++;
			while (v[j] > p) j--;
			if (i <= j) { u64 t = v[i]; v[i++] = v[j]; v[j--] = t; }
		}
		if (j - lo < hi - i) { sort(lo, j); lo = i; } else { sort(i, hi); hi = j; }
	}
}
static u64 kernel(void) {
	u64 x = 88172645463325252ul, hash = 14695981039346656037ul;
	for (int r = 0; r < 2; r++) {
		for (long i = 0; i < COUNT; i++) { x ^= x << 13; x ^= x >> 7; x ^= x << 17; v[i] = x; }
		sort(0, COUNT - 1);
		for (long i = 0; i < COUNT; i++) hash = (hash ^ v[i]) * 1099511628211ul;
	}
	return hash;
}
