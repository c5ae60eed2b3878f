#include "base/fault.h"

#ifdef PS_FAULTS
#include <errno.h>
#include <stdatomic.h>

/* The one piece of state outside an object, and only in test builds: a fault hits whatever runs. */
static struct {
    _Atomic uint64_t uses;
    _Atomic uint64_t nth;
    _Atomic int error;
} points[PS_FAULT_COUNT];

bool ps_fault(enum ps_fault_point point)
{
    uint64_t use = atomic_fetch_add(&points[point].uses, 1) + 1;
    if (use != atomic_load(&points[point].nth))
        return false;
    errno = atomic_load(&points[point].error);
    return true;
}

void ps_fault_arm(enum ps_fault_point point, uint64_t nth, int error)
{
    atomic_store(&points[point].error, error);
    atomic_store(&points[point].nth, nth);
    atomic_store(&points[point].uses, 0);
}

uint64_t ps_fault_uses(enum ps_fault_point point)
{
    return atomic_load(&points[point].uses);
}

const char *ps_fault_name(enum ps_fault_point point)
{
    static const char *const names[] = {
#define X(id, name) [PS_FAULT_##id] = name,
        PS_FAULT_POINTS(X)
#undef X
    };
    return names[point];
}
#else
typedef int ps_fault_is_compiled_out; /* ISO C wants a declaration */
#endif
