#include "support/file_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/util.h"

enum { POSITION_MAX = 1024 * 1024, SETTLE_TURNS = 64 };

static void on_ready(void *ctx)
{
    struct file_bed *b = ctx;
    b->readies++;
}

void file_bed_open(struct file_bed *b)
{
    *b = (struct file_bed){.position = {.max = POSITION_MAX}};
    scratch_make(&b->scratch);
    if (ps_loop_new(&b->loop) < 0)
        abort();
    b->options.max_line = 64 * 1024;
    b->options.scan_interval = 3600 * PS_USEC_PER_SEC;
    b->host = (struct ps_input_host){
        .name = "test", .loop = b->loop, .host_id = PS_SLICE("host id of the test"), .ready = on_ready, .ctx = b};
}

void file_bed_close(struct file_bed *b)
{
    file_bed_stop(b);
    file_bed_forget(b);
    b->loop = ps_loop_free(b->loop);
    ps_buf_done(&b->position);
    for (size_t i = 0; i < b->options.paths.n; i++)
        free(b->options.paths.v[i]);
    free(b->options.paths.v);
    scratch_remove(&b->scratch);
}

void file_bed_path_add(struct file_bed *b, const char *name)
{
    struct ps_strings *paths = &b->options.paths;
    paths->v = reallocarray(paths->v, paths->n + 1, sizeof *paths->v);
    if (!paths->v || asprintf(&paths->v[paths->n], "%s/%s", b->scratch.path, name) < 0)
        abort();
    paths->n++;
}

const char *file_bed_name(const struct file_bed *b, const char *name)
{
    static _Thread_local char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", b->scratch.path, name);
    return path;
}

static void text_put(const struct file_bed *b, const char *name, int flags, const char *text)
{
    int fd = open(file_bed_name(b, name), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) < 0)
        abort();
}

void file_bed_append(const struct file_bed *b, const char *name, const char *text)
{
    text_put(b, name, O_APPEND, text);
}

void file_bed_write(const struct file_bed *b, const char *name, const char *text)
{
    text_put(b, name, O_TRUNC, text);
}

void file_bed_rename(const struct file_bed *b, const char *from, const char *to)
{
    char old[512];
    (void)snprintf(old, sizeof old, "%s", file_bed_name(b, from));
    if (rename(old, file_bed_name(b, to)) < 0)
        abort();
}

void file_bed_unlink(const struct file_bed *b, const char *name)
{
    if (unlink(file_bed_name(b, name)) < 0)
        abort();
}

int file_bed_try_start(struct file_bed *b)
{
    struct ps_json *root = NULL;
    if (b->position.n > 0 && ps_json_parse(ps_buf_slice(&b->position), &root) < 0)
        return -ENOMEM; /* only by an injected fault: the rows of the position are tested apart */
    int r = ps_input_file.open(&b->options, &b->host, root, &b->in);
    root = ps_json_free(root);
    return r;
}

void file_bed_start(struct file_bed *b)
{
    assert_int_equal(file_bed_try_start(b), 0);
}

void file_bed_stop(struct file_bed *b)
{
    if (b->in)
        b->in = ps_input_file.close(b->in);
}

void file_bed_forget(struct file_bed *b)
{
    for (size_t i = 0; i < b->n; i++) {
        free(b->v[i].text);
        free(b->v[i].path);
    }
    free(b->v);
    b->v = NULL;
    b->n = b->cap = 0;
}

static void record_keep(struct file_bed *b, const struct ps_record *r)
{
    if (b->n == b->cap) {
        b->cap = b->cap ? 2 * b->cap : 64;
        b->v = reallocarray(b->v, b->cap, sizeof *b->v);
        if (!b->v)
            abort();
    }
    struct bed_record *kept = &b->v[b->n++];
    *kept = (struct bed_record){
        .n = r->line.n, .offset = r->offset, .gap_bytes = r->gap_bytes, .flags = r->flags, .position = r->position};
    kept->text = calloc(1, r->line.n + 1);
    kept->path = strndup(r->source->path.p, r->source->path.n);
    if (!kept->text || !kept->path)
        abort();
    if (r->line.n)
        memcpy(kept->text, r->line.p, r->line.n);
    if (!(r->flags & PS_RECORD_GAP))
        assert_true(r->source->has_key);
    memcpy(kept->key, r->source->key, sizeof kept->key);
}

int file_bed_drain(struct file_bed *b)
{
    int tries = BED_TRIES;
    for (;;) {
        struct ps_record record;
        int r = ps_input_file.next(b->in, &record);
        if (r > 0) {
            record_keep(b, &record);
            tries = BED_TRIES;
        } else if (r == 0 || !b->patient || tries-- == 0) {
            return r;
        }
    }
}

void file_bed_settle(struct file_bed *b)
{
    for (int i = 0; i < SETTLE_TURNS; i++)
        assert_true(ps_loop_once(b->loop, 0) >= 0);
    (void)file_bed_drain(b);
}

void file_bed_await(struct file_bed *b, size_t n)
{
    (void)file_bed_drain(b);
    while (b->n < n) {
        b->readies = 0;
        while (b->readies == 0)
            assert_true(ps_loop_once(b->loop, -1) >= 0);
        (void)file_bed_drain(b);
    }
}

void file_bed_confirm(struct file_bed *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ps_input_file.confirm(b->in, &b->v[i].position);
}

int file_bed_save(struct file_bed *b)
{
    struct ps_buf out = {.max = POSITION_MAX};
    int r = ps_input_file.position_write(b->in, &out);
    if (r < 0) {
        ps_buf_done(&out);
        return r;
    }
    ps_buf_done(&b->position);
    b->position = out;
    return 0;
}

size_t file_bed_saved_count(const struct file_bed *b)
{
    struct ps_json *root;
    assert_int_equal(ps_json_parse(ps_buf_slice(&b->position), &root), 0);
    size_t n = ps_json_length(ps_json_member(root, "files"));
    root = ps_json_free(root);
    return n;
}

void file_bed_expect_at(const struct file_bed *b, const char *records, const char *file, int line)
{
    struct ps_buf seen = {.max = POSITION_MAX};
    for (size_t i = 0; i < b->n; i++) {
        if (i > 0)
            (void)ps_buf_append_char(&seen, ' ');
        if (b->v[i].flags & PS_RECORD_GAP)
            (void)ps_buf_printf(&seen, "<gap %llu>", (unsigned long long)b->v[i].gap_bytes);
        else
            (void)ps_buf_append(&seen, b->v[i].text, b->v[i].n);
    }
    const char *text = ps_buf_cstr(&seen);
    if (!text || strcmp(text, records) != 0) {
        print_error("%s:%d: seen: %s\nexpected: %s\n", file, line, text ? text : "(no memory)", records);
        ps_buf_done(&seen);
        _fail(file, line);
    }
    ps_buf_done(&seen);
}
