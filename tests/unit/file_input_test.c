/* The file input: growth, restarts, what is missing, links, cut lines, `once`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/util.h"
#include "lib/crypto.h"
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

static void growth_and_partial_lines(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", "one\ntwo\nthr");
    file_bed_start(&b);
    file_bed_await(&b, 2);
    file_bed_expect(&b, "one two");
    file_bed_append(&b, "mail.log", "e");
    file_bed_settle(&b);
    file_bed_expect(&b, "one two");
    file_bed_append(&b, "mail.log", "e\n\nfour\n");
    file_bed_await(&b, 5);
    file_bed_expect(&b, "one two three  four");
    assert_int_equal(b.v[2].offset, 8);
    assert_int_equal(b.v[2].position.next, 14);
    assert_int_equal(b.v[4].offset, 15);
    assert_string_equal(b.v[0].path, file_bed_name(&b, "mail.log"));

    uint8_t mac[PS_HMAC_LEN];
    assert_int_equal(ps_hmac_sha256(b.host.host_id, PS_SLICE("one"), mac), 0);
    for (size_t i = 0; i < b.n; i++)
        assert_memory_equal(b.v[i].key, mac, sizeof b.v[i].key);
    file_bed_close(&b);
}

/* Whatever was confirmed, a restart goes on right behind it, with the same key. */
static void restart_at_each_line(void **state)
{
    (void)state;
    static const char *const lines[] = {"a\n", "bb\n", "\n", "dddd\n", "e\n"};
    for (size_t confirmed = 0; confirmed <= PS_COUNT(lines); confirmed++) {
        struct file_bed b;
        bed_make(&b);
        uint64_t offset = 0;
        for (size_t i = 0; i < PS_COUNT(lines); i++) {
            file_bed_append(&b, "mail.log", lines[i]);
            offset += i < confirmed ? strlen(lines[i]) : 0;
        }
        file_bed_append(&b, "mail.log", "unfinished");
        file_bed_start(&b);
        file_bed_await(&b, PS_COUNT(lines));
        uint8_t key[16];
        memcpy(key, b.v[0].key, sizeof key);
        file_bed_confirm(&b, confirmed);
        bed_restart(&b);
        file_bed_append(&b, "mail.log", "\n");
        file_bed_await(&b, PS_COUNT(lines) - confirmed + 1);
        assert_int_equal(b.n, PS_COUNT(lines) - confirmed + 1);
        assert_int_equal(b.v[0].offset, offset);
        assert_memory_equal(b.v[0].key, key, sizeof key);
        assert_string_equal(b.v[b.n - 1].text, "unfinished");
        file_bed_close(&b);
    }
}

static void missing_then_there(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_path_add(&b, "other.log");
    b.options.read_from = PS_READ_FROM_END; /* holds for what exists at the first start only */
    file_bed_append(&b, "other.log", "old\n");
    file_bed_start(&b);
    file_bed_settle(&b);
    file_bed_expect(&b, "");
    file_bed_append(&b, "mail.log", "a\n");
    file_bed_await(&b, 1);
    file_bed_append(&b, "other.log", "new\n");
    file_bed_await(&b, 2);
    file_bed_expect(&b, "a new");
    file_bed_close(&b);
}

/* Not readable at the start, as for a user outside the group; chmod is heard of at once. */
static void unreadable_then_readable(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", "a\n");
    ps_fault_arm(PS_FAULT_OPEN, 2, EACCES); /* 1: inotify */
    file_bed_start(&b);
    file_bed_settle(&b);
    file_bed_expect(&b, "");
    assert_int_equal(chmod(file_bed_name(&b, "mail.log"), 0640), 0);
    file_bed_await(&b, 1);
    file_bed_expect(&b, "a");
    ps_fault_arm(PS_FAULT_OPEN, 0, 0);
    file_bed_close(&b);
}

/* A mount that comes late: the position waits for the file, and then goes on. */
static void directory_comes_late(void **state)
{
    (void)state;
    struct file_bed b;
    file_bed_open(&b);
    file_bed_path_add(&b, "log/mail.log");
    assert_int_equal(mkdir(file_bed_name(&b, "log"), 0700), 0);
    file_bed_append(&b, "log/mail.log", "a\nb\n");
    file_bed_start(&b);
    file_bed_await(&b, 2);
    file_bed_confirm(&b, 1);
    assert_int_equal(file_bed_save(&b), 0);
    file_bed_stop(&b);
    file_bed_forget(&b);
    file_bed_rename(&b, "log", "elsewhere");
    b.options.scan_interval = 1000;
    file_bed_start(&b);
    file_bed_settle(&b);
    file_bed_expect(&b, "");
    bed_restart(&b); /* what was not found yet isn't forgotten either */
    file_bed_expect(&b, "");
    file_bed_rename(&b, "elsewhere", "log");
    file_bed_await(&b, 1);
    file_bed_expect(&b, "b");
    file_bed_close(&b);
}

