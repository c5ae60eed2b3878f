#include "input/file_siblings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/util.h"
#include "postship/slice.h"

enum { COUNTER_DIGITS_MAX = 4, NSEC_PER_SEC = 1000000000, LIST_TRIES = 5 };

/* The part of a rotated file's name that its rotation gave it. */
struct rotation {
    struct ps_slice stamp; /* digits, or digits with dashes between them */
    bool counter;          /* a larger one is older; else a date, where a larger one is newer */
};

struct entry {
    struct ps_file_sibling file;
    struct rotation rotation; /* of file.path */
};

struct listing {
    struct entry *v;
    size_t n, cap;
};

static bool stamp_parse(struct ps_slice s, struct rotation *ret)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9')
            digits++;
        else if (s.p[i] != '-' || i == 0 || i + 1 == s.n)
            return false;
    if (digits == 0)
        return false;
    *ret = (struct rotation){.stamp = s, .counter = digits == s.n && digits <= COUNTER_DIGITS_MAX};
    return true;
}

/* NAME.STAMP or NAME-DATE; where NAME is STEM.EXT also STEM.STAMP.EXT and STEM-DATE.EXT (logrotate's `extension`). */
static bool rotation_parse(struct ps_slice base, struct ps_slice name, struct rotation *ret)
{
    struct ps_slice stem = base, ext = {0};
    for (int round = 0; round < 2; round++) {
        if (ps_slice_starts(name, stem) && ps_slice_ends(name, ext) && name.n > stem.n + ext.n + 1 &&
            (name.p[stem.n] == '.' || name.p[stem.n] == '-') &&
            stamp_parse((struct ps_slice){name.p + stem.n + 1, name.n - stem.n - ext.n - 1}, ret))
            return name.p[stem.n] == '.' || !ret->counter; /* mail-2.log is a log of its own */
        const char *dot = base.n ? memrchr(base.p, '.', base.n) : NULL;
        if (!dot || dot == base.p)
            return false;
        stem.n = (size_t)(dot - base.p);
        ext = ps_slice_after(base, stem.n);
    }
    return false;
}

static int stamp_compare(struct ps_slice a, struct ps_slice b)
{
    int r = memcmp(a.p, b.p, PS_MIN(a.n, b.n));
    return r ? r : (a.n > b.n) - (a.n < b.n);
}

static int entry_compare_mtime(const void *va, const void *vb)
{
    const struct entry *a = va, *b = vb;
    return (a->file.mtime_nsec < b->file.mtime_nsec) - (a->file.mtime_nsec > b->file.mtime_nsec);
}

static int entry_compare_counter(const void *va, const void *vb)
{
    const struct entry *a = va, *b = vb;
    unsigned long x = strtoul(a->rotation.stamp.p, NULL, 10), y = strtoul(b->rotation.stamp.p, NULL, 10);
    return (x > y) - (x < y);
}

static int entry_compare_date(const void *va, const void *vb)
{
    const struct entry *a = va, *b = vb;
    return stamp_compare(b->rotation.stamp, a->rotation.stamp);
}

static void listing_sort(struct listing *l)
{
    size_t counters = 0;
    for (size_t i = 0; i < l->n; i++)
        counters += l->v[i].rotation.counter;
    if (l->n > 1)
        qsort(l->v, l->n, sizeof *l->v,
              counters == l->n ? entry_compare_counter
              : counters == 0  ? entry_compare_date
                               : entry_compare_mtime);
}

static void listing_done(struct listing *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i].file.path);
    free(l->v);
}

/* Sorts; the paths become the result's. 0 or -ENOMEM. */
static int listing_give(struct listing *l, struct ps_file_siblings *ret)
{
    struct ps_file_sibling *v = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(l->n + 1, sizeof *v);
    if (!v)
        return -ENOMEM;
    listing_sort(l);
    for (size_t i = 0; i < l->n; i++)
        v[i] = l->v[i].file;
    *ret = (struct ps_file_siblings){v, l->n};
    l->n = 0;
    return 0;
}

static int listing_add(struct listing *l, struct ps_slice dir, struct ps_slice base, const char *name, int dir_fd)
{
    struct rotation rotation;
    if (!rotation_parse(base, ps_slice_from_str(name), &rotation))
        return 0;
    struct stat st;
    if (ps_fault(PS_FAULT_STAT) || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? -EAGAIN : -errno; /* renamed since it was listed */
    if (!S_ISREG(st.st_mode))
        return 0;
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 8;
        struct entry *v = ps_fault(PS_FAULT_MALLOC) ? NULL : reallocarray(l->v, cap, sizeof *v);
        if (!v)
            return -ENOMEM;
        l->v = v;
        l->cap = cap;
    }
    char *path = NULL;
    if (ps_fault(PS_FAULT_MALLOC) || asprintf(&path, "%.*s%s", (int)dir.n, dir.p, name) < 0)
        return -ENOMEM;
    rotation.stamp.p = path + dir.n + (rotation.stamp.p - name);
    l->v[l->n++] = (struct entry){
        .rotation = rotation,
        .file = {.path = path,
                 .device = st.st_dev,
                 .inode = st.st_ino,
                 .size = (uint64_t)st.st_size,
                 .mtime_nsec = (int64_t)st.st_mtim.tv_sec * NSEC_PER_SEC + st.st_mtim.tv_nsec},
    };
    return 0;
}

static int directory_read(DIR *d, struct ps_slice dir, struct ps_slice base, struct listing *l)
{
    for (;;) {
        errno = 0;
        struct dirent *e = ps_fault(PS_FAULT_READ) ? NULL : readdir(d);
        if (!e)
            return -errno;
        int r = listing_add(l, dir, base, e->d_name, dirfd(d));
        if (r < 0)
            return r;
    }
}

static int siblings_list_once(const char *path, struct ps_file_siblings *ret)
{
    const char *slash = strrchr(path, '/');
    struct ps_slice base = ps_slice_from_str(slash ? slash + 1 : path);
    struct ps_slice dir = {path, (size_t)(base.p - path)};

    _cleanup_free_ char *dir_name = ps_fault(PS_FAULT_MALLOC) ? NULL : dir.n ? strndup(dir.p, dir.n) : strdup(".");
    if (!dir_name)
        return -ENOMEM;
    DIR *d = ps_fault(PS_FAULT_OPEN) ? NULL : opendir(dir_name);
    if (!d) {
        if (errno != ENOENT && errno != ENOTDIR)
            return -errno;
        *ret = (struct ps_file_siblings){0};
        return 0;
    }
    struct listing l = {0};
    int r = directory_read(d, dir, base, &l);
    (void)closedir(d);
    if (r >= 0)
        r = listing_give(&l, ret);
    listing_done(&l);
    return r;
}

int ps_file_siblings_list(const char *path, struct ps_file_siblings *ret)
{
    int r = -EAGAIN;
    for (int i = 0; i < LIST_TRIES && r == -EAGAIN; i++)
        r = siblings_list_once(path, ret);
    return r;
}

void ps_file_siblings_done(struct ps_file_siblings *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->v[i].path);
    free(s->v);
    *s = (struct ps_file_siblings){0};
}
