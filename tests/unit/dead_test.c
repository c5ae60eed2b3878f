#include "dead.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/fault.h"
#include "lib/json_read.h"
#include "support/scratch.h"

enum { PATH_SIZE = 256, LONG_LINE = 10000 };

struct fixture {
    struct scratch scratch;
    char path[PATH_SIZE];
    struct ps_dead *dead;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    scratch_make(&f->scratch);
    (void)snprintf(f->path, sizeof f->path, "%s/dead/mail.ndjson", f->scratch.path);
    if (ps_dead_new(f->scratch.path, "mail", &f->dead) < 0)
        return -1;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    for (int point = 0; point < PS_FAULT_COUNT; point++)
        ps_fault_arm((enum ps_fault_point)point, 0, 0);
    ps_dead_free(f->dead);
    scratch_remove(&f->scratch);
    free(f);
    return 0;
}

static int letter_append(struct ps_dead *d, uint64_t n)
{
    const struct ps_dead_letter letter = {.reason = "too \"long\"\n",
                                          .position = {.source = 7, .next = n},
                                          .key = PS_SLICE("4bXyz"),
                                          .value = PS_SLICE("{\"message\":\"a \\\"b\\\"\"}")};
    return ps_dead_append(d, &letter);
}

/* The letters that stand in the file: each line is whole, and the numbers are as given, in order. */
static void assert_letters(const struct fixture *f, const int64_t *numbers, size_t n)
{
    char *line = NULL;
    size_t size = 0, at = 0;
    FILE *file = fopen(f->path, "re");
    assert_non_null(file);
    for (ssize_t length; (length = getline(&line, &size, file)) > 0; at++) {
        struct ps_json *root;
        int64_t number, source;
        struct ps_slice text;
        assert_int_equal(line[length - 1], '\n');
        assert_int_equal(ps_json_parse(ps_slice_make(line, (size_t)length), &root), 0);
        assert_int_equal(ps_json_length(root), 5);
        assert_true(ps_json_i64(ps_json_member(ps_json_member(root, "position"), "next"), &number));
        assert_true(ps_json_i64(ps_json_member(ps_json_member(root, "position"), "source"), &source));
        assert_in_range(at, 0, n - 1);
        assert_int_equal(number, numbers[at]);
        assert_int_equal(source, 7);
        assert_true(ps_json_string(ps_json_member(root, "reason"), &text));
        assert_true(ps_slice_equal(text, PS_SLICE("too \"long\"\n")));
        assert_true(ps_json_string(ps_json_member(root, "key"), &text));
        assert_true(ps_slice_equal(text, PS_SLICE("4bXyz")));
        assert_true(ps_json_string(ps_json_member(root, "value"), &text));
        assert_true(ps_slice_equal(text, PS_SLICE("{\"message\":\"a \\\"b\\\"\"}")));
        assert_true(ps_json_string(ps_json_member(root, "time"), &text));
        assert_int_equal(text.n, 27);
        ps_json_free(root);
    }
    assert_int_equal(at, n);
    free(line);
    (void)fclose(file);
}

static void letters_are_appended(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    assert_string_equal(ps_dead_path(f->dead), f->path);
    assert_int_equal(stat(f->path, &st), -1); /* no letter, no file */
    for (uint64_t i = 1; i <= 3; i++) {
        ps_fault_arm(PS_FAULT_FSYNC, 0, 0);
        assert_int_equal(letter_append(f->dead, i), 0);
        assert_true(ps_fault_uses(PS_FAULT_FSYNC) >= 1); /* each is on disk when the call returns */
    }
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    ps_dead_free(f->dead);
    assert_int_equal(ps_dead_new(f->scratch.path, "mail", &f->dead), 0);
    assert_int_equal(letter_append(f->dead, 4), 0);
    assert_letters(f, (const int64_t[]){1, 2, 3, 4}, 4);
    assert_null(ps_dead_free(NULL));
}

