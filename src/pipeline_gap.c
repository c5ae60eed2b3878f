#include "pipeline_gap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/siphash.h"

/* Digits of the largest number that an INT field takes. */
#define BYTES_MAX INT64_C(999999999999999999)

static struct ps_slice number_text(struct ps_arena *arena, uint64_t v)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, v < (uint64_t)BYTES_MAX ? v : (uint64_t)BYTES_MAX);
    char *p = n > 0 ? ps_arena_take(arena, (size_t)n) : NULL;
    if (!p)
        return (struct ps_slice){0};
    memcpy(p, digits, (size_t)n);
    return ps_slice_make(p, (size_t)n);
}

int ps_gap_event(const struct ps_line *l, const struct ps_record *r, int64_t now_usec, struct ps_event *ev)
{
    ps_event_clear(ev);
    ev->kind = PS_K_GAP;
    ev->time_usec = now_usec;
    ev->host = l->host.n ? l->host : l->own_host;
    ev->message = PS_SLICE("Part of the log was removed or overwritten before it could be read");
    if (r->source) {
        ev->source_path = r->source->path;
        ev->source_offset = r->offset;
        if (r->source->has_key) {
            ps_siphash128(r->source->key, r->offset, ev->message, ev->id);
            ev->has_id = true;
        }
    }
    if (r->gap_bytes == 0)
        return 0;
    struct ps_slice bytes = number_text(&ev->arena, r->gap_bytes);
    return ps_event_set(ev, PS_F_GAP_BYTES, bytes) ? 0 : -ENOMEM;
}
