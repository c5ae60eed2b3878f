#include "support/world.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "support/scratch.h"

/* Runs on the pipeline's thread, where no test may fail: the first complaint is kept for the test to find. */
__attribute__((format(printf, 3, 4))) static bool check(struct world *w, bool fine, const char *format, ...)
{
    if (fine || w->error[0])
        return fine;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(w->error, sizeof w->error, format, args);
    va_end(args);
    return false;
}

static bool chance(struct world *w, unsigned per_mille)
{
    return per_mille && random_below(&w->random, 1000) < per_mille;
}

/* The same answer each time a serial is asked for. */
static bool chance_of(uint64_t serial, unsigned per_mille)
{
    uint64_t state = serial * UINT64_C(0x9e3779b97f4a7c15) + 1;
    (void)random_next(&state);
    return per_mille && random_below(&state, 1000) < per_mille;
}

static bool is_gap(const struct world *w, uint64_t serial)
{
    return w->script.gap_every && serial % w->script.gap_every == 0;
}

static bool is_filtered(const struct world *w, uint64_t serial)
{
    const uint64_t other_numbers = 1 << 20; /* than those that are refused */
    return !is_gap(w, serial) && serial != w->script.large && chance_of(serial + other_numbers, w->script.filter);
}

static bool is_completed(const struct world *w, uint64_t serial)
{
    return w->delivered[serial] || w->refused[serial] || w->filtered[serial];
}

void world_init(struct world *w, const struct world_script *script, uint64_t seed)
{
    *w = (struct world){.script = *script, .random = seed};
    if (sem_init(&w->reached, 1, 0) < 0 || script->lines > WORLD_LINES_MAX)
        abort();
}

void world_done(struct world *w)
{
    (void)sem_destroy(&w->reached);
}

/* The counts, seen from within the pipeline's own thread. */
static void counts_check(struct world *w)
{
    const struct ps_pipeline *p = atomic_load(&w->pipeline);
    if (!p)
        return;
    struct ps_metrics_view v;
    ps_metrics_look(ps_pipeline_metrics(p), &v);
    check(w, v.read == v.delivered + v.filtered + v.dead + v.in_flight, "read %" PRIu64 " does not add up", v.read);
    check(w, v.read == w->read, "read %" PRIu64 " instead of %" PRIu64, v.read, w->read);
    check(w, w->script.dead_late ? v.delivered + v.dead <= w->completed : v.delivered + v.dead == w->completed,
          "completed %" PRIu64 " instead of %" PRIu64, v.delivered + v.dead, w->completed);
    check(w, v.filtered - w->filtered_n <= 1, "filtered %" PRIu64 " instead of %" PRIu64 " or one more", v.filtered,
          w->filtered_n); /* the last one may not have been seen yet */
}

static void completed_note(struct world *w, uint64_t serial)
{
    /* A record counts once a run, however often it was sent. */
    w->completed += !is_gap(w, serial) && !is_filtered(w, serial);
    while (w->completed_to < w->script.lines && is_completed(w, w->completed_to + 1))
        w->completed_to++;
    if (++w->confirmations == w->notify_at)
        (void)sem_post(&w->reached);
}

/* The output never sees the large one: it is a dead letter before anything behind it is asked for or confirmed. */
static void large_note(struct world *w, uint64_t passed)
{
    const uint64_t large = w->script.large;
    if (!large || w->large_kept || large < w->first || large > passed)
        return;
    w->large_kept = true;
    w->refused[large]++;
    w->refusals++;
    completed_note(w, large);
}

/* What is filtered reaches no output: it is done with when the next is asked for. */
static void filtered_note(struct world *w, uint64_t passed)
{
    while (w->filtered_to < passed) {
        uint64_t serial = ++w->filtered_to;
        if (!is_filtered(w, serial))
            continue;
        w->filtered[serial] = true;
        w->filtered_n++;
        completed_note(w, serial);
    }
}

/* ---- the input ---- */

static void on_input_timer(void *ctx)
{
    struct world *w = ctx;
    w->input_host->ready(w->input_host->ctx);
}

