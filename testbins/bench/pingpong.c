// pingpong: two threads hand a token to each other 100,000 times.
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv = PTHREAD_COND_INITIALIZER;
static int turn;
static long rounds;

static void *play(void *arg) {
	int me = arg != 0;
	for (int i = 0; i < 100000; i++) {
		pthread_mutex_lock(&mu);
		while (turn != me)
			pthread_cond_wait(&cv, &mu);
		turn = !me;
		rounds++;
		pthread_cond_signal(&cv);
		pthread_mutex_unlock(&mu);
	}
	return 0;
}

int main(void) {
	pthread_t t;
	pthread_create(&t, 0, play, &turn);
	play(0);
	pthread_join(t, 0);
	printf("%ld\n", rounds);
	return 0;
}
