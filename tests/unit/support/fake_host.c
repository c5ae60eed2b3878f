#include "support/fake_host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TURN_USEC = 100 * 1000 };

static void complete(struct fake_host *h, uint64_t seq, enum fake_state state)
{
    if (h->silent || seq >= h->next || h->records[seq].state != FAKE_OPEN) {
        h->errors++;
        return;
    }
    h->records[seq].state = state;
    free(h->records[seq].bytes);
    h->records[seq].bytes = NULL;
    while (h->head < h->made && h->records[h->head].state > FAKE_OPEN)
        h->head++;
}

static void on_done(void *ctx, uint64_t seq)
{
    struct fake_host *h = ctx;
    if (h->on_done)
        h->on_done(h->ctx, seq);
    complete(h, seq, FAKE_DONE);
    h->done++;
}

static void on_refused(void *ctx, uint64_t seq, const char *reason)
{
    struct fake_host *h = ctx;
    (void)snprintf(h->reason, sizeof h->reason, "%s", reason);
    complete(h, seq, FAKE_REFUSED);
    h->refused++;
}

static void on_rewind(void *ctx, const char *why)
{
    struct fake_host *h = ctx;
    h->errors += h->silent;
    h->rewinds++;
    (void)snprintf(h->why, sizeof h->why, "%s", why);
    h->rewinding = true;
    if (h->purge_at_once)
        fake_host_purge(h);
}

static void on_writable(void *ctx)
{
    struct fake_host *h = ctx;
    h->errors += h->silent;
    h->writables++;
}

void fake_host_open(struct fake_host *h, const struct ps_output_ops *ops, const void *options)
{
    char message[FAKE_TEXT];
    h->host = (struct ps_output_host){
        .name = "test", .done = on_done, .refused = on_refused, .rewind = on_rewind, .writable = on_writable, .ctx = h};
    h->ops = ops;
    h->options = options;
    if (ps_loop_new(&h->loop) < 0)
        abort();
    h->host.loop = h->loop;
    if (ops->open(options, &h->host, &h->out, message, sizeof message) < 0) {
        (void)fprintf(stderr, "open: %s\n", message);
        abort();
    }
}

void fake_host_close(struct fake_host *h)
{
    h->silent = true;
    h->out = h->ops->close(h->out);
    for (uint64_t i = 0; i < h->made; i++)
        free(h->records[i].bytes);
    /* whatever the output left in the loop would fire now */
    (void)ps_loop_once(h->loop, 0);
    h->loop = ps_loop_free(h->loop);
}

uint64_t fake_host_make(struct fake_host *h, size_t n)
{
    if (h->made == FAKE_RECORDS)
        abort();
    struct fake_record *r = &h->records[h->made];
    char head[64];
    int used = snprintf(head, sizeof head, "{\"n\":%llu,\"pad\":\"", (unsigned long long)h->made);
    size_t need = (size_t)used + 2;
    r->n = n > need ? n : need;
    r->bytes = malloc(r->n);
    if (!r->bytes)
        abort();
    memset(r->bytes, 'x', r->n);
    memcpy(r->bytes, head, (size_t)used);
    memcpy(r->bytes + r->n - 2, "\"}", 2);
    r->state = FAKE_OPEN;
    return h->made++;
}

void fake_host_make_many(struct fake_host *h, size_t count, size_t n)
{
    for (size_t i = 0; i < count; i++)
        (void)fake_host_make(h, n);
}

void fake_host_submit(struct fake_host *h)
{
    int r = 0;
    while (h->next < h->made && r == 0 && !h->rewinding) {
        uint64_t seq = h->next;
        if (h->records[seq].state != FAKE_OPEN) {
            h->next++;
            continue;
        }
        struct ps_message m = {.value = {h->records[seq].bytes, h->records[seq].n},
                               .key = PS_SLICE("4XyZ"),
                               .time_usec = INT64_C(1700000000000000)};
        h->next = seq + 1; /* may be completed from within */
        r = h->ops->submit(h->out, seq, &m);
        if (r == -EAGAIN)
            h->next = seq;
        else if (r < 0)
            h->errors++;
    }
    if (!h->rewinding)
        h->ops->flush(h->out);
}

void fake_host_purge(struct fake_host *h)
{
    h->silent = true;
    h->ops->purge(h->out);
    h->silent = false;
    for (uint64_t i = h->head; i < h->made; i++) {
        struct fake_record *r = &h->records[i];
        if (r->state != FAKE_OPEN)
            continue;
        char *moved = malloc(r->n);
        if (!moved)
            abort();
        memcpy(moved, r->bytes, r->n);
        memset(r->bytes, '!', r->n);
        free(r->bytes);
        r->bytes = moved;
    }
    h->next = h->head;
}

void fake_host_turn(struct fake_host *h)
{
    if (ps_loop_once(h->loop, h->rewinding && !h->hold ? 0 : TURN_USEC) < 0)
        abort();
    if (h->rewinding && !h->hold) {
        if (!h->purge_at_once)
            fake_host_purge(h);
        h->rewinding = false;
    }
}

void fake_host_settle(struct fake_host *h)
{
    while (h->head < h->made) {
        fake_host_submit(h);
        if (h->head < h->made)
            fake_host_turn(h);
    }
}