/* The directory itself is replaced: the new one is watched. */
static void directory_replaced(void **state)
{
    (void)state;
    struct file_bed b;
    file_bed_open(&b);
    file_bed_path_add(&b, "log/mail.log");
    assert_int_equal(mkdir(file_bed_name(&b, "log"), 0700), 0);
    file_bed_append(&b, "log/mail.log", "a\n");
    file_bed_start(&b);
    file_bed_await(&b, 1);
    file_bed_rename(&b, "log", "old");
    assert_int_equal(mkdir(file_bed_name(&b, "log"), 0700), 0);
    file_bed_settle(&b);
    file_bed_append(&b, "log/mail.log", "b\n");
    file_bed_await(&b, 2);
    file_bed_expect(&b, "a b");
    file_bed_close(&b);
}

static void same_file_twice(void **state)
{
    (void)state;
    for (int hard = 0; hard < 2; hard++) {
        struct file_bed b;
        bed_make(&b);
        file_bed_path_add(&b, "link.log");
        file_bed_append(&b, "mail.log", "a\n");
        char to[512];
        (void)snprintf(to, sizeof to, "%s", file_bed_name(&b, "mail.log"));
        assert_int_equal(hard ? link(to, file_bed_name(&b, "link.log")) : symlink(to, file_bed_name(&b, "link.log")),
                         0);
        file_bed_start(&b);
        file_bed_await(&b, 1);
        file_bed_append(&b, "link.log", "b\n");
        file_bed_await(&b, 2);
        file_bed_expect(&b, "a b");
        file_bed_confirm(&b, 2);
        bed_restart(&b);
        file_bed_append(&b, "mail.log", "c\n");
        file_bed_await(&b, 1);
        file_bed_expect(&b, "c");
        file_bed_close(&b);
    }
}

/* A link whose target is rotated in its own directory. */
static void link_into_another_directory(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    assert_int_equal(mkdir(file_bed_name(&b, "real"), 0700), 0);
    file_bed_append(&b, "real/mail.log", "a\n");
    assert_int_equal(symlink("real/mail.log", file_bed_name(&b, "mail.log")), 0);
    file_bed_start(&b);
    file_bed_await(&b, 1);
    file_bed_rename(&b, "real/mail.log", "real/mail.log.1");
    file_bed_append(&b, "real/mail.log", "b\n");
    file_bed_await(&b, 2);
    file_bed_expect(&b, "a b");
    file_bed_close(&b);
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    b.options.max_line = 1024;
    char *line = malloc(5001);
    assert_non_null(line);
    memset(line, 'x', 5000);
    line[5000] = '\0';
    file_bed_append(&b, "mail.log", line);
    file_bed_start(&b);
    file_bed_settle(&b);
    assert_int_equal(b.n, 0);
    file_bed_append(&b, "mail.log", "end\nshort\n");
    file_bed_await(&b, 2);
    assert_int_equal(b.v[0].n, 1024);
    assert_int_equal(b.v[0].flags, PS_RECORD_CUT);
    assert_int_equal(b.v[0].position.next, 5004);
    assert_string_equal(b.v[1].text, "short");
    assert_int_equal(b.v[1].flags, 0);

    /* the key is that of the whole line, whatever max_line is */
    char first[5004];
    memcpy(first, line, 5000);
    memcpy(first + 5000, "end", 3);
    uint8_t mac[PS_HMAC_LEN];
    assert_int_equal(ps_hmac_sha256(b.host.host_id, (struct ps_slice){first, 5003}, mac), 0);
    assert_memory_equal(b.v[0].key, mac, sizeof b.v[0].key);
    free(line);
    file_bed_close(&b);
}

