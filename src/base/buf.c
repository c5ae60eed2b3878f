#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/util.h"

enum { BUF_FIRST = 256 };

int ps_buf_reserve(struct ps_buf *b, size_t more)
{
    if (b->error)
        return b->error;
    if (more <= b->cap - b->n)
        return 0;
    if (more > b->max || b->n > b->max - more)
        return b->error = -ENOBUFS;

    size_t want = PS_MAX(b->n + more, (size_t)BUF_FIRST);
    want = PS_MAX(want, b->cap + b->cap / 2);
    want = PS_MIN(want, b->max);
    char *p = ps_fault(PS_FAULT_MALLOC) ? NULL : realloc(b->p, want);
    if (!p)
        return b->error = -ENOMEM;
    b->p = p;
    b->cap = want;
    return 0;
}

int ps_buf_append(struct ps_buf *b, const void *bytes, size_t n)
{
    int r = ps_buf_reserve(b, n);
    if (r < 0)
        return r;
    if (n)
        memcpy(b->p + b->n, bytes, n);
    b->n += n;
    return 0;
}

int ps_buf_append_slice(struct ps_buf *b, struct ps_slice s)
{
    return ps_buf_append(b, s.p, s.n);
}

int ps_buf_append_str(struct ps_buf *b, const char *s)
{
    return ps_buf_append(b, s, strlen(s));
}

int ps_buf_append_char(struct ps_buf *b, char c)
{
    return ps_buf_append(b, &c, 1);
}

int ps_buf_append_u64(struct ps_buf *b, uint64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    return ps_buf_append(b, digits + at, sizeof digits - at);
}

int ps_buf_append_hex(struct ps_buf *b, const void *bytes, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *in = bytes;
    int r = ps_buf_reserve(b, 2 * n);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++) {
        b->p[b->n++] = hex[in[i] >> 4];
        b->p[b->n++] = hex[in[i] & 15];
    }
    return 0;
}

int ps_buf_printf(struct ps_buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (need < 0)
        return b->error = -EINVAL;

    int r = ps_buf_reserve(b, (size_t)need + 1); /* vsnprintf writes a NUL */
    if (r < 0)
        return r;
    va_start(args, format);
    (void)vsnprintf(b->p + b->n, (size_t)need + 1, format, args);
    va_end(args);
    b->n += (size_t)need;
    return 0;
}

const char *ps_buf_cstr(struct ps_buf *b)
{
    if (ps_buf_reserve(b, 1) < 0)
        return NULL;
    b->p[b->n] = '\0';
    return b->p;
}

void ps_buf_consume(struct ps_buf *b, size_t n)
{
    n = PS_MIN(n, b->n);
    if (n)
        memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

void ps_buf_clear(struct ps_buf *b)
{
    b->n = 0;
    b->error = 0;
}

void ps_buf_done(struct ps_buf *b)
{
    free(b->p);
    *b = (struct ps_buf){.max = b->max};
}
