#include "input/file_path.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/util.h"
#include "input/file_error.h"
#include "input/file_restore.h"
#include "input/file_siblings.h"

struct ps_file_generation *ps_file_set_find(const struct ps_file_set *set, uint64_t device, uint64_t inode)
{
    for (size_t i = 0; i < set->n; i++)
        for (struct ps_file_generation *g = set->paths[i].oldest; g; g = g->newer)
            if (ps_file_generation_is(g, device, inode))
                return g;
    return NULL;
}

struct ps_file_generation *ps_file_path_dirty(const struct ps_file_path *p)
{
    for (struct ps_file_generation *g = p->oldest; g; g = g->newer)
        if (!g->ended && (g->dirty || g->gap_due))
            return g;
    return NULL;
}

bool ps_file_set_dirty(const struct ps_file_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (ps_file_path_dirty(&set->paths[i]))
            return true;
    return false;
}

static bool path_owns(const struct ps_file_path *p, const struct ps_file_generation *g)
{
    for (const struct ps_file_generation *own = p->oldest; own; own = own->newer)
        if (own == g)
            return true;
    return false;
}

void ps_file_path_insert(struct ps_file_generation *g, struct ps_file_generation *next)
{
    next->newer = g->newer;
    g->newer = next;
}

static void chain_append(struct ps_file_path *p, struct ps_file_generation *chain)
{
    struct ps_file_generation **end = &p->oldest;
    while (*end)
        end = &(*end)->newer;
    *end = chain;
}

void ps_file_path_done(struct ps_file_path *p)
{
    ps_file_generation_list_free(p->oldest);
    free(p->pending);
    *p = (struct ps_file_path){0};
}

static void complain(struct ps_file_set *set, struct ps_file_path *p, int error)
{
    if (p->error == error)
        return;
    p->error = error;
    char why[PS_FILE_ERROR_MAX];
    ps_file_error_explain(p->name, error, why, sizeof why);
    ps_log_limited(&p->limit, error == -ENOENT ? PS_LOG_WARNING : PS_LOG_ERROR, "%s: %s: %s", set->host->name, p->name,
                   why);
}

static int path_status(const char *name, struct stat *ret)
{
    int r = ps_fault(PS_FAULT_STAT) || stat(name, ret) < 0 ? -errno : 0;
    if (r == 0 && !S_ISREG(ret->st_mode))
        r = -EINVAL;
    return r == -ENOTDIR ? -ENOENT : r;
}

/* The newest of p's own generations that has its content. */
static const struct ps_file_generation *path_newest(const struct ps_file_path *p)
{
    const struct ps_file_generation *newest = NULL;
    for (const struct ps_file_generation *g = p->oldest; g; g = g->newer)
        if (g->fd >= 0)
            newest = g;
    return newest;
}

static bool sibling_newer(const struct ps_file_siblings *s, size_t i, const struct ps_file_generation *than)
{
    for (size_t k = 0; k < s->n; k++)
        if (ps_file_generation_is(than, s->v[k].device, s->v[k].inode))
            return i < k;
    return s->v[i].mtime_nsec > than->saved.mtime_nsec;
}

/* Rotations that went by between two looks: the rotated files newer than what we know last, but for the inode of `st`,
 * to be read from their beginning, are appended to *chain. */
static int missed_open(struct ps_file_set *set, struct ps_file_path *p, const struct stat *st,
                       struct ps_file_generation **chain)
{
    const struct ps_file_generation *newest = path_newest(p);
    if (!newest)
        return 0;
    struct ps_file_siblings s;
    int r = ps_file_siblings_list(p->name, &s);
    if (r < 0)
        return r;
    for (size_t i = s.n; i-- > 0 && r >= 0;) {
        if (!sibling_newer(&s, i, newest) || ps_file_set_find(set, s.v[i].device, s.v[i].inode) ||
            (s.v[i].device == st->st_dev && s.v[i].inode == st->st_ino))
            continue;
        r = ps_file_restore_open(set, p, &s.v[i], NULL, chain);
        if (r >= 0)
            chain = &(*chain)->newer;
    }
    ps_file_siblings_done(&s);
    return r;
}

