#include "base/option.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/ip.h"
#include "base/util.h"

struct unit {
    const char *name;
    int64_t factor;
};

/* The larger first, the preferred before its neighbour: how limits are written follows the order. */
static const struct unit size_units[] = {
    {"GiB", INT64_C(1) << 30},
    {"MiB", INT64_C(1) << 20},
    {"KiB", INT64_C(1) << 10},
    {"GB", INT64_C(1000000000)},
    {"MB", INT64_C(1000000)},
    {"kB", INT64_C(1000)},
    {"", 1},
};

static const struct unit duration_units[] = {
    {"d", 86400 * PS_USEC_PER_SEC}, {"h", 3600 * PS_USEC_PER_SEC}, {"m", 60 * PS_USEC_PER_SEC},
    {"s", PS_USEC_PER_SEC},         {"ms", PS_USEC_PER_MSEC},      {"us", 1},
};

struct units {
    const struct unit *v;
    size_t n;
};

static struct units units_of(const struct ps_option *row)
{
    if (row->type == PS_OPTION_SIZE)
        return (struct units){size_units, PS_COUNT(size_units)};
    if (row->type == PS_OPTION_DURATION)
        return (struct units){duration_units, PS_COUNT(duration_units)};
    return (struct units){NULL, 0};
}

bool ps_option_is_list(const struct ps_option *row)
{
    return row->type == PS_OPTION_STRING_LIST || row->type == PS_OPTION_STRING_MAP ||
           row->type == PS_OPTION_NETWORK_LIST || row->type == PS_OPTION_CONDITIONS;
}

/* With the largest unit that leaves no rest. */
static void limit_write(const struct ps_option *row, int64_t v, char *buf, size_t n)
{
    struct units units = units_of(row);
    for (size_t i = 0; v && i < units.n; i++)
        if (v % units.v[i].factor == 0) {
            (void)snprintf(buf, n, "%lld%s", (long long)(v / units.v[i].factor), units.v[i].name);
            return;
        }
    (void)snprintf(buf, n, "%lld%s", (long long)v, row->type == PS_OPTION_DURATION ? "s" : "");
}

static bool has_upper_limit(const struct ps_option *row)
{
    return row->max != 0 && row->max != INT64_MAX;
}

static void limits_expect(const struct ps_option *row, const char *what, char *buf, size_t n)
{
    char min[32], max[32];
    limit_write(row, row->min, min, sizeof min);
    limit_write(row, row->max, max, sizeof max);
    if (has_upper_limit(row))
        (void)snprintf(buf, n, "%s, from %s to %s", what, min, max);
    else if (row->min > 0 || row->type == PS_OPTION_INT)
        (void)snprintf(buf, n, "%s, at least %s", what, min);
    else
        (void)snprintf(buf, n, "%s", what);
}

static void choices_expect(const struct ps_option *row, char *buf, size_t n)
{
    size_t at = (size_t)snprintf(buf, n, "one of ");
    for (size_t i = 0; row->choices[i] && at < n; i++)
        at += (size_t)snprintf(buf + at, n - at, "%s%s", i ? ", " : "", row->choices[i]);
}

/* One scalar of the row: for lists, one element. */
static void scalar_expect(const struct ps_option *row, char *buf, size_t n)
{
    switch (row->type) {
    case PS_OPTION_STRING:
    case PS_OPTION_STRING_LIST:
    case PS_OPTION_STRING_MAP:
    case PS_OPTION_CONDITIONS:
        (void)snprintf(buf, n, "a text");
        return;
    case PS_OPTION_BOOL:
        (void)snprintf(buf, n, "true or false");
        return;
    case PS_OPTION_INT:
        limits_expect(row, "a whole number", buf, n);
        return;
    case PS_OPTION_SIZE:
        limits_expect(row, "a size such as 16MiB", buf, n);
        return;
    case PS_OPTION_DURATION:
        limits_expect(row, "a duration such as 30s, 5m or 2h", buf, n);
        return;
    case PS_OPTION_ENUM:
        choices_expect(row, buf, n);
        return;
    case PS_OPTION_NETWORK_LIST:
        (void)snprintf(buf, n, "a network such as 192.0.2.0/24 or 2001:db8::/32, with all host bits zero");
        return;
    }
}

