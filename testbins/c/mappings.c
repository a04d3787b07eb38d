// Mappings of files, shared memory and memfds: coherence with read and write,
// truncation, the signals of bad accesses, and code written through a second mapping.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RW (PROT_READ | PROT_WRITE)

static sigjmp_buf jump;
static siginfo_t last;
static char *base;

static void handler(int sig, siginfo_t *info, void *ucontext) {
	(void)ucontext;
	last = *info;
	siglongjmp(jump, sig);
}

#define TRY(name, access)                                                                   \
	do {                                                                                \
		int sig = sigsetjmp(jump, 1);                                               \
		if (sig)                                                                    \
			printf("%s: signal %d code %d at %ld\n", name, sig, last.si_code, \
			       (long)((char *)last.si_addr - base));                        \
		else {                                                                      \
			access;                                                             \
			printf("%s: ok\n", name);                                           \
		}                                                                           \
	} while (0)

static void anonymous(void) {
	base = mmap(0, 65536, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile char *p = base;
	TRY("write", p[0] = 1);
	mprotect(base, 4096, PROT_READ);
	TRY("write read-only", p[5] = 1);
	TRY("read read-only", p[5]);
	mprotect(base + 4096, 4096, PROT_NONE);
	TRY("read none", p[4096]);
	TRY("write none", p[4097] = 1);
	munmap(base + 8192, 4096);
	TRY("read unmapped", p[8192]);
	TRY("read across none", *(volatile long *)(p + 8192 - 4));
	TRY("read across unmapped", *(volatile long *)(p + 12288 - 4));
	TRY("execute data", ((void (*)(void))(base + 16384))());
}

static void file(void) {
	char name[] = "mappings.XXXXXX";
	int fd = mkstemp(name);
	unlink(name);
	ftruncate(fd, 6000);
	char *shared = mmap(0, 16384, RW, MAP_SHARED, fd, 0);
	char *private = mmap(0, 16384, RW, MAP_PRIVATE, fd, 0);
	volatile char *p = base = shared;
	TRY("file write", p[100] = 'A');
	TRY("write behind the end", p[6001] = 'B');
	TRY("write in the next page", p[8192] = 'B');
	TRY("read in the next page", p[8192]);
	char b[10] = {0};
	pread(fd, b, 1, 100);
	printf("pread %c\n", b[0]);
	pwrite(fd, "hello", 5, 200);
	printf("shared %.5s private %.5s\n", shared + 200, private + 200);
	private[200] = 'J';
	printf("shared %.5s private %.5s\n", shared + 200, private + 200);
	pwrite(fd, "HELLO", 5, 200);
	printf("shared %.5s private %.5s\n", shared + 200, private + 200);
	ftruncate(fd, 100);
	ftruncate(fd, 6000);
	printf("truncated %d %d %d\n", shared[99], shared[100], private[200]);
	ftruncate(fd, 10000);
	TRY("grown", p[8192] = 'C');
	ftruncate(fd, 100);
	TRY("shrunk", p[8192] = 'C');
	p = base = private;
	TRY("private shrunk", p[4096]);
	if (fork() == 0) {
		shared[10] = 'K';
		private[10] = 'L';
		_exit(0);
	}
	wait(0);
	printf("child wrote %c, not %d\n", shared[10], private[10]);
	write(fd, "xyz", 3);
	printf("%.3s\n", shared);
	lseek(fd, 0, SEEK_SET);
	printf("read %zd\n", read(fd, shared + 50, 20));
	printf("%.3s\n", shared + 50);
	msync(shared, 4096, MS_SYNC);
	close(fd);
	strcpy(shared, "closed and unlinked");
	printf("%s\n", shared);
	munmap(shared, 16384);
	munmap(private, 16384);
}

static void shared(void) {
	char *a = mmap(0, 8192, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fork() == 0) {
		strcpy(a, "from the child");
		_exit(0);
	}
	wait(0);
	printf("%s\n", a);
	char *dup = mremap(a, 0, 8192, MREMAP_MAYMOVE);
	dup[0] = 'F';
	printf("%s, %d\n", a, dup != a);

	int id = shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0600);
	char *s = shmat(id, 0, 0), *t = shmat(id, 0, 0);
	strcpy(s, "segment");
	struct shmid_ds ds;
	shmctl(id, IPC_STAT, &ds);
	printf("%s, size %ld, attached %ld\n", t, (long)ds.shm_segsz, (long)ds.shm_nattch);
	shmctl(id, IPC_RMID, 0);
	shmdt(s);
	printf("%s\n", t);
	shmdt(t);
	printf("%d %s\n", shmat(id, 0, 0) == (void *)-1, strerror(errno));
}

static void memfd(void) {
	int fd = memfd_create("x", MFD_ALLOW_SEALING);
	ftruncate(fd, 8192);
	char *p = mmap(0, 8192, RW, MAP_SHARED, fd, 0);
	strcpy(p, "memfd");
	char b[8] = {0};
	pread(fd, b, 6, 0);
	printf("%s\n", b);
	pwrite(fd, "M", 1, 0);
	printf("%s\n", p);
	printf("seal: %d\n", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(p, 8192);
	printf("seal: %d\n", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
	printf("write: %zd, truncate: %d\n", write(fd, "x", 1), ftruncate(fd, 0));
	printf("map: %d\n", mmap(0, 8192, RW, MAP_SHARED, fd, 0) == MAP_FAILED);
	close(fd);

	fd = memfd_create("code", 0);
	ftruncate(fd, 4096);
	unsigned char *w = mmap(0, 4096, RW, MAP_SHARED, fd, 0);
	unsigned char *x = mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	int sum = 0;
	for (int i = 0; i < 100; i++) {
		w[0] = 0xb8; // mov $i, %eax; ret
		memcpy(w + 1, &i, 4);
		w[5] = 0xc3;
		sum += ((int (*)(void))x)();
	}
	printf("code: %d\n", sum);
}

int main(void) {
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
	sigaction(SIGSEGV, &sa, 0);
	sigaction(SIGBUS, &sa, 0);
	setvbuf(stdout, 0, _IONBF, 0);
	anonymous();
	file();
	shared();
	memfd();
	volatile char big[4 << 20];
	big[0] = 1;
	printf("stack: %d\n", big[0]);
	return 0;
}
