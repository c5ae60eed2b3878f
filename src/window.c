#include "window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fault.h"
#include "base/util.h"

/* Below this much the memory of an empty window isn't worth a system call. */
enum { TRIM_BYTES = 256 * 1024 };

struct slot {
    struct ps_position position;
    uint64_t at; /* where its bytes begin (value, then key), as a ring address */
    int64_t time_usec;
    size_t value_n;
    uint32_t key_n;
    uint8_t state; /* enum ps_slot_state */
    bool gap;
};

/* Ring addresses grow for ever; the place in memory is the address modulo the size. Bytes in use are those from
 * used_from to used_to, the rests at the ring's end that were too short for a record among them. */
struct ps_window {
    struct slot *slots;
    size_t slots_size; /* a power of two, at least count */
    size_t count;
    char *ring;
    size_t ring_size;

    uint64_t head, tail; /* sequence numbers */
    uint64_t base;       /* the sequence number in slots[0]; set anew whenever the window is empty */
    uint64_t used_from, used_to;
    size_t touched_slots, touched_bytes; /* since the last trim: no memory behind them was written to */
};

/* Whole pages, zeroed when they are first touched, so that what a quiet window never uses costs nothing. */
static void *pages_new(size_t n)
{
    void *p = ps_fault(PS_FAULT_MALLOC)
                  ? MAP_FAILED
                  : mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void *pages_free(void *p, size_t n)
{
    if (p)
        (void)munmap(p, n);
    return NULL;
}

int ps_window_new(size_t bytes, size_t count, struct ps_window **ret)
{
    if (bytes == 0 || count == 0)
        return -EINVAL;
    if (count > SIZE_MAX / sizeof(struct slot) / 2)
        return -ENOMEM;
    struct ps_window *w = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *w);
    if (!w)
        return -ENOMEM;
    w->count = count;
    w->slots_size = 1;
    while (w->slots_size < count)
        w->slots_size *= 2;
    w->ring_size = bytes;
    w->slots = pages_new(w->slots_size * sizeof *w->slots);
    w->ring = w->slots ? pages_new(bytes) : NULL;
    if (!w->ring) {
        ps_window_free(w);
        return -ENOMEM;
    }
    *ret = w;
    return 0;
}

struct ps_window *ps_window_free(struct ps_window *w)
{
    if (w) {
        w->slots = pages_free(w->slots, w->slots_size * sizeof *w->slots);
        w->ring = pages_free(w->ring, w->ring_size);
    }
    free(w);
    return NULL;
}

static struct slot *slot_of(const struct ps_window *w, uint64_t seq)
{
    return &w->slots[(seq - w->base) & (w->slots_size - 1)];
}

static bool is_inside(const struct ps_window *w, uint64_t seq)
{
    return seq >= w->head && seq < w->tail;
}

static int slot_push(struct ps_window *w, const struct slot *s, uint64_t *ret_seq)
{
    if (w->tail - w->head == w->count)
        return -EAGAIN;
    w->touched_slots = PS_MAX(w->touched_slots, PS_MIN((size_t)(w->tail - w->base) + 1, w->slots_size));
    *slot_of(w, w->tail) = *s;
    *ret_seq = w->tail++;
    return 0;
}

static void bytes_copy(char *dst, struct ps_slice s)
{
    if (s.n)
        memcpy(dst, s.p, s.n);
}

int ps_window_push(struct ps_window *w, const struct ps_position *position, const struct ps_message *m, bool gap,
                   uint64_t *ret_seq)
{
    if (m->key.n > UINT32_MAX || m->value.n > w->ring_size || m->key.n > w->ring_size - m->value.n)
        return -EMSGSIZE;
    size_t need = m->value.n + m->key.n;
    size_t place = (size_t)(w->used_to % w->ring_size);
    size_t skipped = need > w->ring_size - place ? w->ring_size - place : 0;
    size_t free_bytes = w->ring_size - (size_t)(w->used_to - w->used_from);
    if (skipped > free_bytes || need > free_bytes - skipped)
        return -EAGAIN;

    struct slot s = {.position = *position,
                     .at = w->used_to + skipped,
                     .time_usec = m->time_usec,
                     .value_n = m->value.n,
                     .key_n = (uint32_t)m->key.n,
                     .state = PS_SLOT_OPEN,
                     .gap = gap};
    int r = slot_push(w, &s, ret_seq);
    if (r < 0)
        return r;
    w->used_to = s.at + need;
    place = (size_t)(s.at % w->ring_size);
    w->touched_bytes = PS_MAX(w->touched_bytes, place + need);
    bytes_copy(w->ring + place, m->value);
    bytes_copy(w->ring + place + m->value.n, m->key);
    return 0;
}

