#include "base/timestamp.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/util.h"
#include "support/guard.h"

/* Instants in the tables are written as text and read by timegm, not by the code under test:
 * "2026-11-21 22:57:39", with an optional ".ffffff". */
static int64_t utc(const char *text)
{
    struct tm tm = {0};
    int usec = 0;
    const char *rest = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
    assert_non_null(rest);
    if (*rest == '.')
        assert_int_equal(sscanf(rest, ".%6d", &usec), 1);
    return (int64_t)timegm(&tm) * PS_USEC_PER_SEC + usec;
}

static void zone_set(const char *zone)
{
    assert_int_equal(setenv("TZ", zone, 1), 0);
    tzset();
}

/* ---- writing ---- */

static void format_writes_utc_with_microseconds(void **state)
{
    (void)state;
    static const struct {
        int64_t usec;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {1, "1970-01-01T00:00:00.000001Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {-1000000, "1969-12-31T23:59:59.000000Z"},
        {INT64_C(951782400) * 1000000, "2000-02-29T00:00:00.000000Z"},
        {INT64_C(4107542399) * 1000000 + 123456, "2100-02-28T23:59:59.123456Z"},
        {INT64_C(4107542400) * 1000000, "2100-03-01T00:00:00.000000Z"},
        {INT64_C(253402300799) * 1000000 + 999999, "9999-12-31T23:59:59.999999Z"},
        {INT64_C(253402300800) * 1000000, "9999-12-31T23:59:59.999999Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999999Z"},
        {INT64_C(-62135596800) * 1000000, "0001-01-01T00:00:00.000000Z"},
        {INT64_C(-62135596800) * 1000000 - 1, "0001-01-01T00:00:00.000000Z"},
        {INT64_MIN, "0001-01-01T00:00:00.000000Z"},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        char text[PS_TIMESTAMP_LEN + 1] = {0};
        ps_timestamp_format(rows[i].usec, text);
        assert_string_equal(text, rows[i].text);
    }
}

/* Every day of 800 years against the C library, and back. */
static void calendar_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -200000; day < 100000; day++) {
        time_t sec = (time_t)(day * 86400 + (day % 1000 + 1000) * 43);
        struct tm tm;
        assert_non_null(gmtime_r(&sec, &tm));
        char want[64], got[PS_TIMESTAMP_LEN + 1] = {0};
        (void)snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02d.000000Z", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        ps_timestamp_format(sec * PS_USEC_PER_SEC, got);
        assert_string_equal(got, want);
        struct ps_civil c = {.year = tm.tm_year + 1900,
                             .month = tm.tm_mon + 1,
                             .day = tm.tm_mday,
                             .hour = tm.tm_hour,
                             .min = tm.tm_min,
                             .sec = tm.tm_sec,
                             .usec = 7};
        assert_true(ps_civil_valid(&c));
        assert_int_equal(ps_civil_to_utc(&c), sec * PS_USEC_PER_SEC + 7);
    }
}

static void cached_format_equals_the_plain_one(void **state)
{
    (void)state;
    static const int64_t steps[] = {0,  1,        999999,    1000000, -1, -1000000, 59000000, 3600000000,
                                    -5, 86399999, 100000000, -17,     0,  1,        0,        -86400000000};
    struct ps_timestamp_cache cache = {0};
    static const int64_t starts[] = {0, -86400000000, 1795301859745638};
    for (size_t start = 0; start < PS_COUNT(starts); start++) {
        int64_t usec = starts[start];
        for (size_t i = 0; i < 40 * PS_COUNT(steps); i++) {
            usec += steps[i % PS_COUNT(steps)];
            char want[PS_TIMESTAMP_LEN], got[PS_TIMESTAMP_LEN];
            ps_timestamp_format(usec, want);
            ps_timestamp_format_cached(&cache, usec, got);
            assert_memory_equal(got, want, PS_TIMESTAMP_LEN);
        }
    }
}

