/* Which events a pipeline ships: `keep` and `drop` of the configuration. Each is a list of entries; an entry fits an
 * event when all its conditions do, a condition when the event's field has one of its values. Values are compared as
 * texts, byte for byte (numbers as the line has them); in them * stands for any text, ? for one character. Of a LIST
 * one element suffices. A BOOL is "true" where the event has it, else "false". An event without the field fits no other
 * condition on it. */
#pragma once

#include "base/option.h"
#include "model/event.h"

struct ps_filter;

/* Where there are entries to keep only events go on that fit one of them; of those, the ones that fit an entry to drop
 * do not. Borrows the texts of both lists. 0, -ENOMEM, or -EINVAL: a name that is no field's. */
int ps_filter_new(const struct ps_conditions *keep, const struct ps_conditions *drop, struct ps_filter **ret);
struct ps_filter *ps_filter_free(struct ps_filter *filter);

/* True: the event goes on. A NULL filter lets everything pass. */
bool ps_filter_passes(const struct ps_filter *filter, const struct ps_event *ev);
