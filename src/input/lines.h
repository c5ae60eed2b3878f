/* Lines out of one descriptor: read in batches, handed out in place, without a copy.
 *
 *     p          start        scan          end          cap
 *     │ handed out │ no newline │ not searched │ free       │
 *
 * A line is what stands before a newline; NUL, CR and any other byte are data. A last line without newline waits, also
 * over any number of reads. Of a line over max_line the first max_line bytes are kept, the rest is dropped while it is
 * read, so memory stays bounded whatever the file holds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "postship/slice.h"

enum { PS_LINES_BATCH = 256 * 1024 };

struct ps_lines {
    int fd;          /* borrowed; read from its own file position */
    size_t max_line; /* bytes, without the newline */
    uint64_t limit;  /* nothing from this offset on is read */
    char *p;         /* cap bytes */
    size_t cap;
    size_t start, scan, end;
    size_t touched;   /* bytes of p that were ever written */
    uint64_t offset;  /* of p[start] in the content */
    uint64_t skipped; /* bytes dropped from the line at start, behind its first max_line */
};

struct ps_text_line {
    struct ps_slice text; /* valid until the next call of fill, next, trim or done */
    uint64_t offset;      /* of its first byte */
    uint64_t next;        /* of the line behind it */
    bool cut;             /* longer than max_line */
};

/* The descriptor's file position is at `offset` of the content. Allocates nothing yet. */
void ps_lines_init(struct ps_lines *l, int fd, uint64_t offset, size_t max_line);
void ps_lines_done(struct ps_lines *l);

/* The next line, read when needed. 1 and *ret; 0: end of file (or limit), a later call may find more; negative errno of
 * the read or -ENOMEM, after which nothing is lost and the call can be repeated. */
int ps_lines_next(struct ps_lines *l, struct ps_text_line *ret);

/* The two halves of ps_lines_next, for callers that look at the file before each read.
 * take: the next line of what is in memory, 1, or 0 when there is none. fill: one read, only after take has said 0; the
 * number of bytes, or as ps_lines_next. */
int ps_lines_take(struct ps_lines *l, struct ps_text_line *ret);
int ps_lines_fill(struct ps_lines *l);

/* The unfinished last line, for whoever knows that no more will come. Only after ps_lines_next has said 0. 1, or 0 when
 * there is none. */
int ps_lines_rest(struct ps_lines *l, struct ps_text_line *ret);

/* What ps_lines_take would hand out, left in place; p is NULL when it would say 0. Not cut to max_line. */
struct ps_slice ps_lines_peek(const struct ps_lines *l);

/* The offset behind the last byte that was read. */
uint64_t ps_lines_read_offset(const struct ps_lines *l);

/* Gives back the memory that a large batch took, when nothing waits in it. */
void ps_lines_trim(struct ps_lines *l);