static void civil_valid_knows_the_calendar(void **state)
{
    (void)state;
    static const struct {
        struct ps_civil c;
        bool valid;
    } rows[] = {
        {{2026, 1, 1, 0, 0, 0, 0}, true},        {{2026, 12, 31, 23, 59, 60, 999999}, true},
        {{2024, 2, 29, 0, 0, 0, 0}, true},       {{2026, 2, 29, 0, 0, 0, 0}, false},
        {{2000, 2, 29, 0, 0, 0, 0}, true},       {{2100, 2, 29, 0, 0, 0, 0}, false},
        {{2026, 4, 31, 0, 0, 0, 0}, false},      {{2026, 0, 1, 0, 0, 0, 0}, false},
        {{2026, 13, 1, 0, 0, 0, 0}, false},      {{2026, 1, 0, 0, 0, 0, 0}, false},
        {{2026, 1, 32, 0, 0, 0, 0}, false},      {{0, 1, 1, 0, 0, 0, 0}, false},
        {{10000, 1, 1, 0, 0, 0, 0}, false},      {{2026, 1, 1, 24, 0, 0, 0}, false},
        {{2026, 1, 1, 0, 60, 0, 0}, false},      {{2026, 1, 1, 0, 0, 61, 0}, false},
        {{2026, 1, 1, 0, 0, 0, 1000000}, false}, {{2026, 1, 1, 0, 0, 0, -1}, false},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++)
        assert_int_equal(ps_civil_valid(&rows[i].c), rows[i].valid);
}

/* ---- RFC 3339 ---- */

static void rfc3339_reads_each_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *want; /* NULL: not a stamp */
        size_t used;
    } rows[] = {
        {"2026-11-21T22:57:32.745638+00:00 mx1", "2026-11-21 22:57:32.745638", 32},
        {"2026-11-21T22:57:32Z", "2026-11-21 22:57:32", 20},
        {"2026-11-21t22:57:32z", "2026-11-21 22:57:32", 20},
        {"2026-11-21 22:57:32Z", "2026-11-21 22:57:32", 20},
        {"2026-11-21T22:57:32+01:00", "2026-11-21 21:57:32", 25},
        {"2026-11-21T22:57:32-05:30", "2026-11-22 04:27:32", 25},
        {"2026-11-21T22:57:32-00:00", "2026-11-21 22:57:32", 25},
        {"2027-01-01T00:30:00+01:00", "2026-12-31 23:30:00", 25},
        {"2026-12-31T20:00:00-08:00", "2027-01-01 04:00:00", 25},
        {"2026-11-21T22:57:32.5Z", "2026-11-21 22:57:32.500000", 22},
        {"2026-11-21T22:57:32.000001Z", "2026-11-21 22:57:32.000001", 27},
        {"2026-11-21T22:57:32.1234569Z", "2026-11-21 22:57:32.123456", 28},
        {"2026-11-21T22:57:32.999999999+02:00", "2026-11-21 20:57:32.999999", 35},
        {"2016-12-31T23:59:60Z", "2017-01-01 00:00:00", 20},
        {"2016-12-31T23:59:60.5+00:00", "2017-01-01 00:00:00.500000", 27},
        {"2024-02-29T12:00:00Z", "2024-02-29 12:00:00", 20},
        {"2026-02-29T12:00:00Z", NULL, 0},
        {"2026-11-21T22:57:32", NULL, 0},
        {"2026-11-21T22:57:32.Z", NULL, 0},
        {"2026-11-21T22:57:32.123", NULL, 0},
        {"2026-11-21T22:57:32+0100", NULL, 0},
        {"2026-11-21T22:57:32+01", NULL, 0},
        {"2026-11-21T22:57:32+24:00", NULL, 0},
        {"2026-11-21T22:57:32+01:60", NULL, 0},
        {"2026-11-21T22:57:61Z", NULL, 0},
        {"2026-11-21T22:60:32Z", NULL, 0},
        {"2026-11-21T24:00:00Z", NULL, 0},
        {"2026-13-21T22:57:32Z", NULL, 0},
        {"2026-00-21T22:57:32Z", NULL, 0},
        {"2026-11-31T22:57:32Z", NULL, 0},
        {"2026-11-00T22:57:32Z", NULL, 0},
        {"0000-11-21T22:57:32Z", NULL, 0},
        {"2026/11/21T22:57:32Z", NULL, 0},
        {"2026-11-21_22:57:32Z", NULL, 0},
        {"2026-11-21T22.57.32Z", NULL, 0},
        {"2026-1a-21T22:57:32Z", NULL, 0},
        {"+026-11-21T22:57:32Z", NULL, 0},
        {"2026-11-21T-1:57:32Z", NULL, 0},
        {"Nov 21 22:57:39 mx1 x", NULL, 0},
        {"", NULL, 0},
    };
    struct guard g;
    guard_open(&g, 256);
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        int64_t usec = 4711;
        size_t used = 4711;
        bool found = ps_timestamp_rfc3339_parse(guard_copy(&g, ps_slice_from_str(rows[i].text)), &usec, &used);
        if (found != (rows[i].want != NULL))
            fail_msg("%s", rows[i].text);
        assert_int_equal(usec, found ? utc(rows[i].want) : 4711);
        assert_int_equal(used, found ? rows[i].used : 4711);

        /* nothing shorter than the stamp is one, nothing is read beyond the end */
        for (size_t n = 0; found && n < rows[i].used; n++)
            assert_false(ps_timestamp_rfc3339_parse(guard_copy(&g, ps_slice_make(rows[i].text, n)), &usec, &used));
    }
    guard_close(&g);
}

