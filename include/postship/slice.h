/* A borrowed run of bytes: not NUL-terminated, may hold any byte, never owns its memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct ps_slice {
    const char *p; /* may be NULL only when n is 0 */
    size_t n;      /* bytes */
};

/* From a string literal: the length is known to the compiler. */
#define PS_SLICE(literal) ((struct ps_slice){"" literal, sizeof(literal) - 1})

static inline struct ps_slice ps_slice_make(const char *p, size_t n)
{
    return (struct ps_slice){p, n};
}

static inline struct ps_slice ps_slice_from_str(const char *s)
{
    return (struct ps_slice){s, s ? strlen(s) : 0};
}

/* The bytes from `from` on; empty, at the end of s, when there are none. */
static inline struct ps_slice ps_slice_after(struct ps_slice s, size_t from)
{
    size_t at = from < s.n ? from : s.n;
    return at ? (struct ps_slice){s.p + at, s.n - at} : s;
}

static inline bool ps_slice_equal(struct ps_slice a, struct ps_slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool ps_slice_starts(struct ps_slice s, struct ps_slice prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || (s.p[0] == prefix.p[0] && memcmp(s.p, prefix.p, prefix.n) == 0));
}

static inline bool ps_slice_ends(struct ps_slice s, struct ps_slice suffix)
{
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}
