/* One line as an input read it. */
#pragma once

#include <stdint.h>

#include "base/timestamp.h"
#include "postship/slice.h"

/* Where the next record starts. Small, so that each slot of the window has one; only the input that made it understands
 * it. */
struct ps_position {
    uint64_t source; /* which of the input's sources (a file's generation) */
    uint64_t next;   /* offset behind this record, in bytes of decompressed content */
};

/* What all records of one generation (or journal) have in common. Belongs to the input; valid as long as the record. */
struct ps_source {
    struct ps_slice path; /* as shipped in source_path; empty: none */
    uint8_t key[16];      /* the generation key, from which event ids derive */
    bool has_key;
    struct ps_time_context time; /* year and zone of its stamps; the parser writes to it */
};

enum ps_record_flags {
    PS_RECORD_CUT = 1 << 0, /* longer than max_line: the rest was skipped */
    PS_RECORD_GAP = 1 << 1 /* no line: the source destroyed something before it was read; becomes an event `gap`, is not
                              counted as read */
};

struct ps_record {
    struct ps_slice line; /* without its newline; any bytes; valid until the next call of the input's `next` */
    uint64_t offset;      /* of its first byte */
    struct ps_position position;
    uint64_t gap_bytes; /* GAP: how many bytes are known to be lost; 0: not known */
    unsigned flags;     /* enum ps_record_flags */
    struct ps_source *source;
};
