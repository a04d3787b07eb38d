// epolls: level and edge triggering, one shot, eventfd, nested sets, poll and select.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

static int ready(int ep) {
	struct epoll_event ev[8];
	int n = epoll_wait(ep, ev, 8, 0);
	printf("[");
	for (int i = 0; i < n; i++)
		printf(" %d:%x", ev[i].data.fd, ev[i].events);
	printf(" ]\n");
	return n;
}

int main(void) {
	int p[2], ep = epoll_create1(0), efd = eventfd(0, EFD_NONBLOCK);
	pipe(p);
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = 1};
	epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev);
	ev.data.fd = 2, ev.events = EPOLLOUT | EPOLLET;
	epoll_ctl(ep, EPOLL_CTL_ADD, p[1], &ev);
	ev.data.fd = 3, ev.events = EPOLLIN | EPOLLONESHOT;
	epoll_ctl(ep, EPOLL_CTL_ADD, efd, &ev);
	ready(ep);
	ready(ep);
	write(p[1], "x", 1);
	ready(ep);
	uint64_t n = 5;
	write(efd, &n, 8);
	ready(ep);
	ready(ep);
	printf("add twice %d", epoll_ctl(ep, EPOLL_CTL_ADD, efd, &ev));
	printf(" %s\n", strerror(errno));
	printf("rearm %d\n", epoll_ctl(ep, EPOLL_CTL_MOD, efd, &ev));
	ready(ep);
	read(efd, &n, 8);
	printf("eventfd %lu, empty %zd", n, read(efd, &n, 8));
	printf(" %s\n", strerror(errno));
	int outer = epoll_create1(0);
	ev.data.fd = 9, ev.events = EPOLLIN;
	epoll_ctl(outer, EPOLL_CTL_ADD, ep, &ev);
	ready(outer);
	printf("self %d", epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev));
	printf(" %s\n", strerror(errno));
	fd_set r, w;
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(p[0], &r);
	FD_SET(p[1], &w);
	FD_SET(efd, &r);
	struct timeval tv = {0, 0};
	printf("select %d", select(64, &r, &w, 0, &tv));
	printf(" %d %d %d\n", !!FD_ISSET(p[0], &r), !!FD_ISSET(p[1], &w), !!FD_ISSET(efd, &r));
	struct pollfd f[3] = {{p[0], POLLIN, 0}, {99, POLLIN, 0}, {-1, POLLIN, 0}};
	printf("poll %d", poll(f, 3, 100));
	printf(" %x %x %x\n", f[0].revents, f[1].revents, f[2].revents);
	close(p[1]);
	char c;
	read(p[0], &c, 1);
	ready(ep);
	return 0;
}
