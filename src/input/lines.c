#include "input/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/util.h"

enum { LINES_IDLE_MAX = 32 * 1024 }; /* a buffer used up to here is not worth a trim */

void ps_lines_init(struct ps_lines *l, int fd, uint64_t offset, size_t max_line)
{
    *l = (struct ps_lines){.fd = fd, .offset = offset, .max_line = max_line, .limit = UINT64_MAX};
}

void ps_lines_done(struct ps_lines *l)
{
    free(l->p);
    ps_lines_init(l, -1, 0, l->max_line);
}

uint64_t ps_lines_read_offset(const struct ps_lines *l)
{
    return l->offset + l->skipped + (l->end - l->start);
}

struct ps_slice ps_lines_peek(const struct ps_lines *l)
{
    const char *newline = l->end > l->start ? memchr(l->p + l->start, '\n', l->end - l->start) : NULL;
    if (!newline)
        return (struct ps_slice){0};
    return (struct ps_slice){l->p + l->start, (size_t)(newline - (l->p + l->start))};
}

/* Hands out the `raw` bytes at start, which `delimiter` (0 or 1) bytes follow. */
static void line_give(struct ps_lines *l, size_t raw, size_t delimiter, struct ps_text_line *ret)
{
    ret->text = (struct ps_slice){l->p + l->start, PS_MIN(raw, l->max_line)};
    ret->cut = raw > l->max_line || l->skipped > 0;
    ret->offset = l->offset;
    l->offset += l->skipped + raw + delimiter;
    ret->next = l->offset;
    l->start += raw + delimiter;
    l->scan = l->start;
    l->skipped = 0;
}

int ps_lines_take(struct ps_lines *l, struct ps_text_line *ret)
{
    if (l->scan == l->end)
        return 0;
    const char *newline = memchr(l->p + l->scan, '\n', l->end - l->scan);
    if (!newline) {
        l->scan = l->end;
        return 0;
    }
    line_give(l, (size_t)(newline - l->p) - l->start, 1, ret);
    return 1;
}

int ps_lines_rest(struct ps_lines *l, struct ps_text_line *ret)
{
    if (l->end == l->start)
        return 0;
    line_give(l, l->end - l->start, 0, ret);
    return 1;
}

/* Room for a read behind end. What is there is one unfinished line. 0 or -ENOMEM. */
static int room_make(struct ps_lines *l)
{
    size_t kept = l->end - l->start;
    if (kept > l->max_line) {
        l->skipped += kept - l->max_line;
        kept = l->max_line;
    }
    if (l->start > 0 && kept > 0)
        memmove(l->p, l->p + l->start, kept);
    l->start = 0;
    l->scan = l->end = kept;

    if (l->cap - kept > l->cap / 4)
        return 0;
    size_t want = PS_MIN(PS_MAX(2 * l->cap, (size_t)PS_LINES_BATCH), l->max_line + PS_LINES_BATCH);
    if (want <= l->cap)
        return 0;
    char *p = ps_fault(PS_FAULT_MALLOC) ? NULL : realloc(l->p, want);
    if (!p)
        return -ENOMEM;
    l->p = p;
    l->cap = want;
    return 0;
}

int ps_lines_fill(struct ps_lines *l)
{
    uint64_t at = ps_lines_read_offset(l);
    if (at >= l->limit)
        return 0;
    int r = room_make(l);
    if (r < 0)
        return r;
    size_t want = l->cap - l->end;
    if (want > l->limit - at)
        want = (size_t)(l->limit - at);
    ssize_t n;
    do
        n = ps_fault(PS_FAULT_READ) ? -1 : read(l->fd, l->p + l->end, want);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    l->end += (size_t)n;
    l->touched = PS_MAX(l->touched, l->end);
    return (int)n;
}

int ps_lines_next(struct ps_lines *l, struct ps_text_line *ret)
{
    for (;;) {
        if (ps_lines_take(l, ret))
            return 1;
        int r = ps_lines_fill(l);
        if (r <= 0)
            return r;
    }
}

void ps_lines_trim(struct ps_lines *l)
{
    if (l->start < l->end || l->touched <= LINES_IDLE_MAX)
        return;
    free(l->p);
    l->p = NULL;
    l->cap = l->start = l->scan = l->end = l->touched = 0;
}
