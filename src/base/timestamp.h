/* Time stamps of log lines. Internally: microseconds since 1970-01-01 00:00 UTC, no leap seconds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "postship/slice.h"

/* A calendar time as it stands in a line, in no zone. */
struct ps_civil {
    int year;           /* 1..9999 */
    int month, day;     /* 1..12, 1..31 */
    int hour, min, sec; /* 0..23, 0..59, 0..60 */
    int usec;           /* 0..999999 */
};

/* "YYYY-MM-DDTHH:MM:SS.ffffffZ": PS_TIMESTAMP_LEN bytes, no NUL. Times outside the years 1..9999 are clamped to them.
 */
enum { PS_TIMESTAMP_LEN = 27 };
void ps_timestamp_format(int64_t usec, char dst[PS_TIMESTAMP_LEN]);

/* Remembers the second last formatted, and so its day: log times mostly repeat. Zero-initialised it is ready. */
struct ps_timestamp_cache {
    int64_t sec; /* the second that text holds */
    bool valid;
    char text[PS_TIMESTAMP_LEN];
};
void ps_timestamp_format_cached(struct ps_timestamp_cache *cache, int64_t usec, char dst[PS_TIMESTAMP_LEN]);

/* RFC 3339, also with a blank or lower-case t instead of T: parses at the start of s; *ret_used gets its length in
 * bytes. Digits of the fraction beyond microseconds are dropped; second 60 is the one after 59. False: no such stamp
 * there (out parameters untouched). */
bool ps_timestamp_rfc3339_parse(struct ps_slice s, int64_t *ret_usec, size_t *ret_used);

/* UTC. Proleptic Gregorian calendar. Source of the formula: days from civil, H. Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms". */
int64_t ps_civil_to_utc(const struct ps_civil *c);
bool ps_civil_valid(const struct ps_civil *c);

/* The bytes of the two forms of stamp that a ps_time_context reads. */
enum { PS_TIMESTAMP_RFC3164_LEN = 15, PS_TIMESTAMP_LOCAL_LEN = 19 };

/* How to read the stamps "Mmm dd HH:MM:SS" (RFC 3164) and "YYYY-MM-DD HH:MM:SS" of one file: neither has a zone, the
 * first has no year. The zone is the process's: whoever changes TZ or the system's zone calls tzset(). One for each
 * generation; belongs to whoever reads that file, who sets the first two members and leaves the others zero. */
struct ps_time_context {
    int64_t anchor_usec; /* a time near the file's last line: its mtime, or now for a growing file; may be moved on at
                            any time */
    int64_t last_usec;   /* the last stamp inferred in this file; INT64_MIN before the first. Kept up to date by the
                            parser. */
    /* what the last second resolved to: the usual line repeats it */
    char cached[PS_TIMESTAMP_LOCAL_LEN]; /* the bytes of the stamp */
    uint8_t cached_len;                  /* 0: none, or one of the two lengths above */
    bool cached_day_plain;               /* the whole day of that stamp has one offset to UTC */
    int64_t cached_usec;
    int64_t cached_day; /* where plain: seconds since 1970 UTC at that day's 00:00 */
};

/* The year of a traditional stamp: the latest that doesn't put it more than 31 days ahead of the anchor, so that a file
 * may hold eleven months; where a file would go back by more than half a year, the nearest to the line before. 29
 * February only resolves to a leap year. The hour that a change to winter time repeats is read as its first pass,
 * unless the lines before it in the file are already in the second; a time that the change to summer time skips is read
 * as if the change had not happened yet. False: not such a stamp. */
bool ps_timestamp_rfc3164_parse(struct ps_slice s, struct ps_time_context *ctx, int64_t *ret_usec, size_t *ret_used);
bool ps_timestamp_local_parse(struct ps_slice s, struct ps_time_context *ctx, int64_t *ret_usec, size_t *ret_used);
