#include "input/file_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/util.h"

enum { HEX_BASE = 16, DIGITS_U64_MAX = 20 };

static bool char_plain(char c)
{
    return c >= ' ' && c <= '~' && c != '%' && c != '"' && c != '\\';
}

static int path_write(struct ps_buf *out, const char *path)
{
    for (; *path; path++) {
        if (char_plain(*path)) {
            (void)ps_buf_append_char(out, *path);
            continue;
        }
        (void)ps_buf_append_char(out, '%');
        (void)ps_buf_append_hex(out, path, 1);
    }
    return out->error;
}

static int hash_write(struct ps_buf *out, const char *name, const struct ps_file_hash *h)
{
    (void)ps_buf_printf(out, ",\"%s\":{\"bytes\":%" PRIu32 ",\"hash\":\"", name, h->bytes);
    (void)ps_buf_append_hex(out, h->hash, sizeof h->hash);
    return ps_buf_append_str(out, "\"}");
}

int ps_file_state_row_write(struct ps_buf *out, const char *path, const struct ps_file_saved *saved)
{
    (void)ps_buf_append_str(out, "{\"path\":\"");
    (void)path_write(out, path);
    (void)ps_buf_printf(out,
                        "\",\"device\":%" PRIu64 ",\"inode\":%" PRIu64 ",\"offset\":%" PRIu64 ",\"size\":%" PRIu64
                        ",\"mtime\":%" PRId64,
                        saved->device, saved->inode, saved->offset, saved->size, saved->mtime_nsec);
    (void)hash_write(out, "fingerprint", &saved->print);
    (void)hash_write(out, "tail", &saved->tail);
    if (saved->has_key) {
        (void)ps_buf_append_str(out, ",\"key\":\"");
        (void)ps_buf_append_hex(out, saved->key, sizeof saved->key);
        (void)ps_buf_append_char(out, '"');
    }
    if (saved->has_gap)
        (void)ps_buf_printf(out, ",\"gap\":%" PRIu64, saved->gap_bytes);
    return ps_buf_append_char(out, '}');
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False where s isn't exactly n bytes in hex. */
static bool hex_read(struct ps_slice s, uint8_t *dst, size_t n)
{
    if (s.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(s.p[2 * i]), low = hex_digit(s.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        dst[i] = (uint8_t)(high * HEX_BASE + low);
    }
    return true;
}

/* Inodes use all 64 bits on some file systems: more than a JSON reader's own integers hold. */
static bool u64_read(const struct ps_json *object, const char *name, uint64_t *ret)
{
    struct ps_slice text;
    if (!ps_json_number_text(ps_json_member(object, name), &text) || text.n == 0 || text.n > DIGITS_U64_MAX)
        return false;
    uint64_t v = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned digit = (unsigned)(text.p[i] - '0');
        if (digit > 9 || __builtin_mul_overflow(v, UINT64_C(10), &v) || __builtin_add_overflow(v, digit, &v))
            return false;
    }
    *ret = v;
    return true;
}

static bool hash_read(const struct ps_json *object, const char *name, size_t most, struct ps_file_hash *ret)
{
    const struct ps_json *h = ps_json_member(object, name);
    uint64_t bytes;
    struct ps_slice hex;
    if (!u64_read(h, "bytes", &bytes) || bytes > most || !ps_json_string(ps_json_member(h, "hash"), &hex) ||
        !hex_read(hex, ret->hash, sizeof ret->hash))
        return false;
    ret->bytes = (uint32_t)bytes;
    return true;
}

static bool saved_read(const struct ps_json *v, struct ps_file_saved *ret)
{
    struct ps_file_saved s = {0};
    struct ps_slice hex;
    if (!u64_read(v, "device", &s.device) || !u64_read(v, "inode", &s.inode) || !u64_read(v, "offset", &s.offset) ||
        !u64_read(v, "size", &s.size) || !ps_json_i64(ps_json_member(v, "mtime"), &s.mtime_nsec) ||
        !hash_read(v, "fingerprint", PS_FILE_PRINT_MAX, &s.print) || !hash_read(v, "tail", PS_FILE_TAIL_MAX, &s.tail) ||
        s.offset > INT64_MAX)
        return false;
    if (ps_json_member(v, "key")) {
        if (!ps_json_string(ps_json_member(v, "key"), &hex) || !hex_read(hex, s.key, sizeof s.key))
            return false;
        s.has_key = true;
    }
    if (ps_json_member(v, "gap")) {
        if (!u64_read(v, "gap", &s.gap_bytes))
            return false;
        s.has_gap = true;
    }
    *ret = s;
    return true;
}

/* 0 and an owned string, -EINVAL, -ENOMEM. */
static int path_read(const struct ps_json *v, char **ret)
{
    struct ps_slice s;
    if (!ps_json_string(v, &s))
        return -EINVAL;
    _cleanup_free_ char *path = ps_fault(PS_FAULT_MALLOC) ? NULL : malloc(s.n + 1);
    if (!path)
        return -ENOMEM;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t byte = (uint8_t)s.p[i];
        if (s.p[i] == '%') {
            if (s.n - i < 3 || !hex_read((struct ps_slice){s.p + i + 1, 2}, &byte, 1))
                return -EINVAL;
            i += 2;
        }
        if (byte == 0)
            return -EINVAL;
        path[n++] = (char)byte;
    }
    path[n] = '\0';
    *ret = path;
    path = NULL;
    return 0;
}

int ps_file_state_read(const struct ps_json *position, struct ps_file_state *ret)
{
    const struct ps_json *files = ps_json_member(position, "files");
    size_t n = ps_json_length(files);
    if (!files || (n > 0 && !ps_json_element(files, 0)))
        return -EINVAL;
    struct ps_file_state s = {0};
    int r = 0;
    if (n > 0) {
        s.v = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(n, sizeof *s.v);
        if (!s.v)
            return -ENOMEM;
    }
    while (s.n < n && r >= 0) {
        const struct ps_json *v = ps_json_element(files, s.n);
        struct ps_file_state_row *row = &s.v[s.n];
        if (!saved_read(v, &row->saved))
            r = -EINVAL;
        else
            r = path_read(ps_json_member(v, "path"), &row->path);
        s.n += r >= 0;
    }
    if (r < 0) {
        ps_file_state_done(&s);
        return r;
    }
    *ret = s;
    return 0;
}

void ps_file_state_done(struct ps_file_state *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->v[i].path);
    free(s->v);
    *s = (struct ps_file_state){0};
}