void ps_option_expect(const struct ps_option *row, char *buf, size_t n)
{
    switch (row->type) {
    case PS_OPTION_STRING_LIST:
        (void)snprintf(buf, n, "a text or a list of texts");
        return;
    case PS_OPTION_STRING_MAP:
        (void)snprintf(buf, n, "a mapping of names to texts");
        return;
    case PS_OPTION_NETWORK_LIST:
        (void)snprintf(buf, n, "a list of networks such as 192.0.2.0/24 or 2001:db8::/32");
        return;
    case PS_OPTION_CONDITIONS:
        (void)snprintf(buf, n, "a list of conditions such as {event: delivery, status: [deferred, bounced]}");
        return;
    default:
        scalar_expect(row, buf, n);
        return;
    }
}

static char *text_copy(const char *text)
{
    return ps_fault(PS_FAULT_MALLOC) ? NULL : strdup(text);
}

static void *array_grow(void *v, size_t n, size_t element)
{
    return ps_fault(PS_FAULT_MALLOC) ? NULL : reallocarray(v, n + 1, element);
}

/* Digits at *s; moves *s behind them. */
static bool digits_read(const char **s, int64_t *ret)
{
    int64_t v = 0;
    const char *p = *s;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *p - '0', &v))
            return false;
    if (p == *s)
        return false;
    *s = p;
    *ret = v;
    return true;
}

/* INT, SIZE, DURATION: number and unit. */
static bool number_read(const struct ps_option *row, const char *text, int64_t *ret)
{
    int64_t v;
    bool negative = row->type == PS_OPTION_INT && *text == '-';
    text += negative;
    if (!digits_read(&text, &v))
        return false;
    if (negative)
        v = -v;

    struct units units = units_of(row);
    if (units.n) {
        if (text[0] == ' ' && text[1])
            text++;
        size_t i = 0;
        while (i < units.n && strcmp(text, units.v[i].name) != 0)
            i++;
        if (i == units.n || __builtin_mul_overflow(v, units.v[i].factor, &v))
            return false;
    } else if (*text) {
        return false;
    }

    if (v < row->min || (row->max != 0 && v > row->max))
        return false;
    *ret = v;
    return true;
}

static int choice_read(const struct ps_option *row, const char *text)
{
    for (int i = 0; row->choices[i]; i++)
        if (strcmp(row->choices[i], text) == 0)
            return i;
    return -EINVAL;
}

static int strings_add(struct ps_strings *list, const char *text)
{
    _cleanup_free_ char *copy = text_copy(text);
    if (!copy)
        return -ENOMEM;
    char **v = array_grow(list->v, list->n, sizeof *v);
    if (!v)
        return -ENOMEM;
    list->v = v;
    v[list->n++] = copy;
    copy = NULL;
    return 0;
}

static void strings_clear(struct ps_strings *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->v[i]);
    free(list->v);
    *list = (struct ps_strings){0};
}

static int pairs_add(struct ps_pairs *map, const char *key, const char *text)
{
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->v[i].key, key) == 0)
            return -EINVAL;
    _cleanup_free_ char *name = text_copy(key);
    _cleanup_free_ char *value = text_copy(text);
    if (!name || !value)
        return -ENOMEM;
    struct ps_pair *v = array_grow(map->v, map->n, sizeof *v);
    if (!v)
        return -ENOMEM;
    map->v = v;
    v[map->n++] = (struct ps_pair){name, value};
    name = value = NULL;
    return 0;
}

static int networks_add(struct ps_networks *list, const char *text)
{
    struct ps_network net;
    if (!ps_network_parse(ps_slice_from_str(text), &net))
        return -EINVAL;
    struct ps_network *v = array_grow(list->v, list->n, sizeof *v);
    if (!v)
        return -ENOMEM;
    list->v = v;
    v[list->n++] = net;
    return 0;
}

static int conditions_add(struct ps_conditions *list, const char *name, const char *text)
{
    if (list->n == 0)
        return -EINVAL;
    struct ps_condition_set *set = &list->v[list->n - 1];
    for (size_t i = 0; i < set->n; i++)
        if (strcmp(set->v[i].name, name) == 0)
            return strings_add(&set->v[i].values, text);

    struct ps_condition *v = array_grow(set->v, set->n, sizeof *v);
    if (!v)
        return -ENOMEM;
    set->v = v;
    _cleanup_free_ char *copy = text_copy(name);
    struct ps_condition *added = &v[set->n];
    *added = (struct ps_condition){0};
    int r = copy ? strings_add(&added->values, text) : -ENOMEM;
    if (r < 0) {
        strings_clear(&added->values);
        return r;
    }
    added->name = copy;
    copy = NULL;
    set->n++;
    return 0;
}

