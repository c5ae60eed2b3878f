/* Input whose end lies at an unreadable page, so that any over-read crashes. */
#pragma once

#include "postship/slice.h"

struct guard {
    char *base;    /* the mapping */
    size_t size;   /* its bytes, the guard page included */
    size_t usable; /* bytes before the guard page */
};

/* Room for inputs of up to `most` bytes. Aborts where mmap fails. */
void guard_open(struct guard *g, size_t most);
/* A copy of s that ends at the guard page; valid until the next call. */
struct ps_slice guard_copy(struct guard *g, struct ps_slice s);
void guard_close(struct guard *g);
