/* The line reader: rows of content, in pieces of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/util.h"
#include "input/lines.h"

enum { LINES_MOST = 8 };

struct row {
    const char *name;
    struct ps_slice content;
    size_t max_line;
    struct {
        struct ps_slice text;
        uint64_t offset, next;
        bool cut;
    } lines[LINES_MOST];
    struct ps_slice rest; /* p NULL: none */
    uint64_t rest_offset;
    bool rest_cut;
};

#define S(literal) PS_SLICE(literal)

static const struct row rows[] = {
    {.name = "empty", .content = S(""), .max_line = 8},
    {.name = "one line", .content = S("abc\n"), .max_line = 8, .lines = {{S("abc"), 0, 4, false}}},
    {.name = "empty lines",
     .content = S("\n\na\n"),
     .max_line = 8,
     .lines = {{S(""), 0, 1, false}, {S(""), 1, 2, false}, {S("a"), 2, 4, false}}},
    {.name = "unfinished",
     .content = S("ab\ncd"),
     .max_line = 8,
     .lines = {{S("ab"), 0, 3, false}},
     .rest = S("cd"),
     .rest_offset = 3},
    {.name = "NUL, CR and 0xff are data",
     .content = S("a\0b\r\n\xff\n"),
     .max_line = 8,
     .lines = {{S("a\0b\r"), 0, 5, false}, {S("\xff"), 5, 7, false}}},
    {.name = "exactly max_line is whole",
     .content = S("12345678\nx\n"),
     .max_line = 8,
     .lines = {{S("12345678"), 0, 9, false}, {S("x"), 9, 11, false}}},
    {.name = "one byte more is cut",
     .content = S("123456789\nx\n"),
     .max_line = 8,
     .lines = {{S("12345678"), 0, 10, true}, {S("x"), 10, 12, false}}},
    {.name = "far more is cut, the next one isn't",
     .content = S("123456789012345678901234567890\nx\n"),
     .max_line = 8,
     .lines = {{S("12345678"), 0, 31, true}, {S("x"), 31, 33, false}}},
    {.name = "unfinished and too long",
     .content = S("a\n1234567890123456789"),
     .max_line = 8,
     .lines = {{S("a"), 0, 2, false}},
     .rest = S("12345678"),
     .rest_offset = 2,
     .rest_cut = true},
};

static void slice_check(const char *name, struct ps_slice got, struct ps_slice want)
{
    if (!ps_slice_equal(got, want))
        fail_msg("%s: got \"%.*s\", expected \"%.*s\"", name, (int)got.n, got.p, (int)want.n, want.p);
}

/* Lets the reader see `piece` bytes more each time it has come to the end. */
static void row_run(const struct row *row, size_t piece)
{
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
    struct ps_lines l;
    ps_lines_init(&l, pair[0], 0, row->max_line);
    size_t seen = 0;
    struct ps_text_line line;
    for (size_t at = 0; at < row->content.n; at += piece) {
        size_t n = PS_MIN(piece, row->content.n - at);
        assert_int_equal(write(pair[1], row->content.p + at, n), n);
        int r;
        while ((r = ps_lines_next(&l, &line)) > 0) {
            assert_true(seen < LINES_MOST && row->lines[seen].text.p);
            slice_check(row->name, line.text, row->lines[seen].text);
            assert_int_equal(line.offset, row->lines[seen].offset);
            assert_int_equal(line.next, row->lines[seen].next);
            assert_int_equal(line.cut, row->lines[seen].cut);
            seen++;
        }
        assert_int_equal(r, -EAGAIN); /* the pipe is empty, nothing was lost by trying */
        assert_int_equal(ps_lines_read_offset(&l), at + n);
    }
    assert_true(seen == LINES_MOST || !row->lines[seen].text.p);

    assert_int_equal(close(pair[1]), 0);
    assert_int_equal(ps_lines_next(&l, &line), 0);
    int r = ps_lines_rest(&l, &line);
    assert_int_equal(r, row->rest.p != NULL);
    if (r) {
        slice_check(row->name, line.text, row->rest);
        assert_int_equal(line.offset, row->rest_offset);
        assert_int_equal(line.next, row->content.n);
        assert_int_equal(line.cut, row->rest_cut);
    }
    assert_int_equal(ps_lines_rest(&l, &line), 0);
    ps_lines_done(&l);
    assert_int_equal(close(pair[0]), 0);
}