/* As ps_option_scalar_set, without the words. */
static int scalar_read(const struct ps_option *row, void *options, const char *key, const char *text)
{
    void *member = (char *)options + row->offset;
    switch (row->type) {
    case PS_OPTION_STRING: {
        if (!*text)
            return -EINVAL;
        char *copy = text_copy(text);
        if (!copy)
            return -ENOMEM;
        free(*(char **)member);
        *(char **)member = copy;
        return 0;
    }
    case PS_OPTION_BOOL:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
            return -EINVAL;
        *(bool *)member = *text == 't';
        return 0;
    case PS_OPTION_INT:
    case PS_OPTION_SIZE:
    case PS_OPTION_DURATION:
        return number_read(row, text, member) ? 0 : -EINVAL;
    case PS_OPTION_ENUM: {
        int choice = choice_read(row, text);
        if (choice < 0)
            return choice;
        *(int *)member = choice;
        return 0;
    }
    case PS_OPTION_STRING_LIST:
        return *text ? strings_add(member, text) : -EINVAL;
    case PS_OPTION_STRING_MAP:
        return key ? pairs_add(member, key, text) : -EINVAL;
    case PS_OPTION_NETWORK_LIST:
        return networks_add(member, text);
    case PS_OPTION_CONDITIONS:
        return key ? conditions_add(member, key, text) : -EINVAL;
    }
    return -EINVAL;
}

int ps_option_scalar_set(const struct ps_option *row, void *options, const char *key, const char *text, char *buf,
                         size_t n)
{
    int r = scalar_read(row, options, key, text);
    if (r == -EINVAL && row->type == PS_OPTION_STRING_MAP)
        (void)snprintf(buf, n, "each name once");
    else if (r == -EINVAL)
        scalar_expect(row, buf, n);
    return r;
}

int ps_option_set_begin(const struct ps_option *row, void *options)
{
    struct ps_conditions *list = (void *)((char *)options + row->offset);
    struct ps_condition_set *v = array_grow(list->v, list->n, sizeof *v);
    if (!v)
        return -ENOMEM;
    list->v = v;
    v[list->n++] = (struct ps_condition_set){0};
    return 0;
}

static void conditions_clear(struct ps_conditions *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct ps_condition_set *set = &list->v[i];
        for (size_t j = 0; j < set->n; j++) {
            free(set->v[j].name);
            strings_clear(&set->v[j].values);
        }
        free(set->v);
    }
    free(list->v);
    *list = (struct ps_conditions){0};
}

void ps_option_value_clear(const struct ps_option *row, void *options)
{
    void *member = (char *)options + row->offset;
    switch (row->type) {
    case PS_OPTION_STRING:
        free(*(char **)member);
        *(char **)member = NULL;
        return;
    case PS_OPTION_BOOL:
        *(bool *)member = false;
        return;
    case PS_OPTION_INT:
    case PS_OPTION_SIZE:
    case PS_OPTION_DURATION:
        *(int64_t *)member = 0;
        return;
    case PS_OPTION_ENUM:
        *(int *)member = 0;
        return;
    case PS_OPTION_STRING_LIST:
        strings_clear(member);
        return;
    case PS_OPTION_STRING_MAP: {
        struct ps_pairs *map = member;
        for (size_t i = 0; i < map->n; i++) {
            free(map->v[i].key);
            free(map->v[i].value);
        }
        free(map->v);
        *map = (struct ps_pairs){0};
        return;
    }
    case PS_OPTION_NETWORK_LIST: {
        struct ps_networks *list = member;
        free(list->v);
        *list = (struct ps_networks){0};
        return;
    }
    case PS_OPTION_CONDITIONS:
        conditions_clear(member);
        return;
    }
}

int ps_option_defaults_set(const struct ps_option_table *table, void *options)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct ps_option *row = &table->rows[i];
        if (!row->standard)
            continue;
        char expected[256];
        int r = ps_option_scalar_set(row, options, NULL, row->standard, expected, sizeof expected);
        if (r < 0)
            return r;
    }
    return 0;
}

void ps_option_values_done(const struct ps_option_table *table, void *options)
{
    if (!options)
        return;
    for (size_t i = 0; i < table->n; i++)
        ps_option_value_clear(&table->rows[i], options);
}
