#include "pipeline.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/util.h"
#include "lib/json_read.h"
#include "support/scratch.h"
#include "support/world.h"

enum { PATH_SIZE = 256, LONG = 60 };

struct fixture {
    struct scratch scratch;
    struct ps_parser *parser;
    struct ps_site site;
    struct ps_line line;
    struct ps_filter *filter; /* what the script says is to be filtered */
};

/* By a field that is derived with memory of its own. */
static int filter_make(struct ps_filter **ret)
{
    static char name[] = "from_domain", value[] = WORLD_FILTERED; /* borrowed by the filter */
    char *values[] = {value};
    struct ps_condition condition = {name, {values, 1}};
    struct ps_condition_set set = {&condition, 1};
    const struct ps_conditions keep = {0}, drop = {&set, 1};
    return ps_filter_new(&keep, &drop, ret);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f || ps_parser_new(&f->parser) < 0 || filter_make(&f->filter) < 0)
        return -1;
    scratch_make(&f->scratch);
    f->line = (struct ps_line){.parser = f->parser, .site = &f->site, .own_host = PS_SLICE("mx1.example.org")};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    for (int point = 0; point < PS_FAULT_COUNT; point++)
        ps_fault_arm((enum ps_fault_point)point, 0, 0);
    scratch_remove(&f->scratch);
    ps_parser_free(f->parser);
    ps_filter_free(f->filter);
    free(f);
    return 0;
}

/* What most tests share; `w` is a variable, because options are handed over by address. */
static struct ps_pipeline_setup setup_of(const struct fixture *f, struct world *const *w, const char *name)
{
    return (struct ps_pipeline_setup){.name = name,
                                      .state_dir = f->scratch.path,
                                      .input = &world_input,
                                      .input_options = w,
                                      .output = &world_output,
                                      .output_options = w,
                                      .line = &f->line,
                                      .filter = f->filter,
                                      .host_id = PS_SLICE("0123456789abcdef0123456789abcdef"),
                                      .window = 100,
                                      .window_bytes = 30000,
                                      .once = true,
                                      .once_timeout = LONG * PS_USEC_PER_SEC,
                                      .shutdown_timeout = LONG * PS_USEC_PER_SEC,
                                      .checkpoint_interval = 0};
}

/* -1: did not start. */
static int run(const struct ps_pipeline_setup *setup, struct world *w)
{
    struct ps_pipeline *p;
    atomic_store(&w->pipeline, NULL);
    if (ps_pipeline_start(setup, &p) < 0)
        return -1;
    atomic_store(&w->pipeline, p);
    int result = (int)ps_pipeline_join(p);
    char text[256];
    if (!ps_metrics_format(ps_pipeline_metrics(p), text, sizeof text))
        (void)snprintf(w->error, sizeof w->error, "%.200s", text);
    atomic_store(&w->pipeline, NULL);
    ps_pipeline_free(p);
    return result;
}

static void assert_complete(struct world *w, bool may_repeat)
{
    if (!world_complete(w, may_repeat))
        fail_msg("%s", w->error);
}

/* The serial in the checkpoint on disk; -1: none there, or damaged. */
static int64_t saved_serial(const struct fixture *f, const char *name)
{
    char path[PATH_SIZE], text[4096] = "";
    int64_t serial = -1;
    (void)snprintf(path, sizeof path, "%s/%s.checkpoint", f->scratch.path, name);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    size_t n = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    const char *body = memchr(text, '\n', n);
    struct ps_json *root = NULL;
    if (body && ps_json_parse(ps_slice_from_str(body + 1), &root) == 0)
        (void)ps_json_i64(ps_json_member(ps_json_member(root, "position"), "serial"), &serial);
    ps_json_free(root);
    return serial;
}

/* ---- every line arrives ---- */

