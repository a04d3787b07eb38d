// sockets: UNIX stream and datagram sockets, passing descriptors, credentials,
// abstract names, shutdown.
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	int s[2];
	char buf[64] = {0};
	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	write(s[0], "hello", 5);
	printf("peek %zd ", recv(s[1], buf, 3, MSG_PEEK));
	printf("read %zd %s\n", read(s[1], buf, 64), buf);
	int p[2];
	pipe(p);
	char cbuf[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {"f", 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = cbuf, .msg_controllen = sizeof cbuf};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &p[1], sizeof(int));
	printf("sendmsg %zd\n", sendmsg(s[0], &m, 0));
	close(p[1]);
	memset(cbuf, 0, sizeof cbuf);
	iov.iov_base = buf;
	printf("recvmsg %zd\n", recvmsg(s[1], &m, 0));
	int got;
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof got);
	write(got, "via passed fd", 13);
	memset(buf, 0, sizeof buf);
	read(p[0], buf, sizeof buf);
	printf("%s\n", buf);
	struct ucred cr;
	socklen_t len = sizeof cr;
	getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &cr, &len);
	printf("peer is me %d\n", cr.pid == getpid());
	shutdown(s[0], SHUT_WR);
	printf("after shutdown %zd\n", read(s[1], buf, 64));
	printf("write %zd", send(s[0], "x", 1, MSG_NOSIGNAL));
	printf(" %s\n", strerror(errno));
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "\0emurun-test"};
	socklen_t alen = offsetof(struct sockaddr_un, sun_path) + 12;
	int l = socket(AF_UNIX, SOCK_STREAM, 0);
	printf("bind %d", bind(l, (void *)&a, alen));
	printf(" listen %d\n", listen(l, 4));
	if (fork() == 0) {
		int k = socket(AF_UNIX, SOCK_STREAM, 0);
		connect(k, (void *)&a, alen);
		write(k, "from child", 10);
		read(k, buf, 64);
		printf("child got %s\n", buf);
		_exit(0);
	}
	int k = accept(l, 0, 0);
	memset(buf, 0, sizeof buf);
	read(k, buf, 64);
	printf("%s\n", buf);
	write(k, "reply", 6);
	wait(0);
	printf("eof %zd\n", read(k, buf, 64));
	socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
	send(s[0], "one", 3, 0), send(s[0], "three", 5, 0);
	printf("dgram %zd ", recv(s[1], buf, 2, MSG_TRUNC));
	printf("%zd\n", recv(s[1], buf, 64, 0));
	struct sockaddr_un none = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/sock"};
	int q = socket(AF_UNIX, SOCK_STREAM, 0);
	printf("connect %d", connect(q, (void *)&none, sizeof none));
	printf(" %s\n", strerror(errno));
	return 0;
}
