// textbusy: a program that runs cannot be written and a file open for writing cannot be
// run, and writing takes set-user-ID and set-group-ID away.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *name, int r) { printf("%s: %s\n", name, r < 0 ? strerror(errno) : "yes"); }

static void copy(int to) {
	char b[65536];
	int from = open("/proc/self/exe", O_RDONLY);
	for (ssize_t n; (n = read(from, b, sizeof b)) > 0;)
		write(to, b, n);
	close(from);
}

// try runs the copy with an argument.
static void try(const char *name, const char *arg) {
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		execl(name, name, arg, (char *)0);
		printf("exec %s: %s\n", arg, strerror(errno));
		exit(0);
	}
	waitpid(pid, 0, 0);
}

static void mode(const char *when, int fd) {
	struct stat st;
	fstat(fd, &st);
	printf("%s %o\n", when, st.st_mode & 07777);
}

int main(int argc, char **argv) {
	setvbuf(stdout, 0, _IONBF, 0);
	if (argc > 1 && strcmp(argv[1], "inner") == 0) {
		say("write", open("prog", O_WRONLY));
		say("read and write", open("prog", O_RDWR | O_TRUNC));
		say("read", open("prog", O_RDONLY));
		say("truncate", truncate("prog", 1));
		say("chmod", chmod("prog", 0750));
		say("unlink", unlink("prog"));
		return 0;
	}
	if (argc > 1) {
		printf("script %s\n", strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0]);
		say("write script", open("script", O_WRONLY));
		char exe[256] = "";
		readlink("/proc/self/exe", exe, sizeof exe - 1);
		printf("exe %s\n", strrchr(exe, '/') + 1);
		return 0;
	}
	char dir[] = "/tmp/textbusyXXXXXX", line[64];
	if (!mkdtemp(dir) || chmod(dir, 0777) || chdir(dir))
		return 1;
	int fd = open("prog", O_CREAT | O_RDWR, 0755);
	copy(fd);
	try("./prog", "open");
	close(fd);
	int s = open("script", O_CREAT | O_RDWR, 0755);
	write(s, line, snprintf(line, sizeof line, "#!%s/prog script\n", dir));
	try("./script", "open");
	close(s);
	try("./script", "closed");
	try("./prog", "inner");
	say("gone", open("prog", O_WRONLY));

	if (fork() == 0) {
		if (getuid() == 0) { // whose CAP_FSETID would keep the bits
			setgid(1234);
			setuid(1234);
		}
		int mine = open("suid", O_CREAT | O_RDWR, 0600);
		fchmod(mine, 06777);
		write(mine, "", 0);
		mode("nothing", mine);
		write(mine, "x", 1);
		mode("writes", mine);
		int own = open("own", O_CREAT | O_RDWR, 0600);
		fchmod(own, 06755);
		ftruncate(own, 10);
		mode("owner truncates", own);
		fchmod(own, 04755);
		posix_fallocate(own, 0, 20);
		mode("owner allocates", own);
		fchmod(own, 02745);
		pwrite(own, "x", 1, 3);
		mode("group may not run", own);
		exit(0);
	}
	wait(0);
	return 0;
}
