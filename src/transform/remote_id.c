#include "transform/remote_id.h"

#include <stdint.h>

#include "base/util.h"

/* What stands in front of the id and behind it. */
struct form {
    struct ps_slice before, after;
    enum {
        FORM_START,      /* `before` begins the reply */
        FORM_LAST,       /* the rightmost `before` */
        FORM_LAST_OPEN,  /* the same, and more may follow `after` */
        FORM_LAST_BLANK, /* the word in front of `after` */
    } place;
};

static const struct form forms[] = {
    {PS_SLICE("queued as "), PS_SLICE(""), FORM_LAST},
    {PS_SLICE("OK id="), PS_SLICE(""), FORM_START},
    {PS_SLICE("OK "), PS_SLICE(" - gsmtp"), FORM_LAST_BLANK},
    {PS_SLICE(" [InternalId="), PS_SLICE(","), FORM_LAST_OPEN},
    {PS_SLICE(""), PS_SLICE(" Message accepted for delivery"), FORM_START},
    {PS_SLICE(" qp "), PS_SLICE(""), FORM_LAST},
};

static bool char_is_id(unsigned char c)
{
    return (unsigned)(c | 0x20) - 'a' < 26 || (unsigned)c - '0' < 10 || (c && memchr("._-+=/", c, sizeof "._-+=/" - 1));
}

static size_t id_scan(struct ps_slice s)
{
    size_t n = 0;
    while (n < s.n && char_is_id((unsigned char)s.p[n]))
        n++;
    return n;
}

/* What stands behind the rightmost `before`; empty: it isn't there. */
static struct ps_slice last_find(struct ps_slice s, struct ps_slice before)
{
    for (size_t end = s.n >= before.n ? s.n - before.n + 1 : 0; end > 0;) {
        const char *p = memrchr(s.p, before.p[0], end);
        if (!p)
            break;
        if (memcmp(p, before.p, before.n) == 0)
            return ps_slice_after(s, (size_t)(p - s.p) + before.n);
        end = (size_t)(p - s.p);
    }
    return (struct ps_slice){0};
}

static struct ps_slice form_match(const struct form *form, struct ps_slice s)
{
    struct ps_slice none = {0}, rest = none;
    if (form->place != FORM_LAST_OPEN) {
        if (!ps_slice_ends(s, form->after))
            return none;
    }
    switch (form->place) {
    case FORM_START:
        rest = ps_slice_starts(s, form->before) ? ps_slice_after(s, form->before.n) : none;
        break;
    case FORM_LAST:
    case FORM_LAST_OPEN:
        rest = last_find(s, form->before);
        break;
    case FORM_LAST_BLANK:
        if (ps_slice_starts(s, form->before))
            rest = last_find((struct ps_slice){s.p, s.n - form->after.n}, PS_SLICE(" "));
        return (struct ps_slice){rest.p, rest.n && id_scan(rest) == rest.n ? rest.n : 0};
    }
    struct ps_slice id = {rest.p, id_scan(rest)};
    rest = ps_slice_after(rest, id.n);
    bool ends = form->place == FORM_LAST_OPEN ? ps_slice_starts(rest, form->after) : ps_slice_equal(rest, form->after);
    return id.n && ends ? id : none;
}

struct ps_slice ps_remote_id_find(struct ps_slice response)
{
    for (size_t i = 0; i < PS_COUNT(forms); i++) {
        struct ps_slice id = form_match(&forms[i], response);
        if (id.n)
            return id;
    }
    return (struct ps_slice){0};
}
