/* Fault injection points. A call that can fail for a reason outside the program asks ps_fault() first and, when
 * told so, fails without calling. Without PS_FAULTS (release builds) the question costs nothing.
 *
 * A test arms one point: the Nth question from now on is answered "fail", later ones are not. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PS_FAULT_POINTS(X)                                                                                             \
    X(MALLOC, "malloc")                                                                                                \
    X(OPEN, "open")                                                                                                    \
    X(READ, "read")                                                                                                    \
    X(STAT, "stat")                                                                                                    \
    X(WRITE, "write")                                                                                                  \
    X(FSYNC, "fsync")                                                                                                  \
    X(RENAME, "rename")                                                                                                \
    X(TRUNCATE, "truncate")                                                                                            \
    X(WATCH, "inotify_add_watch")

enum ps_fault_point {
#define X(id, name) PS_FAULT_##id,
    PS_FAULT_POINTS(X)
#undef X
        PS_FAULT_COUNT
};

#ifdef PS_FAULTS
/* True when the caller must fail now; errno is then set to what was armed. Thread safe. */
bool ps_fault(enum ps_fault_point point);

/* The nth use (1 = the next one) of `point` fails with `error` (a positive errno). n = 0 disarms. Sets its use count to
 * 0. */
void ps_fault_arm(enum ps_fault_point point, uint64_t nth, int error);

/* How often the point was asked since it was last armed or disarmed. */
uint64_t ps_fault_uses(enum ps_fault_point point);

const char *ps_fault_name(enum ps_fault_point point);
#else
static inline bool ps_fault(enum ps_fault_point point)
{
    (void)point;
    return false;
}
#endif
