/* Log files, followed.
 *
 * A path has generations (file_generation.h), the oldest first; all that may have something to read are `dirty`. `next`
 * takes from the oldest dirty one of a path, one batch of a path after another, so that a long backlog of one file
 * doesn't hold up the others. What makes a generation dirty: inotify (file_watch.h), and a slow scan that also stands
 * in for what couldn't be watched, couldn't be opened, or failed to be read. Failures only ever postpone: nothing newer
 * of a path is opened before what is older. */
#include "input/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/util.h"
#include "input/file_directories.h"
#include "input/file_error.h"
#include "input/file_path.h"
#include "input/file_runs.h"
#include "input/file_watch.h"

struct file_input {
    struct ps_input base;
    struct ps_file_set set;
    size_t turn; /* the path whose batch is next */
    struct ps_file_generation *current;
    struct ps_file_runs runs;

    struct ps_file_watch *watch; /* NULL: the system has none to give, or `once` */
    struct ps_file_directories directories;
    struct ps_loop_source *scan_timer;
    struct ps_loop_source *first_ready;
    bool look_due; /* an event named one of the paths */
    bool changed;  /* an event made something dirty */
    struct ps_log_limit read_limit, watch_limit;
};

PS_CLEANUP_DEFINE(struct ps_file_generation, ps_file_generation_free)

#define SCAN_SLACK_PART 4 /* of the interval: so much later is fine */

static struct ps_file_generation *path_dirty(const struct ps_file_path *p)
{
    for (struct ps_file_generation *g = p->oldest; g; g = g->newer)
        if (!g->ended && (g->dirty || g->gap_due))
            return g;
    return NULL;
}

static bool input_dirty(const struct file_input *in)
{
    for (size_t i = 0; i < in->set.n; i++)
        if (path_dirty(&in->set.paths[i]))
            return true;
    return false;
}

static struct ps_file_generation *turn_take(struct file_input *in)
{
    for (size_t i = 0; i < in->set.n; i++) {
        size_t at = (in->turn + i) % in->set.n;
        struct ps_file_generation *g = path_dirty(&in->set.paths[at]);
        if (g) {
            in->turn = at + 1;
            return g;
        }
    }
    return NULL;
}

static void watch_complain(struct file_input *in, int error)
{
    char why[PS_FILE_ERROR_MAX];
    ps_file_error_explain("", error, why, sizeof why);
    ps_log_limited(&in->watch_limit, PS_LOG_WARNING, "%s: watching files: %s", in->set.host->name, why);
}

/* Adds what watches are missing. Until one can be added the scan stands in for it. */
static void directories_watch(struct file_input *in)
{
    int failed = in->watch ? ps_file_directories_watch(&in->directories, in->watch) : 0;
    if (failed < 0)
        watch_complain(in, failed);
}

static void generations_watch(struct file_input *in)
{
    int failed = 0;
    if (!in->watch)
        return;
    for (size_t i = 0; i < in->set.n; i++)
        for (struct ps_file_generation *g = in->set.paths[i].oldest; g; g = g->newer) {
            if (g->fd < 0 || g->wd >= 0 || g->ended)
                continue;
            int wd = ps_file_watch_fd_add(in->watch, g->fd);
            if (wd < 0)
                failed = wd;
            else
                g->wd = wd;
            g->dirty = true; /* what was written before there was a watch */
        }
    if (failed < 0)
        watch_complain(in, failed);
}

/* Closes and forgets what is done with. The newest of a path stays: a restart recognises by it what is newer. */
static void generations_reap(struct file_input *in)
{
    for (size_t i = 0; i < in->set.n; i++)
        for (struct ps_file_generation **at = &in->set.paths[i].oldest; *at && (*at)->newer;) {
            struct ps_file_generation *g = *at;
            if (g->live || !ps_file_generation_complete(g)) {
                at = &g->newer;
                continue;
            }
            *at = g->newer;
            ps_file_watch_remove(in->watch, g->wd);
            ps_file_runs_drop(&in->runs, g);
            if (in->current == g)
                in->current = NULL;
            (void)ps_file_generation_free(g);
        }
}

static void paths_look(struct file_input *in, bool missing_say)
{
    in->look_due = false;
    directories_watch(in); /* before the look: what comes between is an event */
    for (size_t i = 0; i < in->set.n; i++)
        (void)ps_file_path_look(&in->set, &in->set.paths[i], missing_say);
    generations_watch(in);
    ps_file_set_stages_update(&in->set, in->set.options->scan_interval);
    generations_reap(in);
}

