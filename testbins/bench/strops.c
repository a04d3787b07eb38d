// strops: the string functions of the C library on short and long strings.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
	enum { N = 1 << 16 };
	char *a = malloc(N + 1), *b = malloc(N + 1);
	memset(a, 'a', N);
	a[N] = 0;
	unsigned long s = 0;
	for (int i = 0; i < 3000; i++) {
		memcpy(b, a, N + 1);
		b[N - 1 - i] = 'b';
		s += strlen(b) + (memchr(b, 'b', N) ? 1 : 0) + (strcmp(a, b) < 0);
	}
	for (int i = 0; i < 2000000; i++) {
		char t[32];
		strcpy(t, "some/short/path");
		strcat(t, ".txt");
		s += strlen(strrchr(t, '/'));
	}
	printf("%lu\n", s);
	return 0;
}
