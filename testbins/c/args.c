// args: argv, the environment and the auxiliary vector reach the program.
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++)
		printf("argv[%d]=%s\n", i, argv[i]);
	printf("HOME=%s\n", getenv("HOME") ? getenv("HOME") : "(none)");
	printf("pagesz=%lu clktck=%lu secure=%lu\n", getauxval(AT_PAGESZ), getauxval(AT_CLKTCK), getauxval(AT_SECURE));
	printf("platform=%s random=%d phdr=%d\n", (char *)getauxval(AT_PLATFORM), getauxval(AT_RANDOM) != 0, getauxval(AT_PHDR) != 0);
	return argc;
}
