/* The file input over rotations, truncations, copies and deletions, running and stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/util.h"
#include "support/file_bed.h"

static void bed_make(struct file_bed *b)
{
    file_bed_open(b);
    file_bed_path_add(b, "mail.log");
}

static void bed_restart(struct file_bed *b)
{
    assert_int_equal(file_bed_save(b), 0);
    file_bed_stop(b);
    file_bed_forget(b);
    file_bed_start(b);
    file_bed_settle(b);
}

/* Lines LETTER000 … that fill more than a whole fingerprint. */
enum { LONG_LINES = 300 };
static void long_text_make(char letter, char text[LONG_LINES * 5 + 1])
{
    for (int i = 0; i < LONG_LINES; i++)
        (void)snprintf(text + 5 * (ptrdiff_t)i, 6, "%c%03d\n", letter, i);
}

static void rotation_with_a_writer_that_holds_on(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", "a\nb\n");
    file_bed_start(&b);
    file_bed_await(&b, 2);
    file_bed_append(&b, "mail.log", "c\nd"); /* not seen before the rotation */
    file_bed_rename(&b, "mail.log", "mail.log.1");
    file_bed_append(&b, "mail.log", "x\n");
    file_bed_await(&b, 4);
    file_bed_expect(&b, "a b c x");
    file_bed_append(&b, "mail.log.1", "d\n"); /* the late writer */
    file_bed_append(&b, "mail.log", "y\n");
    file_bed_await(&b, 6);
    file_bed_expect(&b, "a b c x dd y");
    assert_string_equal(b.v[4].path, file_bed_name(&b, "mail.log"));
    assert_memory_equal(b.v[4].key, b.v[0].key, sizeof b.v[0].key);
    assert_memory_not_equal(b.v[3].key, b.v[0].key, sizeof b.v[0].key);
    file_bed_append(&b, "mail.log.1", "unfin");
    file_bed_settle(&b);
    file_bed_expect(&b, "a b c x dd y");

    /* the next rotation ends the wait for the oldest */
    file_bed_rename(&b, "mail.log.1", "mail.log.2");
    file_bed_rename(&b, "mail.log", "mail.log.1");
    file_bed_append(&b, "mail.log", "1\n");
    file_bed_await(&b, 8);
    file_bed_expect(&b, "a b c x dd y unfin 1");

    /* it leaves the position once all of it is confirmed */
    assert_int_equal(file_bed_save(&b), 0);
    assert_int_equal(file_bed_saved_count(&b), 3);
    file_bed_confirm(&b, b.n);
    assert_int_equal(file_bed_save(&b), 0);
    assert_int_equal(file_bed_saved_count(&b), 2);
    bed_restart(&b);
    file_bed_expect(&b, "");
    file_bed_append(&b, "mail.log.1", "z\n");
    file_bed_append(&b, "mail.log", "2\n");
    file_bed_await(&b, 2);
    file_bed_expect(&b, "z 2");
    file_bed_close(&b);
}

/* One confirmation stands for all that was handed out before it, in whichever file. */
static void confirmation_covers_other_sources(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", "a\nb\n");
    file_bed_start(&b);
    file_bed_await(&b, 2);
    file_bed_rename(&b, "mail.log", "mail.log.1");
    file_bed_append(&b, "mail.log", "x\n");
    file_bed_await(&b, 3);
    file_bed_append(&b, "mail.log.1", "c\n");
    file_bed_await(&b, 4);
    file_bed_append(&b, "mail.log", "y\nz\n");
    file_bed_await(&b, 6);
    file_bed_expect(&b, "a b x c y z");
    ps_input_file.confirm(b.in, &b.v[4].position); /* y */
    bed_restart(&b);
    file_bed_await(&b, 1);
    file_bed_expect(&b, "z");
    file_bed_close(&b);
}

