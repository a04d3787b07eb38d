// hello: the smallest program: one line on stdout.
#include <stdio.h>

int main(void) {
	puts("hello, world");
	return 0;
}
