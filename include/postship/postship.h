/* The library: parse a line of a mail server's log, read its fields, write it as JSON.
 *
 *     struct ps_parser *parser;
 *     struct ps_event *event;
 *     if (ps_parser_new(&parser) < 0 || ps_event_new(&event) < 0) …
 *     enum ps_verdict v = ps_parser_line_parse(parser, event, line);
 *     struct ps_slice to = ps_event_field(event, PS_F_TO);
 *     size_t n = ps_event_json(event, dst, sizeof dst);
 *
 * Errors are negative errno. `ret_` parameters are untouched on failure. Destructors take NULL and return NULL. A
 * parser and an event belong to one thread at a time; different ones share nothing. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "postship/slice.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ps_field {
#define PS_FIELD(id, ...) PS_F_##id,
#include "postship/fields.def"
#undef PS_FIELD
    PS_FIELD_COUNT
};

enum ps_kind {
#define PS_KIND(id, ...) PS_K_##id,
#include "postship/kinds.def"
#undef PS_KIND
    PS_KIND_COUNT
};

/* How much of a line was understood. Each line is an event, whatever the verdict. */
enum ps_verdict {
    PS_PARSED,    /* a rule took it */
    PS_UNKNOWN,   /* a syslog line, but no rule for it, or a foreign program's: kind `other` */
    PS_NOT_SYSLOG /* no header found: kind `unparsed`, the whole line is the message */
};

struct ps_parser;
struct ps_event;

/* Compiles all rules. 0, -ENOMEM; -EINVAL where a built-in rule does not compile (a unit test holds that this can't
 * be). */
int ps_parser_new(struct ps_parser **ret);
struct ps_parser *ps_parser_free(struct ps_parser *parser);

int ps_event_new(struct ps_event **ret);
struct ps_event *ps_event_free(struct ps_event *event);

/* One line without its newline; any bytes. The event is cleared first. Passwords and the like are taken out of the
 * message and the fields (secret_removed). The values borrow from `line`, or are the event's own until the next call.
 * Stamps without a year or zone are read with the system's zone, near the present. */
enum ps_verdict ps_parser_line_parse(struct ps_parser *parser, struct ps_event *event, struct ps_slice line);

/* The value as it stands in the line; p is NULL where the event doesn't have the field. Of a list: the first. */
struct ps_slice ps_event_field(const struct ps_event *event, enum ps_field field);
enum ps_kind ps_event_kind(const struct ps_event *event);
int64_t ps_event_time(const struct ps_event *event); /* microseconds since 1970-01-01 00:00 UTC */

const char *ps_field_name(enum ps_field field); /* native */
const char *ps_kind_name(enum ps_kind kind);

/* Writes the event as one JSON object, native schema, no newline, no NUL. Returns the length in bytes that it needs,
 * like snprintf: where that is more than `size` nothing useful stands in dst. 0: out of memory. */
size_t ps_event_json(const struct ps_event *event, char *dst, size_t size);

#ifdef __cplusplus
}
#endif
