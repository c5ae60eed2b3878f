#include "base/timestamp.h"

#include <time.h>

#include "base/util.h"

enum {
    SEC_PER_DAY = 86400,
    YEAR_MIN = 1,
    YEAR_MAX = 9999,
    FRACTION_DIGITS = 6,
    LEAP_YEARS_APART_MAX = 8, /* 1896 and 1904 */
};

/* In seconds. The anchor is a time near the file's last line, so what is far ahead of it is of the year before: a file
 * may hold eleven months. Against the line before it, which knows nothing of what comes, a stamp is the nearest: half a
 * year. */
#define AHEAD_OF_ANCHOR_MAX (INT64_C(31) * SEC_PER_DAY)
#define AHEAD_OF_LAST_MAX   (INT64_C(365) * SEC_PER_DAY / 2)
#define BACK_MAX            (INT64_C(184) * SEC_PER_DAY)

/* Lines of one file can be out of order by so many seconds when several processes write at once. */
#define DISORDER_MAX 60

/* 0001-01-01 00:00:00 and 9999-12-31 23:59:59, seconds since 1970 */
#define SEC_MIN INT64_C(-62135596800)
#define SEC_MAX INT64_C(253402300799)

/* ---- calendar ---- */

static bool year_is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && year_is_leap(year) ? 29 : days[month - 1];
}

bool ps_civil_valid(const struct ps_civil *c)
{
    return c->year >= YEAR_MIN && c->year <= YEAR_MAX && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= month_days(c->year, c->month) && c->hour >= 0 && c->hour <= 23 && c->min >= 0 && c->min <= 59 &&
           c->sec >= 0 && c->sec <= 60 && c->usec >= 0 && c->usec < PS_USEC_PER_SEC;
}

/* Years start in March here, so that the leap day is the last one; eras are 400 years, 146097 days. */
static int64_t days_from_civil(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400; /* y >= 0 */
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int64_t)era * 146097 + day_of_era - 719468;
}

static struct ps_civil civil_from_days(int64_t days)
{
    int z = (int)(days + 719468); /* from 0000-03-01; the years 1..9999 are all behind it */
    int era = z / 146097;
    int day_of_era = z - era * 146097;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / 153;
    struct ps_civil c = {.year = era * 400 + year_of_era,
                         .month = month < 10 ? month + 3 : month - 9,
                         .day = day_of_year - (153 * month + 2) / 5 + 1};
    if (c.month <= 2)
        c.year++;
    return c;
}