/* What a rotation did while nobody looked: names before → after. */
static void rotations_while_stopped(void **state)
{
    (void)state;
    static const struct {
        const char *old_name, *middle_name; /* of the generation known, and of one that was never seen; NULL: none */
        bool present;                       /* there is a new file at the path */
        const char *expected;
    } rows[] = {
        {"mail.log.1", NULL, true, "b new"},
        {"mail.log.1", NULL, false, "b"},
        {"mail.log.2", "mail.log.1", true, "b middle new"},
        {"mail.log.10", "mail.log.9", true, "b middle new"},
        {"mail.log-20261120", NULL, true, "b new"},
        {"mail.log-20261120", "mail.log-20261121", true, "b middle new"},
        {"mail.log.20261120-000000", "mail.log.20261121-000000", true, "b middle new"},
        {"mail-20261120.log", "mail-20261121.log", false, "b middle"},
        {"mail.2.log", "mail.1.log", true, "b middle new"},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct file_bed b;
        bed_make(&b);
        file_bed_append(&b, "mail.log.0x", "not a rotated name\n");
        file_bed_append(&b, "mail-2.log", "another log\n");
        file_bed_append(&b, "mail.log.99", "older\n");
        file_bed_append(&b, "mail.log", "a\nb\n");
        file_bed_start(&b);
        file_bed_await(&b, 2);
        file_bed_confirm(&b, 1);
        assert_int_equal(file_bed_save(&b), 0);
        file_bed_stop(&b);
        file_bed_forget(&b);
        if (strncmp(rows[i].old_name, "mail.log.", 9) != 0 || strlen(rows[i].old_name) > 12)
            file_bed_unlink(&b, "mail.log.99"); /* one scheme at a time: names of two can't be compared */
        file_bed_rename(&b, "mail.log", rows[i].old_name);
        if (rows[i].middle_name)
            file_bed_append(&b, rows[i].middle_name, "middle\n");
        if (rows[i].present)
            file_bed_append(&b, "mail.log", "new\n");
        file_bed_start(&b);
        file_bed_settle(&b);
        file_bed_expect(&b, rows[i].expected);
        file_bed_close(&b);
    }
}

/* Two rotations between two looks: the file in the middle was never at its path while we looked. */
static void rotations_between_two_looks(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log.7", "older\n");
    file_bed_append(&b, "mail.log", "a\n");
    file_bed_start(&b);
    file_bed_await(&b, 1);
    file_bed_append(&b, "mail.log", "b\n");
    file_bed_rename(&b, "mail.log", "mail.log.1");
    file_bed_append(&b, "mail.log", "middle\n");
    file_bed_rename(&b, "mail.log.1", "mail.log.2");
    file_bed_rename(&b, "mail.log", "mail.log.1");
    file_bed_append(&b, "mail.log", "new\n");
    file_bed_await(&b, 4);
    file_bed_expect(&b, "a b middle new");
    file_bed_settle(&b);
    file_bed_expect(&b, "a b middle new");
    file_bed_close(&b);
}

/* The same inode, but not the same content: never goes on in the middle of something else. */
static void inode_used_again(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", "a\nb\n");
    file_bed_start(&b);
    file_bed_await(&b, 2);
    file_bed_confirm(&b, 2);
    assert_int_equal(file_bed_save(&b), 0);
    file_bed_stop(&b);
    file_bed_forget(&b);
    file_bed_write(&b, "mail.log", "other\nlines\n");
    file_bed_start(&b);
    file_bed_settle(&b);
    file_bed_expect(&b, "<gap 0> other lines");

    /* until the gap is confirmed it comes again, afterwards never */
    bed_restart(&b);
    file_bed_expect(&b, "<gap 0> other lines");
    file_bed_confirm(&b, 1);
    bed_restart(&b);
    file_bed_expect(&b, "other lines");
    file_bed_confirm(&b, 2);
    bed_restart(&b);
    file_bed_expect(&b, "");
    file_bed_close(&b);
}

/* A changed byte before the offset, behind the fingerprint: the tail tells. */
static void tail_differs(void **state)
{
    (void)state;
    char text[LONG_LINES * 5 + 1];
    struct file_bed b;
    bed_make(&b);
    long_text_make('a', text);
    file_bed_append(&b, "mail.log", text);
    file_bed_start(&b);
    file_bed_await(&b, LONG_LINES);
    file_bed_confirm(&b, LONG_LINES);
    assert_int_equal(file_bed_save(&b), 0);
    file_bed_stop(&b);
    file_bed_forget(&b);
    text[sizeof text - 4] = 'X';
    file_bed_write(&b, "mail.log", text);
    file_bed_start(&b);
    file_bed_settle(&b);
    assert_int_equal(b.n, LONG_LINES + 1);
    assert_int_equal(b.v[0].flags, PS_RECORD_GAP);
    file_bed_close(&b);
}

static void file_copy(const struct file_bed *b, const char *name, const char *text)
{
    file_bed_append(b, "copy", text); /* made while the old one is there: another inode */
    file_bed_unlink(b, name);
    file_bed_rename(b, "copy", name);
}

/* A copy under another inode is the same generation where a full fingerprint proves it; a short one is read twice. */
static void copies(void **state)
{
    (void)state;
    char text[LONG_LINES * 5 + 1];
    long_text_make('a', text);
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", text);
    file_bed_start(&b);
    file_bed_await(&b, LONG_LINES);
    file_bed_confirm(&b, LONG_LINES - 1);
    assert_int_equal(file_bed_save(&b), 0);
    file_bed_stop(&b);
    file_bed_forget(&b);
    file_copy(&b, "mail.log", text);
    file_bed_start(&b);
    file_bed_settle(&b);
    file_bed_expect(&b, "a299");
    file_bed_close(&b);

    bed_make(&b);
    file_bed_append(&b, "mail.log", "a\nb\n");
    file_bed_start(&b);
    file_bed_await(&b, 2);
    file_bed_confirm(&b, 1);
    assert_int_equal(file_bed_save(&b), 0);
    file_bed_stop(&b);
    file_bed_forget(&b);
    file_copy(&b, "mail.log", "a\nb\n");
    file_bed_start(&b);
    file_bed_settle(&b);
    file_bed_expect(&b, "<gap 0> a b");
    file_bed_close(&b);
}

