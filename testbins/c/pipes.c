// pipes: capacity, partial reads, end of file, EPIPE, non-blocking mode.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char buf[100000];

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	signal(SIGPIPE, SIG_IGN);
	int p[2];
	pipe2(p, O_NONBLOCK);
	printf("empty read: %zd", read(p[0], buf, 1));
	printf(" %s\n", strerror(errno));
	long n = 0, k;
	while ((k = write(p[1], buf, 4096)) > 0)
		n += k;
	int avail;
	ioctl(p[0], FIONREAD, &avail);
	printf("capacity %ld, FIONREAD %d, F_GETPIPE_SZ %d, full: %s\n", n, avail, fcntl(p[0], F_GETPIPE_SZ), strerror(errno));
	struct pollfd f[2] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}};
	printf("poll %d", poll(f, 2, 0));
	printf(" in %x out %x\n", f[0].revents, f[1].revents);
	printf("read %zd\n", read(p[0], buf, 5000));
	close(p[1]);
	while ((k = read(p[0], buf, sizeof buf)) > 0)
		;
	printf("end of file: %ld\n", k);
	printf("poll %d", poll(f, 1, 0));
	printf(" in %x\n", f[0].revents);
	close(p[0]);
	pipe(p);
	close(p[0]);
	printf("no reader: %zd", write(p[1], "x", 1));
	printf(" %s\n", strerror(errno));
	close(p[1]);
	// A writer that blocks on a full pipe goes on as the reader drains it.
	pipe(p);
	if (fork() == 0) {
		close(p[0]);
		for (int i = 0; i < 20; i++)
			write(p[1], buf, 10007);
		_exit(0);
	}
	close(p[1]);
	n = 0;
	while ((k = read(p[0], buf, 777)) > 0)
		n += k;
	wait(0);
	printf("through %ld\n", n);
	return 0;
}
