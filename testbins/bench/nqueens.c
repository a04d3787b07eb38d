// nqueens: backtracking with bit masks.
#include <stdio.h>

static long solve(unsigned all, unsigned cols, unsigned l, unsigned r) {
	if (cols == all)
		return 1;
	long n = 0;
	for (unsigned free = all & ~(cols | l | r); free; free &= free - 1) {
		unsigned bit = free & -free;
		n += solve(all, cols | bit, (l | bit) << 1, (r | bit) >> 1);
	}
	return n;
}

int main(void) {
	printf("%ld\n", solve((1 << 13) - 1, 0, 0, 0));
	return 0;
}
