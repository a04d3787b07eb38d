// waits: what wait4 and waitid report, and what SIGCHLD's disposition changes.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t got, code, status, same;
static pid_t child;
static void on_chld(int s, siginfo_t *i, void *u) {
	got++;
	code = i->si_code;
	status = i->si_status;
	same = i->si_pid;
}
static void act(int sig, void (*h)(int, siginfo_t *, void *), int flags) {
	struct sigaction a = {0};
	a.sa_sigaction = h;
	a.sa_flags = flags | SA_SIGINFO;
	sigaction(sig, &a, 0);
}
static pid_t spawn(void (*f)(void)) {
	pid_t p = fork();
	if (p == 0) {
		f();
		_exit(0);
	}
	return p;
}
static void f_exit(void) { _exit(7); }
static void f_sleep(void) { for (;;) pause(); }
static void f_abort(void) { abort(); }
static void show(const char *what, int r, siginfo_t *i) {
	printf("%s: %d signo %d code %d status %d mine %d\n", what, r, i->si_signo, i->si_code, i->si_status, i->si_pid == child);
	memset(i, 0, sizeof *i);
}

static int e(long r) { return r < 0 ? errno : 0; }
#define P(name, x) do { errno = 0; long r_ = (x); printf(name ": %d %d\n", (int)(r_ < 0 ? r_ : 0), e(r_)); } while (0)

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	siginfo_t i = {0};
	int st, r;
	P("no child", wait(&st));
	P("bad options", waitpid(-1, &st, 0x100));
	P("waitid none", waitid(P_ALL, 0, &i, WEXITED));
	P("waitid no event", waitid(P_ALL, 0, &i, 0));
	P("waitid bad type", waitid(77, 0, &i, WEXITED));
	P("waitid pid 0", waitid(P_PID, 0, &i, WEXITED));

	act(SIGCHLD, on_chld, 0);
	child = spawn(f_exit);
	r = waitid(P_PID, child, &i, WEXITED | WNOWAIT);
	show("nowait", r, &i);
	r = waitid(P_PID, child, &i, WEXITED | WNOHANG);
	show("exited", r, &i);
	printf("sigchld %d code %d status %d same %d\n", got, code, status, same == child);

	child = spawn(f_sleep);
	r = waitid(P_PID, child, &i, WEXITED | WNOHANG);
	printf("nothing yet: %d pid %d\n", r, i.si_pid);
	got = 0;
	kill(child, SIGSTOP);
	r = waitid(P_PID, child, &i, WSTOPPED);
	show("stopped", r, &i);
	printf("sigchld %d code %d status %d\n", got, code, status);
	printf("stopped again: %d\n", (int)waitpid(child, &st, WUNTRACED | WNOHANG));
	got = 0;
	kill(child, SIGCONT);
	r = waitpid(child, &st, WCONTINUED);
	printf("continued: %d %x\n", r == child, st);
	printf("sigchld %d code %d status %d\n", got, code, status);
	act(SIGCHLD, on_chld, SA_NOCLDSTOP);
	got = 0;
	kill(child, SIGTSTP);
	r = waitpid(child, &st, WUNTRACED);
	printf("tstp: %d %x sigchld %d\n", r == child, st, got);
	kill(child, SIGKILL);
	r = waitpid(child, &st, 0);
	printf("killed while stopped: %d %x sigchld %d code %d\n", r == child, st, got, code);

	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	child = spawn(f_abort);
	r = waitid(P_PID, child, &i, WEXITED);
	show("aborted", r, &i);

	signal(SIGCHLD, SIG_IGN);
	spawn(f_exit);
	P("ignored", wait(&st));
	act(SIGCHLD, on_chld, SA_NOCLDWAIT);
	got = 0;
	spawn(f_exit);
	while ((r = wait(&st)) < 0 && errno == EINTR)
		;
	printf("nocldwait: %d %d sigchld %d\n", r, errno, got);
	signal(SIGCHLD, SIG_DFL);

	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		_exit(1);
	}
	setpgid(child, child);
	P("other group", waitpid(0, &st, WNOHANG));
	printf("its group: %d\n", waitpid(-child, &st, 0) == child);

	int fd = syscall(SYS_pidfd_open, child = spawn(f_exit), 0);
	r = waitid(3 /* P_PIDFD */, fd, &i, WEXITED);
	show("pidfd", r, &i);
	P("gone", waitid(3, fd, &i, WEXITED));
	P("pidfd signal", syscall(SYS_pidfd_send_signal, fd, 0, 0, 0));

	// A child without an exit signal is a clone child.
	child = syscall(SYS_clone, 0, 0, 0, 0, 0);
	if (child == 0)
		_exit(3);
	P("clone child", waitpid(child, &st, 0));
	printf("with __WCLONE: %d %x\n", waitpid(child, &st, __WCLONE) == child, st);

	// Orphans go to the subreaper; PR_SET_PDEATHSIG tells of the parent's end.
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	int p[2];
	pipe(p);
	child = fork();
	if (child == 0) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGUSR1);
			write(p[1], "x", 1);
			for (;;)
				pause();
		}
		char c;
		read(p[0], &c, 1);
		_exit(0);
	}
	waitpid(child, &st, 0);
	pid_t orphan = waitpid(-1, &st, 0);
	printf("orphan: %d status %x\n", orphan > 0 && orphan != child, st);
	struct rusage ru;
	P("end", wait3(&st, 0, &ru));
	return 0;
}