/* ---- stamps without zone ---- */

/* Rows with a zone start a new file; rows without one are the next line of it. */
struct file_row {
    const char *zone;
    const char *anchor; /* UTC */
    const char *stamp;
    const char *want; /* UTC; NULL: not a stamp */
};

static void rows_run(const struct file_row *rows, size_t n,
                     bool (*parse)(struct ps_slice, struct ps_time_context *, int64_t *, size_t *))
{
    struct guard g;
    guard_open(&g, 256);
    struct ps_time_context ctx = {0};
    for (size_t i = 0; i < n; i++) {
        if (rows[i].zone) {
            zone_set(rows[i].zone);
            ctx = (struct ps_time_context){.anchor_usec = utc(rows[i].anchor), .last_usec = INT64_MIN};
        }
        struct ps_slice stamp = ps_slice_from_str(rows[i].stamp);
        struct ps_time_context before = ctx;
        int64_t usec = 4711;
        size_t used = 4711;
        for (size_t part = 0; part < stamp.n; part++)
            assert_false(parse(guard_copy(&g, ps_slice_make(stamp.p, part)), &ctx, &usec, &used));
        bool found = parse(guard_copy(&g, stamp), &ctx, &usec, &used);
        if (found != (rows[i].want != NULL))
            fail_msg("row %zu: %s", i, rows[i].stamp);
        if (!found) {
            assert_int_equal(usec, 4711);
            assert_int_equal(used, 4711);
            assert_int_equal(ctx.last_usec, before.last_usec);
            continue;
        }
        char got[PS_TIMESTAMP_LEN + 1] = {0};
        ps_timestamp_format(usec, got);
        if (usec != utc(rows[i].want))
            fail_msg("row %zu: %s: got %s, expected %s", i, rows[i].stamp, got, rows[i].want);
        assert_int_equal(used, stamp.n);
        assert_int_equal(ctx.last_usec, usec);
        /* the usual next line: the same second */
        assert_true(parse(guard_copy(&g, stamp), &ctx, &usec, &used));
        assert_int_equal(usec, ctx.last_usec);
        assert_int_equal(used, stamp.n);
    }
    guard_close(&g);
    zone_set("UTC");
}

