// execs: what execve keeps and drops, from threads too, and its error numbers.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char self[4096];
static int P(const char *n, int r) { printf("%s: %d %d\n", n, r, r < 0 ? errno : 0); return r; }
static void *run(void *p) {
	char *a[] = {"execs", "thread", 0};
	execv(self, a);
	return 0;
}
static void *idle(void *p) { for (;;) pause(); }
static void put(const char *path, const char *s, int mode) {
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
	write(fd, s, strlen(s));
	close(fd);
	chmod(path, mode);
}
static void child(char *path, char **av) {
	pid_t p = fork();
	if (p == 0) {
		execv(path, av);
		printf("failed %d\n", errno);
		_exit(1);
	}
	int st;
	waitpid(p, &st, 0);
	printf("status %x\n", st);
}

int main(int c, char **v) {
	setvbuf(stdout, 0, _IONBF, 0);
	if (c > 1 && !strcmp(v[1], "thread")) {
		char b[16];
		prctl(PR_GET_NAME, b);
		printf("in thread's program: tid is pid %d, comm %s\n", syscall(SYS_gettid) == getpid(), b);
		return 3;
	}
	if (c > 1 && !strcmp(v[1], "kept")) {
		sigset_t s, pnd;
		sigprocmask(0, 0, &s);
		sigpending(&pnd);
		struct sigaction u1, u2;
		sigaction(SIGUSR1, 0, &u1);
		sigaction(SIGHUP, 0, &u2);
		stack_t ss;
		sigaltstack(0, &ss);
		struct itimerval it;
		getitimer(ITIMER_REAL, &it);
		printf("mask %d pending %d handler %d ignored %d altstack %d timer %d fd10 %d fd11 %d dumpable %d\n", sigismember(&s, SIGUSR2), sigismember(&pnd, SIGUSR2),
		       u1.sa_handler == SIG_DFL, u2.sa_handler == SIG_IGN, ss.ss_flags, it.it_value.tv_sec > 0, fcntl(10, F_GETFD), fcntl(11, F_GETFD), prctl(PR_GET_DUMPABLE));
		timer_t t = 0;
		struct itimerspec its;
		printf("posix timer %d\n", timer_gettime(t, &its) < 0 ? errno : 0);
		return 0;
	}
	readlink("/proc/self/exe", self, sizeof self);
	char dir[] = "/tmp/execsXXXXXX";
	mkdtemp(dir);
	chdir(dir);
	char *n[] = {0};
	char *a1[] = {"x", "one", 0};
	P("missing", execv("missing", n));
	P("directory", execv("/tmp", n));
	put("noexec", "#!/bin/sh\n", 0600);
	P("no permission", execv("noexec", n));
	put("empty", "", 0700);
	P("empty", execv("empty", n));
	put("text", "hello world\n", 0700);
	P("text", execv("text", n));
	put("badinterp", "#!/does/not/exist\n", 0700);
	P("missing interpreter", execv("badinterp", n));
	put("loop", "#!loop\n", 0700);
	P("loop", execv("loop", n));
	put("noline", "#!\n", 0700);
	P("no interpreter", execv("noline", n));
	P("not a directory", execv("text/x", n));
	P("bad argv", syscall(SYS_execve, "/bin/true", 8, 0));
	P("bad path", syscall(SYS_execve, 8, 0, 0));
	P("execveat flags", syscall(SYS_execveat, AT_FDCWD, "/bin/true", n, n, 0x4000));
	P("execveat empty", syscall(SYS_execveat, AT_FDCWD, "", n, n, 0));
	symlink("/bin/true", "link");
	P("execveat nofollow", syscall(SYS_execveat, AT_FDCWD, "link", n, n, AT_SYMLINK_NOFOLLOW));
	static char big[3 << 20];
	memset(big, 'a', sizeof big - 1);
	char *ab[] = {"x", big, 0};
	P("argument too long", execv("/bin/true", ab));
	put("script", "#!/bin/echo -n  args \nx\n", 0700);
	child("script", a1);
	put("script2", "#! ./script tail", 0700);
	child("./script2", a1);
	int fd = open("/bin/echo", O_PATH);
	pid_t p = fork();
	int st;
	if (p == 0) { char *e[] = {"echo", "by descriptor", 0}; syscall(SYS_execveat, fd, "", e, n, AT_EMPTY_PATH); _exit(9); }
	waitpid(p, &st, 0);

	p = fork();
	if (p == 0) {
		pthread_t t;
		for (int i = 0; i < 3; i++) pthread_create(&t, 0, idle, 0);
		pthread_create(&t, 0, run, 0);
		for (;;) pause();
	}
	waitpid(p, &st, 0);
	printf("thread exec: status %x\n", st);
	p = fork();
	if (p == 0) {
		sigset_t s;
		sigemptyset(&s);
		sigaddset(&s, SIGUSR2);
		sigprocmask(SIG_BLOCK, &s, 0);
		raise(SIGUSR2);
		signal(SIGUSR1, (void *)main);
		signal(SIGHUP, SIG_IGN);
		static char stk[8192];
		stack_t ss = {stk, 0, sizeof stk};
		sigaltstack(&ss, 0);
		struct itimerval it = {{0, 0}, {100, 0}};
		setitimer(ITIMER_REAL, &it, 0);
		timer_t t;
		timer_create(CLOCK_MONOTONIC, 0, &t);
		dup2(1, 10);
		dup2(1, 11);
		fcntl(11, F_SETFD, FD_CLOEXEC);
		prctl(PR_SET_DUMPABLE, 0);
		char *k[] = {"execs", "kept", 0};
		execv(self, k);
	}
	waitpid(p, &st, 0);
	const char *files[] = {"noexec", "empty", "text", "badinterp", "loop", "noline", "link", "script", "script2"};
	for (unsigned i = 0; i < sizeof files / sizeof *files; i++) unlink(files[i]);
	rmdir(dir);
	return 0;
}
