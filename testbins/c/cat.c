// cat: copies stdin to stdout with read(2) and write(2).
#include <unistd.h>

int main(void) {
	char buf[4096];
	ssize_t n;
	while ((n = read(0, buf, sizeof buf)) > 0)
		if (write(1, buf, n) != n)
			return 1;
	return n < 0;
}
