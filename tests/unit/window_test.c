#include "window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/util.h"
#include "support/scratch.h"

/* A value of n bytes that only the record `serial` has; the key is its last three. */
static struct ps_message message_of(uint64_t serial, size_t n, char *dst)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = (char)('a' + (serial * 7 + i) % 26);
    size_t key = PS_MIN(n, (size_t)3);
    return (struct ps_message){
        .value = {dst, n - key}, .key = {dst + n - key, key}, .time_usec = (int64_t)serial * 1000};
}

static void assert_message(const struct ps_message *m, uint64_t serial, size_t n)
{
    char expected[1024];
    struct ps_message e = message_of(serial, n, expected);
    assert_true(ps_slice_equal(m->value, e.value));
    assert_true(ps_slice_equal(m->key, e.key));
    assert_int_equal(m->time_usec, e.time_usec);
}

/* Runs a script and writes what happened, one word an operation:
 *   +N  push N bytes: its sequence number, or full, or large
 *   f   push a filtered one, x a dead one: ok or full
 *   dN  mark N delivered, rN mark it dead: ok or no
 *   o   pop: delivered, filtered, dead, or none
 *   nN  the first open one at or behind N: its number, or none
 *   ?   head:tail */
static void script_run(struct ps_window *w, const char *script, char *out, size_t size)
{
    static const char *const states[] = {"open", "delivered", "filtered", "dead"};
    size_t at = 0;
    char value[1024], operation;
    int used;
    long n;
    struct ps_position position = {1, 2};
    struct ps_message m;
    enum ps_slot_state state;
    uint64_t seq = 0;
    for (const char *s = script; sscanf(s, " %c%n", &operation, &used) == 1; s += used) {
        s += used;
        n = 0;
        for (used = 0; s[used] >= '0' && s[used] <= '9'; used++)
            n = 10 * n + (s[used] - '0');
        const char *word = NULL;
        char number[48];
        int r;
        switch (operation) {
        case '+':
            m = message_of(ps_window_tail(w), (size_t)n, value);
            r = ps_window_push(w, &position, &m, false, &seq);
            (void)snprintf(number, sizeof number, "%d", (int)seq);
            word = r == 0 ? number : r == -EAGAIN ? "full" : r == -EMSGSIZE ? "large" : "?";
            break;
        case 'f':
        case 'x':
            r = operation == 'f' ? ps_window_push_filtered(w, &position) : ps_window_push_dead(w, &position);
            word = r == 0 ? "ok" : r == -EAGAIN ? "full" : "?";
            break;
        case 'd':
        case 'r':
            word = ps_window_mark(w, (uint64_t)n, operation == 'd' ? PS_SLOT_DELIVERED : PS_SLOT_DEAD) ? "ok" : "no";
            break;
        case 'o':
            word = ps_window_pop(w, &position, &state) ? states[state] : "none";
            break;
        case 'n':
            (void)snprintf(number, sizeof number, "none");
            if (ps_window_next_open(w, (uint64_t)n, &seq, &m))
                (void)snprintf(number, sizeof number, "%d", (int)seq);
            word = number;
            break;
        case '?':
            (void)snprintf(number, sizeof number, "%d:%d", (int)ps_window_head(w), (int)ps_window_tail(w));
            word = number;
            break;
        default:
            fail_msg("operation %c", operation);
        }
        at += (size_t)snprintf(out + at, size - at, "%s%s", at ? " " : "", word);
    }
}

static void scripts_do_what_the_contract_says(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        size_t bytes, count;
        const char *script, *expected;
    } rows[] = {
        {"nothing in it", 100, 4, "? o n0 d0", "0:0 none none no"},
        {"the head waits for its record", 100, 4, "+5 +5 +5 d1 o d2 o d0 o o o o ?",
         "0 1 2 ok none ok none ok delivered delivered delivered none 3:3"},
        {"a record is completed once", 100, 4, "+5 d0 d0 r0 o d0 +5 d0", "0 ok no no delivered no 1 no"},
        {"never one that is not there yet", 100, 4, "+5 d1 +5 o d1 d0 o o", "0 no 1 none ok ok delivered delivered"},
        {"states come back", 100, 4, "+5 r0 f x +1 d3 o o o o", "0 ok ok ok 3 ok dead filtered dead delivered"},
        {"full by count", 100, 2, "+1 +1 +1 f x d0 +1 o +1 ?", "0 1 full full full ok full delivered 2 1:3"},
        {"full by bytes", 10, 9, "+4 +4 +4 +2 +1 +0 f", "0 1 full 2 full 3 ok"},
        {"filtered ones take no bytes", 10, 9, "+10 f f +1 d0 o o o +10",
         "0 ok ok full ok delivered filtered filtered 3"},
        {"as large as the window", 10, 9, "+10 +1 d0 o +10 d1 o", "0 full ok delivered 1 ok delivered"},
        {"larger than the window", 10, 9, "+11 f +11 o +11 +10", "large ok large filtered large 1"},
        {"the ring wraps", 10, 9, "+4 +4 d0 o +4 d1 o +4 ?", "0 1 ok delivered 2 ok delivered 3 2:4"},
        {"no record is torn over the ring's end", 10, 9, "+4 +4 d0 o +3 +1 +1", "0 1 ok delivered 2 3 full"},
        {"an empty window has all its bytes", 10, 9, "+4 +4 d0 d1 o o +10", "0 1 ok ok delivered delivered 2"},
        {"open ones in order", 100, 9, "+1 +1 f +1 d1 n0 n1 n2 n3 n4 d0 o n0",
         "0 1 ok 3 ok 0 3 3 3 none ok delivered 3"},
        {"a window of one", 3, 1, "+3 +3 d0 o +3 d1 o f o", "0 full ok delivered 1 ok delivered ok filtered"},
        {"a count that is no power of two", 100, 3, "+1 +1 +1 +1 d0 o +1 +1 d1 o +1",
         "0 1 2 full ok delivered 3 full ok delivered 4"},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_window *w;
        char out[512];
        assert_int_equal(ps_window_new(rows[i].bytes, rows[i].count, &w), 0);
        script_run(w, rows[i].script, out, sizeof out);
        if (strcmp(out, rows[i].expected) != 0)
            print_error("%s\n", rows[i].what);
        assert_string_equal(out, rows[i].expected);
        ps_window_free(w);
    }
}