/* Makes dirty what grew, shrank, was deleted or failed, whatever inotify said. */
static void generations_scan(struct file_input *in)
{
    for (size_t i = 0; i < in->set.n; i++)
        for (struct ps_file_generation *g = in->set.paths[i].oldest; g; g = g->newer) {
            struct stat st;
            if (g->fd < 0 || g->ended)
                continue;
            if (ps_fault(PS_FAULT_STAT) || fstat(g->fd, &st) < 0 || g->error || (st.st_nlink == 0) != g->deleted ||
                (uint64_t)st.st_size != ps_lines_read_offset(&g->lines) ||
                ps_file_mtime_nsec(&st) != g->saved.mtime_nsec)
                g->dirty = true;
        }
}

static void watch_open(struct file_input *in);

static void input_scan(struct file_input *in)
{
    if (!in->watch)
        watch_open(in);
    generations_scan(in);
    paths_look(in, true);
    int64_t interval = in->set.options->scan_interval;
    int r = ps_loop_timer_set(in->scan_timer, interval, interval / SCAN_SLACK_PART);
    if (r < 0)
        ps_log(PS_LOG_ERROR, "%s: the timer of the file scan failed: %s", in->set.host->name, strerror(-r));
    if (input_dirty(in))
        in->set.host->ready(in->set.host->ctx);
}

static void on_scan(void *ctx)
{
    input_scan(ctx);
}

static void on_first_ready(void *ctx)
{
    struct file_input *in = ctx;
    in->set.host->ready(in->set.host->ctx);
}

static void on_watch_changed(void *ctx, int wd, const char *name)
{
    struct file_input *in = ctx;
    if (ps_file_directories_concern(&in->directories, wd, name)) {
        in->look_due = true;
        if (!name) /* of the directory itself: it may have been moved; a new watch follows the path */
            ps_file_watch_remove(in->watch, wd);
    }
    if (name)
        return;
    for (size_t i = 0; i < in->set.n; i++)
        for (struct ps_file_generation *g = in->set.paths[i].oldest; g; g = g->newer)
            if (g->wd == wd)
                g->dirty = in->changed = true;
}

static void on_watch_lost(void *ctx, int wd)
{
    struct file_input *in = ctx;
    if (ps_file_directories_concern(&in->directories, wd, NULL)) {
        ps_file_directories_lost(&in->directories, wd);
        in->look_due = true;
    }
    for (size_t i = 0; i < in->set.n; i++)
        for (struct ps_file_generation *g = in->set.paths[i].oldest; g; g = g->newer)
            if (g->wd == wd)
                g->wd = -1;
}

static void on_watch_overflow(void *ctx)
{
    struct file_input *in = ctx;
    in->look_due = in->changed = true;
    for (size_t i = 0; i < in->set.n; i++)
        for (struct ps_file_generation *g = in->set.paths[i].oldest; g; g = g->newer)
            g->dirty = g->fd >= 0;
}

static void on_watch_settled(void *ctx)
{
    struct file_input *in = ctx;
    bool changed = in->changed || in->look_due;
    in->changed = false;
    if (in->look_due)
        paths_look(in, false);
    if (changed && input_dirty(in))
        in->set.host->ready(in->set.host->ctx);
}

static void watch_open(struct file_input *in)
{
    const struct ps_file_watch_handler handler = {
        .changed = on_watch_changed,
        .lost = on_watch_lost,
        .overflow = on_watch_overflow,
        .settled = on_watch_settled,
        .ctx = in,
    };
    int r = ps_file_watch_new(in->set.host->loop, &handler, &in->watch);
    if (r < 0)
        ps_log_limited(
            &in->watch_limit, PS_LOG_WARNING,
            "%s: no inotify (%s): files are looked at every %lld s only; raise fs.inotify.max_user_instances "
            "(sysctl) or the limit of open files",
            in->set.host->name, strerror(-r), (long long)(in->set.options->scan_interval / PS_USEC_PER_SEC));
}

