#include "kernel.h"
#define N 128
static double a[N][N], b[N][N], c[N][N];
static u64 kernel(void) {
	for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { a[i][j] = i + 0.5 * j; b[i][j] = i - 0.25 * j; }
	for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) {
		double s = 0;
		for (int k = 0; k < N; k++) s += a[i][k] * b[k][j];
		c[i][j] = s;
	}
	u64 h = 0;
	for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { union { double d; u64 u; } x = {c[i][j]}; h = h * 31 + x.u; }
	return h;
}