static void sizes_of_zero_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t bytes, count;
        int r;
    } rows[] = {{0, 1, -EINVAL}, {1, 0, -EINVAL}, {1, SIZE_MAX, -ENOMEM}, {SIZE_MAX / 2, 1, -ENOMEM}};
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_window *w = (void *)1;
        assert_int_equal(ps_window_new(rows[i].bytes, rows[i].count, &w), rows[i].r);
        assert_ptr_equal(w, (void *)1);
    }
    assert_null(ps_window_free(NULL));
}

static void memory_that_is_missing_is_told(void **state)
{
    (void)state;
    for (uint64_t nth = 1;; nth++) {
        struct ps_window *w = NULL;
        ps_fault_arm(PS_FAULT_MALLOC, nth, ENOMEM);
        int r = ps_window_new(100, 4, &w);
        bool hit = ps_fault_uses(PS_FAULT_MALLOC) >= nth;
        ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
        ps_window_free(w);
        assert_int_equal(r, hit ? -ENOMEM : 0);
        if (!hit)
            return;
    }
}

/* What a window is, written down without a ring: a list of records, with the bytes that the ring may waste at its end
 * as the one thing that isn't predicted. */
enum { MODEL_MAX = 64 };

struct model {
    struct {
        uint64_t serial;
        size_t n;
        enum ps_slot_state state;
        bool gap;
    } records[MODEL_MAX];
    uint64_t head, tail;
    size_t bytes;
};

static void bytes_of_all_open_are_right(const struct ps_window *w, const struct model *model)
{
    uint64_t seq = model->head, found;
    for (uint64_t i = model->head; i < model->tail; i++) {
        struct ps_message m;
        bool open = model->records[i % MODEL_MAX].state == PS_SLOT_OPEN;
        assert_int_equal(ps_window_get(w, i, &m), open);
        if (!open)
            continue;
        assert_message(&m, i, model->records[i % MODEL_MAX].n);
        assert_int_equal(ps_window_is_gap(w, i), model->records[i % MODEL_MAX].gap);
        assert_true(ps_window_next_open(w, seq, &found, &m));
        assert_int_equal(found, i);
        seq = i + 1;
    }
    struct ps_message m;
    assert_false(ps_window_next_open(w, seq, &found, &m));
    assert_int_equal(ps_window_head(w), model->head);
    assert_int_equal(ps_window_tail(w), model->tail);
}

static size_t model_largest(const struct model *model)
{
    size_t n = 0;
    for (uint64_t i = model->head; i < model->tail; i++)
        n = PS_MAX(n, model->records[i % MODEL_MAX].n);
    return n;
}

static void model_push(struct ps_window *w, struct model *model, uint64_t *random, size_t bytes, size_t count)
{
    char value[256];
    size_t n = random_below(random, 8) ? random_below(random, bytes / 4 + 1) : random_below(random, bytes + 3);
    bool gap = random_below(random, 5) == 0, filtered = random_below(random, 6) == 0;
    const struct ps_position position = {.source = model->tail % 5, .next = model->tail * 11};
    struct ps_message m = message_of(model->tail, n, value);
    uint64_t seq = model->tail;
    int r;
    if (filtered) {
        n = 0;
        r = ps_window_push_filtered(w, &position);
        assert_int_equal(r, model->tail - model->head < count ? 0 : -EAGAIN);
    } else {
        r = ps_window_push(w, &position, &m, gap, &seq);
        if (n > bytes)
            assert_int_equal(r, -EMSGSIZE);
        else if (model->tail - model->head == count || model->bytes + n > bytes)
            assert_int_equal(r, -EAGAIN);
        else if (model->head == model->tail || model->bytes + n + PS_MAX(n, model_largest(model)) <= bytes)
            assert_int_equal(r, 0); /* less is wasted at the ring's end than the record behind it takes */
    }
    assert_int_equal(seq, model->tail);
    if (r < 0)
        return;
    model->records[model->tail % MODEL_MAX].n = n;
    model->records[model->tail % MODEL_MAX].gap = gap && !filtered;
    model->records[model->tail % MODEL_MAX].state = filtered ? PS_SLOT_FILTERED : PS_SLOT_OPEN;
    model->tail++;
    model->bytes += n;
}