static void rfc3164_infers_the_year(void **state)
{
    (void)state;
    static const struct file_row rows[] = {
        {"UTC", "2026-11-21 23:00:00", "Nov 21 22:57:39", "2026-11-21 22:57:39"},
        {NULL, NULL, "Nov 21 22:57:40", "2026-11-21 22:57:40"},
        {NULL, NULL, "Nov 22 00:00:00", "2026-11-22 00:00:00"},
        {NULL, NULL, "Nov 21 23:59:60", "2026-11-22 00:00:00"},
        /* each month; blank or zero before a day of one digit */
        {"UTC", "2026-06-30 00:00:00", "Jan  1 00:00:00", "2026-01-01 00:00:00"},
        {NULL, NULL, "Feb 02 01:02:03", "2026-02-02 01:02:03"},
        {NULL, NULL, "Mar  3 00:00:00", "2026-03-03 00:00:00"},
        {NULL, NULL, "Apr  4 00:00:00", "2026-04-04 00:00:00"},
        {NULL, NULL, "May  5 00:00:00", "2026-05-05 00:00:00"},
        {NULL, NULL, "Jun  6 00:00:00", "2026-06-06 00:00:00"},
        {NULL, NULL, "Jul  7 00:00:00", "2026-07-07 00:00:00"},
        {NULL, NULL, "Aug  8 00:00:00", "2026-08-08 00:00:00"},
        {NULL, NULL, "Sep  9 00:00:00", "2026-09-09 00:00:00"},
        {NULL, NULL, "Oct 10 00:00:00", "2026-10-10 00:00:00"},
        {NULL, NULL, "Nov 11 00:00:00", "2026-11-11 00:00:00"},
        {NULL, NULL, "Dec 12 00:00:00", "2026-12-12 00:00:00"},
        /* read on 1 January: yesterday is last year */
        {"UTC", "2027-01-01 00:00:05", "Dec 31 23:59:59", "2026-12-31 23:59:59"},
        {NULL, NULL, "Jan  1 00:00:01", "2027-01-01 00:00:01"},
        {NULL, NULL, "Dec 31 23:59:58", "2026-12-31 23:59:58"},
        /* the anchor is of New Year's Eve: the file grows into the next year */
        {"UTC", "2026-12-31 23:59:00", "Dec 31 23:59:59", "2026-12-31 23:59:59"},
        {NULL, NULL, "Jan  1 00:00:00", "2027-01-01 00:00:00"},
        {NULL, NULL, "Feb  1 00:00:00", "2027-02-01 00:00:00"},
        /* the first line of a file that was opened before midnight */
        {"UTC", "2026-12-31 23:59:59", "Jan  1 00:00:01", "2027-01-01 00:00:01"},
        /* New Year where the zone is ahead of, and behind, UTC */
        {"Europe/Berlin", "2026-12-31 23:30:00", "Dec 31 23:59:59", "2026-12-31 22:59:59"},
        {NULL, NULL, "Jan  1 00:00:00", "2026-12-31 23:00:00"},
        {"America/New_York", "2027-01-01 05:30:00", "Dec 31 23:59:59", "2027-01-01 04:59:59"},
        {NULL, NULL, "Jan  1 00:00:00", "2027-01-01 05:00:00"},
        /* a backlog over New Year, read in spring */
        {"UTC", "2027-03-15 00:00:00", "Nov 30 12:00:00", "2026-11-30 12:00:00"},
        {NULL, NULL, "Dec 31 23:59:59", "2026-12-31 23:59:59"},
        {NULL, NULL, "Jan  1 00:00:00", "2027-01-01 00:00:00"},
        {NULL, NULL, "Mar 15 00:00:00", "2027-03-15 00:00:00"},
        /* a file that grows for two years without its anchor being moved on */
        {"UTC", "2026-01-10 00:00:00", "Jan 10 00:00:00", "2026-01-10 00:00:00"},
        {NULL, NULL, "Jun 10 00:00:00", "2026-06-10 00:00:00"},
        {NULL, NULL, "Oct 10 00:00:00", "2026-10-10 00:00:00"},
        {NULL, NULL, "Jan  9 00:00:00", "2027-01-09 00:00:00"},
        {NULL, NULL, "Jun 10 00:00:00", "2027-06-10 00:00:00"},
        {NULL, NULL, "Nov 10 00:00:00", "2027-11-10 00:00:00"},
        {NULL, NULL, "Feb 29 00:00:00", "2028-02-29 00:00:00"},
        {NULL, NULL, "Mar  1 00:00:00", "2028-03-01 00:00:00"},
        /* going back by months within half a year is disorder, not a new year */
        {"UTC", "2026-11-21 00:00:00", "Nov 21 00:00:00", "2026-11-21 00:00:00"},
        {NULL, NULL, "Jul 21 00:00:00", "2026-07-21 00:00:00"},
        {NULL, NULL, "Nov 21 00:00:01", "2026-11-21 00:00:01"},
        /* a wrong clock leads at most 31 days ahead, and the next line comes back */
        {"UTC", "2026-01-01 00:00:00", "Feb  1 00:00:00", "2026-02-01 00:00:00"},
        {NULL, NULL, "Jan  1 00:00:01", "2026-01-01 00:00:01"},
        {"Pacific/Pago_Pago", "2026-01-01 00:00:00", "Jan 31 12:59:59", "2026-01-31 23:59:59"},
        {NULL, NULL, "Jan  1 00:00:01", "2026-01-01 11:00:01"},
        {"UTC", "2026-01-01 00:00:00", "Feb  1 00:00:01", "2025-02-01 00:00:01"},
        {NULL, NULL, "Jan  1 00:00:01", "2026-01-01 00:00:01"},
        /* a file of eleven months */
        {"UTC", "2026-12-01 00:00:00", "Jan  2 00:00:00", "2026-01-02 00:00:00"},
        {NULL, NULL, "Jun 30 00:00:00", "2026-06-30 00:00:00"},
        {NULL, NULL, "Nov 30 00:00:00", "2026-11-30 00:00:00"},
    };
    rows_run(rows, PS_COUNT(rows), ps_timestamp_rfc3164_parse);
}