static const struct script_row {
    const char *what;
    struct world_script script;
    size_t window, window_bytes;
} script_rows[] = {
    {"nothing to read", {.lines = 0}, 100, 30000},
    {"one line", {.lines = 1, .in_order = true}, 100, 30000},
    {"confirmed in order", {.lines = 3000, .in_order = true}, 100, 30000},
    {"confirmed in any order", {.lines = 3000, .size_most = 500}, 100, 30000},
    {"confirmed from within submit", {.lines = 3000, .at_once = 1000}, 100, 30000},
    {"confirmed by flush only", {.lines = 3000, .on_flush = true}, 100, 30000},
    {"a window of one record", {.lines = 300, .at_once = 300}, 1, 30000},
    {"a window of few bytes", {.lines = 1000, .size_most = 300, .twice = 200}, 1000, 1500},
    {"gaps", {.lines = 2000, .gap_every = 3}, 100, 30000},
    {"nothing but gaps", {.lines = 200, .gap_every = 1}, 100, 30000},
    {"a full output", {.lines = 2000, .again = 100}, 1000, 1 << 20},
    {"rewinds", {.lines = 2000, .rewind = 2, .twice = 100}, 100, 30000},
    {"failing submits", {.lines = 2000, .fails = 3, .at_once = 100}, 100, 30000},
    {"refusals", {.lines = 1000, .refuse = 50, .gap_every = 10}, 100, 30000},
    {"a record larger than the window", {.lines = 300, .large = 150}, 100, 4000},
    {"half of it filtered", {.lines = 3000, .filter = 500}, 100, 30000},
    {"half of it filtered, in a window of one record", {.lines = 300, .filter = 500}, 1, 30000},
    {"long runs filtered", {.lines = 4000, .filter = 990, .again = 100}, 100, 30000},
    {"nothing but filtered", {.lines = 4000, .filter = 1000}, 100, 30000},
    {"nothing but filtered and gaps", {.lines = 1000, .filter = 1000, .gap_every = 3}, 100, 30000},
    {"no memory once", {.lines = 300, .no_memory = 150}, 100, 30000},
    {"everything",
     {.lines = 2000,
      .gap_every = 7,
      .size_most = 400,
      .filter = 300,
      .large = 78,
      .no_memory = 9,
      .again = 20,
      .fails = 1,
      .rewind = 1,
      .at_once = 100,
      .refuse = 10,
      .twice = 50},
     50,
     5000},
};