static void model_pop(struct ps_window *w, struct model *model)
{
    struct ps_position position = {0};
    enum ps_slot_state slot_state = PS_SLOT_OPEN;
    bool expected = model->head < model->tail && model->records[model->head % MODEL_MAX].state != PS_SLOT_OPEN;
    assert_int_equal(ps_window_pop(w, &position, &slot_state), expected);
    if (!expected)
        return;
    assert_int_equal(slot_state, model->records[model->head % MODEL_MAX].state);
    assert_int_equal(position.source, model->head % 5);
    assert_int_equal(position.next, model->head * 11);
    model->bytes -= model->records[model->head % MODEL_MAX].n;
    model->head++;
}

static void random_operations_agree_with_a_list(void **state)
{
    (void)state;
    uint64_t random = 20260101;
    for (int run = 0; run < 200; run++) {
        size_t bytes = 1 + random_below(&random, 200), count = 1 + random_below(&random, MODEL_MAX - 1);
        struct ps_window *w;
        struct model model = {0};
        assert_int_equal(ps_window_new(bytes, count, &w), 0);
        for (int step = 0; step < 400; step++) {
            uint64_t seq = model.head + random_below(&random, model.tail - model.head + 2);
            switch (random_below(&random, 4)) {
            case 0:
            case 1:
                model_push(w, &model, &random, bytes, count);
                break;
            case 2:
                if (ps_window_mark(w, seq, PS_SLOT_DELIVERED)) {
                    assert_in_range(seq, model.head, model.tail - 1);
                    assert_int_equal(model.records[seq % MODEL_MAX].state, PS_SLOT_OPEN);
                    model.records[seq % MODEL_MAX].state = PS_SLOT_DELIVERED;
                } else {
                    assert_true(seq >= model.tail || model.records[seq % MODEL_MAX].state != PS_SLOT_OPEN);
                }
                break;
            default:
                model_pop(w, &model);
                break;
            }
            ps_window_trim(w);
            bytes_of_all_open_are_right(w, &model);
        }
        ps_window_free(w);
    }
}

/* What an output still borrows too long must not look right by luck. */
static void bytes_behind_the_head_are_overwritten(void **state)
{
    (void)state;
    struct ps_window *w;
    struct ps_position position = {0};
    enum ps_slot_state slot_state;
    const struct ps_message m = {.value = PS_SLICE("0123456789"), .key = PS_SLICE("key")};
    struct ps_message borrowed;
    uint64_t seq;
    assert_int_equal(ps_window_new(100, 4, &w), 0);
    assert_int_equal(ps_window_push(w, &position, &m, false, &seq), 0);
    assert_true(ps_window_get(w, seq, &borrowed));
    assert_true(ps_window_mark(w, seq, PS_SLOT_DELIVERED));
    assert_true(ps_slice_equal(borrowed.value, m.value)); /* completed, but the head has not moved */
    assert_true(ps_window_pop(w, &position, &slot_state));
    for (size_t i = 0; i < borrowed.value.n; i++)
        assert_int_not_equal(borrowed.value.p[i], m.value.p[i]);
    ps_window_free(w);
}

static void a_trimmed_window_works_on(void **state)
{
    (void)state;
    enum { BIG = 1 << 20 };
    struct ps_window *w;
    struct ps_position position = {0};
    enum ps_slot_state slot_state;
    char *bytes = malloc(BIG);
    assert_non_null(bytes);
    memset(bytes, 'x', BIG);
    assert_int_equal(ps_window_new(BIG, 4, &w), 0);
    for (uint64_t i = 0; i < 3; i++) {
        const struct ps_message m = {.value = {bytes, BIG}};
        struct ps_message back;
        uint64_t seq;
        assert_int_equal(ps_window_push(w, &position, &m, false, &seq), 0);
        ps_window_trim(w); /* not empty: keeps the bytes */
        assert_true(ps_window_get(w, i, &back));
        assert_true(ps_slice_equal(back.value, m.value));
        assert_true(ps_window_mark(w, i, PS_SLOT_DELIVERED));
        assert_true(ps_window_pop(w, &position, &slot_state));
        ps_window_trim(w);
        assert_int_equal(back.value.p[BIG / 2], 0); /* the pages are new ones */
    }
    ps_window_free(w);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_do_what_the_contract_says),     cmocka_unit_test(sizes_of_zero_are_refused),
        cmocka_unit_test(memory_that_is_missing_is_told),        cmocka_unit_test(random_operations_agree_with_a_list),
        cmocka_unit_test(bytes_behind_the_head_are_overwritten), cmocka_unit_test(a_trimmed_window_works_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