static void read_from_end(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    b.options.read_from = PS_READ_FROM_END;
    file_bed_append(&b, "mail.log", "old\nunfin");
    file_bed_start(&b);
    file_bed_settle(&b);
    file_bed_expect(&b, "");
    bed_restart(&b); /* with a position it doesn't count any more */
    file_bed_append(&b, "mail.log", "ished\nnew\n");
    file_bed_await(&b, 2);
    file_bed_expect(&b, "unfinished new");
    assert_int_equal(b.v[0].offset, 4);
    uint8_t mac[PS_HMAC_LEN];
    assert_int_equal(ps_hmac_sha256(b.host.host_id, PS_SLICE("old"), mac), 0);
    assert_memory_equal(b.v[0].key, mac, sizeof b.v[0].key);
    file_bed_rename(&b, "mail.log", "mail.log.1");
    file_bed_append(&b, "mail.log", "x\n");
    file_bed_await(&b, 3);
    file_bed_expect(&b, "unfinished new x");
    file_bed_close(&b);
}

static void once_reads_what_is_there(void **state)
{
    (void)state;
    struct file_bed b;
    bed_make(&b);
    file_bed_path_add(&b, "missing.log");
    b.host.once = true;
    file_bed_append(&b, "mail.log", "a\nb\nunfin");
    file_bed_start(&b);
    file_bed_append(&b, "mail.log", "ished\nlater\n");
    assert_int_equal(file_bed_drain(&b), 0);
    file_bed_expect(&b, "a b");
    file_bed_confirm(&b, 2);
    bed_restart(&b);
    file_bed_expect(&b, "unfinished later");
    file_bed_confirm(&b, 2);
    assert_int_equal(file_bed_save(&b), 0);
    file_bed_stop(&b);
    file_bed_forget(&b);
    file_bed_append(&b, "mail.log", "c\n");
    file_bed_rename(&b, "mail.log", "mail.log.1");
    file_bed_append(&b, "mail.log", "d\n");
    file_bed_start(&b);
    assert_int_equal(file_bed_drain(&b), 0);
    file_bed_expect(&b, "c d");
    file_bed_close(&b);
}

/* What can't be read must not pass for read: next fails until it can. */
static void once_tells_of_failures(void **state)
{
    (void)state;
    static const struct {
        enum ps_fault_point point;
        uint64_t nth;
        int error;
    } rows[] = {
        {PS_FAULT_OPEN, 1, EACCES},
        {PS_FAULT_OPEN, 1, EMFILE},
        {PS_FAULT_READ, 2, EIO}, /* 1: the fingerprint at open */
        {PS_FAULT_READ, 1, EIO},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct file_bed b;
        bed_make(&b);
        b.host.once = true;
        file_bed_append(&b, "mail.log", "a\n");
        ps_fault_arm(rows[i].point, rows[i].nth, rows[i].error);
        file_bed_start(&b);
        assert_int_equal(file_bed_drain(&b), -rows[i].error);
        assert_int_equal(file_bed_drain(&b), 0);
        file_bed_expect(&b, "a");
        ps_fault_arm(rows[i].point, 0, 0);
        file_bed_close(&b);
    }
}

/* More events than the kernel keeps: the rest is found by a full look. */
static void overflow_of_events(void **state)
{
    (void)state;
    unsigned long most = 0;
    FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu", &most), 1);
    assert_int_equal(fclose(f), 0);
    struct file_bed b;
    bed_make(&b);
    file_bed_append(&b, "mail.log", "a\n");
    file_bed_start(&b);
    file_bed_await(&b, 1);
    for (unsigned long i = 0; i <= most / 2; i++) {
        file_bed_append(&b, "noise", "");
        file_bed_unlink(&b, "noise");
    }
    file_bed_append(&b, "mail.log", "b\n");
    file_bed_rename(&b, "mail.log", "mail.log.1");
    file_bed_append(&b, "mail.log", "c\n");
    file_bed_await(&b, 3);
    file_bed_expect(&b, "a b c");
    file_bed_close(&b);
}

/* A path holds any byte but NUL and '/'. */
static void odd_names(void **state)
{
    (void)state;
    struct file_bed b;
    file_bed_open(&b);
    file_bed_path_add(&b, "a \"%41\\\xff\n\x01.log");
    file_bed_append(&b, "a \"%41\\\xff\n\x01.log", "a\nb\n");
    file_bed_start(&b);
    file_bed_await(&b, 2);
    file_bed_confirm(&b, 1);
    bed_restart(&b);
    file_bed_expect(&b, "b");
    file_bed_close(&b);
}