/* The values of the dead letters, by serial, as the file has them. */
static void dead_letters_are_what_was_refused(const struct world *w, bool exact)
{
    uint16_t kept[WORLD_LINES_MAX + 1] = {0};
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(w->dead_path, "re");
    for (ssize_t n; file && (n = getline(&line, &size, file)) > 0;) {
        struct ps_json *root = NULL, *value = NULL;
        struct ps_slice text, time, reason;
        int64_t serial = 0;
        assert_int_equal(ps_json_parse(ps_slice_make(line, (size_t)n), &root), 0);
        assert_true(ps_json_string(ps_json_member(root, "time"), &time));
        assert_int_equal(time.n, PS_TIMESTAMP_LEN);
        assert_true(ps_json_string(ps_json_member(root, "value"), &text));
        assert_true(ps_json_string(ps_json_member(root, "reason"), &reason));
        assert_int_equal(ps_json_parse(text, &value), 0); /* the event itself, whole */
        assert_true(ps_json_i64(ps_json_member(ps_json_member(root, "position"), "next"), &serial));
        assert_in_range(serial, 1, w->script.lines);
        kept[serial]++;
        if ((uint64_t)serial == w->script.large)
            assert_non_null(memmem(reason.p, reason.n, "window_bytes", 12));
        else
            assert_true(ps_slice_equal(reason, PS_SLICE("no \"such\" thing")));
        ps_json_free(value);
        ps_json_free(root);
    }
    if (file) {
        struct stat st;
        assert_int_equal(fstat(fileno(file), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        (void)fclose(file);
    }
    free(line);
    for (uint64_t i = 1; i <= w->script.lines; i++) {
        if (exact)
            assert_int_equal(kept[i], w->refused[i]);
        else
            assert_int_equal(kept[i] > 0, w->refused[i] > 0);
    }
}

static void every_line_arrives(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < PS_COUNT(script_rows); i++) {
        const struct script_row *row = &script_rows[i];
        struct world *w = calloc(1, sizeof *w);
        char name[32], dead[PATH_SIZE];
        assert_non_null(w);
        world_init(w, &row->script, i + 1);
        (void)snprintf(name, sizeof name, "row%zu", i);
        (void)snprintf(dead, sizeof dead, "%s/dead/%s.ndjson", f->scratch.path, name);
        w->dead_path = dead;
        struct ps_pipeline_setup setup = setup_of(f, &w, name);
        setup.window = row->window;
        setup.window_bytes = row->window_bytes;
        int result = run(&setup, w);
        bool dead_letters = row->script.refuse || row->script.large;
        if (result != (dead_letters ? PS_PIPELINE_INCOMPLETE : PS_PIPELINE_COMPLETE) || w->error[0])
            fail_msg("%s: result %d: %s", row->what, result, w->error);
        assert_complete(w, w->rewinds > 0);
        dead_letters_are_what_was_refused(w, true);
        assert_int_equal(saved_serial(f, name), row->script.lines);
        if (row->script.rewind || row->script.fails)
            assert_true(w->rewinds > 0);
        world_done(w);
        free(w);
    }
}

/* ---- restarts ---- */

/* Stopped at many moments and started again: nothing is missing, and what was confirmed in order never comes twice. */
static void a_stopped_pipeline_goes_on_exactly(void **state)
{
    struct fixture *f = *state;
    static const struct world_script script = {
        .lines = 3000, .gap_every = 11, .filter = 300, .pause = 20, .in_order = true};
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    world_init(w, &script, 4711);
    struct ps_pipeline_setup setup = setup_of(f, &w, "mail");
    setup.once = false;
    int runs = 0;
    for (; w->completed_to < script.lines; runs++) {
        struct ps_pipeline *p;
        uint64_t left = script.lines - w->completed_to;
        w->budget = 1 + random_below(&w->random, 400);
        w->notify_at = w->confirmations + 1 + random_below(&w->random, PS_MIN(w->budget, left));
        assert_int_equal(ps_pipeline_start(&setup, &p), 0);
        while (sem_wait(&w->reached) < 0)
            assert_int_equal(errno, EINTR);
        ps_pipeline_stop(p);
        assert_int_equal(ps_pipeline_join(p), PS_PIPELINE_COMPLETE);
        ps_pipeline_free(p);
        /* a clean stop waits for what is in flight, so nothing is open afterwards */
        assert_int_equal(saved_serial(f, "mail"), w->completed_to);
        assert_int_equal(w->completed_to, w->next - 1);
    }
    assert_complete(w, false);
    assert_true(runs > 5);
    world_done(w);
    free(w);
}

/* The output hangs: the stop ends after shutdown_timeout with the checkpoint at the confirmed run, and the next start
 * sends exactly the rest. */
static void a_stop_does_not_wait_for_ever(void **state)
{
    struct fixture *f = *state;
    static const struct world_script script = {.lines = 500, .in_order = true, .hang_after = 123};
    struct world *w = calloc(1, sizeof *w);
    struct ps_pipeline *p;
    assert_non_null(w);
    world_init(w, &script, 5);
    w->notify_at = script.hang_after;
    struct ps_pipeline_setup setup = setup_of(f, &w, "mail");
    setup.once = false;
    setup.shutdown_timeout = 20 * PS_USEC_PER_MSEC;
    assert_int_equal(ps_pipeline_start(&setup, &p), 0);
    while (sem_wait(&w->reached) < 0)
        assert_int_equal(errno, EINTR);
    ps_pipeline_stop(p);
    ps_pipeline_stop(p); /* twice is fine */
    assert_int_equal(ps_pipeline_join(p), PS_PIPELINE_COMPLETE);
    ps_pipeline_free(p);
    assert_int_equal(saved_serial(f, "mail"), script.hang_after);
    w->script.hang_after = 0;
    setup.once = true;
    assert_int_equal(run(&setup, w), PS_PIPELINE_COMPLETE);
    assert_int_equal(w->first, script.hang_after + 1);
    assert_complete(w, false);
    world_done(w);
    free(w);
}

static void once_gives_up_without_progress(void **state)
{
    struct fixture *f = *state;
    static const struct world_script script = {.lines = 500, .in_order = true, .hang_after = 200};
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    world_init(w, &script, 6);
    struct ps_pipeline_setup setup = setup_of(f, &w, "mail");
    setup.once_timeout = 50 * PS_USEC_PER_MSEC;
    assert_int_equal(run(&setup, w), PS_PIPELINE_INCOMPLETE);
    assert_int_equal(saved_serial(f, "mail"), script.hang_after);
    setup.once_timeout = LONG * PS_USEC_PER_SEC;
    w->script.hang_after = 0;
    assert_int_equal(run(&setup, w), PS_PIPELINE_COMPLETE);
    assert_complete(w, false);
    world_done(w);
    free(w);
}

/* Killed at any moment, the next start finds a checkpoint that passes nothing unconfirmed (the input checks it) and
 * sends all the rest. The world lies in memory that outlives the process. */
static void a_killed_pipeline_loses_nothing(void **state)
{
    struct fixture *f = *state;
    static const struct world_script script = {
        .lines = 2500, .gap_every = 13, .size_most = 300, .filter = 300, .again = 5, .refuse = 5, .pause = 10};
    char dead[PATH_SIZE];
    struct world *w = mmap(NULL, sizeof *w, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(w != MAP_FAILED);
    world_init(w, &script, 99);
    (void)snprintf(dead, sizeof dead, "%s/dead/mail.ndjson", f->scratch.path);
    w->dead_path = dead;
    struct ps_pipeline_setup setup = setup_of(f, &w, "mail");
    setup.once = false;
    uint64_t random = 31;
    int kills = 0, in_flight = 0;
    while (w->completed_to < script.lines && kills < 1000) {
        w->notify_at = PS_MIN(w->confirmations + 1 + random_below(&random, 300), UINT64_MAX);
        atomic_store(&w->pipeline, NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct ps_pipeline *p;
            if (ps_pipeline_start(&setup, &p) < 0)
                _exit(1);
            for (;;)
                (void)pause();
        }
        struct timespec most;
        (void)clock_gettime(CLOCK_REALTIME, &most);
        most.tv_sec += w->script.lines - w->completed_to < 300 ? 1 : LONG;
        (void)sem_timedwait(&w->reached, &most); /* the last run has fewer left than it waits for */
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        kills++;
        in_flight += w->next - 1 > w->confirmed;
        if (w->error[0])
            fail_msg("%s", w->error);
    }
    assert_complete(w, true);
    dead_letters_are_what_was_refused(w, false);
    print_message("%d kills, %d with records in flight\n", kills, in_flight);
    assert_true(in_flight >= 3);
    world_done(w);
    (void)munmap(w, sizeof *w);
}

static void the_second_of_a_name_does_not_start(void **state)
{
    struct fixture *f = *state;
    static const struct world_script script = {.lines = 10, .in_order = true};
    struct world *w = calloc(1, sizeof *w), *other = calloc(1, sizeof *other);
    struct ps_pipeline *p, *q = NULL;
    assert_true(w && other);
    world_init(w, &script, 7);
    world_init(other, &script, 8);
    struct ps_pipeline_setup setup = setup_of(f, &w, "mail"), second = setup_of(f, &other, "mail");
    setup.once = false;
    assert_int_equal(ps_pipeline_start(&setup, &p), 0);
    assert_int_equal(ps_pipeline_start(&second, &q), -EBUSY);
    assert_null(q);
    ps_pipeline_stop(p);
    assert_int_equal(ps_pipeline_join(p), PS_PIPELINE_COMPLETE);
    ps_pipeline_free(p);
    ps_pipeline_free(NULL);
    world_done(w);
    world_done(other);
    free(w);
    free(other);
}

static void a_start_that_can_not_be_right_is_refused(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *file; /* what stands in the checkpoint */
        int r;
    } rows[] = {
        {"", -EUCLEAN}, {"postship checkpoint 2 0 00000000\n", -EPROTO}, /* the CRC of nothing is 0 */
    };
    static const struct world_script script = {.lines = 10};
    struct world *w = calloc(1, sizeof *w);
    char path[PATH_SIZE];
    assert_non_null(w);
    world_init(w, &script, 9);
    struct ps_pipeline_setup setup = setup_of(f, &w, "mail");
    (void)snprintf(path, sizeof path, "%s/mail.checkpoint", f->scratch.path);
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_pipeline *p = NULL;
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(rows[i].file, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(ps_pipeline_start(&setup, &p), rows[i].r);
        assert_null(p);
    }
    world_done(w);
    free(w);
}

/* ---- what can't be kept ---- */

/* While the dead letter can't be written the checkpoint stays in front of the record; when it can, all goes on. */
static void a_refused_record_waits_for_its_letter(void **state)
{
    struct fixture *f = *state;
    static const struct world_script script = {.lines = 400, .in_order = true, .refuse = 10, .dead_late = true};
    struct world *w = calloc(1, sizeof *w);
    char obstacle[PATH_SIZE], dead[PATH_SIZE];
    assert_non_null(w);
    world_init(w, &script, 10);
    (void)snprintf(obstacle, sizeof obstacle, "%s/dead", f->scratch.path);
    (void)snprintf(dead, sizeof dead, "%s/dead/mail.ndjson", f->scratch.path);
    w->dead_path = dead;
    FILE *file = fopen(obstacle, "we"); /* a file where the directory should be */
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);

    struct ps_pipeline_setup setup = setup_of(f, &w, "mail");
    setup.once_timeout = 200 * PS_USEC_PER_MSEC;
    assert_int_equal(run(&setup, w), PS_PIPELINE_INCOMPLETE);
    assert_true(w->refusals > 0);
    uint64_t first = 1;
    while (!w->refused[first])
        first++;
    assert_int_equal(saved_serial(f, "mail"), first - 1);

    /* the obstacle goes while the next run waits at it */
    struct ps_pipeline *p;
    setup.once_timeout = LONG * PS_USEC_PER_SEC;
    w->notify_at = w->confirmations + 1; /* that first one again */
    assert_int_equal(ps_pipeline_start(&setup, &p), 0);
    while (sem_wait(&w->reached) < 0)
        assert_int_equal(errno, EINTR);
    assert_int_equal(unlink(obstacle), 0);
    assert_int_equal(ps_pipeline_join(p), PS_PIPELINE_INCOMPLETE); /* not everything was delivered */
    ps_pipeline_free(p);
    assert_complete(w, true);
    assert_int_equal(saved_serial(f, "mail"), script.lines);
    dead_letters_are_what_was_refused(w, false);
    world_done(w);
    free(w);
}

