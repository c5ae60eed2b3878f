#include "model/event.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/ip.h"

enum { EVENT_ARENA_MAX = 1 << 20, INT_DIGITS_MAX = 18 };

void ps_event_init(struct ps_event *ev)
{
    memset(ev, 0, sizeof *ev);
    ev->arena.max = EVENT_ARENA_MAX;
    ps_event_clear(ev);
}

void ps_event_clear(struct ps_event *ev)
{
    ev->time_usec = INT64_MIN;
    ev->kind = PS_K_OTHER;
    ev->outcome = PS_OUTCOME_NONE;
    ev->line = ev->host = ev->message = ev->source_path = (struct ps_slice){0};
    ev->source_offset = 0;
    ev->has_id = false;
    ev->n = 0;
    memset(ev->present, 0, sizeof ev->present);
    ps_arena_clear(&ev->arena);
}

void ps_event_done(struct ps_event *ev)
{
    ps_arena_done(&ev->arena);
}

int ps_event_new(struct ps_event **ret)
{
    struct ps_event *ev = ps_fault(PS_FAULT_MALLOC) ? NULL : malloc(sizeof *ev);
    if (!ev)
        return -ENOMEM;
    ps_event_init(ev);
    *ret = ev;
    return 0;
}

struct ps_event *ps_event_free(struct ps_event *event)
{
    if (event)
        ps_event_done(event);
    free(event);
    return NULL;
}

static bool all_digits(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < '0' || p[i] > '9')
            return false;
    return n > 0;
}

bool ps_value_is_int(struct ps_slice v)
{
    size_t sign = v.n && v.p[0] == '-';
    struct ps_slice digits = ps_slice_after(v, sign);
    return digits.n <= INT_DIGITS_MAX && all_digits(digits.p, digits.n) && (digits.p[0] != '0' || v.n == 1);
}

bool ps_value_is_float(struct ps_slice v)
{
    v = ps_slice_after(v, v.n && v.p[0] == '-');
    const char *point = v.n ? memchr(v.p, '.', v.n) : NULL;
    size_t whole = point ? (size_t)(point - v.p) : v.n;
    return whole <= INT_DIGITS_MAX && v.n - whole <= INT_DIGITS_MAX && all_digits(v.p, whole) &&
           (whole == 1 || v.p[0] != '0') && (!point || all_digits(point + 1, v.n - whole - 1));
}

static bool value_allowed(enum ps_field f, struct ps_slice v)
{
    switch (ps_field_infos[f].type) {
    case PS_TYPE_INT:
        return ps_value_is_int(v);
    case PS_TYPE_FLOAT:
        return ps_value_is_float(v);
    case PS_TYPE_IP:
        return ps_ip_valid(v);
    case PS_TYPE_KEYWORD:
    case PS_TYPE_TEXT:
    case PS_TYPE_BOOL:
    case PS_TYPE_TIME:
    case PS_TYPE_LIST:
        return true;
    }
    return false;
}

bool ps_event_set(struct ps_event *ev, enum ps_field f, struct ps_slice value)
{
    return value_allowed(f, value) && ps_event_put(ev, f, value);
}

struct ps_slice ps_outcome_name(enum ps_outcome outcome)
{
    switch (outcome) {
    case PS_OUTCOME_SUCCESS:
        return PS_SLICE("success");
    case PS_OUTCOME_FAILURE:
        return PS_SLICE("failure");
    case PS_OUTCOME_UNKNOWN:
        return PS_SLICE("unknown");
    case PS_OUTCOME_NONE:
        break;
    }
    return (struct ps_slice){0};
}

static struct ps_slice present_or_none(struct ps_slice s)
{
    return s.n ? s : (struct ps_slice){0};
}

struct ps_slice ps_event_get(const struct ps_event *ev, enum ps_field f)
{
    switch (f) {
    case PS_F_HOST:
        return present_or_none(ev->host);
    case PS_F_MESSAGE:
        return ev->message;
    case PS_F_SOURCE_PATH:
        return present_or_none(ev->source_path);
    case PS_F_EVENT:
        return ps_kind_infos[ev->kind].name;
    case PS_F_OUTCOME:
        return ps_outcome_name(ev->outcome);
    default:
        break;
    }
    if (!ps_event_has(ev, f))
        return (struct ps_slice){0};
    unsigned i = 0;
    while (ev->values[i].field != f)
        i++;
    return ev->values[i].value;
}

struct ps_slice ps_event_field(const struct ps_event *event, enum ps_field field)
{
    return ps_event_get(event, field);
}

enum ps_kind ps_event_kind(const struct ps_event *event)
{
    return event->kind;
}

int64_t ps_event_time(const struct ps_event *event)
{
    return event->time_usec;
}