/* Where the first look starts in a file that is there already. */
static int first_offset(const struct ps_file_path *p, int fd, const struct stat *st, uint64_t *ret)
{
    *ret = 0;
    return p->from_end ? ps_file_last_line_find(fd, (uint64_t)st->st_size, ret) : 0;
}

static int path_open(struct ps_file_set *set, struct ps_file_path *p)
{
    struct stat st = {0};
    _cleanup_close_ int fd = ps_file_open(p->name, &st);
    if (fd < 0)
        return fd;
    struct ps_file_generation *known = ps_file_set_find(set, st.st_dev, st.st_ino);
    if (known) {
        p->at = known;
        return 0;
    }
    struct ps_file_generation *chain = NULL, *g = NULL;
    uint64_t offset;
    int r = first_offset(p, fd, &st, &offset);
    if (r >= 0)
        r = missed_open(set, p, &st, &chain);
    if (r >= 0)
        r = ps_file_restore_start(set, p, fd, &st, offset, NULL, &g);
    if (r < 0) {
        ps_file_generation_list_free(chain);
        return r;
    }
    fd = -1;
    chain_append(p, chain);
    chain_append(p, g);
    p->at = g;
    ps_log(PS_LOG_INFO, "%s: %s: reading from offset %llu", set->host->name, p->name, (unsigned long long)offset);
    return 0;
}

static int path_restore(struct ps_file_set *set, struct ps_file_path *p)
{
    struct ps_file_generation *chain = NULL, *at = NULL;
    int r = ps_file_restore(set, p, &chain, &at);
    if (r < 0)
        return r;
    chain_append(p, chain);
    p->at = at;
    free(p->pending);
    p->pending = NULL;
    p->pending_n = 0;
    return 0;
}

static int path_look(struct ps_file_set *set, struct ps_file_path *p)
{
    int r;
    if (p->pending_n > 0) {
        r = path_restore(set, p);
        if (r < 0)
            return r;
    }
    struct stat st = {0};
    r = path_status(p->name, &st);
    if (r == -ENOENT) {
        p->at = NULL;
        p->from_end = false; /* what comes later is read from its beginning */
    }
    if (r < 0)
        return r;
    if (p->at && ps_file_generation_is(p->at, st.st_dev, st.st_ino))
        return 0;
    struct ps_file_generation *known = ps_file_set_find(set, st.st_dev, st.st_ino);
    if (!known)
        return path_open(set, p);
    p->at = known;
    if (!path_owns(p, known))
        ps_log(PS_LOG_NOTICE, "%s: %s is the same file as %s: it is read once", set->host->name, p->name,
               known->source.path.p);
    return 0;
}

int ps_file_path_look(struct ps_file_set *set, struct ps_file_path *p, bool missing_say)
{
    int r = path_look(set, p);
    if (r >= 0) {
        p->from_end = false;
        p->error = 0;
        return 0;
    }
    if (r == -ENOENT) {
        if (missing_say)
            complain(set, p, r);
        return 0;
    }
    complain(set, p, r);
    return r;
}

static bool deleted_for_good(const struct ps_file_path *p, const struct ps_file_generation *g, int64_t quiet_usec)
{
    return g->deleted && p->at && p->at != g && ps_clock_monotonic() - g->quiet_since >= quiet_usec;
}

/* Whether a newer generation has left the path as well: the next rotation. */
static bool newer_left(const struct ps_file_generation *g)
{
    for (const struct ps_file_generation *n = g->newer; n; n = n->newer)
        if (!n->live)
            return true;
    return false;
}

void ps_file_set_stages_update(struct ps_file_set *set, int64_t quiet_usec)
{
    for (size_t i = 0; i < set->n; i++)
        for (struct ps_file_generation *g = set->paths[i].oldest; g; g = g->newer)
            g->live = false;
    for (size_t i = 0; i < set->n; i++)
        if (set->paths[i].at)
            set->paths[i].at->live = true;
    for (size_t i = 0; i < set->n; i++)
        for (struct ps_file_generation *g = set->paths[i].oldest; g; g = g->newer)
            if (!g->live && !g->final && (newer_left(g) || deleted_for_good(&set->paths[i], g, quiet_usec)))
                g->final = g->dirty = true;
}