static void rows_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(rows); i++)
        for (size_t piece = 1; piece <= PS_MAX(rows[i].content.n, (size_t)1); piece++)
            row_run(&rows[i], piece);
}

static int content_fd(const char *p, size_t n)
{
    int fd = memfd_create("lines", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, p, n), n);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* Lines of all lengths around the batch: nothing may go wrong where a line crosses the end of the buffer. */
static void lines_over_batch_ends(void **state)
{
    (void)state;
    enum { MAX_LINE = 1024 * 1024 };
    static const size_t lengths[] = {
        PS_LINES_BATCH - 2, 1, 3, PS_LINES_BATCH - 1, PS_LINES_BATCH, 0, MAX_LINE, MAX_LINE + 1, MAX_LINE, 100,
        3 * MAX_LINE,       5};
    size_t total = 0;
    for (size_t i = 0; i < PS_COUNT(lengths); i++)
        total += lengths[i] + 1;
    char *content = malloc(total);
    assert_non_null(content);
    for (size_t i = 0, at = 0; i < PS_COUNT(lengths); i++) {
        memset(content + at, 'a' + (int)i, lengths[i]);
        at += lengths[i];
        content[at++] = '\n';
    }
    int fd = content_fd(content, total);
    struct ps_lines l;
    ps_lines_init(&l, fd, 0, MAX_LINE);
    struct ps_text_line line;
    uint64_t at = 0;
    for (size_t i = 0; i < PS_COUNT(lengths); i++) {
        assert_int_equal(ps_lines_next(&l, &line), 1);
        assert_int_equal(line.offset, at);
        assert_int_equal(line.text.n, PS_MIN(lengths[i], (size_t)MAX_LINE));
        assert_int_equal(line.cut, lengths[i] > MAX_LINE);
        assert_memory_equal(line.text.p, content + at, line.text.n);
        at += lengths[i] + 1;
        assert_int_equal(line.next, at);
    }
    assert_int_equal(ps_lines_next(&l, &line), 0);
    assert_true(l.cap <= MAX_LINE + PS_LINES_BATCH);
    ps_lines_trim(&l);
    assert_null(l.p);
    /* and it reads on afterwards */
    assert_int_equal(pwrite(fd, "on\n", 3, (off_t)total), 3);
    assert_int_equal(ps_lines_next(&l, &line), 1);
    slice_check("after trim", line.text, S("on"));
    assert_int_equal(line.offset, total);
    ps_lines_done(&l);
    free(content);
    assert_int_equal(close(fd), 0);
}

/* 64 MiB without a newline: the memory stays at what one line may take. */
static void endless_line_stays_bounded(void **state)
{
    (void)state;
    enum { MIB = 1024 * 1024, SIZE = 64 * MIB };
    int fd = content_fd("", 0);
    assert_int_equal(ftruncate(fd, SIZE), 0);
    assert_int_equal(pwrite(fd, "\nz\n", 3, SIZE), 3);
    struct ps_lines l;
    ps_lines_init(&l, fd, 0, MIB);
    struct ps_text_line line;
    assert_int_equal(ps_lines_next(&l, &line), 1);
    assert_true(line.cut);
    assert_int_equal(line.text.n, MIB);
    assert_int_equal(line.next, SIZE + 1);
    assert_true(l.cap <= MIB + PS_LINES_BATCH);
    assert_int_equal(ps_lines_next(&l, &line), 1);
    slice_check("behind it", line.text, S("z"));
    ps_lines_done(&l);
    assert_int_equal(close(fd), 0);
}

