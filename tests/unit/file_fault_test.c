/* The file input while calls fail: one use of one call a run, N = 1, 2, 3 … until none is left that could fail. Every
 * line that was written is delivered at least once, and no failed call passes for a destroyed file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/util.h"
#include "support/file_bed.h"

enum { SERIALS_MOST = 64, RUNS_MOST = 5000, SCAN_USEC = 500 };

struct ledger {
    struct file_bed bed;
    unsigned written;
    bool seen[SERIALS_MOST];
};

static void serials_write(struct ledger *l, const char *name, unsigned n, const char *end)
{
    for (unsigned i = 0; i < n; i++) {
        char line[32];
        (void)snprintf(line, sizeof line, "%u%s", l->written++, i + 1 < n ? "\n" : end);
        file_bed_append(&l->bed, name, line);
    }
}

static void records_enter(struct ledger *l)
{
    for (size_t i = 0; i < l->bed.n; i++) {
        const struct bed_record *r = &l->bed.v[i];
        assert_int_equal(r->flags, 0);
        unsigned long serial = strtoul(r->text, NULL, 10);
        assert_true(serial < l->written);
        l->seen[serial] = true;
    }
}

static bool serials_missing(const struct ledger *l)
{
    for (unsigned i = 0; i < l->written; i++)
        if (!l->seen[i])
            return true;
    return false;
}

/* Until all that was written has been seen. */
static void serials_await(struct ledger *l)
{
    for (;;) {
        (void)file_bed_drain(&l->bed);
        records_enter(l);
        if (!serials_missing(l))
            return;
        assert_true(ps_loop_once(l->bed.loop, -1) >= 0);
    }
}

/* As a pipeline does, that is told to try again. */
static void start_patiently(struct ledger *l)
{
    for (int i = 0; i < BED_TRIES; i++) {
        int r = file_bed_try_start(&l->bed);
        if (r == 0)
            return;
        assert_int_equal(r, -ENOMEM);
    }
    fail();
}

static void save_patiently(struct ledger *l)
{
    int r = -ENOMEM;
    for (int i = 0; i < BED_TRIES && r < 0; i++)
        r = file_bed_save(&l->bed);
    assert_int_equal(r, 0);
}

static void restart(struct ledger *l, bool save)
{
    if (save)
        save_patiently(l);
    file_bed_stop(&l->bed);
    file_bed_forget(&l->bed);
    start_patiently(l);
}

/* The life of a log over rotations, restarts and a crash. */
static void life_run(struct ledger *l)
{
    struct file_bed *b = &l->bed;
    serials_write(l, "mail.log", 3, "\n");
    start_patiently(l);
    serials_await(l);
    serials_write(l, "mail.log", 2, "\n");
    serials_await(l);

    /* a rotation, and a writer that holds on */
    file_bed_rename(b, "mail.log", "mail.log.1");
    serials_write(l, "mail.log.1", 2, "\n");
    serials_write(l, "mail.log", 2, "\n");
    serials_await(l);
    serials_write(l, "mail.log.1", 1, "\n");
    serials_await(l);
    file_bed_confirm(b, 4);
    restart(l, true);
    serials_await(l);

    /* two rotations while stopped; the oldest ends in an unfinished line */
    file_bed_confirm(b, b->n);
    save_patiently(l);
    file_bed_stop(b);
    file_bed_forget(b);
    serials_write(l, "mail.log", 2, "");
    file_bed_rename(b, "mail.log.1", "mail.log.3");
    file_bed_rename(b, "mail.log", "mail.log.2");
    serials_write(l, "mail.log.1", 2, "\n");
    serials_write(l, "mail.log", 2, "\n");
    start_patiently(l);
    serials_await(l);
    file_bed_confirm(b, b->n - 1);

    /* a crash: what was confirmed since the last save comes again */
    serials_write(l, "mail.log", 2, "\n");
    restart(l, false);
    serials_await(l);

    /* two rotations between two looks */
    file_bed_rename(b, "mail.log", "mail.log.5");
    serials_write(l, "mail.log.4", 2, "\n");
    file_bed_unlink(b, "mail.log.1");
    file_bed_unlink(b, "mail.log.2");
    file_bed_unlink(b, "mail.log.3");
    serials_write(l, "mail.log", 2, "\n");
    serials_await(l);
    file_bed_confirm(b, b->n);
    restart(l, true);
    serials_write(l, "mail.log", 1, "\n");
    serials_await(l);
}

static void fault_run(enum ps_fault_point point, uint64_t nth, int error)
{
    struct ledger *l = calloc(1, sizeof *l);
    assert_non_null(l);
    file_bed_open(&l->bed);
    file_bed_path_add(&l->bed, "mail.log");
    l->bed.options.scan_interval = SCAN_USEC;
    l->bed.patient = true;
    ps_fault_arm(point, nth, error);
    life_run(l);
    file_bed_close(&l->bed);
    free(l);
}

static void each_call_fails_once(void **state)
{
    (void)state;
    static const struct {
        enum ps_fault_point point;
        int error;
    } rows[] = {
        {PS_FAULT_MALLOC, ENOMEM}, {PS_FAULT_OPEN, EMFILE}, {PS_FAULT_OPEN, EACCES},  {PS_FAULT_READ, EIO},
        {PS_FAULT_READ, EINTR},    {PS_FAULT_STAT, EIO},    {PS_FAULT_WATCH, ENOSPC},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        uint64_t nth = 1;
        for (; nth <= RUNS_MOST; nth++) {
            fault_run(rows[i].point, nth, rows[i].error);
            if (ps_fault_uses(rows[i].point) < nth)
                break;
        }
        ps_fault_arm(rows[i].point, 0, 0);
        print_message("%s, %s: %llu uses failed, one a run\n", ps_fault_name(rows[i].point),
                      strerrorname_np(rows[i].error), (unsigned long long)(nth - 1));
        assert_true(nth > 1 && nth <= RUNS_MOST);
    }
}

int main(void)
{
    ps_log_level_set(0); /* the messages are those of the faults */
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