static void rfc3164_leap_day_needs_a_leap_year(void **state)
{
    (void)state;
    static const struct file_row rows[] = {
        {"UTC", "2028-03-01 00:00:00", "Feb 28 23:59:59", "2028-02-28 23:59:59"},
        {NULL, NULL, "Feb 29 23:59:59", "2028-02-29 23:59:59"},
        {NULL, NULL, "Feb 29 23:59:58", "2028-02-29 23:59:58"},
        {NULL, NULL, "Mar  1 00:00:00", "2028-03-01 00:00:00"},
        {"UTC", "2028-02-01 00:00:00", "Feb 29 00:00:00", "2028-02-29 00:00:00"},
        {"UTC", "2027-12-31 00:00:00", "Feb 29 00:00:00", "2024-02-29 00:00:00"},
        {"UTC", "2029-02-01 00:00:00", "Feb 29 00:00:00", "2028-02-29 00:00:00"},
        /* no leap year near: the last one, and later lines don't follow it */
        {"UTC", "2026-10-01 00:00:00", "Oct  1 00:00:00", "2026-10-01 00:00:00"},
        {NULL, NULL, "Feb 29 00:00:00", "2024-02-29 00:00:00"},
        {NULL, NULL, "Oct  1 00:00:01", "2026-10-01 00:00:01"},
        /* 1900 was none */
        {"UTC", "1903-01-01 00:00:00", "Feb 29 00:00:00", "1896-02-29 00:00:00"},
    };
    rows_run(rows, PS_COUNT(rows), ps_timestamp_rfc3164_parse);
}

