/* A growing byte buffer with a stated maximum. Zero-initialised with a maximum it is ready:
 *     struct ps_buf b = {.max = 4096};
 * The first failed append is remembered in `error`, so that a run of appends needs one check at its end. */
#pragma once

#include <stdint.h>

#include "postship/slice.h"

struct ps_buf {
    char *p;    /* n bytes, not NUL-terminated */
    size_t n;   /* bytes in use */
    size_t cap; /* bytes allocated */
    size_t max; /* never more than this many bytes */
    int error;  /* 0, -ENOMEM or -ENOBUFS; sticky until ps_buf_clear */
};

/* Makes room for `more` further bytes. 0, -ENOMEM, or -ENOBUFS past max; the content stays as it was. */
int ps_buf_reserve(struct ps_buf *b, size_t more);

/* Each appends all or nothing and returns 0 or the sticky error. */
int ps_buf_append(struct ps_buf *b, const void *bytes, size_t n);
int ps_buf_append_slice(struct ps_buf *b, struct ps_slice s);
int ps_buf_append_str(struct ps_buf *b, const char *s);
int ps_buf_append_char(struct ps_buf *b, char c);
int ps_buf_append_u64(struct ps_buf *b, uint64_t v);
int ps_buf_append_hex(struct ps_buf *b, const void *bytes, size_t n);
int ps_buf_printf(struct ps_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A NUL behind the content, not counted in n. NULL when there is an error. Valid until the next change. */
const char *ps_buf_cstr(struct ps_buf *b);

/* Drops the first n bytes (all, if there are fewer). */
void ps_buf_consume(struct ps_buf *b, size_t n);

/* Forgets content and error, keeps the memory. */
void ps_buf_clear(struct ps_buf *b);

/* Gives the memory back; the buffer can be used again. */
void ps_buf_done(struct ps_buf *b);

static inline struct ps_slice ps_buf_slice(const struct ps_buf *b)
{
    return (struct ps_slice){b->p, b->n};
}