/* The content under g was destroyed: what replaced it becomes the next generation. 0 or -ENOMEM, or negative errno. */
static int generation_replace(struct file_input *in, struct ps_file_generation *g)
{
    _cleanup_(ps_file_generation_freep) struct ps_file_generation *next = NULL;
    int r = ps_file_generation_new(g->source.path.p, in->set.numbers + 2, &next);
    if (r < 0)
        return r;
    r = ps_file_generation_replace(g, next, in->set.numbers + 1);
    if (r < 0)
        return r;
    in->set.numbers += 2;
    ps_log(
        PS_LOG_WARNING,
        "%s: %s was truncated or written anew at offset %llu: reading it from its beginning; %llu bytes are known to "
        "be lost",
        in->set.host->name, g->source.path.p, (unsigned long long)g->handed, (unsigned long long)g->saved.gap_bytes);
    for (size_t i = 0; i < in->set.n; i++)
        if (in->set.paths[i].at == g)
            in->set.paths[i].at = next;
    next->live = g->live;
    g->live = false;
    ps_file_path_insert(g, next);
    next = NULL;
    return 0;
}

/* A failure of g: says so and leaves the next try to the scan. Returns 0, or -ENOMEM: the next try is the caller's. */
static int failure_take(struct file_input *in, struct ps_file_generation *g, int error)
{
    if (error == -ENOMEM)
        return error;
    g->error = error;
    g->dirty = false;
    ps_log_limited(&in->read_limit, PS_LOG_ERROR, "%s: reading %s at offset %llu failed: %s; trying again",
                   in->set.host->name, g->source.path.p, (unsigned long long)g->lines.offset, strerror(-error));
    return 0;
}

/* At the end of what is there now. 1 when an unfinished last line is to be handed out. */
static int end_take(struct ps_file_generation *g)
{
    g->dirty = false;
    g->rest_due = g->final && g->lines.end > g->lines.start;
    g->ended = g->final && !g->rest_due;
    ps_lines_trim(&g->lines);
    return g->rest_due;
}

/* Reads on. 1: g has something to hand out; 0: not now; -ENOMEM: try again. */
static int batch_read(struct file_input *in, struct ps_file_generation *g)
{
    if (g->gap_due || g->batch || g->rest_due)
        return 1;
    int r = ps_file_generation_check(g);
    if (r == 0) {
        r = generation_replace(in, g);
        return r < 0 ? failure_take(in, g, r) : 1;
    }
    if (r > 0)
        r = ps_lines_fill(&g->lines);
    if (r < 0)
        return failure_take(in, g, r);
    g->error = 0;
    if (r == 0)
        return end_take(g);
    g->batch = true;
    g->quiet_since = ps_clock_monotonic();
    return 1;
}

/* The generation key, before the first record. 0 or negative errno. */
static int key_take(const struct file_input *in, struct ps_file_generation *g)
{
    struct ps_slice line = ps_lines_peek(&g->lines);
    if (!line.p && !g->rest_due)
        return 0;
    if (!line.p)
        line = (struct ps_slice){g->lines.p + g->lines.start, g->lines.end - g->lines.start};
    uint8_t key[PS_FILE_KEY_LEN];
    int r = ps_file_key_make(g->fd, in->set.host->host_id, g->rest_due, key);
    if (r == 0) /* truncated behind our back: what we hold is all there is of it */
        r = ps_file_key_of(line, in->set.host->host_id, key);
    if (r < 0)
        return r;
    memcpy(g->source.key, key, sizeof key);
    g->source.has_key = true;
    return 0;
}

static int gap_give(struct file_input *in, struct ps_file_generation *g, struct ps_record *ret)
{
    *ret = (struct ps_record){
        .offset = g->handed,
        .position = {.source = g->gap_number},
        .gap_bytes = g->saved.gap_bytes,
        .flags = PS_RECORD_GAP,
        .source = &g->source,
    };
    g->gap_due = false;
    g->gap_open = true;
    g->ended = true;
    ps_file_runs_push(&in->runs, g, &ret->position);
    return 1;
}

static int line_give(struct file_input *in, struct ps_file_generation *g, const struct ps_text_line *line,
                     struct ps_record *ret)
{
    *ret = (struct ps_record){
        .line = line->text,
        .offset = line->offset,
        .position = {.source = g->number, .next = line->next},
        .flags = line->cut ? PS_RECORD_CUT : 0,
        .source = &g->source,
    };
    g->handed = line->next;
    ps_file_runs_push(&in->runs, g, &ret->position);
    return 1;
}

