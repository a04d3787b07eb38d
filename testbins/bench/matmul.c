// matmul: scalar double arithmetic and loads.
#include <stdio.h>

enum { N = 400 };
static double a[N][N], b[N][N], c[N][N];

int main(void) {
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
			a[i][j] = i + j * 0.5, b[i][j] = i - j * 0.25;
	for (int r = 0; r < 3; r++)
		for (int i = 0; i < N; i++)
			for (int k = 0; k < N; k++)
				for (int j = 0; j < N; j++)
					c[i][j] += a[i][k] * b[k][j];
	printf("%.17g\n", c[17][33]);
	return 0;
}
