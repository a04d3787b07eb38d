// locks: POSIX record locks, open file description locks and flock.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	char name[] = "/tmp/locksXXXXXX";
	int fd = mkstemp(name), fd2 = open(name, O_RDWR);
	unlink(name);
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10};
	printf("lock %d\n", fcntl(fd, F_SETLK, &l));
	int sync[2];
	pipe(sync);
	if (fork() == 0) {
		struct flock k = {.l_type = F_WRLCK, .l_start = 15, .l_len = 1};
		printf("conflict %d", fcntl(fd, F_SETLK, &k));
		printf(" %s\n", strerror(errno));
		k.l_start = 0, k.l_len = 0;
		fcntl(fd, F_GETLK, &k);
		printf("held by parent %d at %ld len %ld\n", k.l_pid == getppid(), (long)k.l_start, (long)k.l_len);
		k = (struct flock){.l_type = F_WRLCK, .l_start = 15, .l_len = 1};
		write(sync[1], "x", 1);
		printf("waited %d\n", fcntl(fd, F_SETLKW, &k));
		_exit(0);
	}
	char c;
	read(sync[0], &c, 1);
	usleep(10000);
	puts("unlocking");
	l.l_type = F_UNLCK;
	fcntl(fd, F_SETLK, &l);
	wait(0);
	l = (struct flock){.l_type = F_WRLCK};
	printf("ofd %d", fcntl(fd, F_OFD_SETLK, &l));
	printf(" %d", fcntl(fd2, F_OFD_SETLK, &l));
	printf(" %s\n", strerror(errno));
	printf("flock %d", flock(fd, LOCK_EX));
	printf(" %d", flock(fd2, LOCK_EX | LOCK_NB));
	printf(" %s\n", strerror(errno));
	return 0;
}