int64_t ps_civil_to_utc(const struct ps_civil *c)
{
    int time_of_day = c->hour * 3600 + c->min * 60 + c->sec;
    return (days_from_civil(c->year, c->month, c->day) * SEC_PER_DAY + time_of_day) * PS_USEC_PER_SEC + c->usec;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ---- writing ---- */

static void put2(char *dst, unsigned v)
{
    dst[0] = (char)('0' + v / 10);
    dst[1] = (char)('0' + v % 10);
}

static void put_time_of_day(char *text, unsigned sec)
{
    put2(text + 11, sec / 3600);
    put2(text + 14, sec / 60 % 60);
    put2(text + 17, sec % 60);
}

static void put_usec(char *text, unsigned usec)
{
    put2(text + 20, usec / 10000);
    put2(text + 22, usec / 100 % 100);
    put2(text + 24, usec % 100);
}

static void put_day(char *text, int64_t days)
{
    struct ps_civil c = civil_from_days(days);
    memcpy(text, "YYYY-MM-DDTHH:MM:SS.ffffffZ", PS_TIMESTAMP_LEN);
    put2(text, (unsigned)c.year / 100);
    put2(text + 2, (unsigned)c.year % 100);
    put2(text + 5, (unsigned)c.month);
    put2(text + 8, (unsigned)c.day);
}

void ps_timestamp_format_cached(struct ps_timestamp_cache *cache, int64_t usec, char dst[PS_TIMESTAMP_LEN])
{
    if (usec < SEC_MIN * PS_USEC_PER_SEC)
        usec = SEC_MIN * PS_USEC_PER_SEC;
    else if (usec > SEC_MAX * PS_USEC_PER_SEC + PS_USEC_PER_SEC - 1)
        usec = SEC_MAX * PS_USEC_PER_SEC + PS_USEC_PER_SEC - 1;

    int64_t sec = floor_div(usec, PS_USEC_PER_SEC);
    if (!cache->valid || sec != cache->sec) {
        int64_t day = floor_div(sec, SEC_PER_DAY);
        if (!cache->valid || day != floor_div(cache->sec, SEC_PER_DAY))
            put_day(cache->text, day);
        put_time_of_day(cache->text, (unsigned)(sec - day * SEC_PER_DAY));
        cache->sec = sec;
        cache->valid = true;
    }
    memcpy(dst, cache->text, PS_TIMESTAMP_LEN);
    put_usec(dst, (unsigned)(usec - sec * PS_USEC_PER_SEC));
}

void ps_timestamp_format(int64_t usec, char dst[PS_TIMESTAMP_LEN])
{
    struct ps_timestamp_cache once = {.valid = false};
    ps_timestamp_format_cached(&once, usec, dst);
}

/* ---- reading: pieces ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int get_digit(char c)
{
    return is_digit(c) ? c - '0' : -1;
}

/* Two digits, or a negative number. */
static int get2(const char *p)
{
    unsigned tens = (unsigned)(unsigned char)p[0] - '0', ones = (unsigned)(unsigned char)p[1] - '0';
    return tens <= 9 && ones <= 9 ? (int)(tens * 10 + ones) : -1;
}

/* "YYYY-MM-DD"; false also for a day that does not exist. */
static bool get_date(const char *p, struct ps_civil *c)
{
    int century = get2(p), year = get2(p + 2);
    if (century < 0 || year < 0 || p[4] != '-' || p[7] != '-')
        return false;
    *c = (struct ps_civil){.year = century * 100 + year, .month = get2(p + 5), .day = get2(p + 8)};
    return ps_civil_valid(c);
}

/* "HH:MM:SS" as seconds since midnight, or a negative number. */
static int get_time_of_day(const char *p)
{
    int hour = get2(p), min = get2(p + 3), sec = get2(p + 6);
    bool good = (unsigned)hour <= 23 && (unsigned)min <= 59 && (unsigned)sec <= 60 && p[2] == ':' && p[5] == ':';
    return good ? hour * 3600 + min * 60 + sec : -1;
}

/* Digits at s.p[at] as microseconds; *ret_end is where they end, `at` where there are none. */
static int get_fraction(struct ps_slice s, size_t at, size_t *ret_end)
{
    int usec = 0, n = 0;
    for (; at < s.n && is_digit(s.p[at]); at++)
        if (n < FRACTION_DIGITS) {
            usec = usec * 10 + (s.p[at] - '0');
            n++;
        }
    for (; n < FRACTION_DIGITS; n++)
        usec *= 10;
    *ret_end = at;
    return usec;
}

/* "Z" or "+HH:MM" at s.p[at]: seconds east of UTC. */
static bool get_offset(struct ps_slice s, size_t at, int *ret_sec, size_t *ret_end)
{
    if (at < s.n && (s.p[at] == 'Z' || s.p[at] == 'z')) {
        *ret_sec = 0;
        *ret_end = at + 1;
        return true;
    }
    if (s.n < at + 6)
        return false;
    const char *p = s.p + at;
    int hour = get2(p + 1), min = get2(p + 4);
    if ((p[0] != '+' && p[0] != '-') || p[3] != ':' || (unsigned)hour > 23 || (unsigned)min > 59)
        return false;
    int sec = hour * 3600 + min * 60;
    *ret_sec = p[0] == '-' ? -sec : sec;
    *ret_end = at + 6;
    return true;
}

/* ---- reading: RFC 3339 ---- */

bool ps_timestamp_rfc3339_parse(struct ps_slice s, int64_t *ret_usec, size_t *ret_used)
{
    struct ps_civil c;
    if (s.n < PS_TIMESTAMP_LOCAL_LEN + 1 || (s.p[10] != 'T' && s.p[10] != ' ' && s.p[10] != 't') || !get_date(s.p, &c))
        return false;
    int time_of_day = get_time_of_day(s.p + 11);
    if (time_of_day < 0)
        return false;

    size_t at = PS_TIMESTAMP_LOCAL_LEN;
    int fraction = 0;
    if (s.p[at] == '.') {
        fraction = get_fraction(s, at + 1, &at);
        if (at == PS_TIMESTAMP_LOCAL_LEN + 1)
            return false;
    }
    int offset;
    if (!get_offset(s, at, &offset, ret_used))
        return false;
    int64_t sec = days_from_civil(c.year, c.month, c.day) * SEC_PER_DAY + time_of_day - offset;
    *ret_usec = sec * PS_USEC_PER_SEC + fraction;
    return true;
}

/* ---- reading: the zone of the system ---- */

/* Seconds east of UTC that local clocks show at this instant. localtime_r, other than mktime, does not look at the zone
 * file again each time. */
static int64_t zone_offset(int64_t utc_sec)
{
    time_t t = (time_t)utc_sec;
    struct tm tm;
    return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

/* The instant at which local clocks show `local` (counted as if they were UTC), after a line of the instant `last`; all
 * in seconds. */
static int64_t local_to_utc(int64_t local, int64_t last)
{
    int64_t before = zone_offset(local - SEC_PER_DAY), after = zone_offset(local + SEC_PER_DAY);
    int64_t first = local - before, second = local - after;
    if (before == after || zone_offset(second) != after)
        return first; /* no change near; not changed yet; or skipped */
    if (zone_offset(first) != before)
        return second;

    /* Clocks show it twice. */
    if (last <= first)
        return first;
    return last - first > DISORDER_MAX || zone_offset(last) == after ? second : first;
}

/* ---- reading: stamps without zone ---- */

/* The stamp at p, of `len` bytes, was resolved to `sec`: what the next line will ask for first. */
static void remember(struct ps_time_context *ctx, const char *p, size_t len, int64_t sec)
{
    memcpy(ctx->cached, p, len);
    ctx->cached_len = (uint8_t)len;
    ctx->cached_usec = ctx->last_usec = sec * PS_USEC_PER_SEC;
}

/* The stamp at p is the last one, or of its day. `day_len` bytes of it are the day. */
static bool recall(struct ps_time_context *ctx, const char *p, size_t len, size_t day_len)
{
    if (ctx->cached_len != len)
        return false;
    if (memcmp(p, ctx->cached, len) == 0)
        return true;
    if (!ctx->cached_day_plain || memcmp(p, ctx->cached, day_len + 1) != 0)
        return false;
    int time_of_day = get_time_of_day(p + day_len + 1);
    if (time_of_day < 0)
        return false;
    remember(ctx, p, len, ctx->cached_day + time_of_day);
    return true;
}

/* A stamp of a new day. */
static void resolve(struct ps_time_context *ctx, const char *p, size_t len, int64_t local_day, int time_of_day)
{
    int64_t offset = zone_offset(local_day - SEC_PER_DAY);
    ctx->cached_day_plain = offset == zone_offset(local_day + 2 * (int64_t)SEC_PER_DAY);
    ctx->cached_day = local_day - offset;
    remember(ctx, p, len,
             ctx->cached_day_plain ? ctx->cached_day + time_of_day
                                   : local_to_utc(local_day + time_of_day, floor_div(ctx->last_usec, PS_USEC_PER_SEC)));
}

/* 1..12, or 0 */
static int get_month(const char *p)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (memcmp(p, names + (size_t)i * 3, 3) == 0)
            return i + 1;
    return 0;
}

/* The latest such time that is not behind `limit`; 29 February may be up to LEAP_YEARS_APART_MAX back. All in seconds;
 * zones don't matter for a choice between years. */
static bool latest_before(int64_t limit, int month, int day, int time_of_day, int64_t *ret_local_day)
{
    limit = PS_MIN(PS_MAX(limit, SEC_MIN), SEC_MAX);
    int year = civil_from_days(floor_div(limit, SEC_PER_DAY)).year;
    for (int y = year; y >= PS_MAX(year - LEAP_YEARS_APART_MAX, YEAR_MIN); y--) {
        int64_t local_day = day <= month_days(y, month) ? days_from_civil(y, month, day) * SEC_PER_DAY : INT64_MAX;
        if (local_day <= limit - time_of_day) {
            *ret_local_day = local_day;
            return true;
        }
    }
    return false;
}

static bool infer_day(const struct ps_time_context *ctx, int month, int day, int time_of_day, int64_t *ret_local_day)
{
    int64_t anchor = floor_div(ctx->anchor_usec, PS_USEC_PER_SEC), last = floor_div(ctx->last_usec, PS_USEC_PER_SEC);
    if (!latest_before(anchor + AHEAD_OF_ANCHOR_MAX, month, day, time_of_day, ret_local_day))
        return false;
    return *ret_local_day + time_of_day >= last - BACK_MAX ||
           latest_before(last + AHEAD_OF_LAST_MAX, month, day, time_of_day, ret_local_day);
}

bool ps_timestamp_rfc3164_parse(struct ps_slice s, struct ps_time_context *ctx, int64_t *ret_usec, size_t *ret_used)
{
    enum { LEN = PS_TIMESTAMP_RFC3164_LEN, DAY_LEN = 6 };
    if (s.n < LEN)
        return false;
    if (!recall(ctx, s.p, LEN, DAY_LEN)) {
        const char *p = s.p;
        int month = get_month(p), time_of_day = get_time_of_day(p + 7);
        int day = p[4] == ' ' ? get_digit(p[5]) : get2(p + 4);
        int64_t local_day = 0;
        if (p[3] != ' ' || p[6] != ' ' || month == 0 || day < 1 || time_of_day < 0 ||
            !infer_day(ctx, month, day, time_of_day, &local_day))
            return false;
        resolve(ctx, p, LEN, local_day, time_of_day);
    }
    *ret_usec = ctx->cached_usec;
    *ret_used = LEN;
    return true;
}

bool ps_timestamp_local_parse(struct ps_slice s, struct ps_time_context *ctx, int64_t *ret_usec, size_t *ret_used)
{
    enum { LEN = PS_TIMESTAMP_LOCAL_LEN, DAY_LEN = 10 };
    if (s.n < LEN)
        return false;
    if (!recall(ctx, s.p, LEN, DAY_LEN)) {
        struct ps_civil c;
        int time_of_day = get_time_of_day(s.p + 11);
        if (s.p[10] != ' ' || time_of_day < 0 || !get_date(s.p, &c))
            return false;
        resolve(ctx, s.p, LEN, days_from_civil(c.year, c.month, c.day) * SEC_PER_DAY, time_of_day);
    }
    *ret_usec = ctx->cached_usec;
    *ret_used = LEN;
    return true;
}
