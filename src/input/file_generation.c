#include "input/file_generation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/util.h"

enum { NSEC_PER_USEC = 1000, NSEC_PER_SEC = 1000000000 };

int64_t ps_file_mtime_nsec(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * NSEC_PER_SEC + st->st_mtim.tv_nsec;
}

static int status_read(int fd, struct stat *ret)
{
    return ps_fault(PS_FAULT_STAT) || fstat(fd, ret) < 0 ? -errno : 0;
}

int ps_file_open(const char *path, struct stat *ret)
{
    /* O_NONBLOCK: what turns out to be a FIFO must not block us */
    int fd = ps_fault(PS_FAULT_OPEN) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    int r = status_read(fd, ret);
    if (r >= 0 && !S_ISREG(ret->st_mode))
        r = -EINVAL;
    if (r < 0) {
        (void)ps_close(fd);
        return r;
    }
    return fd;
}

int ps_file_generation_new(const char *path, uint64_t number, struct ps_file_generation **ret)
{
    struct ps_file_generation *g = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *g);
    if (!g)
        return -ENOMEM;
    g->number = number;
    g->fd = g->wd = -1;
    g->source.path = ps_slice_from_str(path);
    g->source.time.last_usec = INT64_MIN;
    *ret = g;
    return 0;
}

struct ps_file_generation *ps_file_generation_free(struct ps_file_generation *g)
{
    if (g) {
        ps_lines_done(&g->lines);
        (void)ps_close(g->fd);
    }
    free(g);
    return NULL;
}

void ps_file_generation_list_free(struct ps_file_generation *oldest)
{
    while (oldest) {
        struct ps_file_generation *newer = oldest->newer;
        (void)ps_file_generation_free(oldest);
        oldest = newer;
    }
}

static void status_take(struct ps_file_generation *g, const struct stat *st)
{
    g->saved.device = st->st_dev;
    g->saved.inode = st->st_ino;
    g->saved.size = PS_MAX(g->saved.size, (uint64_t)st->st_size);
    g->saved.mtime_nsec = ps_file_mtime_nsec(st);
    g->source.time.anchor_usec = g->saved.mtime_nsec / NSEC_PER_USEC;
    if (st->st_nlink == 0 && !g->deleted) {
        g->deleted = true;
        g->quiet_since = ps_clock_monotonic();
    }
}

static int content_start(struct ps_file_generation *g, int fd, uint64_t offset, size_t max_line)
{
    struct ps_file_hash print = g->saved.print;
    int r = ps_file_print_check(fd, &print);
    if (r <= 0)
        return r < 0 ? r : -EAGAIN; /* replaced since the caller found that it matches */
    if (lseek(fd, (off_t)offset, SEEK_SET) < 0)
        return -errno;
    g->saved.print = print;
    g->saved.offset = g->handed = g->confirmed = offset;
    ps_lines_init(&g->lines, fd, offset, max_line);
    g->fd = fd;
    g->dirty = true;
    g->quiet_since = ps_clock_monotonic();
    return 0;
}

int ps_file_generation_start(struct ps_file_generation *g, int fd, const struct stat *st, uint64_t offset,
                             size_t max_line)
{
    int r = content_start(g, fd, offset, max_line);
    if (r >= 0)
        status_take(g, st);
    return r;
}

int ps_file_generation_check(struct ps_file_generation *g)
{
    struct stat st = {0};
    int r = status_read(g->fd, &st);
    if (r < 0)
        return r;
    if ((uint64_t)st.st_size < ps_lines_read_offset(&g->lines))
        return 0;
    r = ps_file_print_check(g->fd, &g->saved.print);
    if (r > 0)
        status_take(g, &st);
    return r;
}

static void gap_set(struct ps_file_generation *g, uint64_t gap_number, uint64_t bytes)
{
    g->gap_number = gap_number;
    g->saved.has_gap = true;
    g->saved.gap_bytes = bytes;
    g->gap_due = true;
    g->dirty = g->batch = g->rest_due = false;
    g->final = true;
}

int ps_file_generation_replace(struct ps_file_generation *g, struct ps_file_generation *next, uint64_t gap_number)
{
    struct stat st = {0};
    int r = status_read(g->fd, &st);
    if (r < 0)
        return r;
    r = ps_file_generation_start(next, g->fd, &st, 0, g->lines.max_line);
    if (r < 0)
        return r;
    next->wd = g->wd;
    next->lines.limit = g->lines.limit;
    g->fd = g->wd = -1;
    gap_set(g, gap_number, PS_MAX(g->saved.size, g->handed) - g->handed);
    ps_lines_done(&g->lines);
    return 0;
}

void ps_file_generation_lose(struct ps_file_generation *g, const struct ps_file_saved *saved, uint64_t gap_number)
{
    g->saved = *saved;
    g->handed = g->confirmed = saved->offset;
    memcpy(g->source.key, saved->key, sizeof g->source.key);
    g->source.has_key = saved->has_key;
    /* what was seen, known to be destroyed, and handed out but not confirmed is now lost as well */
    gap_set(g, gap_number, saved->gap_bytes > 0 ? PS_MAX(saved->size, saved->offset) - saved->offset : 0);
}

void ps_file_generation_save(struct ps_file_generation *g)
{
    memcpy(g->saved.key, g->source.key, sizeof g->saved.key);
    g->saved.has_key = g->source.has_key;
    if (g->fd < 0 || (g->saved.offset == g->confirmed && (g->confirmed == 0 || g->saved.tail.bytes > 0)))
        return;
    struct ps_file_hash tail;
    if (ps_file_tail_make(g->fd, g->confirmed, &tail) < 0)
        return;
    g->saved.offset = g->confirmed;
    g->saved.tail = tail;
}

bool ps_file_generation_complete(const struct ps_file_generation *g)
{
    return g->ended && !g->gap_due && !g->gap_open && g->confirmed >= g->handed;
}
