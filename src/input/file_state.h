/* What a position keeps of each generation, and its JSON:
 *
 *     {"files":[{"path":"/var/log/mail.log","device":2049,"inode":131,"offset":4711,"size":4711,"mtime":1763765859000000000,
 *                "fingerprint":{"bytes":1024,"hash":"…"},"tail":{"bytes":256,"hash":"…"},"key":"…"}]}
 *
 * "gap": see has_gap. For each path the oldest generation first. In a path every byte that isn't printable ASCII, and
 * '%', '"' and '\', is written as %XX: a path can hold any byte, a JSON string can't. */
#pragma once

#include "base/buf.h"
#include "input/file_identity.h"
#include "lib/json_read.h"

struct ps_file_saved {
    uint64_t device, inode; /* a hint only */
    uint64_t offset;        /* confirmed */
    uint64_t size;          /* the largest that was seen */
    int64_t mtime_nsec;
    struct ps_file_hash print; /* of the first bytes */
    struct ps_file_hash tail;  /* of the bytes before offset */
    uint8_t key[PS_FILE_KEY_LEN];
    bool has_key;
    bool has_gap;       /* its content was destroyed or not found, and the gap behind it isn't confirmed yet */
    uint64_t gap_bytes; /* known to be lost; 0: not known */
};

struct ps_file_state_row {
    char *path; /* owned */
    struct ps_file_saved saved;
};

struct ps_file_state {
    struct ps_file_state_row *v;
    size_t n;
};

/* One element of "files". 0 or the buffer's error. */
int ps_file_state_row_write(struct ps_buf *out, const char *path, const struct ps_file_saved *saved);

/* 0; -EINVAL: not such a position; -ENOMEM. */
int ps_file_state_read(const struct ps_json *position, struct ps_file_state *ret);
void ps_file_state_done(struct ps_file_state *s);
