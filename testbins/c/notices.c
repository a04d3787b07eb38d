// notices: EPOLLEXCLUSIVE wakes one of several sets, and a signalfd gives each process its
// own signals.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int efd, woken[4];

static void *waiter(void *arg) {
	struct epoll_event ev = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	int ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, efd, &ev);
	*(int *)arg = epoll_wait(ep, &ev, 1, 300);
	return 0;
}

static void pause_ms(int ms) { nanosleep(&(struct timespec){0, ms * 1000000}, 0); }

static int control(int ep, int op, unsigned events) {
	struct epoll_event ev = {.events = events};
	int r = epoll_ctl(ep, op, efd, &ev);
	printf("events %x: %s\n", events, r ? strerror(errno) : "yes");
	return r;
}

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	efd = eventfd(0, 0);
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], 0, waiter, &woken[i]);
	pause_ms(60);
	eventfd_write(efd, 1);
	int sum = 0;
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], 0), sum += woken[i];
	// Those that were not woken see the event when their time is up.
	printf("woken or timed out with an event: %d\n", sum > 0);
	int ep = epoll_create1(0);
	control(ep, EPOLL_CTL_ADD, EPOLLIN | EPOLLONESHOT | EPOLLEXCLUSIVE);
	control(ep, EPOLL_CTL_ADD, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE);
	control(ep, EPOLL_CTL_ADD, EPOLLIN);
	control(ep, EPOLL_CTL_MOD, EPOLLIN);

	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	sigaddset(&s, SIGUSR2);
	sigprocmask(SIG_BLOCK, &s, 0);
	int fd = signalfd(-1, &s, 0);
	struct signalfd_siginfo info;
	raise(SIGUSR1);
	pid_t pid = fork();
	if (pid == 0) {
		struct pollfd p = {fd, POLLIN, 0};
		printf("child polls %d\n", poll(&p, 1, 0));
		printf("child reads %zd", read(fd, &info, sizeof info));
		printf(" signal %d\n", info.ssi_signo);
		printf("child waits %d", poll(&p, 1, 1000));
		printf(" %x\n", p.revents);
		_exit(0);
	}
	pause_ms(60);
	kill(pid, SIGUSR2);
	pause_ms(60);
	kill(pid, SIGUSR1);
	wait(0);
	printf("parent reads %zd", read(fd, &info, sizeof info));
	printf(" signal %d\n", info.ssi_signo);

	int q[2];
	socketpair(AF_UNIX, SOCK_DGRAM, 0, q);
	if (fork() == 0) {
		for (int i = 0; i < 3; i++)
			send(q[1], "abc", i + 1, 0), pause_ms(20);
		_exit(0);
	}
	char b[3][8];
	struct iovec v[3] = {{b[0], 8}, {b[1], 8}, {b[2], 8}};
	struct mmsghdr m[3] = {{{.msg_iov = v, .msg_iovlen = 1}}, {{.msg_iov = v + 1, .msg_iovlen = 1}}, {{.msg_iov = v + 2, .msg_iovlen = 1}}};
	printf("messages %d", recvmmsg(q[0], m, 3, 0, 0));
	printf(" %u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len);
	struct timespec limit = {0, 0};
	send(q[1], "xy", 2, 0), send(q[1], "z", 1, 0);
	printf("limited %d", recvmmsg(q[0], m, 3, 0, &limit));
	printf(" %ld\n", limit.tv_nsec);
	limit.tv_nsec = -1;
	printf("bad limit %d", recvmmsg(q[0], m, 3, 0, &limit));
	printf(" %s\n", strerror(errno));
	printf("for one %d\n", recvmmsg(q[0], m, 3, MSG_WAITFORONE, 0));
	wait(0);
	return 0;
}
