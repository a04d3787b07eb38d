// threads: mutexes, condition variables, thread-local storage, join, barriers.
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

#define N 8
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t bar;
static sem_t sem;
static long counter, turn;
static __thread long local;

static void *work(void *arg) {
	long id = (long)arg;
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&mu);
		counter++;
		pthread_mutex_unlock(&mu);
		local += id;
	}
	pthread_barrier_wait(&bar);
	pthread_mutex_lock(&mu);
	while (turn != id)
		pthread_cond_wait(&cv, &mu);
	printf("thread %ld local %ld\n", id, local);
	turn++;
	pthread_cond_broadcast(&cv);
	pthread_mutex_unlock(&mu);
	sem_post(&sem);
	return (void *)(id * id);
}

int main(void) {
	pthread_t t[N];
	pthread_barrier_init(&bar, 0, N);
	sem_init(&sem, 0, 0);
	for (long i = 0; i < N; i++)
		pthread_create(&t[i], 0, work, (void *)i);
	for (int i = 0; i < N; i++)
		sem_wait(&sem);
	long sum = 0;
	for (int i = 0; i < N; i++) {
		void *r;
		pthread_join(t[i], &r);
		sum += (long)r;
	}
	printf("counter %ld sum %ld\n", counter, sum);
	return 0;
}
