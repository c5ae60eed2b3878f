#include "transform/secrets.h"

#include "base/util.h"
#include "transform/secret_find.h"

enum { SECRETS_MAX = 16 };

static const struct ps_slice mark = {"[removed]", 9};

/* Where the secrets of one event stand, in the order of the text. */
struct secrets {
    struct ps_slice v[SECRETS_MAX];
    size_t n;
};

/* What Postfix prints of each message and session: nothing that a verbose level or a setting for passwords adds. */
static bool kind_is_usual(enum ps_kind kind)
{
    switch (kind) {
    case PS_K_CONNECT:
    case PS_K_DISCONNECT:
    case PS_K_TLS:
    case PS_K_HOST_MISMATCH:
    case PS_K_ACCEPTED:
    case PS_K_REJECT:
    case PS_K_REJECT_WARNING:
    case PS_K_GREYLISTED:
    case PS_K_FILTERED:
    case PS_K_MILTER_ACTION:
    case PS_K_HEADER_MATCH:
    case PS_K_PICKUP:
    case PS_K_MESSAGE_ID:
    case PS_K_QUEUED:
    case PS_K_DELIVERY:
    case PS_K_BOUNCED:
    case PS_K_REMOVED:
    case PS_K_LOGIN:
    case PS_K_LOGOUT:
    case PS_K_SCREEN_CONNECT:
    case PS_K_SCREEN_PASS:
    case PS_K_DNSBL_HIT:
    case PS_K_ANVIL_STATISTICS:
        return true;
    default:
        return false;
    }
}

static size_t index_of(struct ps_slice text, struct ps_slice part)
{
    return (size_t)(part.p - text.p);
}

static void secrets_find(struct ps_slice text, struct secrets *s)
{
    struct ps_slice rest = text;
    while (ps_secret_find(rest, &s->v[s->n])) {
        const struct ps_slice *found = &s->v[s->n++];
        rest = ps_slice_after(text, index_of(text, *found) + found->n);
        if (s->n == SECRETS_MAX) {
            s->v[SECRETS_MAX - 1].n += rest.n;
            return;
        }
    }
}

static bool overlaps(struct ps_slice a, struct ps_slice b)
{
    return (uintptr_t)a.p < (uintptr_t)(b.p + b.n) && (uintptr_t)b.p < (uintptr_t)(a.p + a.n);
}

static bool has_secret(struct ps_slice text, const struct secrets *s)
{
    for (size_t i = 0; text.n && i < s->n; i++)
        if (overlaps(text, s->v[i]))
            return true;
    return false;
}

/* The text with marks; empty where there is no memory. Secrets may reach over its ends. */
static struct ps_slice text_mark(struct ps_arena *arena, struct ps_slice text, const struct secrets *s)
{
    size_t most = text.n + s->n * mark.n;
    char *to = ps_arena_take(arena, most);
    if (!to)
        return (struct ps_slice){0};
    struct ps_slice marked = {to, 0};
    const char *from = text.p, *end = text.p + text.n;
    for (size_t i = 0; i < s->n; i++) {
        if (!overlaps(text, s->v[i]))
            continue;
        const char *secret = s->v[i].p, *behind = secret + s->v[i].n;
        if (secret > from) {
            memcpy(to + marked.n, from, (size_t)(secret - from));
            marked.n += (size_t)(secret - from);
        }
        memcpy(to + marked.n, mark.p, mark.n);
        marked.n += mark.n;
        from = PS_MIN(behind, end);
    }
    memcpy(to + marked.n, from, (size_t)(end - from));
    marked.n += (size_t)(end - from);
    return marked;
}

/* A field that is text keeps what isn't secret; any other goes. Leaves room for one more. */
static void fields_clean(struct ps_event *ev, const struct secrets *s)
{
    unsigned kept = 0;
    memset(ev->present, 0, sizeof ev->present);
    for (unsigned i = 0; i < ev->n && kept < PS_EVENT_VALUES_MAX - 1; i++) {
        struct ps_value v = ev->values[i];
        if (has_secret(v.value, s)) {
            if (ps_field_infos[v.field].type != PS_TYPE_TEXT)
                continue;
            v.value = text_mark(&ev->arena, v.value, s);
            if (!v.value.p)
                continue;
        }
        ev->values[kept++] = v;
        ev->present[(unsigned)v.field / 64] |= UINT64_C(1) << ((unsigned)v.field % 64);
    }
    ev->n = kept;
}

void ps_secrets_remove(struct ps_event *ev)
{
    if (kind_is_usual(ev->kind))
        return;
    struct secrets s = {0};
    secrets_find(ev->message, &s);
    if (!s.n)
        return;
    fields_clean(ev, &s);
    ev->message = text_mark(&ev->arena, ev->message, &s);
    (void)ps_event_put(ev, PS_F_SECRET_REMOVED, (struct ps_slice){0});
}
