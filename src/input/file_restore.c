#include "input/file_restore.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/util.h"

int ps_file_restore_start(struct ps_file_set *set, const struct ps_file_path *p, int fd, const struct stat *st,
                          uint64_t offset, const struct ps_file_saved *saved, struct ps_file_generation **ret)
{
    struct ps_file_generation *g;
    int r = ps_file_generation_new(p->name, set->numbers + 1, &g);
    if (r < 0)
        return r;
    if (saved) {
        g->saved = *saved;
        g->saved.has_gap = false; /* found again */
        memcpy(g->source.key, saved->key, sizeof g->source.key);
        g->source.has_key = saved->has_key;
    }
    r = ps_file_generation_start(g, fd, st, offset, (size_t)set->options->max_line);
    if (r < 0) {
        (void)ps_file_generation_free(g);
        return r;
    }
    if (set->host->once)
        g->lines.limit = (uint64_t)st->st_size;
    set->numbers++;
    *ret = g;
    return 0;
}

/* Opens what was listed. The descriptor, or negative errno. */
static int listed_open(const struct ps_file_sibling *file, struct stat *ret)
{
    int fd = ps_file_open(file->path, ret);
    if (fd >= 0 && (ret->st_dev != file->device || ret->st_ino != file->inode)) {
        (void)ps_close(fd);
        return -EAGAIN;
    }
    return fd == -ENOENT ? -EAGAIN : fd;
}

int ps_file_restore_open(struct ps_file_set *set, struct ps_file_path *p, const struct ps_file_sibling *file,
                         const struct ps_file_saved *saved, struct ps_file_generation **ret)
{
    struct stat st = {0};
    _cleanup_close_ int fd = listed_open(file, &st);
    if (fd < 0) {
        if (fd != -EAGAIN)
            ps_log_limited(&p->limit, PS_LOG_ERROR,
                           "%s: %s: the rotated file %s can't be read: %s; nothing newer is read before it",
                           set->host->name, p->name, file->path, strerror(-fd));
        return fd;
    }
    int r = ps_file_restore_start(set, p, fd, &st, saved ? saved->offset : 0, saved, ret);
    if (r >= 0)
        fd = -1;
    return r;
}

/* A file that may hold one of the generations that we look for; [0] is at the path itself, then the newest first. */
struct candidate {
    struct ps_file_sibling file; /* its path is borrowed */
    bool absent;
    const struct ps_file_saved *saved; /* what was found in it; NULL */
};

struct search {
    struct ps_file_siblings siblings;
    struct candidate *v;
    size_t n;
    bool any; /* something was found */
};

static void search_done(struct search *s)
{
    ps_file_siblings_done(&s->siblings);
    free(s->v);
}

static int path_candidate(const struct ps_file_path *p, struct candidate *ret)
{
    struct stat st = {0};
    int r = ps_fault(PS_FAULT_STAT) || stat(p->name, &st) < 0 ? -errno : 0;
    if (r == -ENOENT || r == -ENOTDIR) {
        *ret = (struct candidate){.absent = true};
        return 0;
    }
    if (r >= 0 && !S_ISREG(st.st_mode))
        r = -EINVAL;
    if (r < 0)
        return r;
    *ret = (struct candidate){.file = {.path = (char *)p->name,
                                       .device = st.st_dev,
                                       .inode = st.st_ino,
                                       .size = (uint64_t)st.st_size,
                                       .mtime_nsec = ps_file_mtime_nsec(&st)}};
    return 0;
}

static int search_start(const struct ps_file_path *p, struct search *s)
{
    struct candidate at;
    int r = path_candidate(p, &at);
    if (r < 0)
        return r;
    r = ps_file_siblings_list(p->name, &s->siblings);
    if (r < 0)
        return r;
    s->v = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(s->siblings.n + 1, sizeof *s->v);
    if (!s->v)
        return -ENOMEM;
    s->v[s->n++] = at;
    for (size_t i = 0; i < s->siblings.n; i++)
        s->v[s->n++] = (struct candidate){.file = s->siblings.v[i]};
    return 0;
}

static bool search_has(const struct search *s, const struct ps_file_saved *saved)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].saved == saved)
            return true;
    return false;
}

/* 1: the content up to the saved offset is what was saved, as far as that says; 0: not; negative errno. */
static int content_match(const struct candidate *c, const struct ps_file_saved *saved)
{
    struct stat st = {0};
    _cleanup_close_ int fd = listed_open(&c->file, &st);
    if (fd < 0)
        return fd;
    if ((uint64_t)st.st_size < saved->offset)
        return 0;
    struct ps_file_hash print = saved->print;
    int r = ps_file_print_check(fd, &print);
    if (r <= 0 || saved->tail.bytes == 0)
        return r;
    return ps_file_tail_check(fd, saved->offset, &saved->tail);
}