static void rfc3164_refuses_what_is_none(void **state)
{
    (void)state;
    static const char *const stamps[] = {
        "Nov 31 22:57:39",  "Feb 30 22:57:39", "Nov  0 22:57:39", "Nov 32 22:57:39", "nov 21 22:57:39",
        "NOV 21 22:57:39",  "Nop 21 22:57:39", "Nov 21 24:57:39", "Nov 21 22:60:39", "Nov 21 22:57:61",
        "Nov 21T22:57:39",  "Nov-21 22:57:39", "Nov 21 22.57:39", "Nov 21 22:57.39", "Nov 2x 22:57:39",
        "Nov x1 22:57:39",  "Nov   1 2:57:39", "Nov 21 2:57:390", "Nov 21  2:57:39", "\xff\xff\xff 21 22:57:39",
        "2026-11-21T22:57", "               ",
    };
    struct ps_time_context seen = {.anchor_usec = utc("2026-11-21 23:00:00"), .last_usec = INT64_MIN};
    int64_t usec = 0;
    size_t used = 0;
    zone_set("UTC");
    assert_true(ps_timestamp_rfc3164_parse(PS_SLICE("Nov 21 22:57:38"), &seen, &usec, &used));
    for (size_t i = 0; i < PS_COUNT(stamps); i++) {
        struct file_row rows[] = {{"UTC", "2026-11-21 23:00:00", stamps[i], NULL}};
        rows_run(rows, 1, ps_timestamp_rfc3164_parse);
        /* nor where the cache holds the day */
        assert_false(ps_timestamp_rfc3164_parse(ps_slice_from_str(stamps[i]), &seen, &usec, &used));
    }
    assert_int_equal(seen.last_usec, utc("2026-11-21 22:57:38"));

    /* what an empty cache holds */
    static const char zeros[PS_TIMESTAMP_LOCAL_LEN];
    struct ps_time_context fresh = {.last_usec = INT64_MIN};
    assert_false(ps_timestamp_rfc3164_parse(ps_slice_make(zeros, sizeof zeros), &fresh, &usec, &used));
    assert_false(ps_timestamp_local_parse(ps_slice_make(zeros, sizeof zeros), &fresh, &usec, &used));
}

