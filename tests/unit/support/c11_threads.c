/* ThreadSanitizer knows POSIX threads only; librdkafka uses those of C11. Under it, the latter are made of the former
 * (as glibc does inside: the types have the same layout). */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN
#endif

#ifdef UNDER_TSAN
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

/* librdkafka counts references with atomic operations, which are not seen in a library that isn't instrumented. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:pthread_rwlock_destroy\n";
}

struct start {
    thrd_start_t run;
    void *ctx;
};

static void *thread_run(void *ctx)
{
    struct start s = *(struct start *)ctx;
    free(ctx);
    return (void *)(intptr_t)s.run(s.ctx);
}

int thrd_create(thrd_t *ret, thrd_start_t run, void *ctx)
{
    struct start *s = malloc(sizeof *s);
    if (!s)
        return thrd_nomem;
    *s = (struct start){run, ctx};
    if (pthread_create(ret, NULL, thread_run, s) != 0) {
        free(s);
        return thrd_error;
    }
    return thrd_success;
}

int thrd_join(thrd_t thread, int *ret)
{
    void *result;
    if (pthread_join(thread, &result) != 0)
        return thrd_error;
    if (ret)
        *ret = (int)(intptr_t)result;
    return thrd_success;
}

static pthread_mutex_t *posix_mutex(mtx_t *m)
{
    return (pthread_mutex_t *)(void *)m;
}

static pthread_cond_t *posix_cond(cnd_t *c)
{
    return (pthread_cond_t *)(void *)c;
}

int mtx_init(mtx_t *m, int type)
{
    pthread_mutexattr_t a;
    (void)pthread_mutexattr_init(&a);
    (void)pthread_mutexattr_settype(&a, type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
    int r = pthread_mutex_init(posix_mutex(m), &a);
    (void)pthread_mutexattr_destroy(&a);
    return r == 0 ? thrd_success : thrd_error;
}

int mtx_lock(mtx_t *m)
{
    return pthread_mutex_lock(posix_mutex(m)) == 0 ? thrd_success : thrd_error;
}

int mtx_unlock(mtx_t *m)
{
    return pthread_mutex_unlock(posix_mutex(m)) == 0 ? thrd_success : thrd_error;
}

void mtx_destroy(mtx_t *m)
{
    (void)pthread_mutex_destroy(posix_mutex(m));
}

int cnd_init(cnd_t *c)
{
    return pthread_cond_init(posix_cond(c), NULL) == 0 ? thrd_success : thrd_error;
}

int cnd_signal(cnd_t *c)
{
    return pthread_cond_signal(posix_cond(c)) == 0 ? thrd_success : thrd_error;
}

int cnd_broadcast(cnd_t *c)
{
    return pthread_cond_broadcast(posix_cond(c)) == 0 ? thrd_success : thrd_error;
}

int cnd_wait(cnd_t *c, mtx_t *m)
{
    return pthread_cond_wait(posix_cond(c), posix_mutex(m)) == 0 ? thrd_success : thrd_error;
}

int cnd_timedwait(cnd_t *c, mtx_t *m, const struct timespec *until)
{
    int r = pthread_cond_timedwait(posix_cond(c), posix_mutex(m), until);
    return r == 0 ? thrd_success : r == ETIMEDOUT ? thrd_timedout : thrd_error;
}

void cnd_destroy(cnd_t *c)
{
    (void)pthread_cond_destroy(posix_cond(c));
}

void call_once(once_flag *flag, void (*run)(void))
{
    (void)pthread_once((pthread_once_t *)(void *)flag, run);
}
#else
typedef int c11_threads_are_those_of_libc; /* ISO C wants a declaration */
#endif