/* The next record of g out of memory. 1; 0: there is none; -ENOMEM: try again. */
static int record_take(struct file_input *in, struct ps_file_generation *g, struct ps_record *ret)
{
    int r = ps_file_runs_reserve(&in->runs);
    if (r < 0)
        return r;
    if (g->gap_due)
        return gap_give(in, g, ret);
    if (!g->source.has_key) {
        r = key_take(in, g);
        if (r < 0)
            return failure_take(in, g, r);
    }
    struct ps_text_line line;
    if (g->batch && ps_lines_take(&g->lines, &line))
        return line_give(in, g, &line, ret);
    g->batch = false;
    if (!g->rest_due || !ps_lines_rest(&g->lines, &line))
        return 0;
    g->rest_due = false;
    g->ended = true;
    return line_give(in, g, &line, ret);
}

/* In `once` mode nobody calls later: what couldn't be read is tried again by the next call. The last failure, or 0. */
static int once_retry(struct file_input *in)
{
    int failed = 0;
    for (size_t i = 0; i < in->set.n; i++) {
        struct ps_file_path *p = &in->set.paths[i];
        if (p->error && p->error != -ENOENT)
            failed = p->error;
        if (p->error)
            (void)ps_file_path_look(&in->set, p, true);
        for (struct ps_file_generation *g = p->oldest; g; g = g->newer)
            if (g->error) {
                failed = g->error;
                g->error = 0;
                g->dirty = true;
            }
    }
    ps_file_set_stages_update(&in->set, in->set.options->scan_interval);
    return failed;
}

static int file_next(struct ps_input *base, struct ps_record *ret)
{
    struct file_input *in = (struct file_input *)base;
    for (;;) {
        if (in->current) {
            int r = record_take(in, in->current, ret);
            if (r != 0)
                return r;
            in->current = NULL;
        }
        struct ps_file_generation *g = turn_take(in);
        if (!g)
            return in->set.host->once ? once_retry(in) : 0;
        int r = batch_read(in, g);
        if (r < 0)
            return r;
        if (r > 0)
            in->current = g;
    }
}

static void file_confirm(struct ps_input *base, const struct ps_position *position)
{
    struct file_input *in = (struct file_input *)base;
    ps_file_runs_confirm(&in->runs, position);
}

static int row_write(struct ps_buf *out, const struct ps_file_path *p, const struct ps_file_saved *saved, bool *first)
{
    if (!*first)
        (void)ps_buf_append_char(out, ',');
    *first = false;
    return ps_file_state_row_write(out, p->name, saved);
}

static int file_position_write(struct ps_input *base, struct ps_buf *out)
{
    struct file_input *in = (struct file_input *)base;
    generations_reap(in);
    bool first = true;
    (void)ps_buf_append_str(out, "{\"files\":[");
    for (size_t i = 0; i < in->set.n; i++) {
        const struct ps_file_path *p = &in->set.paths[i];
        for (size_t k = 0; k < p->pending_n; k++)
            (void)row_write(out, p, &p->pending[k], &first);
        for (struct ps_file_generation *g = p->oldest; g; g = g->newer) {
            ps_file_generation_save(g);
            (void)row_write(out, p, &g->saved, &first);
        }
    }
    return ps_buf_append_str(out, "]}");
}

static struct ps_input *file_close(struct ps_input *base)
{
    struct file_input *in = (struct file_input *)base;
    if (!in)
        return NULL;
    (void)ps_loop_source_free(in->scan_timer);
    (void)ps_loop_source_free(in->first_ready);
    (void)ps_file_watch_free(in->watch);
    for (size_t i = 0; i < in->set.n; i++)
        ps_file_path_done(&in->set.paths[i]);
    free(in->set.paths);
    ps_file_runs_done(&in->runs);
    ps_file_directories_done(&in->directories);
    free(in);
    return NULL;
}

/* Gives each path its rows of the position. */
static int pending_set(struct ps_file_set *set, const struct ps_file_state *state)
{
    for (size_t k = 0; k < state->n; k++) {
        struct ps_file_path *p = NULL;
        for (size_t i = 0; i < set->n && !p; i++)
            if (strcmp(set->paths[i].name, state->v[k].path) == 0)
                p = &set->paths[i];
        if (!p) {
            ps_log(PS_LOG_NOTICE, "%s: %s is not in the configuration any more: its position is forgotten",
                   set->host->name, state->v[k].path);
            continue;
        }
        struct ps_file_saved *v =
            ps_fault(PS_FAULT_MALLOC) ? NULL : reallocarray(p->pending, p->pending_n + 1, sizeof *v);
        if (!v)
            return -ENOMEM;
        p->pending = v;
        p->pending[p->pending_n++] = state->v[k].saved;
    }
    return 0;
}