static void rfc3164_follows_the_zone(void **state)
{
    (void)state;
    static const struct file_row rows[] = {
        {"Europe/Berlin", "2026-11-21 23:00:00", "Nov 21 22:57:39", "2026-11-21 21:57:39"},
        {"Europe/Berlin", "2026-07-21 23:00:00", "Jul 21 22:57:39", "2026-07-21 20:57:39"},
        {"America/New_York", "2026-11-21 23:00:00", "Nov 21 22:57:39", "2026-11-22 03:57:39"},
        {"Asia/Kathmandu", "2026-11-21 23:00:00", "Nov 21 22:57:39", "2026-11-21 17:12:39"},
        {"Pacific/Kiritimati", "2026-11-21 23:00:00", "Nov 21 22:57:39", "2026-11-21 08:57:39"},
        {"Pacific/Pago_Pago", "2026-11-21 23:00:00", "Nov 21 22:57:39", "2026-11-22 09:57:39"},
        /* summer in January; half an hour of it on Lord Howe */
        {"Australia/Lord_Howe", "2026-01-21 23:00:00", "Jan 21 12:00:00", "2026-01-21 01:00:00"},
        {"Australia/Lord_Howe", "2026-07-21 23:00:00", "Jul 21 12:00:00", "2026-07-21 01:30:00"},
        {"Australia/Sydney", "2026-01-21 23:00:00", "Jan 21 12:00:00", "2026-01-21 01:00:00"},

        /* Berlin, 29 March 2026: 02:00 CET is 03:00 CEST, 01:00 UTC */
        {"Europe/Berlin", "2026-03-29 12:00:00", "Mar 29 01:59:59", "2026-03-29 00:59:59"},
        {NULL, NULL, "Mar 29 03:00:00", "2026-03-29 01:00:00"},
        {NULL, NULL, "Mar 29 12:00:00", "2026-03-29 10:00:00"},
        {NULL, NULL, "Mar 28 12:00:00", "2026-03-28 11:00:00"},
        {NULL, NULL, "Mar 30 12:00:00", "2026-03-30 10:00:00"},
        {"Europe/Berlin", "2026-03-29 12:00:00", "Mar 29 02:30:00", "2026-03-29 01:30:00"},
        /* New York, 8 March 2026: 02:00 EST is 03:00 EDT, 07:00 UTC */
        {"America/New_York", "2026-03-08 12:00:00", "Mar  8 01:59:59", "2026-03-08 06:59:59"},
        {NULL, NULL, "Mar  8 02:30:00", "2026-03-08 07:30:00"},
        {NULL, NULL, "Mar  8 03:00:00", "2026-03-08 07:00:00"},
        /* Lord Howe, 4 October 2026: 02:00 (+10:30) is 02:30 (+11) */
        {"Australia/Lord_Howe", "2026-10-04 12:00:00", "Oct  4 01:59:59", "2026-10-03 15:29:59"},
        {NULL, NULL, "Oct  4 02:30:00", "2026-10-03 15:30:00"},
        {"Australia/Lord_Howe", "2026-10-04 12:00:00", "Oct  4 02:15:00", "2026-10-03 15:45:00"},

        /* Berlin, 25 October 2026: 03:00 CEST is 02:00 CET, 01:00 UTC. The repeated hour, seen from its start … */
        {"Europe/Berlin", "2026-10-25 12:00:00", "Oct 25 01:59:59", "2026-10-24 23:59:59"},
        {NULL, NULL, "Oct 25 02:00:00", "2026-10-25 00:00:00"},
        {NULL, NULL, "Oct 25 02:30:00", "2026-10-25 00:30:00"},
        {NULL, NULL, "Oct 25 02:29:30", "2026-10-25 00:29:30"}, /* two processes, a little out of order */
        {NULL, NULL, "Oct 25 02:59:59", "2026-10-25 00:59:59"},
        {NULL, NULL, "Oct 25 02:00:00", "2026-10-25 01:00:00"},
        {NULL, NULL, "Oct 25 02:59:58", "2026-10-25 01:59:58"},
        {NULL, NULL, "Oct 25 03:00:00", "2026-10-25 02:00:00"},
        {NULL, NULL, "Oct 25 02:59:59", "2026-10-25 01:59:59"},
        /* … from its middle, with few lines … */
        {"Europe/Berlin", "2026-10-25 12:00:00", "Oct 25 02:30:00", "2026-10-25 00:30:00"},
        {NULL, NULL, "Oct 25 02:20:00", "2026-10-25 01:20:00"},
        {NULL, NULL, "Oct 25 02:50:00", "2026-10-25 01:50:00"},
        {NULL, NULL, "Oct 25 02:49:30", "2026-10-25 01:49:30"},
        {NULL, NULL, "Oct 26 02:30:00", "2026-10-26 01:30:00"},
        /* … and with no line before it on that day */
        {"Europe/Berlin", "2026-10-25 12:00:00", "Oct 24 12:00:00", "2026-10-24 10:00:00"},
        {NULL, NULL, "Oct 25 02:50:00", "2026-10-25 00:50:00"},
        /* New York, 1 November 2026: 02:00 EDT is 01:00 EST, 06:00 UTC */
        {"America/New_York", "2026-11-01 12:00:00", "Nov  1 00:59:59", "2026-11-01 04:59:59"},
        {NULL, NULL, "Nov  1 01:59:00", "2026-11-01 05:59:00"},
        {NULL, NULL, "Nov  1 01:01:00", "2026-11-01 06:01:00"},
        {NULL, NULL, "Nov  1 02:00:00", "2026-11-01 07:00:00"},
        /* Lord Howe, 5 April 2026: 02:00 (+11) is 01:30 (+10:30), 15:00 UTC of the day before */
        {"Australia/Lord_Howe", "2026-04-05 12:00:00", "Apr  5 01:29:59", "2026-04-04 14:29:59"},
        {NULL, NULL, "Apr  5 01:45:00", "2026-04-04 14:45:00"},
        {NULL, NULL, "Apr  5 01:35:00", "2026-04-04 15:05:00"},
        {NULL, NULL, "Apr  5 02:00:00", "2026-04-04 15:30:00"},
    };
    rows_run(rows, PS_COUNT(rows), ps_timestamp_rfc3164_parse);
}

