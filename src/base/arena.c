#include "base/arena.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/util.h"

enum { ARENA_CHUNK = 4096 };

struct ps_arena_chunk {
    struct ps_arena_chunk *next;
    size_t used, size; /* bytes of data[] */
    char data[];
};

char *ps_arena_take(struct ps_arena *a, size_t n)
{
    if (n > a->max - a->used)
        return NULL;
    struct ps_arena_chunk *c = a->chunks;
    if (!c || n > c->size - c->used) {
        size_t size = PS_MAX(n, (size_t)ARENA_CHUNK);
        c = ps_fault(PS_FAULT_MALLOC) ? NULL : malloc(sizeof *c + size);
        if (!c) {
            a->no_memory = true;
            return NULL;
        }
        *c = (struct ps_arena_chunk){.next = a->chunks, .size = size};
        a->chunks = c;
    }
    char *p = c->data + c->used;
    c->used += n;
    a->used += n;
    return p;
}

void ps_arena_clear(struct ps_arena *a)
{
    while (a->chunks && a->chunks->next) {
        struct ps_arena_chunk *c = a->chunks;
        a->chunks = c->next;
        free(c);
    }
    if (a->chunks)
        a->chunks->used = 0;
    a->used = 0;
    a->no_memory = false;
}

void ps_arena_done(struct ps_arena *a)
{
    ps_arena_clear(a);
    free(a->chunks);
    a->chunks = NULL;
}
