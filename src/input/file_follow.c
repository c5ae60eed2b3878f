#include "input/file_follow.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/util.h"
#include "input/file_error.h"

enum { SCAN_SLACK_PART = 4 }; /* of the interval: so much later is fine */

static void watch_complain(struct ps_file_follow *f, int error)
{
    char why[PS_FILE_ERROR_MAX];
    ps_file_error_explain("", error, why, sizeof why);
    ps_log_limited(&f->watch_limit, PS_LOG_WARNING, "%s: watching files: %s", f->set->host->name, why);
}

/* Adds what watches are missing. Until one can be added the scan stands in for it. */
static void directories_watch(struct ps_file_follow *f)
{
    int failed = f->watch ? ps_file_directories_watch(&f->directories, f->watch) : 0;
    if (failed < 0)
        watch_complain(f, failed);
}

static void generations_watch(struct ps_file_follow *f)
{
    int failed = 0;
    if (!f->watch)
        return;
    for (size_t i = 0; i < f->set->n; i++)
        for (struct ps_file_generation *g = f->set->paths[i].oldest; g; g = g->newer) {
            if (g->fd < 0 || g->wd >= 0 || g->ended)
                continue;
            int wd = ps_file_watch_fd_add(f->watch, g->fd);
            if (wd < 0)
                failed = wd;
            else
                g->wd = wd;
            g->dirty = true; /* what was written before there was a watch */
        }
    if (failed < 0)
        watch_complain(f, failed);
}

void ps_file_follow_look(struct ps_file_follow *f, bool missing_say)
{
    f->look_due = false;
    directories_watch(f); /* before the look: what comes between is an event */
    for (size_t i = 0; i < f->set->n; i++)
        (void)ps_file_path_look(f->set, &f->set->paths[i], missing_say);
    generations_watch(f);
    ps_file_set_stages_update(f->set, f->set->options->scan_interval);
}

/* Makes dirty what grew, shrank, was deleted or failed, whatever inotify said. */
static void generations_scan(struct ps_file_follow *f)
{
    for (size_t i = 0; i < f->set->n; i++)
        for (struct ps_file_generation *g = f->set->paths[i].oldest; g; g = g->newer) {
            struct stat st;
            if (g->fd < 0 || g->ended)
                continue;
            if (ps_fault(PS_FAULT_STAT) || fstat(g->fd, &st) < 0 || g->error || (st.st_nlink == 0) != g->deleted ||
                (uint64_t)st.st_size != ps_lines_read_offset(&g->lines) ||
                ps_file_mtime_nsec(&st) != g->saved.mtime_nsec)
                g->dirty = true;
        }
}

static void on_watch_changed(void *ctx, int wd, const char *name)
{
    struct ps_file_follow *f = ctx;
    if (ps_file_directories_concern(&f->directories, wd, name)) {
        f->look_due = true;
        if (!name) /* of the directory itself: it may have been moved; a new watch follows the path */
            ps_file_watch_remove(f->watch, wd);
    }
    if (name)
        return;
    for (size_t i = 0; i < f->set->n; i++)
        for (struct ps_file_generation *g = f->set->paths[i].oldest; g; g = g->newer)
            if (g->wd == wd)
                g->dirty = f->changed = true;
}

static void on_watch_lost(void *ctx, int wd)
{
    struct ps_file_follow *f = ctx;
    if (ps_file_directories_concern(&f->directories, wd, NULL)) {
        ps_file_directories_lost(&f->directories, wd);
        f->look_due = true;
    }
    for (size_t i = 0; i < f->set->n; i++)
        for (struct ps_file_generation *g = f->set->paths[i].oldest; g; g = g->newer)
            if (g->wd == wd)
                g->wd = -1;
}

static void on_watch_overflow(void *ctx)
{
    struct ps_file_follow *f = ctx;
    f->look_due = f->changed = true;
    for (size_t i = 0; i < f->set->n; i++)
        for (struct ps_file_generation *g = f->set->paths[i].oldest; g; g = g->newer)
            g->dirty = g->fd >= 0;
}

static void on_watch_settled(void *ctx)
{
    struct ps_file_follow *f = ctx;
    bool changed = f->changed || f->look_due;
    f->changed = false;
    if (f->look_due)
        ps_file_follow_look(f, false);
    if (changed && ps_file_set_dirty(f->set))
        f->set->host->ready(f->set->host->ctx);
}

static void watch_open(struct ps_file_follow *f)
{
    const struct ps_file_watch_handler handler = {
        .changed = on_watch_changed,
        .lost = on_watch_lost,
        .overflow = on_watch_overflow,
        .settled = on_watch_settled,
        .ctx = f,
    };
    int r = ps_file_watch_new(f->set->host->loop, &handler, &f->watch);
    if (r < 0)
        ps_log_limited(
            &f->watch_limit, PS_LOG_WARNING,
            "%s: no inotify (%s): files are looked at every %lld s only; raise fs.inotify.max_user_instances "
            "(sysctl) or the limit of open files",
            f->set->host->name, strerror(-r), (long long)(f->set->options->scan_interval / PS_USEC_PER_SEC));
}

static int scan_arm(struct ps_file_follow *f)
{
    int64_t interval = f->set->options->scan_interval;
    return ps_loop_timer_set(f->scan_timer, interval, interval / SCAN_SLACK_PART);
}

static void on_scan(void *ctx)
{
    struct ps_file_follow *f = ctx;
    if (!f->watch)
        watch_open(f);
    generations_scan(f);
    ps_file_follow_look(f, true);
    int r = scan_arm(f);
    if (r < 0)
        ps_log(PS_LOG_ERROR, "%s: the timer of the file scan failed: %s", f->set->host->name, strerror(-r));
    if (ps_file_set_dirty(f->set))
        f->set->host->ready(f->set->host->ctx);
}

static void on_first_ready(void *ctx)
{
    struct ps_file_follow *f = ctx;
    f->set->host->ready(f->set->host->ctx);
}

static int sources_add(struct ps_file_follow *f)
{
    struct ps_loop *loop = f->set->host->loop;
    int r = ps_loop_timer_add(loop, on_scan, f, &f->scan_timer);
    if (r >= 0)
        r = ps_loop_deferred_add(loop, on_first_ready, f, &f->first_ready);
    if (r >= 0)
        r = ps_loop_deferred_trigger(f->first_ready);
    return r;
}

int ps_file_follow_start(struct ps_file_follow *f, struct ps_file_set *set)
{
    f->set = set;
    if (set->host->once) {
        ps_file_follow_look(f, true);
        return 0;
    }
    int r = sources_add(f);
    for (size_t i = 0; i < set->n && r >= 0; i++)
        r = ps_file_directories_add(&f->directories, set->paths[i].name);
    if (r < 0)
        return r;
    watch_open(f);
    ps_file_follow_look(f, true);
    return scan_arm(f);
}

void ps_file_follow_drop(struct ps_file_follow *f, const struct ps_file_generation *g)
{
    ps_file_watch_remove(f->watch, g->wd);
}

void ps_file_follow_done(struct ps_file_follow *f)
{
    f->scan_timer = ps_loop_source_free(f->scan_timer);
    f->first_ready = ps_loop_source_free(f->first_ready);
    f->watch = ps_file_watch_free(f->watch);
    ps_file_directories_done(&f->directories);
}
