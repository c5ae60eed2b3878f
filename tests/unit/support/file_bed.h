/* A bed for the file input: a temporary directory, a loop, the input, and all records that it handed out. */
#pragma once

#include "base/buf.h"
#include "input/file.h"
#include "support/scratch.h"

struct bed_record {
    char *text; /* owned, with a NUL behind n bytes */
    size_t n;
    uint64_t offset;
    uint64_t gap_bytes;
    unsigned flags;
    struct ps_position position;
    uint8_t key[16];
    char *path; /* owned */
};

struct file_bed {
    struct scratch scratch;
    struct ps_loop *loop;
    struct ps_input *in; /* NULL while stopped */
    struct ps_input_file_options options;
    struct ps_input_host host;
    unsigned readies; /* calls of host.ready */
    struct bed_record *v;
    size_t n, cap;
    struct ps_buf position; /* as last saved; empty: none */
    bool patient;           /* a next that fails is called again, at most BED_TRIES times in a row */
};

enum { BED_TRIES = 100 };

/* An empty directory and no input yet; a scan only every hour. Paths are added by name. */
void file_bed_open(struct file_bed *b);
void file_bed_close(struct file_bed *b);
void file_bed_path_add(struct file_bed *b, const char *name);

/* NAME in the directory; valid until the next call. */
const char *file_bed_name(const struct file_bed *b, const char *name);
void file_bed_append(const struct file_bed *b, const char *name, const char *text);
void file_bed_write(const struct file_bed *b, const char *name, const char *text); /* in place, instead of all */
void file_bed_rename(const struct file_bed *b, const char *from, const char *to);
void file_bed_unlink(const struct file_bed *b, const char *name);

/* Opens the input at the saved position, if there is one. start: must succeed; try: 0 or negative errno. */
void file_bed_start(struct file_bed *b);
int file_bed_try_start(struct file_bed *b);
void file_bed_stop(struct file_bed *b);
/* Forgets the records that were seen. */
void file_bed_forget(struct file_bed *b);

/* Takes what there is, without waiting. 0, or what `next` failed with. */
int file_bed_drain(struct file_bed *b);
/* Handles all events that are there, then drains. */
void file_bed_settle(struct file_bed *b);
/* Runs the loop until there are n records (waits for ever: the runner's time limit is the judge). */
void file_bed_await(struct file_bed *b, size_t n);

/* Confirms the first n records seen. */
void file_bed_confirm(struct file_bed *b, size_t n);
/* 0 or the error of position_write. */
int file_bed_save(struct file_bed *b);
/* How many generations the saved position holds. */
size_t file_bed_saved_count(const struct file_bed *b);

/* The records seen are these: lines by their text, a gap as "gap N" in angle brackets, N its bytes; separated by blanks
 * and unambiguous, as no test line has one. */
void file_bed_expect_at(const struct file_bed *b, const char *records, const char *file, int line);
#define file_bed_expect(b, records) file_bed_expect_at(b, records, __FILE__, __LINE__)
