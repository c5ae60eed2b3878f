/* Log files, followed.
 *
 * A path has generations (file_generation.h), the oldest first; those that may have something to read are dirty.
 * file_follow.h hears of changes and makes them dirty, file_path.h knows what stands at a path, file_restore.h finds it
 * again after a restart, file_reader.h takes the records. Failures only ever postpone: nothing newer of a path is
 * opened before what is older. */
#include "input/file.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/util.h"
#include "input/file_follow.h"
#include "input/file_reader.h"

struct file_input {
    struct ps_input base;
    struct ps_file_set set;
    struct ps_file_follow follow;
    struct ps_file_reader reader;
};

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
            ps_file_follow_drop(&in->follow, g);
            ps_file_reader_drop(&in->reader, g);
            (void)ps_file_generation_free(g);
        }
}

static int file_next(struct ps_input *base, struct ps_record *ret)
{
    struct file_input *in = (struct file_input *)base;
    int r = ps_file_reader_next(&in->reader, ret);
    if (r == 0)
        generations_reap(in);
    return r;
}

static void file_confirm(struct ps_input *base, const struct ps_position *position)
{
    struct file_input *in = (struct file_input *)base;
    ps_file_reader_confirm(&in->reader, position);
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
    ps_file_follow_done(&in->follow);
    for (size_t i = 0; i < in->set.n; i++)
        ps_file_path_done(&in->set.paths[i]);
    free(in->set.paths);
    ps_file_reader_done(&in->reader);
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
            in->set.paths[i].from_end = in->set.options->read_from == PS_READ_FROM_END;
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

static int input_start(struct file_input *in, const struct ps_json *position)
{
    int r = paths_make(in);
    if (r >= 0)
        r = position_take(in, position);
    if (r < 0)
        return r;
    return ps_file_follow_start(&in->follow, &in->set);
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
    in->reader.set = &in->set;
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
    PS_INPUT_READ_FROM_ROW(struct ps_input_file_options),
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
