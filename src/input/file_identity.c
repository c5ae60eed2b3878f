#include "input/file_identity.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/siphash.h"
#include "base/util.h"
#include "lib/crypto.h"

static_assert((int)PS_FILE_HASH_LEN == (int)PS_SIPHASH_LEN, "hashes are SipHash's");

/* As much of n bytes at `offset` as there is: short only at the end of the file. Negative errno on failure. */
static ssize_t content_read(int fd, void *dst, size_t n, uint64_t offset)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = ps_fault(PS_FAULT_READ) ? -1 : pread(fd, (char *)dst + got, n - got, (off_t)(offset + got));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -errno;
        if (r == 0)
            break;
        got += (size_t)r;
    }
    return (ssize_t)got;
}

static void hash_make(const char *p, size_t n, struct ps_file_hash *ret)
{
    /* Not secret: it must stay the same when the host's keys change. */
    static const uint8_t key[16] = "postship content";
    ret->bytes = (uint32_t)n;
    ps_siphash128(key, n, (struct ps_slice){p, n}, ret->hash);
}

static bool hash_equal(const struct ps_file_hash *a, const struct ps_file_hash *b)
{
    return a->bytes == b->bytes && memcmp(a->hash, b->hash, sizeof a->hash) == 0;
}

int ps_file_print_check(int fd, struct ps_file_hash *print)
{
    char first[PS_FILE_PRINT_MAX];
    ssize_t n = content_read(fd, first, sizeof first, 0);
    if (n < 0)
        return (int)n;
    if ((size_t)n < print->bytes)
        return 0;
    struct ps_file_hash now;
    if (print->bytes > 0) {
        hash_make(first, print->bytes, &now);
        if (!hash_equal(&now, print))
            return 0;
    }
    if ((size_t)n > print->bytes)
        hash_make(first, (size_t)n, print);
    return 1;
}

int ps_file_tail_make(int fd, uint64_t offset, struct ps_file_hash *ret)
{
    char last[PS_FILE_TAIL_MAX];
    size_t want = (size_t)PS_MIN(offset, (uint64_t)sizeof last);
    ssize_t n = content_read(fd, last, want, offset - want);
    if (n < 0)
        return (int)n;
    if ((size_t)n < want)
        return -ENODATA;
    hash_make(last, want, ret);
    return 0;
}

int ps_file_tail_check(int fd, uint64_t offset, const struct ps_file_hash *tail)
{
    struct ps_file_hash now;
    int r = ps_file_tail_make(fd, offset, &now);
    if (r == -ENODATA)
        return 0;
    if (r < 0)
        return r;
    return hash_equal(&now, tail);
}

int ps_file_key_of(struct ps_slice line, struct ps_slice host_id, uint8_t ret[PS_FILE_KEY_LEN])
{
    uint8_t mac[PS_HMAC_LEN];
    line.n = PS_MIN(line.n, (size_t)PS_FILE_KEY_LINE_MAX);
    int r = ps_hmac_sha256(host_id, line, mac);
    if (r < 0)
        return r;
    memcpy(ret, mac, PS_FILE_KEY_LEN);
    return 0;
}

int ps_file_key_make(int fd, struct ps_slice host_id, bool unfinished, uint8_t ret[PS_FILE_KEY_LEN])
{
    _cleanup_free_ char *line = ps_fault(PS_FAULT_MALLOC) ? NULL : malloc(PS_FILE_KEY_LINE_MAX);
    if (!line)
        return -ENOMEM;
    size_t n = 0, step = PS_FILE_PRINT_MAX; /* the usual line is short */
    const char *newline = NULL;
    while (!newline && n < PS_FILE_KEY_LINE_MAX) {
        size_t want = PS_MIN(step, PS_FILE_KEY_LINE_MAX - n);
        ssize_t got = content_read(fd, line + n, want, n);
        if (got < 0)
            return (int)got;
        newline = got ? memchr(line + n, '\n', (size_t)got) : NULL;
        n += (size_t)got;
        if ((size_t)got < want)
            break;
        step = PS_FILE_KEY_LINE_MAX;
    }
    if (n == 0 || (!newline && n < PS_FILE_KEY_LINE_MAX && !unfinished))
        return 0;
    int r = ps_file_key_of((struct ps_slice){line, newline ? (size_t)(newline - line) : n}, host_id, ret);
    return r < 0 ? r : 1;
}

int ps_file_last_line_find(int fd, uint64_t size, uint64_t *ret)
{
    char block[4096];
    while (size > 0) {
        size_t want = (size_t)PS_MIN(size, (uint64_t)sizeof block);
        ssize_t n = content_read(fd, block, want, size - want);
        if (n < 0)
            return (int)n;
        const char *newline = memrchr(block, '\n', (size_t)n);
        if (newline) {
            *ret = size - want + (uint64_t)(newline - block) + 1;
            return 0;
        }
        size -= want;
    }
    *ret = 0;
    return 0;
}
