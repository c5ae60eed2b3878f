#include "transform/filter.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/glob.h"
#include "base/timestamp.h"
#include "base/util.h"

enum { KIND_WORDS = (PS_KIND_COUNT + 63) / 64, TEXT_MAX = 2 * PS_EVENT_ID_LEN + 1 };

struct kinds {
    uint64_t words[KIND_WORDS];
};

struct value {
    struct ps_slice text; /* borrowed */
    bool pattern;
};

struct condition {
    enum ps_field field; /* never EVENT: the entry's kinds say that */
    const struct value *values;
    size_t n;
};

struct entry {
    struct kinds kinds;
    const struct condition *conditions;
    size_t n;
};

struct list {
    const struct entry *entries;
    size_t n;
    struct kinds some;  /* of these at least one entry might fit an event */
    struct kinds whole; /* of these an entry fits each event */
};

struct ps_filter {
    struct list keep, drop;
    struct entry *entries; /* of both lists, as the next two */
    struct condition *conditions;
    struct value *values;
};

PS_CLEANUP_DEFINE(struct ps_filter, ps_filter_free)

static void kinds_add(struct kinds *kinds, unsigned kind)
{
    kinds->words[kind / 64] |= UINT64_C(1) << (kind % 64);
}

static bool kinds_have(const struct kinds *kinds, enum ps_kind kind)
{
    return kinds->words[(unsigned)kind / 64] >> ((unsigned)kind % 64) & 1;
}

static void kinds_unite(struct kinds *kinds, const struct kinds *more)
{
    for (size_t i = 0; i < KIND_WORDS; i++)
        kinds->words[i] |= more->words[i];
}

static bool value_fits(const struct value *v, struct ps_slice text)
{
    return v->pattern ? ps_glob_matches(v->text, text) : ps_slice_equal(v->text, text);
}

static bool one_fits(const struct value *values, size_t n, struct ps_slice text)
{
    for (size_t i = 0; i < n; i++)
        if (value_fits(&values[i], text))
            return true;
    return false;
}

/* As ps_event_get; what the envelope holds in another form is written into buf. */
static struct ps_slice text_of(const struct ps_event *ev, enum ps_field field, char buf[TEXT_MAX])
{
    switch (field) {
    case PS_F_TIMESTAMP:
        ps_timestamp_format(ev->time_usec, buf);
        return ps_slice_make(buf, PS_TIMESTAMP_LEN);
    case PS_F_SOURCE_OFFSET:
        if (ev->source_path.n == 0)
            return (struct ps_slice){0};
        return ps_slice_make(buf, (size_t)snprintf(buf, TEXT_MAX, "%" PRIu64, ev->source_offset));
    case PS_F_EVENT_ID:
        for (size_t i = 0; ev->has_id && i < PS_EVENT_ID_LEN; i++)
            (void)snprintf(buf + 2 * i, 3, "%02x", ev->id[i]);
        return ev->has_id ? ps_slice_make(buf, (size_t)2 * PS_EVENT_ID_LEN) : (struct ps_slice){0};
    default:
        return ps_event_get(ev, field);
    }
}

static bool element_fits(const struct condition *c, const struct ps_event *ev)
{
    for (unsigned i = 0; i < ev->n; i++)
        if (ev->values[i].field == c->field && one_fits(c->values, c->n, ev->values[i].value))
            return true;
    return false;
}

static bool condition_fits(const struct condition *c, const struct ps_event *ev)
{
    char buf[TEXT_MAX];
    enum ps_field_type type = ps_field_infos[c->field].type;
    if (type == PS_TYPE_BOOL)
        return one_fits(c->values, c->n, ps_event_has(ev, c->field) ? PS_SLICE("true") : PS_SLICE("false"));
    if (type == PS_TYPE_LIST)
        return ps_event_has(ev, c->field) && element_fits(c, ev);
    struct ps_slice text = text_of(ev, c->field, buf);
    return text.p && one_fits(c->values, c->n, text);
}

static bool entry_fits(const struct entry *e, const struct ps_event *ev)
{
    if (!kinds_have(&e->kinds, ev->kind))
        return false;
    for (size_t i = 0; i < e->n; i++)
        if (!condition_fits(&e->conditions[i], ev))
            return false;
    return true;
}

