// files: creating, writing, holes, appending, truncating, links, renames,
// directories, attributes, and their errors.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHOW(call) \
	do { \
		errno = 0; \
		long r_ = (long)(call); \
		printf("%s = %ld %s\n", #call, r_, r_ < 0 ? strerror(errno) : ""); \
	} while (0)

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif
#define renameat2(...) syscall(SYS_renameat2, __VA_ARGS__)

int main(void) {
	char dir[] = "/tmp/filesXXXXXX";
	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	umask(022);
	int fd = open("a", O_CREAT | O_RDWR | O_EXCL, 0666);
	SHOW(open("a", O_CREAT | O_EXCL, 0666));
	SHOW(write(fd, "hello world", 11));
	SHOW(pwrite(fd, "end", 3, 20000));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(lseek(fd, -1, SEEK_SET));
	char buf[64] = {0};
	SHOW(pread(fd, buf, 5, 10));
	printf("hole %d %d\n", buf[1], buf[4]);
	int ap = open("a", O_WRONLY | O_APPEND);
	SHOW(write(ap, "+", 1));
	SHOW(lseek(ap, 0, SEEK_CUR));
	SHOW(ftruncate(fd, 5));
	struct stat st;
	fstat(fd, &st);
	printf("size %ld mode %o nlink %ld\n", (long)st.st_size, st.st_mode, (long)st.st_nlink);
	SHOW(link("a", "b"));
	SHOW(symlink("a", "s"));
	SHOW(readlink("s", buf, sizeof buf));
	stat("b", &st);
	printf("nlink %ld\n", (long)st.st_nlink);
	SHOW(mkdir("d", 0777));
	SHOW(mkdir("d", 0777));
	SHOW(rmdir("a"));
	SHOW(unlink("d"));
	SHOW(rename("a", "d"));
	SHOW(rename("d", "d/x"));
	SHOW(rename("b", "d/b"));
	SHOW(rmdir("d"));
	SHOW(renameat2(AT_FDCWD, "a", AT_FDCWD, "s", RENAME_NOREPLACE));
	SHOW(renameat2(AT_FDCWD, "a", AT_FDCWD, "s", RENAME_EXCHANGE));
	lstat("a", &st);
	printf("a is a link: %d\n", S_ISLNK(st.st_mode));
	SHOW(open("a/", O_RDONLY));
	SHOW(open("d", O_WRONLY));
	SHOW(open("nowhere/x", O_RDONLY));
	SHOW(chmod("s", 0640));
	struct timespec ts[2] = {{1000000, 5}, {2000000, 7}};
	SHOW(utimensat(AT_FDCWD, "s", ts, 0));
	stat("s", &st);
	printf("mode %o mtime %ld.%ld\n", st.st_mode, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	SHOW(unlink("s"));
	SHOW(write(fd, "still here", 10));
	SHOW(symlink("loop", "loop"));
	SHOW(open("loop", O_RDONLY));
	SHOW(access("a", F_OK));
	struct dirent **list;
	int n = scandir(".", &list, 0, by_name);
	for (int i = 0; i < n; i++)
		printf("%s ", list[i]->d_name);
	puts("");
	SHOW(unlink("d/b"));
	SHOW(rmdir("d"));
	SHOW(unlink("a"));
	SHOW(unlink("loop"));
	SHOW(chdir("/"));
	SHOW(rmdir(dir));
	return 0;
}