/* copytruncate while stopped: the copy holds what wasn't read. */
static void truncated_copy_while_stopped(void **state)
{
    (void)state;
    char text[LONG_LINES * 5 + 1];
    long_text_make('a', text);
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", text);
    file_bed_start(&b);
    file_bed_await(&b, LONG_LINES);
    file_bed_confirm(&b, LONG_LINES - 2);
    assert_int_equal(file_bed_save(&b), 0);
    file_bed_stop(&b);
    file_bed_forget(&b);
    file_bed_append(&b, "mail.log.1", text);
    file_bed_write(&b, "mail.log", "new\n");
    file_bed_start(&b);
    file_bed_settle(&b);
    file_bed_expect(&b, "a298 a299 new");
    file_bed_close(&b);
}

static void truncated_in_place(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", "a\nb\nunfinished");
    file_bed_start(&b);
    file_bed_await(&b, 2);
    file_bed_write(&b, "mail.log", "x\n");
    file_bed_await(&b, 4);
    file_bed_expect(&b, "a b <gap 10> x"); /* the unfinished line */
    assert_memory_not_equal(b.v[3].key, b.v[0].key, sizeof b.v[0].key);

    /* larger than before: the content tells */
    file_bed_write(&b, "mail.log", "other\nand more\n");
    file_bed_await(&b, 7);
    file_bed_expect(&b, "a b <gap 10> x <gap 0> other and more");
    file_bed_close(&b);
}

/* A deleted file whose writer holds on is read until it is quiet and another one stands in its place. */
static void deleted_with_a_writer(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", "a\n");
    int writer = open(file_bed_name(&b, "mail.log"), O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(writer >= 0);
    file_bed_start(&b);
    file_bed_await(&b, 1);
    file_bed_unlink(&b, "mail.log");
    file_bed_settle(&b);
    assert_int_equal(write(writer, "b\n", 2), 2);
    file_bed_await(&b, 2);
    file_bed_append(&b, "mail.log", "x\n");
    file_bed_await(&b, 3);
    assert_int_equal(write(writer, "c\nunfin", 7), 7);
    file_bed_await(&b, 4);
    file_bed_expect(&b, "a b x c");
    assert_int_equal(close(writer), 0);
    assert_int_equal(file_bed_save(&b), 0);
    assert_int_equal(file_bed_saved_count(&b), 2);
    file_bed_stop(&b);
    file_bed_close(&b);

    bed_make(&b);
    b.options.scan_interval = 1000;
    file_bed_append(&b, "mail.log", "a\nunfin");
    file_bed_start(&b);
    file_bed_await(&b, 1);
    file_bed_unlink(&b, "mail.log");
    file_bed_append(&b, "mail.log", "x\n");
    file_bed_await(&b, 3);
    file_bed_expect(&b, b.v[1].n == 1 ? "a x unfin" : "a unfin x");
    file_bed_confirm(&b, 3);
    assert_int_equal(file_bed_save(&b), 0);
    assert_int_equal(file_bed_saved_count(&b), 1);
    file_bed_close(&b);
}

/* A generation that was read to its end, rotated away and then compressed and deleted while stopped is no gap. */
static void complete_generation_vanishes(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", "a\n");
    file_bed_start(&b);
    file_bed_await(&b, 1);
    file_bed_rename(&b, "mail.log", "mail.log.1");
    file_bed_append(&b, "mail.log", "x\n");
    file_bed_await(&b, 2);
    file_bed_confirm(&b, 2);
    assert_int_equal(file_bed_save(&b), 0);
    assert_int_equal(file_bed_saved_count(&b), 2);
    file_bed_stop(&b);
    file_bed_forget(&b);
    file_bed_unlink(&b, "mail.log.1");
    file_bed_append(&b, "mail.log", "y\n");
    file_bed_start(&b);
    file_bed_settle(&b);
    file_bed_expect(&b, "y");
    file_bed_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rotation_with_a_writer_that_holds_on),
        cmocka_unit_test(confirmation_covers_other_sources),
        cmocka_unit_test(rotations_while_stopped),
        cmocka_unit_test(rotations_between_two_looks),
        cmocka_unit_test(inode_used_again),
        cmocka_unit_test(tail_differs),
        cmocka_unit_test(copies),
        cmocka_unit_test(truncated_copy_while_stopped),
        cmocka_unit_test(truncated_in_place),
        cmocka_unit_test(deleted_with_a_writer),
        cmocka_unit_test(complete_generation_vanishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