static bool list_fits(const struct list *list, const struct ps_event *ev)
{
    if (!kinds_have(&list->some, ev->kind))
        return false;
    if (kinds_have(&list->whole, ev->kind))
        return true;
    for (size_t i = 0; i < list->n; i++)
        if (entry_fits(&list->entries[i], ev))
            return true;
    return false;
}

bool ps_filter_passes(const struct ps_filter *filter, const struct ps_event *ev)
{
    if (!filter)
        return true;
    return (filter->keep.n == 0 || list_fits(&filter->keep, ev)) && !list_fits(&filter->drop, ev);
}

/* ---- compilation ---- */

/* What is compiled goes behind what is there: the arrays have room for all. */
struct ends {
    struct entry *entry;
    struct condition *condition;
    struct value *value;
};

static const struct value *values_compile(const struct ps_strings *from, struct ends *ends)
{
    const struct value *values = ends->value;
    for (size_t i = 0; i < from->n; i++) {
        struct ps_slice text = ps_slice_from_str(from->v[i]);
        *ends->value++ = (struct value){text, ps_glob_has_wildcards(text)};
    }
    return values;
}

static void kinds_restrict(struct kinds *kinds, const struct value *values, size_t n)
{
    struct kinds fitting = {0};
    for (unsigned k = 0; k < PS_KIND_COUNT; k++)
        if (one_fits(values, n, ps_kind_infos[k].name))
            kinds_add(&fitting, k);
    for (size_t i = 0; i < KIND_WORDS; i++)
        kinds->words[i] &= fitting.words[i];
}

static int entry_compile(const struct ps_condition_set *set, struct ends *ends)
{
    struct entry *e = ends->entry++;
    e->conditions = ends->condition;
    memset(&e->kinds, 0xff, sizeof e->kinds);
    for (size_t i = 0; i < set->n; i++) {
        enum ps_field field;
        const struct ps_condition *c = &set->v[i];
        if (!ps_field_find(ps_slice_from_str(c->name), &field))
            return -EINVAL;
        const struct value *values = values_compile(&c->values, ends);
        if (field == PS_F_EVENT)
            kinds_restrict(&e->kinds, values, c->values.n);
        else
            *ends->condition++ = (struct condition){field, values, c->values.n};
    }
    e->n = (size_t)(ends->condition - e->conditions);
    return 0;
}

static int list_compile(const struct ps_conditions *from, struct list *list, struct ends *ends)
{
    list->entries = ends->entry;
    list->n = from->n;
    for (size_t i = 0; i < from->n; i++) {
        int r = entry_compile(&from->v[i], ends);
        if (r < 0)
            return r;
        const struct entry *e = &list->entries[i];
        kinds_unite(&list->some, &e->kinds);
        if (e->n == 0)
            kinds_unite(&list->whole, &e->kinds);
    }
    return 0;
}

static void sizes_add(const struct ps_conditions *list, size_t *entries, size_t *conditions, size_t *values)
{
    *entries += list->n;
    for (size_t i = 0; i < list->n; i++) {
        *conditions += list->v[i].n;
        for (size_t j = 0; j < list->v[i].n; j++)
            *values += list->v[i].v[j].values.n;
    }
}

static void *zeros_new(size_t n, size_t size)
{
    return ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(PS_MAX(n, (size_t)1), size);
}

int ps_filter_new(const struct ps_conditions *keep, const struct ps_conditions *drop, struct ps_filter **ret)
{
    size_t entries = 0, conditions = 0, values = 0;
    sizes_add(keep, &entries, &conditions, &values);
    sizes_add(drop, &entries, &conditions, &values);

    _cleanup_(ps_filter_freep) struct ps_filter *f = zeros_new(1, sizeof *f);
    if (!f)
        return -ENOMEM;
    f->entries = zeros_new(entries, sizeof *f->entries);
    f->conditions = zeros_new(conditions, sizeof *f->conditions);
    f->values = zeros_new(values, sizeof *f->values);
    if (!f->entries || !f->conditions || !f->values)
        return -ENOMEM;

    struct ends ends = {f->entries, f->conditions, f->values};
    int r = list_compile(keep, &f->keep, &ends);
    if (r == 0)
        r = list_compile(drop, &f->drop, &ends);
    if (r < 0)
        return r;
    *ret = f;
    f = NULL;
    return 0;
}

struct ps_filter *ps_filter_free(struct ps_filter *filter)
{
    if (filter) {
        free(filter->entries);
        free(filter->conditions);
        free(filter->values);
    }
    free(filter);
    return NULL;
}
