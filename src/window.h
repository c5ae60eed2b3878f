/* The records that were read and are not confirmed yet, in order of reading, with their encoded bytes.
 *
 *      head                          tail
 *       │ done  done  open  done  open │          slots, by sequence number
 *
 * Invariants: sequence numbers are given without gaps and never again; the head only moves past completed slots; a
 * record's bytes stand still until the head has moved past it. Bytes lie in one ring, each record contiguous. An empty
 * window starts again at the front of its memory, so that a small load stays in a few pages. Not thread safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/record.h"
#include "output/output.h"

struct ps_window;

enum ps_slot_state { PS_SLOT_OPEN, PS_SLOT_DELIVERED, PS_SLOT_FILTERED, PS_SLOT_DEAD };

/* At most `bytes` of values and keys and `count` records. 0, -EINVAL (either is 0), -ENOMEM. */
int ps_window_new(size_t bytes, size_t count, struct ps_window **ret);
struct ps_window *ps_window_free(struct ps_window *w);

/* Copies value and key. 0 and its sequence number; -EAGAIN: no room now; -EMSGSIZE: would not fit into the empty
 * window. `gap`: it stands for something lost, not for a record that was read; told again by ps_window_is_gap. */
int ps_window_push(struct ps_window *w, const struct ps_position *position, const struct ps_message *m, bool gap,
                   uint64_t *ret_seq);
/* A slot without bytes, completed as FILTERED. 0 or -EAGAIN. */
int ps_window_push_filtered(struct ps_window *w, const struct ps_position *position);
/* The same, completed as DEAD: the caller has kept the record elsewhere. */
int ps_window_push_dead(struct ps_window *w, const struct ps_position *position);

/* The record is completed. False, and nothing changes, where seq isn't in the window or was completed before. */
bool ps_window_mark(struct ps_window *w, uint64_t seq, enum ps_slot_state state);

/* The oldest slot, if it is completed: its position and state; the head moves past it. */
bool ps_window_pop(struct ps_window *w, struct ps_position *ret, enum ps_slot_state *ret_state);

/* The first open record at or behind `seq`: *ret_seq and *ret, which borrows the window's bytes. False: there is none.
 */
bool ps_window_next_open(const struct ps_window *w, uint64_t seq, uint64_t *ret_seq, struct ps_message *ret);
/* One record by its number; false where it isn't in the window or is completed. */
bool ps_window_get(const struct ps_window *w, uint64_t seq, struct ps_message *ret);
/* What else a record in the window was pushed with; seq must be in the window. */
bool ps_window_is_gap(const struct ps_window *w, uint64_t seq);
struct ps_position ps_window_position(const struct ps_window *w, uint64_t seq);

/* The oldest sequence number that is in the window, or the next to be given. */
uint64_t ps_window_head(const struct ps_window *w);
/* The next to be given: the window is empty where it is the head. */
uint64_t ps_window_tail(const struct ps_window *w);

/* For rest: gives the memory of an empty window back to the system. It comes back by itself. */
void ps_window_trim(struct ps_window *w);
