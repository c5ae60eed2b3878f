#include "input/file_reader.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/util.h"

PS_CLEANUP_DEFINE(struct ps_file_generation, ps_file_generation_free)

static struct ps_file_generation *turn_take(struct ps_file_reader *rd)
{
    for (size_t i = 0; i < rd->set->n; i++) {
        size_t at = (rd->turn + i) % rd->set->n;
        struct ps_file_generation *g = ps_file_path_dirty(&rd->set->paths[at]);
        if (g) {
            rd->turn = at + 1;
            return g;
        }
    }
    return NULL;
}

/* The content under g was destroyed: what replaced it becomes the next generation. 0 or -ENOMEM, or negative errno. */
static int generation_replace(struct ps_file_reader *rd, struct ps_file_generation *g)
{
    _cleanup_(ps_file_generation_freep) struct ps_file_generation *next = NULL;
    int r = ps_file_generation_new(g->source.path.p, rd->set->numbers + 2, &next);
    if (r < 0)
        return r;
    r = ps_file_generation_replace(g, next, rd->set->numbers + 1);
    if (r < 0)
        return r;
    rd->set->numbers += 2;
    ps_log(
        PS_LOG_WARNING,
        "%s: %s was truncated or written anew at offset %llu: reading it from its beginning; %llu bytes are known to "
        "be lost",
        rd->set->host->name, g->source.path.p, (unsigned long long)g->handed, (unsigned long long)g->saved.gap_bytes);
    for (size_t i = 0; i < rd->set->n; i++)
        if (rd->set->paths[i].at == g)
            rd->set->paths[i].at = next;
    next->live = g->live;
    g->live = false;
    ps_file_path_insert(g, next);
    next = NULL;
    return 0;
}

/* A failure of g: says so and leaves the next try to the scan. Returns 0, or -ENOMEM: the next try is the caller's. */
static int failure_take(struct ps_file_reader *rd, struct ps_file_generation *g, int error)
{
    if (error == -ENOMEM)
        return error;
    g->error = error;
    g->dirty = false;
    ps_log_limited(&rd->read_limit, PS_LOG_ERROR, "%s: reading %s at offset %llu failed: %s; trying again",
                   rd->set->host->name, g->source.path.p, (unsigned long long)g->lines.offset, strerror(-error));
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
static int batch_read(struct ps_file_reader *rd, struct ps_file_generation *g)
{
    if (g->gap_due || g->batch || g->rest_due)
        return 1;
    int r = ps_file_generation_check(g);
    if (r == 0) {
        r = generation_replace(rd, g);
        return r < 0 ? failure_take(rd, g, r) : 1;
    }
    if (r > 0)
        r = ps_lines_fill(&g->lines);
    if (r < 0)
        return failure_take(rd, g, r);
    g->error = 0;
    if (r == 0)
        return end_take(g);
    g->batch = true;
    g->quiet_since = ps_clock_monotonic();
    return 1;
}

/* The generation key, before the first record. 0 or negative errno. */
static int key_take(const struct ps_file_reader *rd, struct ps_file_generation *g)
{
    struct ps_slice line = ps_lines_peek(&g->lines);
    if (!line.p && !g->rest_due)
        return 0;
    if (!line.p)
        line = (struct ps_slice){g->lines.p + g->lines.start, g->lines.end - g->lines.start};
    uint8_t key[PS_FILE_KEY_LEN];
    int r = ps_file_key_make(g->fd, rd->set->host->host_id, g->rest_due, key);
    if (r == 0) /* truncated behind our back: what we hold is all there is of it */
        r = ps_file_key_of(line, rd->set->host->host_id, key);
    if (r < 0)
        return r;
    memcpy(g->source.key, key, sizeof key);
    g->source.has_key = true;
    return 0;
}

static int gap_give(struct ps_file_reader *rd, struct ps_file_generation *g, struct ps_record *ret)
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
    ps_file_runs_push(&rd->runs, g, &ret->position);
    return 1;
}

static int line_give(struct ps_file_reader *rd, struct ps_file_generation *g, const struct ps_text_line *line,
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
    ps_file_runs_push(&rd->runs, g, &ret->position);
    return 1;
}

/* The next record of g out of memory. 1; 0: there is none; -ENOMEM: try again. */
static int record_take(struct ps_file_reader *rd, struct ps_file_generation *g, struct ps_record *ret)
{
    int r = ps_file_runs_reserve(&rd->runs);
    if (r < 0)
        return r;
    if (g->gap_due)
        return gap_give(rd, g, ret);
    if (!g->source.has_key) {
        r = key_take(rd, g);
        if (r < 0)
            return failure_take(rd, g, r);
    }
    struct ps_text_line line;
    if (g->batch && ps_lines_take(&g->lines, &line))
        return line_give(rd, g, &line, ret);
    g->batch = false;
    if (!g->rest_due || !ps_lines_rest(&g->lines, &line))
        return 0;
    g->rest_due = false;
    g->ended = true;
    return line_give(rd, g, &line, ret);
}

/* In `once` mode nobody calls later: what couldn't be read is tried again by the next call. The last failure, or 0. */
static int once_retry(struct ps_file_reader *rd)
{
    int failed = 0;
    for (size_t i = 0; i < rd->set->n; i++) {
        struct ps_file_path *p = &rd->set->paths[i];
        if (p->error && p->error != -ENOENT)
            failed = p->error;
        if (p->error)
            (void)ps_file_path_look(rd->set, p, true);
        for (struct ps_file_generation *g = p->oldest; g; g = g->newer)
            if (g->error) {
                failed = g->error;
                g->error = 0;
                g->dirty = true;
            }
    }
    ps_file_set_stages_update(rd->set, rd->set->options->scan_interval);
    return failed;
}

int ps_file_reader_next(struct ps_file_reader *rd, struct ps_record *ret)
{
    for (;;) {
        if (rd->current) {
            int r = record_take(rd, rd->current, ret);
            if (r != 0)
                return r;
            rd->current = NULL;
        }
        struct ps_file_generation *g = turn_take(rd);
        if (!g)
            return rd->set->host->once ? once_retry(rd) : 0;
        int r = batch_read(rd, g);
        if (r < 0)
            return r;
        if (r > 0)
            rd->current = g;
    }
}

void ps_file_reader_confirm(struct ps_file_reader *rd, const struct ps_position *position)
{
    ps_file_runs_confirm(&rd->runs, position);
}

void ps_file_reader_drop(struct ps_file_reader *rd, const struct ps_file_generation *g)
{
    ps_file_runs_drop(&rd->runs, g);
    if (rd->current == g)
        rd->current = NULL;
}

void ps_file_reader_done(struct ps_file_reader *rd)
{
    ps_file_runs_done(&rd->runs);
}