static int completed_push(struct ps_window *w, const struct ps_position *position, enum ps_slot_state state)
{
    uint64_t seq;
    struct slot s = {.position = *position, .at = w->used_to, .state = (uint8_t)state};
    return slot_push(w, &s, &seq);
}

int ps_window_push_filtered(struct ps_window *w, const struct ps_position *position)
{
    return completed_push(w, position, PS_SLOT_FILTERED);
}

int ps_window_push_dead(struct ps_window *w, const struct ps_position *position)
{
    return completed_push(w, position, PS_SLOT_DEAD);
}

bool ps_window_mark(struct ps_window *w, uint64_t seq, enum ps_slot_state state)
{
    assert(state != PS_SLOT_OPEN);
    if (!is_inside(w, seq) || slot_of(w, seq)->state != PS_SLOT_OPEN)
        return false;
    slot_of(w, seq)->state = (uint8_t)state;
    return true;
}

/* In test builds no output gets away with reading what it no longer borrows. */
static void bytes_poison(struct ps_window *w, const struct slot *s)
{
#ifdef PS_FAULTS
    memset(w->ring + s->at % w->ring_size, 0xa5, s->value_n + s->key_n);
#else
    (void)w, (void)s;
#endif
}

bool ps_window_pop(struct ps_window *w, struct ps_position *ret, enum ps_slot_state *ret_state)
{
    if (w->head == w->tail)
        return false;
    const struct slot *s = slot_of(w, w->head);
    if (s->state == PS_SLOT_OPEN)
        return false;
    bytes_poison(w, s);
    *ret = s->position;
    *ret_state = (enum ps_slot_state)s->state;
    w->used_from = s->at + s->value_n + s->key_n;
    w->head++;
    if (w->head == w->tail) {
        w->base = w->tail;
        w->used_from = w->used_to = 0;
    }
    return true;
}

static struct ps_message message_of(const struct ps_window *w, const struct slot *s)
{
    const char *p = w->ring + s->at % w->ring_size;
    return (struct ps_message){.value = {p, s->value_n}, .key = {p + s->value_n, s->key_n}, .time_usec = s->time_usec};
}

bool ps_window_get(const struct ps_window *w, uint64_t seq, struct ps_message *ret)
{
    if (!is_inside(w, seq) || slot_of(w, seq)->state != PS_SLOT_OPEN)
        return false;
    *ret = message_of(w, slot_of(w, seq));
    return true;
}

bool ps_window_next_open(const struct ps_window *w, uint64_t seq, uint64_t *ret_seq, struct ps_message *ret)
{
    for (seq = PS_MAX(seq, w->head); seq < w->tail; seq++)
        if (ps_window_get(w, seq, ret)) {
            *ret_seq = seq;
            return true;
        }
    return false;
}

bool ps_window_is_gap(const struct ps_window *w, uint64_t seq)
{
    return slot_of(w, seq)->gap;
}

struct ps_position ps_window_position(const struct ps_window *w, uint64_t seq)
{
    return slot_of(w, seq)->position;
}

uint64_t ps_window_head(const struct ps_window *w)
{
    return w->head;
}

uint64_t ps_window_tail(const struct ps_window *w)
{
    return w->tail;
}

void ps_window_trim(struct ps_window *w)
{
    if (w->head != w->tail || w->touched_bytes + w->touched_slots * sizeof *w->slots <= TRIM_BYTES)
        return;
    (void)madvise(w->slots, w->slots_size * sizeof *w->slots, MADV_DONTNEED);
    (void)madvise(w->ring, w->ring_size, MADV_DONTNEED);
    w->touched_slots = w->touched_bytes = 0;
}