/* ---- faults ---- */

static const struct {
    enum ps_fault_point point;
    int error;
} faults[] = {
    {PS_FAULT_MALLOC, ENOMEM}, {PS_FAULT_OPEN, EMFILE},   {PS_FAULT_READ, EIO}, {PS_FAULT_WRITE, ENOSPC},
    {PS_FAULT_FSYNC, EIO},     {PS_FAULT_RENAME, ENOSPC}, {PS_FAULT_STAT, EIO}, {PS_FAULT_TRUNCATE, EIO},
};

/* The Nth use of each point fails, N = 1, 2, 3 … until nothing fails any more. Whatever comes of that run, no promise
 * is broken, and the next one sends all that is missing. */
static void no_single_fault_loses_a_line(void **state)
{
    struct fixture *f = *state;
    static const struct world_script script = {.lines = 120,
                                               .gap_every = 9,
                                               .size_most = 300,
                                               .filter = 300,
                                               .large = 50,
                                               .refuse = 30,
                                               .at_once = 300,
                                               .twice = 10};
    int reached = 0, refused_to_start = 0;
    for (size_t i = 0; i < PS_COUNT(faults); i++) {
        for (uint64_t nth = 1;; nth++) {
            struct world *w = calloc(1, sizeof *w);
            char name[32], dead[PATH_SIZE];
            assert_non_null(w);
            world_init(w, &script, nth);
            w->script.dead_late = true;
            (void)snprintf(name, sizeof name, "p%zu.%" PRIu64, i, nth);
            (void)snprintf(dead, sizeof dead, "%s/dead/%s.ndjson", f->scratch.path, name);
            w->dead_path = dead;
            struct ps_pipeline_setup setup = setup_of(f, &w, name);
            setup.window = 20;
            setup.window_bytes = 4000;
            setup.checkpoint_interval = 10 * PS_USEC_PER_MSEC;
            ps_fault_arm(faults[i].point, nth, faults[i].error);
            int result = run(&setup, w);
            bool hit = ps_fault_uses(faults[i].point) >= nth;
            ps_fault_arm(faults[i].point, 0, 0);
            assert_true(result == -1 || result == PS_PIPELINE_INCOMPLETE);
            refused_to_start += result == -1;
            if (!hit)
                assert_int_equal(result, PS_PIPELINE_INCOMPLETE);
            assert_int_not_equal(run(&setup, w), -1);
            assert_complete(w, true);
            dead_letters_are_what_was_refused(w, false);
            assert_int_equal(saved_serial(f, name), script.lines);
            world_done(w);
            free(w);
            if (!hit)
                break;
            reached++;
        }
    }
    print_message("%d points failed, %d of them at the start\n", reached, refused_to_start);
    assert_true(reached > 50 && refused_to_start > 10);
}

