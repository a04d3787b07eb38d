// control: job control on a pseudoterminal: sessions, foreground and background groups,
// what typing and hanging up send.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int out, master;

static void say(const char *what, long r) { dprintf(out, "%s: %s\n", what, r < 0 ? strerror(errno) : "yes"); }
static void nap(void) { nanosleep(&(struct timespec){0, 40000000}, 0); }

// ended says how a child stopped or ended.
static void ended(const char *who, pid_t pid) {
	int s;
	if (waitpid(pid, &s, WUNTRACED) != pid)
		dprintf(out, "%s: no child\n", who);
	else if (WIFSTOPPED(s))
		dprintf(out, "%s: stopped by %d\n", who, WSTOPSIG(s));
	else if (WIFSIGNALED(s))
		dprintf(out, "%s: killed by %d\n", who, WTERMSIG(s));
	else
		dprintf(out, "%s: exit %d\n", who, WEXITSTATUS(s));
}

// job starts a process in a group of its own that does one thing with the terminal.
static pid_t job(char what, int tty) {
	pid_t pid = fork();
	if (pid) {
		setpgid(pid, pid);
		return pid;
	}
	setpgid(0, 0);
	char c;
	int r = 0;
	struct termios m;
	switch (what) {
	case 'i': // ignores SIGTTIN
		signal(SIGTTIN, SIG_IGN);
		r = read(tty, &c, 1);
		_exit(r < 0 ? errno : r);
	case 'r':
		r = read(tty, &c, 1);
		_exit(r < 0 ? errno : c);
	case 'w':
		_exit(write(tty, "w", 1));
	case 't':
		tcgetattr(tty, &m);
		_exit(tcsetattr(tty, TCSANOW, &m) ? errno : 0);
	case 'f': // makes itself the foreground, as a shell with SIGTTOU blocked may
		signal(SIGTTOU, SIG_IGN);
		_exit(tcsetpgrp(tty, getpid()) ? errno : 0);
	default:
		for (;;)
			pause();
	}
}

static void hup(int sig) { dprintf(out, "leader: signal %d\n", sig); }

static void session(const char *name) {
	say("setsid", setsid());
	say("no terminal", open("/dev/tty", O_RDWR));
	int tty = open(name, O_RDWR);
	say("terminal", tty);
	say("/dev/tty", open("/dev/tty", O_RDWR));
	dprintf(out, "foreground %d session %d\n", tcgetpgrp(tty) == getpid(), tcgetsid(tty) == getpid());
	pid_t p = job('r', tty);
	ended("background read", p);
	signal(SIGTTOU, SIG_IGN);
	say("give", tcsetpgrp(tty, p));
	kill(-p, SIGCONT);
	nap();
	write(master, "z\n", 2);
	ended("read in the foreground", p);
	say("take", tcsetpgrp(tty, getpid()));
	ended("deaf", job('i', tty));
	signal(SIGTTOU, SIG_DFL);
	ended("background write", job('w', tty));
	p = job('t', tty);
	ended("background modes", p);
	kill(p, SIGKILL);
	ended("it", p);
	struct termios m;
	tcgetattr(tty, &m);
	m.c_lflag |= TOSTOP;
	tcsetattr(tty, TCSANOW, &m);
	p = job('w', tty);
	ended("write with TOSTOP", p);
	kill(p, SIGKILL);
	ended("it", p);
	ended("foreground by itself", job('f', tty));
	signal(SIGTTOU, SIG_IGN);
	say("take", tcsetpgrp(tty, getpid()));
	for (const char *c = "\003\034\032"; *c; c++) {
		p = job('p', tty);
		tcsetpgrp(tty, p);
		nap();
		write(master, c, 1);
		ended("typed", p);
		kill(p, SIGKILL);
		tcsetpgrp(tty, getpid());
	}
	ended("it", p);
	say("no such group", tcsetpgrp(tty, 999999));
	struct winsize w = {30, 100, 0, 0};
	signal(SIGWINCH, hup);
	ioctl(master, TIOCSWINSZ, &w);
	signal(SIGHUP, hup);
	signal(SIGCONT, hup);
	close(master);
	char c;
	int n = read(tty, &c, 1);
	say("read after hanging up", n);
	say("write after hanging up", write(tty, "x", 1));
	say("modes", tcgetattr(tty, &m));
	_exit(3);
}

int main(void) {
	out = dup(1);
	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	grantpt(master);
	unlockpt(master);
	pid_t pid = fork();
	if (pid == 0)
		session(ptsname(master));
	close(master);
	ended("session", pid);
	return 0;
}