/* With the same inode any agreement is enough. Under another one only a full fingerprint is proof: two short files may
 * well be equal, and then it is better to read one twice. */
static bool candidate_plausible(const struct candidate *c, const struct ps_file_saved *saved, bool same_inode)
{
    if (c->absent || c->saved || c->file.size < saved->offset)
        return false;
    return same_inode ? c->file.inode == saved->inode : saved->print.bytes == PS_FILE_PRINT_MAX;
}

static int saved_find(struct search *s, const struct ps_file_saved *saved, bool same_inode)
{
    for (size_t i = 0; i < s->n; i++) {
        struct candidate *c = &s->v[i];
        if (!candidate_plausible(c, saved, same_inode))
            continue;
        int r = content_match(c, saved);
        if ((r == -EACCES || r == -EPERM) && !same_inode)
            continue;
        if (r < 0)
            return r;
        if (r > 0) {
            c->saved = saved;
            s->any = true;
            return 0;
        }
    }
    return 0;
}

static int search_run(struct search *s, const struct ps_file_path *p)
{
    int r = 0;
    for (int round = 0; round < 2; round++)
        for (size_t i = p->pending_n; i-- > 0 && r >= 0;)
            if (!search_has(s, &p->pending[i]))
                r = saved_find(s, &p->pending[i], round == 0);
    if (r >= 0 && !s->any && s->v[0].absent)
        return -ENOENT;
    return r;
}

/* Gaps for what wasn't found. What had been read to its end when the path named a newer one already leaves none. */
static int lost_add(struct ps_file_set *set, const struct ps_file_path *p, const struct search *s,
                    struct ps_file_generation **end, struct ps_file_generation ***ret_end)
{
    for (size_t i = 0; i < p->pending_n; i++) {
        const struct ps_file_saved *saved = &p->pending[i];
        bool was_left = i + 1 < p->pending_n;
        if (search_has(s, saved) || (was_left && !saved->has_gap && saved->offset >= saved->size))
            continue;
        int r = ps_file_generation_new(p->name, set->numbers + 1, end);
        if (r < 0)
            return r;
        ps_file_generation_lose(*end, saved, set->numbers + 2);
        set->numbers += 2;
        end = &(*end)->newer;
    }
    *ret_end = end;
    return 0;
}

/* Whether candidate i came after what the position knows. */
static bool candidate_new(const struct search *s, const struct ps_file_path *p, size_t i)
{
    if (i == 0)
        return true;
    if (!s->any)
        return s->v[i].file.mtime_nsec > p->pending[p->pending_n - 1].mtime_nsec;
    for (size_t k = i + 1; k < s->n; k++)
        if (s->v[k].saved)
            return true;
    return false;
}

static int found_add(struct ps_file_set *set, struct ps_file_path *p, const struct search *s,
                     struct ps_file_generation **end, struct ps_file_generation **ret_at)
{
    struct ps_file_generation *at = NULL;
    for (size_t i = s->n; i-- > 0;) {
        const struct candidate *c = &s->v[i];
        if (c->absent || (!c->saved && !candidate_new(s, p, i)) || ps_file_set_find(set, c->file.device, c->file.inode))
            continue;
        int r = ps_file_restore_open(set, p, &c->file, c->saved, end);
        if (r < 0)
            return r;
        if (i == 0)
            at = *end;
        end = &(*end)->newer;
    }
    *ret_at = at;
    return 0;
}

static void findings_say(const struct ps_file_set *set, const struct ps_file_path *p,
                         const struct ps_file_generation *chain)
{
    for (const struct ps_file_generation *g = chain; g; g = g->newer)
        if (g->gap_due)
            ps_log(PS_LOG_WARNING,
                   "%s: %s: the file that was read up to offset %llu is not there any more, nor next to it under a "
                   "rotated name: what it held behind that is not read; going on with the present file from its "
                   "beginning",
                   set->host->name, p->name, (unsigned long long)g->handed);
        else
            ps_log(PS_LOG_INFO, "%s: %s: reading from offset %llu", set->host->name, p->name,
                   (unsigned long long)g->handed);
}

int ps_file_restore(struct ps_file_set *set, struct ps_file_path *p, struct ps_file_generation **ret_chain,
                    struct ps_file_generation **ret_at)
{
    struct search s = {0};
    struct ps_file_generation *chain = NULL, **end = &chain, *at = NULL;
    int r = search_start(p, &s);
    if (r >= 0)
        r = search_run(&s, p);
    if (r >= 0)
        r = lost_add(set, p, &s, end, &end);
    if (r >= 0)
        r = found_add(set, p, &s, end, &at);
    search_done(&s);
    if (r < 0) {
        ps_file_generation_list_free(chain);
        return r;
    }
    findings_say(set, p, chain);
    *ret_chain = chain;
    *ret_at = at;
    return 0;
}