/* ---- together ---- */

static void on_ended(void *ctx)
{
    (void)sem_post(ctx);
}

/* Several pipelines share nothing but the parser; a look from another thread always adds up. */
static void many_run_side_by_side(void **state)
{
    enum { PIPELINES = 4 };
    struct fixture *f = *state;
    static const struct world_script script = {.lines = 2000,
                                               .gap_every = 7,
                                               .size_most = 300,
                                               .filter = 200,
                                               .again = 10,
                                               .rewind = 1,
                                               .at_once = 200,
                                               .refuse = 3};
    struct world *w[PIPELINES];
    struct ps_pipeline *p[PIPELINES];
    struct ps_pipeline_setup setups[PIPELINES];
    char names[PIPELINES][16], dead[PIPELINES][PATH_SIZE];
    sem_t ended;
    assert_int_equal(sem_init(&ended, 0, 0), 0);
    for (int i = 0; i < PIPELINES; i++) {
        w[i] = calloc(1, sizeof *w[i]);
        assert_non_null(w[i]);
        world_init(w[i], &script, (uint64_t)i + 100);
        (void)snprintf(names[i], sizeof names[i], "side%d", i);
        (void)snprintf(dead[i], sizeof dead[i], "%s/dead/%s.ndjson", f->scratch.path, names[i]);
        w[i]->dead_path = dead[i];
        setups[i] = setup_of(f, &w[i], names[i]);
        setups[i].ended = on_ended;
        setups[i].ctx = &ended;
        setups[i].checkpoint_interval = 5 * PS_USEC_PER_MSEC;
    }
    for (int i = 0; i < PIPELINES; i++) {
        assert_int_equal(ps_pipeline_start(&setups[i], &p[i]), 0);
        atomic_store(&w[i]->pipeline, p[i]);
    }
    for (int left = PIPELINES; left;) {
        for (int i = 0; i < PIPELINES; i++) {
            char text[256];
            assert_true(ps_metrics_format(ps_pipeline_metrics(p[i]), text, sizeof text));
        }
        left -= sem_trywait(&ended) == 0;
    }
    for (int i = 0; i < PIPELINES; i++) {
        assert_int_equal(ps_pipeline_join(p[i]), PS_PIPELINE_INCOMPLETE); /* some are dead letters */
        struct ps_metrics_view v;
        ps_metrics_look(ps_pipeline_metrics(p[i]), &v);
        assert_int_equal(v.in_flight, 0);
        assert_int_equal(v.read, script.lines - v.gaps);
        assert_int_equal(v.gaps, script.lines / script.gap_every);
        assert_int_equal(v.rewinds, w[i]->rewinds);
        assert_int_equal(v.filtered, w[i]->filtered_n);
        assert_true(v.filtered > 0);
        ps_pipeline_free(p[i]);
        assert_complete(w[i], true);
        world_done(w[i]);
        free(w[i]);
    }
    (void)sem_destroy(&ended);
}