static int input_open(const void *options, const struct ps_input_host *host, const struct ps_json *position,
                      struct ps_input **ret)
{
    struct world *w = *(struct world *const *)options;
    int64_t serial = 0;
    if (position && !ps_json_i64(ps_json_member(position, "serial"), &serial))
        return -EINVAL;
    int r = ps_loop_timer_add(host->loop, on_input_timer, w, &w->input_timer);
    if (r < 0)
        return r;
    check(w, (uint64_t)serial <= w->completed_to, "started at %" PRId64 ", confirmed to %" PRIu64, serial,
          w->completed_to);
    w->input.ops = &world_input;
    w->input_host = host;
    w->confirmed = (uint64_t)serial;
    w->next = w->first = (uint64_t)serial + 1;
    w->read = w->completed = 0;
    w->filtered_to = (uint64_t)serial;
    w->filtered_n = 0;
    w->large_kept = false;
    w->thread = 0;
    w->source = (struct ps_source){.path = PS_SLICE("/var/log/mail.log"), .key = {1}, .has_key = true};
    w->source.time.last_usec = INT64_MIN;
    *ret = &w->input;
    return 0;
}

static struct world *world_of_input(struct ps_input *in)
{
    return (struct world *)((char *)in - offsetof(struct world, input));
}

static struct world *world_of_output(struct ps_output *out)
{
    return (struct world *)((char *)out - offsetof(struct world, output));
}

static int input_next(struct ps_input *in, struct ps_record *ret)
{
    struct world *w = world_of_input(in);
    if (!w->thread)
        w->thread = gettid();
    large_note(w, w->next - 1);
    filtered_note(w, w->next - 1);
    counts_check(w);
    memset(w->line, '#', sizeof w->line); /* what was returned before ends now */
    if (w->next > w->script.lines || (w->budget && w->next - w->first >= w->budget))
        return 0;
    if (!w->input_host->once && chance(w, w->script.pause)) {
        check(w, ps_loop_timer_set(w->input_timer, 0, 0) == 0, "timer");
        return 0;
    }
    if (w->next == w->script.no_memory && !w->memory_failed) {
        w->memory_failed = true;
        return -ENOMEM;
    }
    const uint64_t serial = w->next++;
    *ret = (struct ps_record){.offset = serial * 100, .position = {1, serial}, .source = &w->source};
    if (is_gap(w, serial)) {
        ret->flags = PS_RECORD_GAP;
        ret->gap_bytes = serial;
        return 1;
    }
    if (is_filtered(w, serial)) {
        int line = snprintf(w->line, sizeof w->line,
                            "Nov 21 22:57:39 mx1.example.org postfix/qmgr[7]: 4F1A2B3C4D: from=<serial=%" PRIu64
                            "@" WORLD_FILTERED ">, size=1, nrcpt=1 (queue active)",
                            serial);
        ret->line = (struct ps_slice){w->line, (size_t)line};
        w->read++;
        return 1;
    }
    size_t n = serial == w->script.large ? WORLD_LARGE
               : w->script.size_most     ? (size_t)(serial * 7919 % w->script.size_most)
                                         : 0;
    int head = snprintf(w->line, sizeof w->line, "Nov 21 22:57:39 mx1.example.org postfix/test[7]: serial=%" PRIu64 ";",
                        serial);
    memset(w->line + head, 'x', PS_MIN(n, sizeof w->line - (size_t)head));
    ret->line = (struct ps_slice){w->line, PS_MAX((size_t)head, n)};
    w->read++;
    return 1;
}

static void input_confirm(struct ps_input *in, const struct ps_position *position)
{
    struct world *w = world_of_input(in);
    check(w, position->source == 1 && position->next > w->confirmed && position->next < w->next,
          "confirmed %" PRIu64 " after %" PRIu64, position->next, w->confirmed);
    w->confirmed = position->next;
    large_note(w, w->confirmed);
    filtered_note(w, w->confirmed);
}

