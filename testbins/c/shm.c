// shm: System V shared memory: keys, attaching, what shmctl tells and refuses.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

static int id;

static void stat_(const char *when) {
	struct shmid_ds d;
	if (shmctl(id, IPC_STAT, &d) < 0) {
		printf("%s: %s\n", when, strerror(errno));
		return;
	}
	printf("%s: mode %o size %zu attached %lu cpid %d lpid %d times %d%d%d\n", when, d.shm_perm.mode, d.shm_segsz,
		(unsigned long)d.shm_nattch, d.shm_cpid == getpid(), d.shm_lpid == getpid(), d.shm_atime != 0, d.shm_dtime != 0, d.shm_ctime != 0);
}

static void say(const char *what, long r) { printf("%s: %s\n", what, r < 0 ? strerror(errno) : "yes"); }

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	key_t key = 0x51000000 | (getpid() & 0xffff);
	say("missing", shmget(key, 100, 0));
	say("empty", shmget(key, 0, IPC_CREAT | 0600));
	id = shmget(key, 5000, IPC_CREAT | 0640);
	say("create", id);
	printf("same %d\n", shmget(key, 100, 0) == id);
	say("again", shmget(key, 100, IPC_CREAT | IPC_EXCL));
	say("larger", shmget(key, 5001, 0));
	stat_("new");
	char *p = shmat(id, 0, 0), *q = shmat(id, 0, SHM_RDONLY);
	stat_("attached");
	strcpy(p, "shared");
	printf("other place '%s', %d %d\n", q, p[8191], p != q);
	if (fork() == 0) {
		stat_("child");
		strcpy(p + 4096, "from the child");
		_exit(0);
	}
	wait(0);
	printf("'%s'\n", q + 4096);
	stat_("after it");
	say("unaligned", (long)shmat(id, p + 8192 * 4 + 1, 0));
	say("taken", (long)shmat(id, p, 0));
	printf("remapped %d\n", shmat(id, p, SHM_REMAP) == p);
	struct shmid_ds d;
	shmctl(id, IPC_STAT, &d);
	d.shm_perm.mode = 0777;
	say("set", shmctl(id, IPC_SET, &d));
	say("lock", shmctl(id, SHM_LOCK, 0));
	stat_("locked");
	say("unlock", shmctl(id, SHM_UNLOCK, 0));
	say("no such command", shmctl(id, 99, &d));
	say("no such segment", shmctl(0x7fffffff, IPC_STAT, &d));
	say("bad address", shmctl(id, IPC_STAT, (void *)8));
	struct shminfo info;
	say("info", shmctl(0, IPC_INFO, (void *)&info));
	printf("shmmax %lx shmmin %lu shmmni %lu\n", info.shmmax, info.shmmin, info.shmmni);
	say("remove", shmctl(id, IPC_RMID, 0));
	stat_("removed");
	say("key", shmget(key, 100, 0));
	say("detach", shmdt(p));
	say("twice", shmdt(p));
	say("inside", shmdt(q + 4096));
	printf("still '%s'\n", q);
	say("last", shmdt(q));
	stat_("gone");
	return 0;
}
