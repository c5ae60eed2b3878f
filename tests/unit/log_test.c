/* The agent's own log: what a line looks like where the journal reads it and elsewhere, and how repetition is held
 * back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"

enum { SAID_MAX = 1 << 20, LINE_MAX_SAID = 2048, THREADS = 4, LINES = 500 };

/* Standard error goes into a file of our own while a test runs. */
struct fixture {
    int file, stderr_fd;
    char said[SAID_MAX];
};

static int fixture_open(void **state)
{
    static struct fixture f;
    char name[] = "/tmp/log_test.XXXXXX";
    f.file = mkstemp(name);
    (void)unlink(name);
    f.stderr_fd = dup(STDERR_FILENO);
    if (f.file < 0 || f.stderr_fd < 0 || dup2(f.file, STDERR_FILENO) < 0)
        return -1;
    (void)unsetenv("JOURNAL_STREAM");
    ps_log_level_set(PS_LOG_INFO);
    *state = &f;
    return 0;
}

static int fixture_close(void **state)
{
    struct fixture *f = *state;
    (void)dup2(f->stderr_fd, STDERR_FILENO);
    f->stderr_fd = ps_close(f->stderr_fd);
    f->file = ps_close(f->file);
    (void)unsetenv("JOURNAL_STREAM");
    return 0;
}

/* All that was said since the last call. */
static const char *said(struct fixture *f)
{
    ssize_t n = pread(f->file, f->said, sizeof f->said - 1, 0);
    assert_true(n >= 0);
    f->said[n] = '\0';
    assert_int_equal(ftruncate(f->file, 0), 0);
    assert_int_equal(lseek(f->file, 0, SEEK_SET), 0);
    return f->said;
}

/* Says that standard error is the journal's, as systemd does: device and inode of what it is. */
static void journal_stream_set(int fd)
{
    struct stat st;
    char text[64];
    assert_int_equal(fstat(fd, &st), 0);
    (void)snprintf(text, sizeof text, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
    assert_int_equal(setenv("JOURNAL_STREAM", text, 1), 0);
}

static void lines_look_right(void **state)
{
    struct fixture *f = *state;
    static const struct {
        bool journal;
        enum ps_log_level level;
        const char *text, *line;
    } rows[] = {
        {false, PS_LOG_ERROR, "out of memory", "postship: out of memory\n"},
        {false, PS_LOG_INFO, "reading", "postship: reading\n"},
        {false, PS_LOG_DEBUG, "not at this level", ""},
        {true, PS_LOG_ERROR, "out of memory", "<3>out of memory\n"},
        {true, PS_LOG_WARNING, "slow", "<4>slow\n"},
        {true, PS_LOG_NOTICE, "stopping", "<5>stopping\n"},
        {true, PS_LOG_INFO, "reading", "<6>reading\n"},
        {true, PS_LOG_DEBUG, "not at this level", ""},
        /* nobody forges a second line, or a colour, by a file name */
        {false, PS_LOG_INFO, "a\nb\tc\033[31m\177", "postship: a?b?c?[31m?\n"},
        {false, PS_LOG_INFO, "J\303\266rg", "postship: J\303\266rg\n"},
        {false, PS_LOG_INFO, "", "postship: \n"},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        if (rows[i].journal)
            journal_stream_set(STDERR_FILENO);
        else
            (void)unsetenv("JOURNAL_STREAM");
        ps_log(rows[i].level, "%s", rows[i].text);
        assert_string_equal(said(f), rows[i].line);
    }
}

/* A child inherits the variable, but its standard error may have gone elsewhere. */
static void another_stream_is_not_the_journal(void **state)
{
    struct fixture *f = *state;
    static const char *const streams[] = {"", "1", "0:0", "x:y"};
    for (size_t i = 0; i < PS_COUNT(streams); i++) {
        assert_int_equal(setenv("JOURNAL_STREAM", streams[i], 1), 0);
        assert_false(ps_log_is_journal());
    }
    journal_stream_set(f->stderr_fd);
    ps_log(PS_LOG_INFO, "plain");
    assert_string_equal(said(f), "postship: plain\n");
}

static void levels_are_kept(void **state)
{
    struct fixture *f = *state;
    ps_log_level_set(PS_LOG_WARNING);
    ps_log(PS_LOG_NOTICE, "no");
    ps_log(PS_LOG_WARNING, "yes");
    assert_string_equal(said(f), "postship: yes\n");
    assert_true(ps_log_enabled(PS_LOG_ERROR));
    assert_false(ps_log_enabled(PS_LOG_INFO));
    ps_log_level_set(PS_LOG_DEBUG);
    ps_log(PS_LOG_DEBUG, "details");
    assert_string_equal(said(f), "postship: details\n");
}

static void long_lines_are_cut(void **state)
{
    struct fixture *f = *state;
    static char text[3 * LINE_MAX_SAID];
    memset(text, 'x', sizeof text - 1);
    ps_log(PS_LOG_INFO, "%s", text);
    const char *line = said(f);
    size_t n = strlen(line);
    assert_true(n > LINE_MAX_SAID - 16 && n <= LINE_MAX_SAID);
    assert_int_equal(line[n - 1], '\n');
    assert_ptr_equal(strchr(line, '\n'), line + n - 1);
}

static void repetition_is_counted(void **state)
{
    struct fixture *f = *state;
    struct ps_log_limit limit = {0}, other = {0};
    for (int i = 0; i < 5; i++)
        ps_log_limited(&limit, PS_LOG_WARNING, "try %d", i);
    assert_string_equal(said(f), "postship: try 0\n");
    ps_log_limited(&other, PS_LOG_WARNING, "another kind");
    assert_string_equal(said(f), "postship: another kind\n");

    limit.next_us = 0; /* the time is over */
    ps_log_limited(&limit, PS_LOG_WARNING, "try %d", 5);
    assert_string_equal(said(f), "postship: try 5 (4 more like this)\n");
    limit.next_us = 0;
    ps_log_limited(&limit, PS_LOG_WARNING, "try %d", 6);
    assert_string_equal(said(f), "postship: try 6\n");

    /* what isn't shown isn't counted */
    struct ps_log_limit quiet = {0};
    ps_log_limited(&quiet, PS_LOG_DEBUG, "no");
    assert_string_equal(said(f), "");
    assert_int_equal(quiet.next_us, 0);
}

static void *lines_say(void *arg)
{
    const char *name = arg;
    for (int i = 0; i < LINES; i++)
        ps_log(PS_LOG_INFO, "%s says %d", name, i);
    return NULL;
}

static void threads_do_not_mix(void **state)
{
    struct fixture *f = *state;
    static char *names[THREADS] = {"a", "b", "c", "d"};
    pthread_t threads[THREADS];
    int next[THREADS] = {0};
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, lines_say, names[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);

    /* each thread's lines are whole, in order, and all there */
    for (const char *line = said(f); *line; line = strchr(line, '\n') + 1) {
        char who;
        int i, used = 0;
        assert_int_equal(sscanf(line, "postship: %c says %d%n", &who, &i, &used), 2);
        assert_int_equal(line[used], '\n');
        assert_int_equal(i, next[who - 'a']++);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(next[i], LINES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_look_right, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(another_stream_is_not_the_journal, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(levels_are_kept, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(long_lines_are_cut, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(repetition_is_counted, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(threads_do_not_mix, fixture_open, fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