static uint64_t dead_lines(const struct world *w)
{
    uint64_t n = 0;
    FILE *f = w->dead_path ? fopen(w->dead_path, "re") : NULL;
    for (int c; f && (c = getc(f)) != EOF;)
        n += c == '\n';
    if (f)
        (void)fclose(f);
    return n;
}

/* A checkpoint is about to be written: it must not pass what is not completed, nor what was refused and is not kept. */
static int input_position_write(struct ps_input *in, struct ps_buf *out)
{
    struct world *w = world_of_input(in);
    check(w, w->confirmed <= w->completed_to, "saved %" PRIu64 ", confirmed only to %" PRIu64, w->confirmed,
          w->completed_to);
    uint64_t refused = 0;
    for (uint64_t i = 1; w->refusals && i <= w->confirmed; i++)
        refused += w->refused[i] > 0;
    check(w, refused == 0 || dead_lines(w) >= refused, "saved behind a refused record that is not kept");
    counts_check(w);
    w->saves++;
    w->saved = w->confirmed;
    return ps_buf_printf(out, "{\"serial\":%" PRIu64 "}", w->confirmed);
}

static struct ps_input *input_close(struct ps_input *in)
{
    if (in) {
        struct world *w = world_of_input(in);
        w->input_timer = ps_loop_source_free(w->input_timer);
    }
    return NULL;
}

const struct ps_input_ops world_input = {
    .kind = "world",
    .open = input_open,
    .next = input_next,
    .confirm = input_confirm,
    .position_write = input_position_write,
    .close = input_close,
};

/* ---- the output ---- */

/* The serial that an event holds: of a line in its text, of a gap in its bytes. */
static uint64_t serial_of(struct ps_slice value)
{
    static const char *const marks[] = {"serial=", "\"gap_bytes\":"};
    for (size_t i = 0; i < PS_COUNT(marks); i++) {
        const char *p = memmem(value.p, value.n, marks[i], strlen(marks[i]));
        uint64_t serial = 0;
        if (!p)
            continue;
        for (p += strlen(marks[i]); p < value.p + value.n && *p >= '0' && *p <= '9'; p++)
            serial = 10 * serial + (uint64_t)(*p - '0');
        return serial;
    }
    return 0;
}

/* Completes one of the pending records. */
static void pending_complete(struct world *w, size_t i)
{
    const struct world_pending one = w->pending[i];
    check(w, serial_of(one.value) == one.serial, "the bytes of %" PRIu64 " changed while they were lent", one.serial);
    if (w->script.hang_after && w->confirmations >= w->script.hang_after)
        return;
    memmove(&w->pending[i], &w->pending[i + 1], (w->pending_n - i - 1) * sizeof one);
    w->pending_n--;
    if (chance_of(one.serial, w->script.refuse)) {
        w->refused[one.serial]++;
        w->refusals++;
        completed_note(w, one.serial);
        w->output_host->refused(w->output_host->ctx, one.seq, "no \"such\" thing");
        return;
    }
    w->delivered[one.serial]++;
    w->deliveries++;
    completed_note(w, one.serial);
    w->output_host->done(w->output_host->ctx, one.seq);
    if (chance(w, w->script.twice))
        w->output_host->done(w->output_host->ctx, one.seq);
}

static void rewind_ask(struct world *w)
{
    if (w->rewinding)
        return;
    w->rewinding = true;
    w->rewinds++;
    w->output_host->rewind(w->output_host->ctx, "the script says so");
}

static void work_ask(struct world *w)
{
    check(w, ps_loop_deferred_trigger(w->work) == 0, "trigger");
}

static void on_work(void *ctx)
{
    struct world *w = ctx;
    if (w->pending_n && !w->rewinding && chance(w, w->script.rewind))
        rewind_ask(w);
    for (uint64_t n = random_below(&w->random, 20); !w->script.on_flush && n && w->pending_n; n--)
        pending_complete(w, w->script.in_order ? 0 : (size_t)random_below(&w->random, w->pending_n));
    if (w->blocked && chance(w, 300)) {
        w->blocked = false;
        w->output_host->writable(w->output_host->ctx);
    }
    bool hung = w->script.hang_after && w->confirmations >= w->script.hang_after;
    if (w->blocked || (w->pending_n && !hung && !w->script.on_flush))
        work_ask(w);
}