static void offsets_have_64_bits(void **state)
{
    (void)state;
    const uint64_t start = (UINT64_C(5) << 32) + 7;
    int fd = content_fd("ab\nc\n", 5);
    struct ps_lines l;
    ps_lines_init(&l, fd, start, 100);
    struct ps_text_line line;
    assert_int_equal(ps_lines_next(&l, &line), 1);
    assert_true(line.offset == start && line.next == start + 3);
    assert_int_equal(ps_lines_next(&l, &line), 1);
    assert_true(line.offset == start + 3 && line.next == start + 5);
    ps_lines_done(&l);
    assert_int_equal(close(fd), 0);
}

static void limit_ends_the_reading(void **state)
{
    (void)state;
    int fd = content_fd("ab\ncd\nef\n", 9);
    struct ps_lines l;
    ps_lines_init(&l, fd, 0, 100);
    l.limit = 5;
    struct ps_text_line line;
    assert_int_equal(ps_lines_next(&l, &line), 1);
    assert_int_equal(ps_lines_next(&l, &line), 0);
    assert_int_equal(ps_lines_read_offset(&l), 5);
    l.limit = UINT64_MAX;
    assert_int_equal(ps_lines_next(&l, &line), 1);
    slice_check("raised limit", line.text, S("cd"));
    ps_lines_done(&l);
    assert_int_equal(close(fd), 0);
}

/* A failed read or allocation loses nothing. */
static void failures_can_be_repeated(void **state)
{
    (void)state;
    static const struct {
        enum ps_fault_point point;
        int error;
    } faults[] = {{PS_FAULT_MALLOC, ENOMEM}, {PS_FAULT_READ, EIO}, {PS_FAULT_READ, EINTR}};
    for (size_t i = 0; i < PS_COUNT(faults); i++) {
        int fd = content_fd("ab\ncd\n", 6);
        struct ps_lines l;
        ps_lines_init(&l, fd, 0, 100);
        struct ps_text_line line;
        ps_fault_arm(faults[i].point, 1, faults[i].error);
        int r = ps_lines_next(&l, &line);
        assert_int_equal(r, faults[i].error == EINTR ? 1 : -faults[i].error);
        if (r < 0)
            assert_int_equal(ps_lines_next(&l, &line), 1);
        slice_check("first", line.text, S("ab"));
        assert_int_equal(ps_lines_next(&l, &line), 1);
        slice_check("second", line.text, S("cd"));
        ps_fault_arm(faults[i].point, 0, 0);
        ps_lines_done(&l);
        assert_int_equal(close(fd), 0);
    }
}

static void peek_leaves_the_line(void **state)
{
    (void)state;
    int fd = content_fd("ab\ncd", 5);
    struct ps_lines l;
    ps_lines_init(&l, fd, 0, 100);
    struct ps_text_line line;
    assert_null(ps_lines_peek(&l).p);
    assert_int_equal(ps_lines_fill(&l), 5);
    slice_check("peek", ps_lines_peek(&l), S("ab"));
    assert_int_equal(ps_lines_take(&l, &line), 1);
    slice_check("take", line.text, S("ab"));
    assert_null(ps_lines_peek(&l).p);
    assert_int_equal(ps_lines_take(&l, &line), 0);
    ps_lines_trim(&l); /* something waits: nothing may go */
    assert_int_equal(ps_lines_rest(&l, &line), 1);
    slice_check("rest", line.text, S("cd"));
    ps_lines_done(&l);
    assert_int_equal(close(fd), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_in_pieces_of_any_size), cmocka_unit_test(lines_over_batch_ends),
        cmocka_unit_test(endless_line_stays_bounded), cmocka_unit_test(offsets_have_64_bits),
        cmocka_unit_test(limit_ends_the_reading),     cmocka_unit_test(failures_can_be_repeated),
        cmocka_unit_test(peek_leaves_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
