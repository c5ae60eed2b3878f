#include "line.h"

#include "base/clock.h"
#include "base/siphash.h"
#include "transform/secrets.h"

enum ps_verdict ps_line_event(const struct ps_line *l, const struct ps_record *r, int64_t now_usec, struct ps_event *ev)
{
    enum ps_verdict verdict = ps_parser_run(l->parser, ev, r->line, &r->source->time);
    ps_secrets_remove(ev);
    if (l->host.n)
        ev->host = l->host;
    else if (ev->host.n == 0)
        ev->host = l->own_host;
    if (ev->time_usec == INT64_MIN) {
        ev->time_usec = now_usec;
        (void)ps_event_put(ev, PS_F_TIME_INFERRED, (struct ps_slice){0});
    }
    if (r->flags & PS_RECORD_CUT)
        (void)ps_event_put(ev, PS_F_LINE_CUT, (struct ps_slice){0});
    ev->source_path = r->source->path;
    ev->source_offset = r->offset;
    if (r->source->has_key) {
        ps_siphash128(r->source->key, r->offset, r->line, ev->id);
        ev->has_id = true;
    }
    if (verdict == PS_PARSED)
        ps_enrich(l->site, ev);
    return verdict;
}

struct ps_slice ps_line_key(const struct ps_event *ev)
{
    return ps_event_has(ev, PS_F_QUEUE_ID) ? ps_event_get(ev, PS_F_QUEUE_ID) : ev->host;
}

enum ps_verdict ps_parser_line_parse(struct ps_parser *parser, struct ps_event *event, struct ps_slice line)
{
    struct ps_time_context time = {.anchor_usec = ps_clock_realtime(), .last_usec = INT64_MIN};
    enum ps_verdict verdict = ps_parser_run(parser, event, line, &time);
    ps_secrets_remove(event);
    return verdict;
}
