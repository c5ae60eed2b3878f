#include "support/guard.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void guard_open(struct guard *g, size_t most)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    g->usable = (most + page - 1) / page * page;
    g->size = g->usable + page;
    g->base = mmap(NULL, g->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g->base == MAP_FAILED || mprotect(g->base + g->usable, page, PROT_NONE) < 0)
        abort();
}

struct ps_slice guard_copy(struct guard *g, struct ps_slice s)
{
    if (s.n > g->usable)
        abort();
    char *p = g->base + g->usable - s.n;
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct ps_slice){p, s.n};
}

void guard_close(struct guard *g)
{
    (void)munmap(g->base, g->size);
}