static int output_open(const void *options, const struct ps_output_host *host, struct ps_output **ret, char *buf,
                       size_t n)
{
    struct world *w = *(struct world *const *)options;
    int r = ps_loop_deferred_add(host->loop, on_work, w, &w->work);
    if (r < 0) {
        (void)snprintf(buf, n, "no memory");
        return r;
    }
    w->output.ops = &world_output;
    w->output_host = host;
    w->pending_n = 0;
    w->last_seq = UINT64_MAX;
    w->blocked = w->rewinding = w->submitted = false;
    *ret = &w->output;
    return 0;
}

static int output_submit(struct ps_output *out, uint64_t seq, const struct ps_message *m)
{
    struct world *w = world_of_output(out);
    check(w, !w->rewinding, "submitted between a rewind and its purge");
    check(w, !w->blocked, "submitted though it takes no more");
    check(w, w->last_seq == UINT64_MAX || seq > w->last_seq, "submitted %" PRIu64 " after %" PRIu64, seq, w->last_seq);
    const uint64_t serial = serial_of(m->value);
    if (!check(w, serial >= 1 && serial <= w->script.lines, "no serial in what was submitted"))
        return -EIO;
    check(w, m->key.n > 0, "no key");
    check(w, !is_filtered(w, serial), "serial %" PRIu64 " was to be filtered", serial);
    if (chance(w, w->script.fails))
        return w->rewinding = true, w->rewinds++, -EIO;
    if (chance(w, w->script.again) || w->pending_n == WORLD_PENDING_MAX) {
        w->blocked = true;
        work_ask(w);
        return -EAGAIN;
    }
    w->last_seq = seq;
    w->pending[w->pending_n++] = (struct world_pending){seq, serial, m->value};
    w->submitted = true;
    if (chance(w, w->script.at_once))
        pending_complete(w, w->pending_n - 1);
    else if (chance(w, w->script.rewind))
        rewind_ask(w);
    work_ask(w);
    return 0;
}

static void output_flush(struct ps_output *out)
{
    struct world *w = world_of_output(out);
    check(w, w->submitted, "flushed without need");
    w->submitted = false;
    for (size_t n = w->pending_n; w->script.on_flush && n; n--)
        pending_complete(w, w->script.in_order ? 0 : (size_t)random_below(&w->random, w->pending_n));
    if (chance(w, w->script.rewind))
        rewind_ask(w);
}

static void output_purge(struct ps_output *out)
{
    struct world *w = world_of_output(out);
    check(w, w->rewinding, "purged without need");
    for (size_t i = 0; i < w->pending_n; i++)
        check(w, serial_of(w->pending[i].value) == w->pending[i].serial, "bytes changed before the purge");
    w->pending_n = 0;
    w->last_seq = UINT64_MAX;
    w->blocked = w->rewinding = w->submitted = false;
}

static struct ps_output *output_close(struct ps_output *out)
{
    if (out) {
        struct world *w = world_of_output(out);
        w->work = ps_loop_source_free(w->work);
        w->pending_n = 0;
    }
    return NULL;
}

const struct ps_output_ops world_output = {
    .kind = "world",
    .open = output_open,
    .submit = output_submit,
    .flush = output_flush,
    .purge = output_purge,
    .close = output_close,
};

bool world_complete(struct world *w, bool may_repeat)
{
    for (uint64_t i = 1; i <= w->script.lines; i++) {
        check(w, is_completed(w, i), "serial %" PRIu64 " is lost", i);
        check(w, w->filtered[i] == is_filtered(w, i), "serial %" PRIu64 " is filtered, or not", i);
        check(w, may_repeat || w->delivered[i] + w->refused[i] <= 1, "serial %" PRIu64 " came twice", i);
    }
    return !w->error[0];
}