/* How often the pipeline's thread has gone to sleep, which is how often it was woken. */
static long sleeps_of(int thread)
{
    char path[64], line[128];
    long n = -1;
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/status", thread);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        (void)sscanf(line, "voluntary_ctxt_switches: %ld", &n);
    (void)fclose(file);
    return n;
}

/* When all is confirmed and saved, nothing wakes the thread any more. */
static void at_rest_nothing_wakes_it(void **state)
{
    struct fixture *f = *state;
    static const struct world_script script = {.lines = 500};
    struct world *w = calloc(1, sizeof *w);
    struct ps_pipeline *p;
    assert_non_null(w);
    world_init(w, &script, 12);
    w->notify_at = script.lines;
    struct ps_pipeline_setup setup = setup_of(f, &w, "mail");
    setup.once = false;
    setup.checkpoint_interval = 10 * PS_USEC_PER_MSEC;
    assert_int_equal(ps_pipeline_start(&setup, &p), 0);
    while (sem_wait(&w->reached) < 0)
        assert_int_equal(errno, EINTR);
    while (saved_serial(f, "mail") < (int64_t)script.lines)
        (void)usleep(1000);
    (void)usleep(50000); /* the end of the save */
    long before = sleeps_of(w->thread);
    (void)usleep(300000);
    assert_int_equal(sleeps_of(w->thread), before);
    ps_pipeline_stop(p);
    assert_int_equal(ps_pipeline_join(p), PS_PIPELINE_COMPLETE);
    ps_pipeline_free(p);
    assert_complete(w, false);
    world_done(w);
    free(w);
}

