/* Small macros that the whole tree shares. */
#pragma once

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define PS_COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define PS_MIN(a, b)     ((a) < (b) ? (a) : (b))
#define PS_MAX(a, b)     ((a) > (b) ? (a) : (b))
#define PS_USEC_PER_SEC  INT64_C(1000000)
#define PS_USEC_PER_MSEC INT64_C(1000)

/* Runs f(&variable) when the variable goes out of scope. */
#define _cleanup_(f)    __attribute__((cleanup(f)))
#define _cleanup_free_  _cleanup_(ps_freep)
#define _cleanup_close_ _cleanup_(ps_closep)

/* Makes NAMEp(T **), the form that _cleanup_ wants, from a destructor T *NAME(T *). */
#define PS_CLEANUP_DEFINE(type, destructor)                                                                            \
    static inline void destructor##p(type **p)                                                                         \
    {                                                                                                                  \
        *p = destructor(*p);                                                                                           \
    }

static inline void ps_freep(void *p)
{
    free(*(void **)p);
}

/* Closes fd, keeps errno, returns -1: `fd = ps_close(fd)`. A negative fd is fine. */
static inline int ps_close(int fd)
{
    if (fd >= 0) {
        int saved = errno;
        (void)close(fd);
        errno = saved;
    }
    return -1;
}

static inline void ps_closep(int *fd)
{
    *fd = ps_close(*fd);
}
