/* What every output has to keep, whatever it ships to. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/util.h"
#include "output/file.h"
#include "output/output.h"
#include "support/fake_host.h"
#ifdef PS_WITH_KAFKA
#include "output/kafka.h"
#include "support/kafka_mock.h"
#endif

struct place {
    char path[64];
    union {
        struct ps_output_file_options file;
#ifdef PS_WITH_KAFKA
        struct ps_output_kafka_options kafka;
#endif
    } options;
#ifdef PS_WITH_KAFKA
    struct kafka_mock mock;
#endif
};

static void file_place_open(struct place *p)
{
    (void)snprintf(p->path, sizeof p->path, "/tmp/postship-contract-XXXXXX");
    int fd = mkstemp(p->path);
    assert_true(fd >= 0);
    (void)close(fd);
    p->options.file.path = p->path;
}

static void file_place_close(struct place *p)
{
    (void)unlink(p->path);
}

#ifdef PS_WITH_KAFKA
static char topic[] = "mail";

static void kafka_place_open(struct place *p)
{
    kafka_mock_open(&p->mock, topic);
    p->options.kafka = (struct ps_output_kafka_options){.brokers = p->mock.brokers, .topic = topic};
}

static void kafka_place_close(struct place *p)
{
    kafka_mock_close(&p->mock);
}
#endif

/* One row for each registered output. */
static const struct bench {
    const struct ps_output_ops *ops;
    void (*open)(struct place *p);
    void (*close)(struct place *p);
} benches[] = {
    {&ps_output_file, file_place_open, file_place_close},
#ifdef PS_WITH_KAFKA
    {&ps_output_kafka, kafka_place_open, kafka_place_close},
#endif
};

static void test_all_registered(void **state)
{
    (void)state;
    size_t n = 0;
    for (const struct ps_output_ops *const *ops = ps_output_kinds; *ops; ops++, n++) {
        bool found = false;
        for (size_t i = 0; i < PS_COUNT(benches); i++)
            found |= benches[i].ops == *ops;
        if (!found)
            fail_msg("output %s has no row here", (*ops)->kind);
        assert_non_null((*ops)->doc);
        for (size_t i = 0; i < (*ops)->options.n; i++)
            assert_true((*ops)->options.rows[i].offset < (*ops)->options.size);
    }
    assert_int_equal(n, PS_COUNT(benches));
}

typedef void (*scenario_fn)(struct fake_host *h);

static void with_each(scenario_fn run)
{
    for (size_t i = 0; i < PS_COUNT(benches); i++) {
        struct place p = {0};
        benches[i].open(&p);
        if (benches[i].ops->check) {
            char message[FAKE_TEXT] = "";
            if (benches[i].ops->check(&p.options, message, sizeof message) < 0)
                fail_msg("%s: %s", benches[i].ops->kind, message);
        }
        struct fake_host *h = calloc(1, sizeof *h);
        assert_non_null(h);
        fake_host_open(h, benches[i].ops, &p.options);
        run(h);
        fake_host_close(h);
        assert_int_equal(h->errors, 0);
        free(h);
        benches[i].close(&p);
    }
}

static void each_completed_once(struct fake_host *h)
{
    fake_host_make_many(h, 15000, 300);
    fake_host_settle(h);
    assert_int_equal(h->done, 15000);
    assert_int_equal(h->refused, 0);
    assert_int_equal(h->rewinds, 0);
}

static void flush_completes(struct fake_host *h)
{
    for (size_t i = 1; i <= 5; i++) {
        (void)fake_host_make(h, 100);
        fake_host_submit(h); /* ends in a flush */
        while (h->done < i)
            fake_host_turn(h);
    }
    assert_int_equal(h->rewinds, 0);
}

static void numbers_with_holes(struct fake_host *h)
{
    fake_host_make_many(h, 1000, 50);
    for (uint64_t i = 0; i < h->made; i += 3) { /* filtered: never submitted */
        h->records[i].state = FAKE_REFUSED;
        free(h->records[i].bytes);
        h->records[i].bytes = NULL;
    }
    h->head = 1;
    fake_host_settle(h);
    assert_int_equal(h->done, 666);
}

static void purge_forgets(struct fake_host *h)
{
    fake_host_make_many(h, 3000, 200);
    for (size_t i = 0; i < 4; i++) {
        fake_host_submit(h);
        if (i & 1)
            fake_host_turn(h);
        size_t before = h->done;
        fake_host_purge(h); /* frees the bytes that were submitted */
        h->silent = true;
        fake_host_turn(h);
        h->silent = false;
        assert_int_equal(h->done, before);
    }
    fake_host_settle(h); /* starts anew */
    assert_int_equal(h->done, 3000);
}

static void purge_of_nothing(struct fake_host *h)
{
    fake_host_purge(h);
    fake_host_purge(h);
    h->ops->flush(h->out);
    (void)fake_host_make(h, 10);
    fake_host_settle(h);
    assert_int_equal(h->done, 1);
}

static void close_forgets(struct fake_host *h)
{
    fake_host_make_many(h, 3000, 200);
    fake_host_submit(h); /* fake_host_close frees the bytes and counts late callbacks */
}

/* A completed record makes room for the next, from within the callback. */
static void submit_in_done(void *ctx, uint64_t seq)
{
    struct fake_host *h = ctx;
    (void)seq;
    if (h->made >= 2000 || h->next < h->made)
        return;
    uint64_t made = fake_host_make(h, 100);
    struct ps_message m = {.value = {h->records[made].bytes, h->records[made].n}, .time_usec = -1};
    h->next = made + 1;
    if (h->ops->submit(h->out, made, &m) < 0)
        h->next = made;
}

static void reentrant_done(struct fake_host *h)
{
    h->on_done = submit_in_done;
    h->ctx = h;
    (void)fake_host_make(h, 100);
    fake_host_make_many(h, 500, 100);
    fake_host_settle(h);
    h->on_done = NULL;
    assert_int_equal(h->done, h->made);
    assert_true(h->made > 501);
}

#define SCENARIO(name)                                                                                                 \
    static void test_##name(void **state)                                                                              \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        with_each(name);                                                                                               \
    }
SCENARIO(each_completed_once)
SCENARIO(flush_completes)
SCENARIO(numbers_with_holes)
SCENARIO(purge_forgets)
SCENARIO(purge_of_nothing)
SCENARIO(close_forgets)
SCENARIO(reentrant_done)

static void test_close_null(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(benches); i++)
        assert_null(benches[i].ops->close(NULL));
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_registered),  cmocka_unit_test(test_each_completed_once),
        cmocka_unit_test(test_flush_completes), cmocka_unit_test(test_numbers_with_holes),
        cmocka_unit_test(test_purge_forgets),   cmocka_unit_test(test_purge_of_nothing),
        cmocka_unit_test(test_close_forgets),   cmocka_unit_test(test_reentrant_done),
        cmocka_unit_test(test_close_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