static int position_take(struct file_input *in, const struct ps_json *position)
{
    if (!position) {
        for (size_t i = 0; i < in->set.n; i++)
            in->set.paths[i].from_end = in->set.host->read_from == PS_READ_FROM_END;
        return 0;
    }
    struct ps_file_state state;
    int r = ps_file_state_read(position, &state);
    if (r < 0)
        return r;
    r = pending_set(&in->set, &state);
    ps_file_state_done(&state);
    return r;
}

/* Paths by name, each once. */
static int paths_make(struct file_input *in)
{
    const struct ps_strings *names = &in->set.options->paths;
    in->set.paths = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(names->n, sizeof *in->set.paths);
    if (!in->set.paths)
        return -ENOMEM;
    for (size_t i = 0; i < names->n; i++) {
        bool again = false;
        for (size_t k = 0; k < in->set.n; k++)
            again |= strcmp(in->set.paths[k].name, names->v[i]) == 0;
        if (!again)
            in->set.paths[in->set.n++].name = names->v[i];
    }
    return 0;
}

static int sources_add(struct file_input *in)
{
    struct ps_loop *loop = in->set.host->loop;
    int r = ps_loop_timer_add(loop, on_scan, in, &in->scan_timer);
    if (r >= 0)
        r = ps_loop_deferred_add(loop, on_first_ready, in, &in->first_ready);
    if (r >= 0)
        r = ps_loop_deferred_trigger(in->first_ready);
    return r;
}

static int input_start(struct file_input *in, const struct ps_json *position)
{
    int r = paths_make(in);
    if (r >= 0)
        r = position_take(in, position);
    if (r < 0)
        return r;
    if (in->set.host->once) {
        paths_look(in, true);
        return 0;
    }
    r = sources_add(in);
    for (size_t i = 0; i < in->set.n && r >= 0; i++)
        r = ps_file_directories_add(&in->directories, in->set.paths[i].name);
    if (r < 0)
        return r;
    watch_open(in);
    paths_look(in, true);
    int64_t interval = in->set.options->scan_interval;
    return ps_loop_timer_set(in->scan_timer, interval, interval / SCAN_SLACK_PART);
}

static int file_open(const void *options, const struct ps_input_host *host, const struct ps_json *position,
                     struct ps_input **ret)
{
    struct file_input *in = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *in);
    if (!in)
        return -ENOMEM;
    in->base.ops = &ps_input_file;
    in->set.options = options;
    in->set.host = host;
    int r = input_start(in, position);
    if (r < 0) {
        (void)file_close(&in->base);
        return r;
    }
    *ret = &in->base;
    return 0;
}

static const char *options_check(const void *options, const char **ret_row)
{
    const struct ps_input_file_options *o = options;
    *ret_row = "paths";
    if (o->paths.n == 0)
        return "at least one path";
    for (size_t i = 0; i < o->paths.n; i++)
        if (o->paths.v[i][0] != '/')
            return "an absolute path, such as /var/log/mail.log";
    return NULL;
}

#define KIB INT64_C(1024)
#define MIB (1024 * KIB)

static const struct ps_option option_rows[] = {
    {
        .name = "paths",
        .type = PS_OPTION_STRING_LIST,
        .offset = offsetof(struct ps_input_file_options, paths),
        .required = true,
        .example = "[/var/log/mail.log]",
        .doc = "log files to read, each an absolute path",
    },
    {
        .name = "max_line",
        .type = PS_OPTION_SIZE,
        .offset = offsetof(struct ps_input_file_options, max_line),
        .standard = "64KiB",
        .min = KIB,
        .max = MIB,
        .doc = "longer lines are cut here and marked",
    },
    {
        .name = "scan_interval",
        .type = PS_OPTION_DURATION,
        .offset = offsetof(struct ps_input_file_options, scan_interval),
        .standard = "10s",
        .min = PS_USEC_PER_SEC,
        .max = 3600 * PS_USEC_PER_SEC,
        .doc = "how often to look at the files where no event tells of a change",
    },
};

const struct ps_input_ops ps_input_file = {
    .kind = "file",
    .doc = "log files, followed over rotations",
    .options =
        {
            .rows = option_rows,
            .n = PS_COUNT(option_rows),
            .size = sizeof(struct ps_input_file_options),
            .check = options_check,
        },
    .open = file_open,
    .next = file_next,
    .confirm = file_confirm,
    .position_write = file_position_write,
    .close = file_close,
};