/* A crash may leave a torn line of any length at the end. */
static void a_torn_line_is_cut_back(void **state)
{
    struct fixture *f = *state;
    static const size_t lengths[] = {1, 100, 4095, 4096, 4097, LONG_LINE};
    char torn[LONG_LINE];
    int64_t numbers[8] = {1};
    size_t n = 1;
    memset(torn, '{', sizeof torn);
    assert_int_equal(letter_append(f->dead, 1), 0);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        ps_dead_free(f->dead);
        FILE *file = fopen(f->path, "ae");
        assert_non_null(file);
        assert_int_equal(fwrite(torn, 1, lengths[i], file), lengths[i]);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(ps_dead_new(f->scratch.path, "mail", &f->dead), 0);
        assert_int_equal(letter_append(f->dead, i + 2), 0);
        numbers[n++] = (int64_t)i + 2;
        assert_letters(f, numbers, n);
    }
}

static void nothing_but_a_torn_line(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(letter_append(f->dead, 1), 0);
    ps_dead_free(f->dead);
    FILE *file = fopen(f->path, "we");
    assert_non_null(file);
    assert_true(fputs("{\"time\":", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(ps_dead_new(f->scratch.path, "mail", &f->dead), 0);
    assert_int_equal(letter_append(f->dead, 2), 0);
    assert_letters(f, (const int64_t[]){2}, 1);
}

/* Somebody takes the file away to work on it, or empties it, while it is open. */
static void a_file_that_was_moved_is_made_anew(void **state)
{
    struct fixture *f = *state;
    char aside[PATH_SIZE + 8];
    (void)snprintf(aside, sizeof aside, "%s.1", f->path);
    assert_int_equal(letter_append(f->dead, 1), 0);
    assert_int_equal(rename(f->path, aside), 0);
    assert_int_equal(letter_append(f->dead, 2), 0);
    assert_letters(f, (const int64_t[]){2}, 1);
    FILE *file = fopen(f->path, "we");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(letter_append(f->dead, 3), 0);
    assert_letters(f, (const int64_t[]){3}, 1);
}

/* After any single fault the file holds whole letters only, and the letter can be written again. */
static void a_failed_letter_leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    static const struct {
        enum ps_fault_point point;
        int error;
    } faults[] = {{PS_FAULT_MALLOC, ENOMEM}, {PS_FAULT_OPEN, EMFILE}, {PS_FAULT_WRITE, ENOSPC}, {PS_FAULT_WRITE, EINTR},
                  {PS_FAULT_FSYNC, EIO},     {PS_FAULT_STAT, EIO},    {PS_FAULT_TRUNCATE, EIO}, {PS_FAULT_READ, EIO}};
    int reached = 0;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        for (uint64_t nth = 1;; nth++) {
            ps_dead_free(f->dead);
            f->dead = NULL;
            (void)remove(f->path);
            assert_int_equal(ps_dead_new(f->scratch.path, "mail", &f->dead), 0);
            assert_int_equal(letter_append(f->dead, 1), 0);
            ps_dead_free(f->dead);
            f->dead = NULL;
            ps_fault_arm(faults[i].point, nth, faults[i].error);
            int r = ps_dead_new(f->scratch.path, "mail", &f->dead);
            if (r == 0)
                r = letter_append(f->dead, 2);
            bool hit = ps_fault_uses(faults[i].point) >= nth;
            ps_fault_arm(faults[i].point, 0, 0);
            assert_int_equal(r, hit && faults[i].error != EINTR ? -faults[i].error : 0);
            assert_letters(f, (const int64_t[]){1, 2}, r == 0 ? 2 : 1);
            if (!f->dead)
                assert_int_equal(ps_dead_new(f->scratch.path, "mail", &f->dead), 0);
            if (r < 0)
                assert_int_equal(letter_append(f->dead, 2), 0);
            assert_int_equal(letter_append(f->dead, 3), 0);
            assert_letters(f, (const int64_t[]){1, 2, 3}, 3);
            if (!hit)
                break;
            reached++;
        }
    }
    print_message("%d points failed\n", reached);
    assert_true(reached >= 10);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(letters_are_appended),
        TEST(a_torn_line_is_cut_back),
        TEST(nothing_but_a_torn_line),
        TEST(a_file_that_was_moved_is_made_anew),
        TEST(a_failed_letter_leaves_no_trace),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
