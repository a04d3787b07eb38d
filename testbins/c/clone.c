// clonee: raw clone3 and clone with shared memory, and tid addresses.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[65536] __attribute__((aligned(16)));
static volatile int shared, tid;

static int child(void *arg) {
	shared = (int)(intptr_t)arg;
	return 5;
}

// clone_args as clone(2) gives it.
struct clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	int st, pid = clone(child, stack + sizeof stack, CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD, (void *)77, 0, 0, &tid);
	waitpid(pid, &st, 0);
	printf("clone shared %d status %d\n", shared, WEXITSTATUS(st));
	struct clone_args a;
	memset(&a, 0, sizeof a);
	int pidfd = -1;
	a.flags = CLONE_PIDFD, a.pidfd = (uint64_t)&pidfd, a.exit_signal = SIGCHLD;
	pid = syscall(SYS_clone3, &a, sizeof a);
	if (pid == 0)
		_exit(6);
	siginfo_t si;
	printf("pidfd %d ", pidfd >= 0);
	printf("waitid %d", waitid(3 /* P_PIDFD */, pidfd, &si, WEXITED));
	printf(" status %d\n", si.si_status);
	printf("clone3 small %ld", syscall(SYS_clone3, &a, 8));
	printf(" %s\n", strerror(errno));
	a.flags = CLONE_THREAD;
	printf("thread without sighand %ld", syscall(SYS_clone3, &a, sizeof a));
	printf(" %s\n", strerror(errno));
	return 0;
}