/* A batch of one path after another, and each path's lines in order. */
static void paths_take_turns(void **state)
{
    (void)state;
    enum { LINES = 100000 };
    struct file_bed b;
    bed_make(&b);
    file_bed_path_add(&b, "second.log");
    FILE *f = fopen(file_bed_name(&b, "mail.log"), "we");
    assert_non_null(f);
    for (int i = 0; i < LINES; i++)
        (void)fprintf(f, "%d\n", i);
    assert_int_equal(fclose(f), 0);
    file_bed_append(&b, "second.log", "x\n");
    file_bed_start(&b);
    file_bed_await(&b, LINES + 1);
    size_t at = 0;
    int serial = 0;
    for (size_t i = 0; i < b.n; i++)
        if (b.v[i].text[0] == 'x')
            at = i;
        else
            assert_int_equal(strtol(b.v[i].text, NULL, 10), serial++);
    assert_int_equal(serial, LINES);
    assert_true(at > 0 && at < LINES / 2);
    file_bed_close(&b);
}

static void positions_of_others(void **state)
{
    (void)state;
    static const char hash[] = "00000000000000000000000000000000";
    static const struct {
        const char *before, *behind; /* a hash stands between them, where behind isn't NULL */
        int expected;
    } rows[] = {
        {"{}", NULL, -EINVAL},
        {"[]", NULL, -EINVAL},
        {"{\"files\":{}}", NULL, 0}, /* empty either way */
        {"{\"files\":[1]}", NULL, -EINVAL},
        {"{\"files\":[]}", NULL, 0},
        {"{\"files\":[{\"path\":\"/a%4\",\"device\":1,\"inode\":1,\"offset\":0,\"size\":0,\"mtime\":0}]}", NULL,
         -EINVAL},
        {"{\"files\":[{\"path\":\"/a\",\"device\":1,\"inode\":18446744073709551615,\"offset\":0,\"size\":0,\"mtime\":0,"
         "\"fingerprint\":{\"bytes\":1025,\"hash\":\"",
         "\"},\"tail\":{\"bytes\":0,\"hash\":\"00000000000000000000000000000000\"}}]}", -EINVAL},
        {"{\"files\":[{\"path\":\"/a\",\"device\":1,\"inode\":18446744073709551615,\"offset\":0,\"size\":0,\"mtime\":0,"
         "\"fingerprint\":{\"bytes\":1024,\"hash\":\"",
         "\"},\"tail\":{\"bytes\":0,\"hash\":\"00000000000000000000000000000000\"}}]}", 0},
        {"{\"files\":[{\"path\":\"/a\",\"device\":1,\"inode\":18446744073709551616,\"offset\":0,\"size\":0,\"mtime\":0,"
         "\"fingerprint\":{\"bytes\":1024,\"hash\":\"",
         "\"},\"tail\":{\"bytes\":0,\"hash\":\"00000000000000000000000000000000\"}}]}", -EINVAL},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct file_bed b;
        bed_make(&b);
        (void)ps_buf_append_str(&b.position, rows[i].before);
        if (rows[i].behind) {
            (void)ps_buf_append_str(&b.position, hash);
            (void)ps_buf_append_str(&b.position, rows[i].behind);
        }
        int r = file_bed_try_start(&b);
        if (r != rows[i].expected)
            fail_msg("row %zu: %d", i, r);
        file_bed_close(&b);
    }
}

static void options_are_checked(void **state)
{
    (void)state;
    char *good[] = {(char *)"/a", (char *)"/b/c"}, *bad[] = {(char *)"/a", (char *)"b"};
    const char *row = NULL;
    struct ps_input_file_options o = {.paths = {good, 2}};
    assert_null(ps_input_file.options.check(&o, &row));
    o.paths.v = bad;
    assert_non_null(ps_input_file.options.check(&o, &row));
    assert_string_equal(row, "paths");
    o.paths.n = 0;
    assert_non_null(ps_input_file.options.check(&o, &row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth_and_partial_lines), cmocka_unit_test(restart_at_each_line),
        cmocka_unit_test(missing_then_there),       cmocka_unit_test(unreadable_then_readable),
        cmocka_unit_test(directory_comes_late),     cmocka_unit_test(directory_replaced),
        cmocka_unit_test(same_file_twice),          cmocka_unit_test(link_into_another_directory),
        cmocka_unit_test(long_lines_are_cut),       cmocka_unit_test(read_from_end),
        cmocka_unit_test(once_reads_what_is_there), cmocka_unit_test(once_tells_of_failures),
        cmocka_unit_test(overflow_of_events),       cmocka_unit_test(odd_names),
        cmocka_unit_test(paths_take_turns),         cmocka_unit_test(positions_of_others),
        cmocka_unit_test(options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
