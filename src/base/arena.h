/* Memory for values that live as long as one event: handed out piece by piece, taken back all at once. Pieces never
 * move. */
#pragma once

#include <stddef.h>

#include "postship/slice.h"

struct ps_arena_chunk;

/* Zero-initialised with a maximum it is ready: struct ps_arena a = {.max = 1 << 20}; */
struct ps_arena {
    struct ps_arena_chunk *chunks; /* newest first */
    size_t used;                   /* bytes handed out since the last clear */
    size_t max;                    /* never more than this many bytes between two clears */
    bool no_memory; /* since the last clear a piece was missing for want of memory, not for the maximum */
};

/* n bytes, uninitialised and unaligned (for text); NULL when memory or the maximum is exhausted. */
char *ps_arena_take(struct ps_arena *a, size_t n);

/* Takes all pieces back; keeps one chunk, so that the usual event costs no allocation. */
void ps_arena_clear(struct ps_arena *a);

/* Gives the memory back; the arena can be used again. */
void ps_arena_done(struct ps_arena *a);
