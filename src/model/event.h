/* A parsed record. Values are slices: of the record's line (then their place in the line is value.p - line.p), of
 * constant text, or of the event's arena. All end with the record: an event is filled, encoded, cleared. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "model/fields.h"

/* Room for each field once and for the further elements of lists. */
enum { PS_EVENT_VALUES_MAX = PS_FIELD_COUNT + 64, PS_EVENT_ID_LEN = 16 };

struct ps_value {
    struct ps_slice value; /* the text; of INT, FLOAT, IP fields: checked when it was set */
    enum ps_field field;
};

enum ps_outcome { PS_OUTCOME_NONE, PS_OUTCOME_SUCCESS, PS_OUTCOME_FAILURE, PS_OUTCOME_UNKNOWN };

struct ps_event {
    /* the envelope: these fields are members, never rows of values[] */
    int64_t time_usec;           /* PS_F_TIMESTAMP: microseconds since 1970-01-01 00:00 UTC */
    enum ps_kind kind;           /* PS_F_EVENT */
    enum ps_outcome outcome;     /* PS_F_OUTCOME */
    struct ps_slice line;        /* the whole record, as read */
    struct ps_slice host;        /* PS_F_HOST; n = 0: not set yet */
    struct ps_slice message;     /* PS_F_MESSAGE: the text behind the syslog header */
    struct ps_slice source_path; /* PS_F_SOURCE_PATH; n = 0: none */
    uint64_t source_offset;      /* PS_F_SOURCE_OFFSET, of the line's first byte; meaningful with a source_path */
    uint8_t id[PS_EVENT_ID_LEN]; /* PS_F_EVENT_ID */
    bool has_id;
    uint16_t rule; /* which rule took the message, counted over all tables; meaningful where one did */

    /* all other fields, in the order in which they were set */
    unsigned n;
    uint64_t present[(PS_FIELD_COUNT + 63) / 64]; /* bit f: values[] has field f */
    struct ps_value values[PS_EVENT_VALUES_MAX];

    struct ps_arena arena; /* derived values */
};

/* Makes it empty; keeps the arena's memory. Must run once on zero bytes before the first use (ps_event_init). */
void ps_event_init(struct ps_event *ev);
void ps_event_clear(struct ps_event *ev);
void ps_event_done(struct ps_event *ev);

static inline bool ps_event_has(const struct ps_event *ev, enum ps_field f)
{
    return ev->present[(unsigned)f / 64] >> ((unsigned)f % 64) & 1;
}

/* Sets a field that isn't set yet, or adds an element to a LIST. A value that its type doesn't allow (an INT that isn't
 * a JSON integer of at most 18 digits, a FLOAT that isn't digits with at most one point, an IP that isn't an address),
 * a second value, or one too many is not taken: false. BOOL: the value is ignored, the field is true. */
bool ps_event_set(struct ps_event *ev, enum ps_field f, struct ps_slice value);

/* The same for a value whose type the caller has checked already: the parser's scanners. False: a second value, or one
 * too many. */
static inline bool ps_event_put(struct ps_event *ev, enum ps_field f, struct ps_slice value)
{
    if (ps_event_has(ev, f) && ps_field_infos[f].type != PS_TYPE_LIST)
        return false;
    if (ev->n == PS_EVENT_VALUES_MAX)
        return false;
    ev->present[(unsigned)f / 64] |= UINT64_C(1) << ((unsigned)f % 64);
    ev->values[ev->n++] = (struct ps_value){value, f};
    return true;
}

/* The lexemes that INT and FLOAT fields take. */
bool ps_value_is_int(struct ps_slice v);
bool ps_value_is_float(struct ps_slice v);

/* For constant text. */
#define ps_event_set_literal(ev, f, literal) ps_event_set(ev, f, PS_SLICE(literal))

/* The value of any field; members of the envelope too, but for TIMESTAMP, SOURCE_OFFSET and EVENT_ID, which have no
 * text: p = NULL where it is absent or has no text. */
struct ps_slice ps_event_get(const struct ps_event *ev, enum ps_field f);

struct ps_slice ps_outcome_name(enum ps_outcome outcome);