static void local_stamp_has_its_year(void **state)
{
    (void)state;
    static const struct file_row rows[] = {
        {"UTC", "2026-11-21 23:00:00", "2026-11-21 23:00:09", "2026-11-21 23:00:09"},
        {NULL, NULL, "2026-11-21 23:00:10", "2026-11-21 23:00:10"},
        {NULL, NULL, "2019-02-28 23:59:60", "2019-03-01 00:00:00"},
        {NULL, NULL, "2031-01-01 00:00:00", "2031-01-01 00:00:00"},
        {"Europe/Berlin", "2026-11-21 23:00:00", "2026-07-01 00:00:00", "2026-06-30 22:00:00"},
        {NULL, NULL, "2026-03-29 02:30:00", "2026-03-29 01:30:00"},
        /* the repeated hour, far from the anchor too */
        {"Europe/Berlin", "1970-01-01 00:00:00", "2026-10-25 02:59:59", "2026-10-25 00:59:59"},
        {NULL, NULL, "2026-10-25 02:00:01", "2026-10-25 01:00:01"},
        {"UTC", "2026-11-21 23:00:00", "2026-02-29 23:00:09", NULL},
        {"UTC", "2026-11-21 23:00:00", "2026-11-21T23:00:09", NULL},
        {"UTC", "2026-11-21 23:00:00", "2026-11-21 23:00:6x", NULL},
        {"UTC", "2026-11-21 23:00:00", "2026-11-21 25:00:00", NULL},
        {"UTC", "2026-11-21 23:00:00", "0000-11-21 23:00:00", NULL},
    };
    rows_run(rows, PS_COUNT(rows), ps_timestamp_local_parse);
}

/* A context that another form filled, and anchors without sense. */
static void contexts_take_anything(void **state)
{
    (void)state;
    zone_set("UTC");
    struct ps_time_context ctx = {.anchor_usec = utc("2026-11-21 23:00:00"), .last_usec = INT64_MIN};
    int64_t usec = 0;
    size_t used = 0;
    assert_true(ps_timestamp_local_parse(PS_SLICE("2026-11-21 22:57:39"), &ctx, &usec, &used));
    assert_true(ps_timestamp_rfc3164_parse(PS_SLICE("Nov 21 22:57:40"), &ctx, &usec, &used));
    assert_int_equal(usec, utc("2026-11-21 22:57:40"));
    assert_true(ps_timestamp_local_parse(PS_SLICE("2025-11-21 22:57:41"), &ctx, &usec, &used));
    assert_int_equal(usec, utc("2025-11-21 22:57:41"));

    static const struct {
        int64_t anchor;
        const char *want;
    } rows[] = {
        {0, "1969-11-21T22:57:39.000000Z"},
        {INT64_MIN, "0001-11-21T22:57:39.000000Z"},
        {INT64_MAX, "9999-11-21T22:57:39.000000Z"},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_time_context odd = {.anchor_usec = rows[i].anchor, .last_usec = INT64_MIN};
        bool found = ps_timestamp_rfc3164_parse(PS_SLICE("Nov 21 22:57:39"), &odd, &usec, &used);
        if (rows[i].anchor == INT64_MIN) {
            assert_false(found); /* before the year 1 */
            continue;
        }
        char text[PS_TIMESTAMP_LEN + 1] = {0};
        assert_true(found);
        ps_timestamp_format(usec, text);
        assert_string_equal(text, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(format_writes_utc_with_microseconds),
        cmocka_unit_test(calendar_agrees_with_the_c_library),
        cmocka_unit_test(cached_format_equals_the_plain_one),
        cmocka_unit_test(civil_valid_knows_the_calendar),
        cmocka_unit_test(rfc3339_reads_each_form),
        cmocka_unit_test(rfc3164_infers_the_year),
        cmocka_unit_test(rfc3164_leap_day_needs_a_leap_year),
        cmocka_unit_test(rfc3164_refuses_what_is_none),
        cmocka_unit_test(rfc3164_follows_the_zone),
        cmocka_unit_test(local_stamp_has_its_year),
        cmocka_unit_test(contexts_take_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