/* Filtered records alone move the checkpoint, and no output has to say anything for it. */
static void at_rest_what_is_filtered_is_confirmed(void **state)
{
    struct fixture *f = *state;
    static const struct world_script script = {.lines = 3000, .filter = 1000};
    struct world *w = calloc(1, sizeof *w);
    struct ps_pipeline *p;
    struct ps_metrics_view v;
    assert_non_null(w);
    world_init(w, &script, 13);
    struct ps_pipeline_setup setup = setup_of(f, &w, "mail");
    setup.once = false;
    assert_int_equal(ps_pipeline_start(&setup, &p), 0);
    while (saved_serial(f, "mail") < (int64_t)script.lines)
        (void)usleep(1000);
    ps_metrics_look(ps_pipeline_metrics(p), &v);
    assert_int_equal(v.read, script.lines);
    assert_int_equal(v.filtered, script.lines);
    assert_int_equal(v.delivered + v.dead + v.in_flight, 0);
    ps_pipeline_stop(p);
    assert_int_equal(ps_pipeline_join(p), PS_PIPELINE_COMPLETE);
    ps_pipeline_free(p);
    assert_complete(w, false);
    assert_int_equal(w->deliveries, 0);
    world_done(w);
    free(w);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_line_arrives),
        TEST(a_stopped_pipeline_goes_on_exactly),
        TEST(a_stop_does_not_wait_for_ever),
        TEST(once_gives_up_without_progress),
        TEST(a_killed_pipeline_loses_nothing),
        TEST(the_second_of_a_name_does_not_start),
        TEST(a_start_that_can_not_be_right_is_refused),
        TEST(a_refused_record_waits_for_its_letter),
        TEST(no_single_fault_loses_a_line),
        TEST(many_run_side_by_side),
        TEST(at_rest_nothing_wakes_it),
        TEST(at_rest_what_is_filtered_is_confirmed),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
