/* What a file's content is known by. Inodes are used again and device numbers change at boot, so they are hints; the
 * proof is in the bytes: a fingerprint of the first ones, which grows with the file up to a limit, and a hash of those
 * just before an offset. All reads are by pread(2): the descriptor's own position stays. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "postship/slice.h"

enum {
    PS_FILE_PRINT_MAX = 1024,
    PS_FILE_TAIL_MAX = 256,
    PS_FILE_KEY_LINE_MAX = 64 * 1024, /* of a longer first line, this much makes the key */
    PS_FILE_HASH_LEN = 16,
    PS_FILE_KEY_LEN = 16
};

struct ps_file_hash {
    uint32_t bytes; /* how many were hashed; 0: nothing is known */
    uint8_t hash[PS_FILE_HASH_LEN];
};

/* 1: the file still begins with what *print was made of; *print is then extended to what is there now. 0: it does not.
 * Or negative errno. */
int ps_file_print_check(int fd, struct ps_file_hash *print);

/* Of the bytes before `offset`, as many as the limit allows. 0; -ENODATA: the file is shorter; or negative errno. */
int ps_file_tail_make(int fd, uint64_t offset, struct ps_file_hash *ret);
/* 1 where the bytes before `offset` are those, 0 where not, or negative errno. */
int ps_file_tail_check(int fd, uint64_t offset, const struct ps_file_hash *tail);

/* The generation key: the first bytes of the HMAC-SHA-256 of the first line, without its newline, under host_id. 1; 0:
 * there is no complete line yet (`unfinished`: what is there counts as one, 0 only for an empty file); -ENOMEM, or
 * negative errno. */
int ps_file_key_make(int fd, struct ps_slice host_id, bool unfinished, uint8_t ret[PS_FILE_KEY_LEN]);
/* The same of a line in memory. 0 or negative errno. */
int ps_file_key_of(struct ps_slice line, struct ps_slice host_id, uint8_t ret[PS_FILE_KEY_LEN]);

/* The offset behind the last newline before `size`; 0 where there is none. 0 or negative errno. */
int ps_file_last_line_find(int fd, uint64_t size, uint64_t *ret);
